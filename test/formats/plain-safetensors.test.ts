// NN.load of other programs' safetensors files, and NN.fromWeights. The files are written here, byte by byte after the format's description.
import { describe, expect, it, vi } from "vitest";
import { ModelFormatError, NN, type NetworkOptions, type TensorOptions } from "../../src/index.js";
import { caught, flat } from "../nn/support.js";

interface Tensor {
  dtype?: "F64" | "F32" | "F16" | "BF16" | "I32";
  shape: number[];
  values: number[];
}

const half = { 1: 0x3c00, [-2]: 0xc000, 0.5: 0x3800, [2 ** -24]: 1, 65504: 0x7bff } as Record<number, number>;

function bytesOf({ dtype = "F32", values }: Tensor): Uint8Array {
  switch (dtype) {
    case "F64":
      return new Uint8Array(Float64Array.from(values).buffer);
    case "F32":
      return new Uint8Array(Float32Array.from(values).buffer);
    case "F16":
      return new Uint8Array(Uint16Array.from(values, (value) => half[value]).buffer);
    case "BF16":
      return new Uint8Array(Uint16Array.from(values, (value) => new Uint16Array(Float32Array.of(value).buffer)[1]).buffer);
    case "I32":
      return new Uint8Array(Int32Array.from(values).buffer);
  }
}

/** A safetensors file of these tensors, in this order. */
function file(tensors: Record<string, Tensor>, metadata?: Record<string, string>): Uint8Array {
  const pieces = Object.values(tensors).map(bytesOf);
  let end = 0;
  const header = Object.fromEntries(
    Object.entries(tensors).map(([name, { dtype = "F32", shape }], i) => [
      name,
      { dtype, shape, data_offsets: [end, (end += pieces[i].length)] },
    ]),
  );
  const text = new TextEncoder().encode(JSON.stringify({ ...(metadata && { __metadata__: metadata }), ...header }));
  const bytes = new Uint8Array(8 + text.length + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  let at = 8 + text.length;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

const KERNEL = [
  [1, 2, 3],
  [4, 5, 6],
];
/** PyTorch's: units × inputs. */
const WEIGHT: Tensor = { shape: [3, 2], values: [1, 4, 2, 5, 3, 6] };
const BIAS: Tensor = { shape: [3], values: [0.1, 0.2, 0.3].map(Math.fround) };
const LAST: Tensor = { shape: [1, 3], values: [7, 8, 9] };
const LAST_BIAS: Tensor = { shape: [1], values: [0.5] };
const EXPECTED = [...KERNEL.flat(), ...BIAS.values, 7, 8, 9, 0.5];
const OPTIONS = { layers: [2, { units: 3, activation: "relu" }, 1], loss: "meanSquaredError" } as const satisfies NetworkOptions;
const load = (tensors: Record<string, Tensor>, options: Partial<TensorOptions & NetworkOptions> = {}): number[] =>
  flat(NN.load(file(tensors), { ...OPTIONS, ...options }).getWeights());

describe("NN.load of a plain safetensors file", () => {
  it("takes the state_dict of a Sequential, whatever the order of its tensors", () => {
    expect(load({ "0.weight": WEIGHT, "0.bias": BIAS, "2.weight": LAST, "2.bias": LAST_BIAS })).toEqual(EXPECTED);
    expect(load({ "10.bias": LAST_BIAS, "2.bias": BIAS, "10.weight": LAST, "2.weight": WEIGHT })).toEqual(EXPECTED);
  });

  it("takes a named module by the natural order of names, or by the names given", () => {
    expect(load({ "fc1.bias": BIAS, "fc1.weight": WEIGHT, "fc2.bias": LAST_BIAS, "fc2.weight": LAST })).toEqual(EXPECTED);
    const confused = {
      "head.weight": LAST,
      "head.bias": LAST_BIAS,
      "stem.weight": WEIGHT,
      "stem.bias": BIAS,
      "steps": { shape: [], values: [3] },
    };
    expect(load(confused, { names: ["stem", "head"] })).toEqual(EXPECTED);
    expect(load(confused, { names: [{ kernel: "stem.weight", bias: "stem.bias" }, "head"] })).toEqual(EXPECTED);
    expect(() => load(confused)).toThrow(
      'tensor "head.weight" has shape [1, 3]; this network\'s layer needs [3, 2]: check layers and orientation, or give names',
    );
  });

  it("does not pass over a bias that the file has", () => {
    const tensors = { "a.weight": WEIGHT, "a.bias": BIAS, "b.weight": LAST };
    const layers = [2, { units: 3, bias: false }, { units: 1, bias: false }];
    const message = 'names[0] has a bias in the file, "a.bias", but this layer has none; leave out bias: false';
    for (const first of ["a", { kernel: "a.weight", bias: "a.bias" }])
      expect(() => load(tensors, { layers, names: [first, "b"] })).toThrow(new ModelFormatError(message));
    // Who names the kernel alone means it.
    expect(load(tensors, { layers, names: [{ kernel: "a.weight" }, "b"] })).toEqual([...KERNEL.flat(), 7, 8, 9]);
  });

  it("takes time in proportion to the tensors, however their names are found", () => {
    const count = 2000;
    const tensors: Record<string, Tensor> = {};
    const order = Array.from({ length: count }, (_, l) => (l * 7919) % count);
    for (const l of order) tensors[`layers.${l}.linear.weight`] = { shape: [1, 1], values: [l] };
    const layers = [1, ...order.map(() => ({ units: 1, bias: false }))];
    const bytes = file(tensors);
    const comparisons = vi.spyOn(Array.prototype, "includes"),
      replacements = vi.spyOn(String.prototype, "replace");
    for (const names of [undefined, Array.from({ length: count }, (_, l) => `layers.${l}.linear`)]) {
      expect(flat(NN.load(bytes, { layers, ...(names && { names }) }).getWeights())).toEqual(
        Array.from({ length: count }, (_, l) => l),
      );
    }
    const calls = comparisons.mock.calls.length + replacements.mock.calls.length;
    vi.restoreAllMocks();
    expect(calls).toBeLessThan(10 * count);
  });

  it.each([
    ["three offsets", { data_offsets: [0, 24, 30] }],
    ["a list for a type", { dtype: ["F32"] }],
    ["offsets the wrong way round", { dtype: "I8", data_offsets: [24, 0] }],
  ])("%s are damage", (_title, damage) => {
    const bytes = file({ "0.weight": WEIGHT, "0.bias": BIAS, "2.weight": LAST, "2.bias": LAST_BIAS });
    const end = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, end))) as Record<string, object>;
    const text = new TextEncoder().encode(JSON.stringify({ ...header, "0.weight": { ...header["0.weight"], ...damage } }));
    const size = new Uint8Array(BigUint64Array.of(BigInt(text.length)).buffer);
    expect(() => NN.load(Uint8Array.from([...size, ...text, ...bytes.subarray(end)]), OPTIONS)).toThrow(
      /^tensor "0.weight" is damaged/,
    );
  });

  it("takes Keras's orientation", () => {
    const keras = {
      "dense/kernel": { shape: [2, 3], values: KERNEL.flat() },
      "dense/bias": BIAS,
      "dense_1/kernel": { shape: [3, 1], values: LAST.values },
      "dense_1/bias": LAST_BIAS,
    };
    expect(load(keras, { orientation: "keras" })).toEqual(EXPECTED);
    expect(() => load(keras)).toThrow(ModelFormatError);
    expect(() =>
      load(keras, {
        names: [
          { kernel: "dense/kernel", bias: "dense/bias" },
          { kernel: "dense_1/kernel", bias: "dense_1/bias" },
        ],
      }),
    ).toThrow(
      'tensor "dense/kernel" has shape [2, 3]; this network\'s layer needs [3, 2]: check layers and orientation, or give names',
    );
  });

  it("reads every floating-point type", () => {
    for (const dtype of ["F64", "F32", "F16", "BF16"] as const) {
      const values = dtype === "BF16" ? [1, -2, 0.5, 2 ** 100] : [1, -2, 0.5, dtype === "F16" ? 2 ** -24 : 65504];
      const nn = NN.load(file({ w: { dtype, shape: [2, 2], values } }), {
        layers: [2, { units: 2, bias: false }],
        dtype: "float64",
      });
      expect([...nn.getWeights()[0].kernel]).toEqual([values[0], values[2], values[1], values[3]]);
    }
    const infinite = { w: { shape: [1, 1], values: [Infinity] } };
    expect(() => load(infinite, { layers: [1, { units: 1, bias: false }] })).toThrow(
      'tensor "w" holds a number that is not finite in float32',
    );
    expect(() =>
      load({ w: { dtype: "F64", shape: [1, 1], values: [1e300] } }, { layers: [1, { units: 1, bias: false }] }),
    ).toThrow("not finite in float32");
    expect(() => load({ w: { dtype: "I32", shape: [1, 1], values: [1] } }, { layers: [1, { units: 1, bias: false }] })).toThrow(
      'tensor "w" has dtype "I32"; it must be one of F64, F32, F16, BF16',
    );
  });

  it("ignores other programs' metadata, and takes this library's own files too", () => {
    const bytes = file({ "0.weight": WEIGHT, "0.bias": BIAS, "2.weight": LAST, "2.bias": LAST_BIAS }, { format: "pt" });
    expect(flat(NN.load(bytes, OPTIONS).getWeights())).toEqual(EXPECTED);
    const nn = new NN({ ...OPTIONS, seed: 3 });
    expect(NN.load(nn.save(), OPTIONS).getWeights()).toEqual(nn.getWeights());
    expect(() => NN.load(bytes)).toThrow(
      "this safetensors file was not saved by wasmlp; to take the weights of another program's, say what its layers are: NN.load(bytes, { layers })",
    );
  });

  it("the network is as one that was constructed, with the other options and given scalers", () => {
    const nn = NN.load(file({ "0.weight": WEIGHT, "0.bias": BIAS, "2.weight": LAST, "2.bias": LAST_BIAS }), {
      ...OPTIONS,
      optimizer: "sgd",
      targetScaling: { shift: [100], scale: [2] },
      seed: 7,
    });
    // relu([1, 1]·W + b) = [5.1, 7.2, 9.3]; ·[7, 8, 9] + 0.5 = 177.5; ·2 + 100.
    expect(nn.predict([1, 1])[0]).toBeCloseTo(455, 4);
    expect(nn.seed).toBe(7);
    expect(nn.fit([[1, 1]], [[455]], { epochs: 1 }).loss[0]).toBeCloseTo(0, 4);
  });

  it("refuses what does not fit, with a ModelFormatError", () => {
    const good = { "0.weight": WEIGHT, "0.bias": BIAS, "2.weight": LAST, "2.bias": LAST_BIAS };
    const messages: [Record<string, Tensor>, Partial<TensorOptions & NetworkOptions>, string][] = [
      [
        { "0.weight": WEIGHT, "0.bias": BIAS },
        {},
        'these layers need 2 tensors of two dimensions and 2 of one; say which by names; the file has "0.bias" [3], "0.weight" [3, 2]',
      ],
      [good, { names: ["0"] }, "names has 1 name; this network has 2 layers"],
      [
        good,
        { names: ["0", "1"] },
        'names[1] needs a tensor "1.weight" or "1.kernel"; the file has "0.weight" [3, 2], "0.bias" [3], "2.weight" [1, 3], "2.bias" [1]',
      ],
      [
        good,
        { names: [{ kernel: "0.weight" }, "2"] },
        "names[0] has no bias, but this layer has one; give its name, or the layer bias: false",
      ],
    ];
    for (const [tensors, options, message] of messages) {
      const error = caught(() => load(tensors, options));
      expect(error).toBeInstanceOf(ModelFormatError);
      expect(error.message).toBe(message);
    }
    expect(caught(() => load(good, { names: 3 as never }))).toMatchObject({
      name: "TypeError",
      message: "names is 3; it must be an array",
    });
    expect(caught(() => load(good, { orientation: "tf" as never })).message).toContain('unknown orientation "tf"');
    expect(caught(() => NN.load(file(good), {} as never)).message).toContain("layers");
  });

  it("survives damaged files", () => {
    const bytes = file({ "0.weight": WEIGHT, "0.bias": BIAS, "2.weight": LAST, "2.bias": LAST_BIAS });
    for (let length = 0; length < bytes.length; length++) {
      expect(caught(() => NN.load(bytes.slice(0, length), OPTIONS))).toBeInstanceOf(ModelFormatError);
    }
    for (let at = 0; at < bytes.length - 60; at++) {
      for (const value of [0, 0x22, 0x2d, 0x39, 0x7b, 0xff]) {
        const mutant = bytes.slice();
        mutant[at] = value;
        try {
          NN.load(mutant, OPTIONS);
        } catch (error) {
          expect(error).toBeInstanceOf(ModelFormatError);
        }
      }
    }
  });
});

describe("NN.fromWeights", () => {
  it("makes the network that setWeights would", () => {
    const weights = [
      { kernel: KERNEL, bias: BIAS.values },
      { kernel: [[7], [8], [9]], bias: [0.5] },
    ];
    const nn = NN.fromWeights({ ...OPTIONS, seed: 1, weights });
    const other = new NN({ ...OPTIONS, seed: 1 });
    other.setWeights(weights);
    expect(nn.save()).toEqual(other.save());
    expect(nn.partialFit([[1, 2]], [[3]])).toBe(other.partialFit([[1, 2]], [[3]]));
    expect(nn.save()).toEqual(other.save());
  });

  it("names what is missing or does not fit", () => {
    expect(caught(() => NN.fromWeights({ ...OPTIONS } as never)).message).toBe(
      "weights is undefined; it must be an array with one entry per layer",
    );
    expect(caught(() => NN.fromWeights(undefined as never)).message).toBe("options is undefined; it must be an object");
    expect(caught(() => NN.fromWeights({ ...OPTIONS, weights: [], epoch: 1 } as never)).message).toContain(
      'unknown option "epoch"',
    );
  });
});
