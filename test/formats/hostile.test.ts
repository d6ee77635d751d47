// Files made to do harm, their checksums right: each is a ModelFormatError, at once, and nothing is allocated on its word.
import { describe, expect, test } from "vitest";
import { NN } from "../../src/index.js";
import { deep, refused } from "./refused.js";
import { forge, put, small, take, type Entry, type Forgery } from "./support.js";

const { file } = small();
const sgd = small({ optimizer: "sgd", inputScaling: "none" }).file;
const load = (bytes: Uint8Array): string => refused(() => NN.load(bytes));
const entry = (header: Record<string, unknown>, name: string): Entry => header[name] as Entry;

test("the tools of this suite leave a good file good, and notice allocations", () => {
  expect(NN.load(forge(file, () => undefined)).save()).toEqual(file);
  expect(() => refused(() => new Float64Array(2 ** 24))).toThrow("Float64Array of 16777216");
  expect(() => refused(() => NN.load(file))).toThrow("to be an instance of ModelFormatError");
  const nn = NN.load(forge(sgd, ({ options }) => void (options["learningRate"] = 0.25)));
  expect(nn.toJSON().options["learningRate"]).toBe(0.25);
});

describe("headers", () => {
  test.each([2n ** 64n - 1n, 2n ** 63n, 2n ** 53n + 1n, 2n ** 32n, BigInt(file.length), BigInt(file.length - 7)])(
    "a length of %s",
    (length) => {
      const bytes = file.slice();
      new DataView(bytes.buffer).setBigUint64(0, length, true);
      expect(load(bytes)).toMatch(/header claims \d+ bytes/);
    },
  );

  test.each<[string, string | Uint8Array]>([
    ["nothing", ""],
    ["only spaces", "        "],
    ["null", "null"],
    ["a number", "1"],
    ["text", '"{}"'],
    ["a list", "[]"],
    ["an empty object", "{}"],
    ["no JSON", "{'__metadata__': {}}"],
    ["two values", "{} {}"],
    ["a comment", "/* */{}"],
    ["half an object", '{"__metadata__":{"wasmlp":"'],
    ["a lone surrogate", Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22)],
    ["bytes that are not UTF-8", Uint8Array.of(0x7b, 0xff, 0xfe, 0x7d)],
    ["null for metadata", '{"__metadata__":null}'],
    ["a list for metadata", '{"__metadata__":[]}'],
    ["no description", '{"__metadata__":{}}'],
    ["a description that is no text", '{"__metadata__":{"wasmlp":{"version":1}}}'],
    ["a description that is no JSON", '{"__metadata__":{"wasmlp":"{"}}'],
    ["a description that is a list", '{"__metadata__":{"wasmlp":"[]"}}'],
    ["an empty description", '{"__metadata__":{"wasmlp":"{}"}}'],
    ["a million brackets", deep(1e6)],
    ["a million brackets that are not closed", "[".repeat(1e6)],
    ["a deep tensor", `{"__metadata__":${deep(1e5)}}`],
    ["a million objects", '{"a":'.repeat(1e6) + "1" + "}".repeat(1e6)],
  ])("%s", (_name, header) => void load(put(header)));

  test("__proto__ and its kin are names like others", () => {
    const evil = JSON.parse('{"__proto__":{"polluted":1}}') as object;
    const withKeys = (place: (forgery: Forgery) => object, name: string): string =>
      load(forge(file, (forgery) => void Object.defineProperty(place(forgery), name, { value: evil, enumerable: true })));
    for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
      expect(withKeys(({ header }) => header, name)).toBe(`the file has an unknown tensor "${name}"`);
      expect(withKeys(({ metadata }) => metadata, name)).toBe(`metadata has an unknown entry "${name}"`);
      expect(withKeys(({ options }) => options, name)).toMatch(`unknown option "${name}"`);
      expect(withKeys(({ options }) => options["optimizer"] as object, name)).toMatch(`unknown option "${name}"`);
      expect(withKeys(({ options }) => (options["layers"] as object[])[1], name)).toMatch(`unknown option "${name}"`);
    }
    // A tensor's place must be its own, not inherited.
    load(
      forge(file, ({ header }) => {
        const { [`layers.0.bias`]: bias, ...rest } = header;
        for (const key of Object.keys(header)) delete header[key];
        Object.assign(header, rest);
        Object.defineProperty(header, "__proto__", { value: { "layers.0.bias": bias }, enumerable: true });
      }),
    );
    for (const value of ["__proto__", "constructor", "toString"]) {
      load(forge(file, ({ options }) => void (options["optimizer"] = { name: value })));
      load(forge(file, ({ options }) => void (options["loss"] = value)));
      load(forge(file, ({ options }) => void (options["activation"] = value)));
    }
  });

  test.each<[string, (forgery: Forgery) => void, RegExp]>([
    ["of another version", ({ description }) => void (description["version"] = 2), /version is 2; this library reads version 1/],
    ["without a version", ({ description }) => void delete description["version"], /version is undefined/],
    [
      "with an object for a version",
      ({ description }) => void (description["version"] = { toString: 1, valueOf: 1 }),
      /version is/,
    ],
    ["without options", ({ description }) => void delete description["options"], /options/],
    ["with an unknown option", ({ options }) => void (options["evil"] = 1), /unknown option "evil"/],
    ["with options from null", ({ options }) => void (options["loss"] = null), /loss is null/],
    ["with an unknown loss", ({ options }) => void (options["loss"] = "x".repeat(1e6)), /unknown loss/],
    ["with an unknown optimizer", ({ options }) => void (options["optimizer"] = { name: "lion" }), /lion/],
    ["with an optimizer's strange option", ({ options }) => void (options["optimizer"] = { name: "sgd", beta1: 0.9 }), /beta1/],
    ["with a rate below 0", ({ options }) => void (options["learningRate"] = -1), /learningRate is -1/],
    ["with a batch of 0", ({ options }) => void (options["batchSize"] = 0), /batchSize is 0/],
    ["with an unknown dtype", ({ options }) => void (options["dtype"] = "float16"), /float16/],
    ["with no layers", ({ options }) => void (options["layers"] = []), /layers/],
    ["with layers in a text", ({ options }) => void (options["layers"] = "2,3,1"), /layers/],
    ["with a softmax of one", ({ options }) => void (options["layers"] = [2, 3, { units: 1, activation: "softmax" }]), /softmax/],
    ["with half a step", ({ description }) => void (description["step"] = 0.5), /step is 0.5/],
    ["with fewer steps than none", ({ description }) => void (description["step"] = -1), /step is -1/],
    ["with steps beyond 32 bits", ({ description }) => void (description["step"] = 2 ** 32), /step is 4294967296/],
    ["with steps in a text", ({ description }) => void (description["step"] = "3"), /step is/],
    ["with steps in an object", ({ description }) => void (description["step"] = { toString: 1 }), /step is/],
    ["without epochs", ({ description }) => void delete description["epoch"], /epoch is undefined/],
    ["with no object for scalers", ({ description }) => void (description["scalers"] = [1]), /scalers/],
    ["without the scaler it needs", ({ description }) => void (description["scalers"] = {}), /scalers.input/],
    [
      "with a scaler of another size",
      ({ description }) => void (description["scalers"] = { input: { shift: [0], scale: [1, 1] } }),
      /scalers.input must hold 2/,
    ],
    [
      "with a scale of 0",
      ({ description }) => void (description["scalers"] = { input: { shift: [0, 0], scale: [1, 0] } }),
      /scalers.input/,
    ],
    [
      "with a shift in a text",
      ({ description }) => void (description["scalers"] = { input: { shift: ["0", 0], scale: [1, 1] } }),
      /scalers.input/,
    ],
    [
      "with a scaler that is only long",
      ({ description }) => void (description["scalers"] = { input: { shift: { length: 2 }, scale: { length: 2 } } }),
      /scalers.input/,
    ],
  ])("a description %s", (_name, change, message) => {
    expect(load(forge(file, change))).toMatch(message);
  });

  test.each([
    ["version", '"version":', "1"],
    ["step", '"step":', "1"],
    ["a layer", '"layers":[2,', '{"units"'],
    ["the rate", '"learningRate":', "0.001"],
    ["the shift", '"shift":', "["],
  ])("a description with nothing but brackets for %s", (_name, before, value) => {
    const put100k = (json: string): string =>
      json.replace(before + value, before + deep(1e5) + (value.length > 2 ? "," : "") + (/\d/.test(value) ? "" : value));
    load(forge(file, ({ description, metadata }) => void (metadata["wasmlp"] = put100k(JSON.stringify(description)))));
  });

  test("infinities, which JSON can only hint at", () => {
    for (const [place, value] of [
      ['"learningRate":', "0.001"],
      ['"l2":', "0"],
      ['"epochs":', "1"],
      ['"step":', "1"],
      ['"seed":', "1"],
    ]) {
      const infinite = (json: string): string => json.replace(place + value, place + "1e999");
      load(forge(file, ({ description, metadata }) => void (metadata["wasmlp"] = infinite(JSON.stringify(description)))));
    }
  });
});

describe("tensors", () => {
  const [WEIGHT, BIAS] = ["layers.0.weight", "layers.0.bias"];

  test.each<[string, Partial<Record<keyof Entry, unknown>>]>([
    ["another dtype", { dtype: "F64" }],
    ["half precision", { dtype: "F16" }],
    ["integers", { dtype: "I32" }],
    ["no dtype", { dtype: null }],
    ["a transposed shape", { shape: [2, 3] }],
    ["a flat shape", { shape: [6] }],
    ["a deep shape", { shape: [3, 2, 1] }],
    ["no shape", { shape: [] }],
    ["a negative shape", { shape: [-3, -2] }],
    ["a shape in texts", { shape: ["3", "2"] }],
    ["a huge shape", { shape: [1e9, 2] }],
    ["a shape of null", { shape: null }],
    ["nested sizes", { shape: [[3], [2]] }],
    ["half sizes", { shape: [3.5, 2] }],
    ["places that overlap", { data_offsets: [4, 28] }],
    ["a later place", { data_offsets: [8, 32] }],
    ["a short place", { data_offsets: [0, 20] }],
    ["a place beyond the end", { data_offsets: [0, 1e9] }],
    ["a place before the start", { data_offsets: [-24, 0] }],
    ["a place backwards", { data_offsets: [24, 0] }],
    ["an empty place", { data_offsets: [0, 0] }],
    ["half bytes", { data_offsets: [0.5, 24.5] }],
    ["places in texts", { data_offsets: ["0", "24"] }],
    ["one place", { data_offsets: [0] }],
    ["three places", { data_offsets: [0, 24, 36] }],
    ["an object for places", { data_offsets: { 0: 0, 1: 24, length: 2 } }],
    ["places beyond 2^53", { data_offsets: [0, 2 ** 60] }],
  ])("%s", (_name, change) => {
    expect(load(forge(file, ({ header }) => void Object.assign(entry(header, WEIGHT), change)))).toMatch(WEIGHT);
  });

  test.each(["shape", "dtype", "data_offsets"])("a million brackets for %s", (key) => {
    load(
      forge(
        file,
        ({ header }) => void Object.assign(entry(header, WEIGHT), { [key]: "HERE" }),
        (text) => text.replace('"HERE"', deep(1e6)),
      ),
    );
  });

  test("two tensors in one place, with and without data that nobody owns", () => {
    for (const length of [52, 40]) {
      load(
        forge(sgd, (forgery) => {
          entry(forgery.header, BIAS).data_offsets = [0, 12];
          forgery.data = forgery.data.slice(0, length);
        }),
      );
    }
  });

  test("tensors too many, too few, renamed, empty", () => {
    const extra = { dtype: "F32", shape: [0], data_offsets: [0, 0] };
    expect(load(forge(file, ({ header }) => void (header["extra"] = extra)))).toMatch('unknown tensor "extra"');
    expect(load(forge(file, ({ header }) => void (header["layers.2.weight"] = extra)))).toMatch(
      'unknown tensor "layers.2.weight"',
    );
    expect(load(forge(file, ({ header }) => void (header["layers.00.weight"] = header[WEIGHT])))).toMatch("layers.00.weight");
    for (const name of [WEIGHT, BIAS, "layers.1.weight"]) {
      expect(load(forge(file, ({ header }) => void delete header[name]))).toMatch(name);
      for (const value of [null, [], 1, "tensor", {}])
        expect(load(forge(file, ({ header }) => void (header[name] = value)))).toMatch(name);
    }
    load(forge(sgd, (forgery) => void (forgery.data = new Uint8Array())));
  });

  test("more and less data than tensors, the header right", () => {
    for (const change of [-52, -1, 1, 8, 4096]) {
      load(
        forge(sgd, (forgery) => {
          const data = new Uint8Array(forgery.data.length + change);
          data.set(forgery.data.subarray(0, data.length));
          forgery.data = data;
        }),
      );
    }
  });

  test.each(["float32", "float64"] as const)("numbers that are not finite, %s", (dtype) => {
    const { file: good } = small({ dtype });
    for (const value of [NaN, Infinity, -Infinity]) {
      const bytes = new Uint8Array((dtype === "float32" ? Float32Array : Float64Array).of(value).buffer);
      for (let at = 0; at < take(good).data.length; at += bytes.length) {
        expect(load(forge(good, ({ data }) => data.set(bytes, at)))).toMatch("not finite");
        expect(
          load(
            forge(good, ({ metadata }) => {
              const state = atob(metadata["optimizer"] as string);
              metadata["optimizer"] = btoa(state.slice(0, at) + String.fromCharCode(...bytes) + state.slice(at + bytes.length));
            }),
          ),
        ).toMatch("not finite");
      }
    }
  });

  test.each<[string, unknown]>([
    ["missing", undefined],
    ["null", null],
    ["empty", ""],
    ["a number", 0],
    ["a list", []],
    ["an object", { toString: 1 }],
    ["not base64", "*".repeat(140)],
    ["too short", btoa("x".repeat(103))],
    ["too long", btoa("\0".repeat(105))],
    ["of one slot", btoa("\0".repeat(52))],
    ["huge", "A".repeat(1e6)],
  ])("an optimizer's state that is %s", (_name, state) => {
    expect(load(forge(file, ({ metadata }) => void (metadata["optimizer"] = state)))).toMatch("optimizer");
  });

  test("an optimizer's state where none belongs", () => {
    expect(load(forge(sgd, ({ metadata }) => void (metadata["optimizer"] = btoa("\0".repeat(52)))))).toMatch("optimizer");
  });

  test("a checksum that is wrong, or no text", () => {
    for (const checksum of ["12345678", "", "0", null, 5, ["00000000"], " 0000000"]) {
      load(forge(file, ({ metadata }) => void (metadata["checksum"] = checksum)));
    }
  });
});

describe("bytes", () => {
  test("in shared memory, in a window at an odd place, in a Buffer's pool", () => {
    const shared = new Uint8Array(new SharedArrayBuffer(file.length + 3), 3);
    shared.set(file);
    expect(NN.load(shared).save()).toEqual(file);
    const subclass = class extends Uint8Array {
      override slice(): never {
        throw new Error("a Buffer's slice does not copy");
      }
    };
    const within = new subclass(new ArrayBuffer(file.length + 13), 5, file.length);
    within.set(file);
    expect(NN.load(within).save()).toEqual(file);
  });

  test("detached, and a Uint8Array by its prototype alone", () => {
    const detached = file.slice();
    structuredClone(detached.buffer, { transfer: [detached.buffer] });
    expect(load(detached)).toBe("the file is cut short: it has no header");
    load(Object.create(Uint8Array.prototype) as Uint8Array);
    load(new Proxy(file, {}));
  });

  test("a header that is larger than safetensors allows", () => {
    const bytes = new Uint8Array(8 + 100_000_001);
    new DataView(bytes.buffer).setUint32(0, 100_000_001, true);
    expect(load(bytes)).toBe("the header has 100000001 bytes; safetensors allows 100000000");
  });
});

test("a name that is given twice", () => {
  const twice = (from: string, to: string): string =>
    load(
      forge(
        file,
        () => undefined,
        (text) => {
          expect(text).toContain(from);
          return text.replace(from, () => to + from);
        },
      ),
    );
  expect(twice('"layers.0.bias":', '"layers.0.bias":{},')).toBe("the header has two entries of one name");
  expect(twice('"optimizer":"', '"optimizer":"",')).toBe("the header has two entries of one name");
  expect(twice('"dtype":', '"dtype":"F32",')).toBe("the header has two entries of one name");
  expect(twice('\\"version\\":', '\\"version\\":2,')).toBe("the description has two entries of one name");
  expect(twice('\\"seed\\":', '\\"seed\\":2,')).toBe("the description has two entries of one name");
});

test("messages stay short, whatever they quote", () => {
  const long = "x".repeat(1e6);
  for (const change of [
    ({ metadata }) => void (metadata[long] = ""),
    ({ header }) => void (header[long] = {}),
    ({ header }) => void (entry(header, "layers.0.bias").dtype = long),
    ({ options }) => void (options[long] = 1),
    ({ options }) => void (options["loss"] = long),
    ({ options }) => void (options["optimizer"] = { [long]: 1 }),
    ({ description }) => void (description["step"] = long),
    ({ description }) => void (description["version"] = long),
  ] satisfies ((forgery: Forgery) => void)[]) {
    expect(load(forge(file, change)).length).toBeLessThan(500);
  }
});

test("a scaler where there is to be none", () => {
  const scaler = { shift: [0, 0], scale: [1, 1] };
  expect(load(forge(sgd, ({ description }) => void (description["scalers"] = { input: scaler })))).toBe(
    'scalers.input is given, but inputScaling is "none"',
  );
  expect(load(forge(sgd, ({ description }) => void (description["scalers"] = { target: { shift: [0], scale: [1] } })))).toMatch(
    "scalers.target is given",
  );
});

describe("claims", () => {
  const claim = (layers: unknown[], tensors: Record<string, Entry>, more: object = {}, data = new Uint8Array(64)): Uint8Array =>
    put(
      JSON.stringify({
        __metadata__: {
          wasmlp: JSON.stringify({ version: 1, options: { layers, optimizer: "sgd", seed: 1, ...more }, step: 0, epoch: 0 }),
          optimizer: "",
          checksum: "00000000",
        },
        ...tensors,
      }),
      data,
    );

  test.each([[[1e9, 1e9]], [[2, 1e9]], [[1e9, 1]], [[2 ** 53 - 1, 2 ** 53 - 1]], [[1, 1e9, 1e9, 1e9, 1]]])(
    "layers %j",
    (layers) => {
      const bias = {
        dtype: "F32",
        shape: [layers[1]],
        data_offsets: [layers[0] * layers[1] * 4, (layers[0] + 1) * layers[1] * 4],
      } as Entry;
      const weight = { dtype: "F32", shape: [layers[1], layers[0]], data_offsets: [0, layers[0] * layers[1] * 4] } as Entry;
      load(claim(layers, {}));
      load(claim(layers, { "layers.0.weight": weight, "layers.0.bias": bias }));
      load(
        claim(
          layers,
          { "layers.0.weight": weight, "layers.0.bias": bias },
          { inputScaling: "standard", optimizer: "adam", dtype: "float64" },
        ),
      );
      load(claim(layers, { "layers.0.weight": { ...weight, data_offsets: [0, 64] } }));
    },
  );

  test("100,000 layers of which the file has none", () => void load(claim([1, ...Array.from({ length: 1e5 }, () => 1)], {})));

  test("100,000 tensors of which the network has none", () => {
    const tensors = Array.from({ length: 1e5 }, (_, i): [string, Entry] => [
      `layers.${i + 1}.weights`,
      { dtype: "F32", shape: [0], data_offsets: [0, 0] },
    ]);
    load(claim([1, 1], Object.fromEntries(tensors)));
  });

  test("60,000 layers and one tensor too many", () => {
    const count = 60_000;
    const tensors = Array.from({ length: count }, (_, l): [string, Entry] => [
      `layers.${l}.weight`,
      { dtype: "F32", shape: [1, 1], data_offsets: [4 * l, 4 * l + 4] },
    ]);
    const layers = [1, ...Array.from({ length: count }, () => ({ units: 1, bias: false }))];
    load(claim(layers, { ...Object.fromEntries(tensors), extra: tensors[0][1] }, {}, new Uint8Array(4 * count)));
  });
});
