// Values made to do harm: fromJSON refuses each with a ModelFormatError, at once, and allocates nothing on its word.
import { describe, expect, test } from "vitest";
import { NN } from "../../src/index.js";
import { deep, refused } from "./refused.js";
import { small } from "./support.js";

describe("values for fromJSON", () => {
  const good = small().nn.toJSON();
  const model = (): Record<string, unknown> => JSON.parse(JSON.stringify(good)) as Record<string, unknown>;

  test.each<[string, unknown]>([
    ["undefined", undefined],
    ["null", null],
    ["a number", 1],
    ["a text, which was not parsed", JSON.stringify(good)],
    ["a list", [good]],
    ["an empty object", {}],
    ["another format", { ...good, format: "onnx" }],
    ["another version", { ...good, version: 2 }],
    ["no options", { ...good, options: undefined }],
    ["no weights", { ...good, weights: undefined }],
    ["weights of one layer", { ...good, weights: good.weights.slice(1) }],
    ["weights in another order", { ...good, weights: good.weights.toReversed() }],
    ["no slots", { ...good, slots: undefined }],
    ["one slot", { ...good, slots: good.slots.slice(1) }],
    ["three slots", { ...good, slots: [...good.slots, good.slots[0]] }],
    ["an empty slot", { ...good, slots: [[], []] }],
    ["slots that are only long", { ...good, slots: { length: 2 } }],
    ["weights of null", { ...good, weights: [null, null] }],
    ["steps of null", { ...good, step: null }],
  ])("%s", (_name, value) => void refused(() => NN.fromJSON(value)));

  test.each<[string, unknown]>([
    ["a text", "123456"],
    ["null", null],
    ["a number too few", [1, 2, 3, 4, 5]],
    ["a number too many", [1, 2, 3, 4, 5, 6, 7]],
    ["a text among numbers", [1, 2, 3, 4, 5, "6"]],
    ["null, which JSON writes for NaN", [1, 2, 3, 4, 5, null]],
    ["an infinity", [1, 2, 3, 4, 5, Infinity]],
    ["what float32 does not hold", [1, 2, 3, 4, 5, 1e39]],
    ["a deep list", JSON.parse(deep(1e5, "1"))],
    ["an object that is only long", { length: 6 }],
  ])("a kernel that is %s", (_name, kernel) => {
    expect(refused(() => NN.fromJSON({ ...good, weights: [{ ...good.weights[0], kernel }, good.weights[1]] }))).toMatch(
      "weights[0].kernel",
    );
    refused(() => NN.fromJSON({ ...good, slots: [good.slots[0], [{ ...good.slots[1][0], kernel }, good.slots[1][1]]] }));
  });

  test("a bias that is missing, and one too many", () => {
    expect(refused(() => NN.fromJSON({ ...good, weights: [{ kernel: good.weights[0].kernel }, good.weights[1]] }))).toMatch(
      "weights[0].bias",
    );
    const options = { ...good.options, layers: [2, { units: 3, bias: false }, 1] };
    expect(refused(() => NN.fromJSON({ ...good, options }))).toMatch("weights[0].bias");
  });

  test("1e9 units that are only claimed", () => {
    const options = { ...good.options, layers: [1e9, 1], optimizer: "sgd", inputScaling: "none" };
    refused(() => NN.fromJSON({ ...good, options, slots: [], scalers: {} }));
    refused(() => NN.fromJSON({ ...good, options, slots: [], scalers: {}, weights: [{ kernel: { length: 1e9 }, bias: [0] }] }));
    refused(() =>
      NN.fromJSON({
        ...good,
        options,
        slots: [],
        scalers: {},
        weights: [{ kernel: { length: 1e9, 0: 1, 999999999: 1 }, bias: [0] }],
      }),
    );
  });

  test("objects and brackets where numbers belong", () => {
    for (const value of [{ toString: 1, valueOf: 1 }, JSON.parse(deep(1e5)) as unknown]) {
      for (const key of ["version", "step", "epoch", "options", "scalers", "weights", "slots", "format"]) {
        refused(() => NN.fromJSON({ ...model(), [key]: value }));
      }
    }
  });

  test("__proto__ is a name like others", () => {
    const evil = JSON.parse(JSON.stringify(good).replace('"options":{', '"options":{"__proto__":{"polluted":1},')) as unknown;
    expect(refused(() => NN.fromJSON(evil))).toMatch('unknown option "__proto__"');
    const hidden = JSON.parse(JSON.stringify(good).replace('"kernel":', '"__proto__":{"kernel":[1,2,3,4,5,6]},"no":')) as unknown;
    refused(() => NN.fromJSON(hidden));
  });

  test("holes", () => {
    const holes = (length: number): unknown[] => {
      const list: unknown[] = [];
      list.length = length;
      return list;
    };
    expect(refused(() => NN.fromJSON({ ...good, slots: holes(2) }))).toMatch("weights is undefined");
    expect(refused(() => NN.fromJSON({ ...good, weights: holes(2) }))).toMatch("weights[0]");
    const scalers = { input: { shift: holes(2), scale: [1, 1] } };
    expect(refused(() => NN.fromJSON({ ...good, scalers }))).toBe("scalers.input must hold 2 finite numbers");
    // The maximum length of a list: visiting each index would take minutes.
    const layers = holes(2 ** 32 - 1);
    layers[0] = layers[1] = 1;
    const options = { ...good.options, layers, inputScaling: "none", optimizer: "sgd" };
    expect(refused(() => NN.fromJSON({ ...good, options, weights: holes(2 ** 32 - 2), slots: [] }))).toBe(
      "options.layers[2] is missing",
    );
    // A kernel that has its length for nothing.
    const kernel = holes(1e9);
    kernel[0] = kernel[1e9 - 1] = 1;
    const claimed = { ...options, layers: [1e9, 1] };
    expect(
      refused(() => NN.fromJSON({ ...good, options: claimed, scalers: {}, slots: [], weights: [{ kernel, bias: [0] }] })),
    ).toMatch("memory");
    const smaller = holes(1e7);
    smaller[0] = 1;
    const less = { ...options, layers: [1e7, 1] };
    expect(
      refused(() => NN.fromJSON({ ...good, options: less, scalers: {}, slots: [], weights: [{ kernel: smaller, bias: [0] }] })),
    ).toBe("weights[0].kernel[1] is undefined; it must be a number");
  });

  test("more layers than weights are refused before any is looked at", () => {
    let looks = 0;
    const layers = new Proxy([1, ...Array.from({ length: 1000 }, () => 1)], {
      get: (list, key): unknown => {
        if (key !== "length") looks++;
        return Reflect.get(list, key);
      },
    });
    expect(refused(() => NN.fromJSON({ ...good, options: { ...good.options, layers } }))).toBe(
      "options.layers has 1000 layers; there are weights for at most 2",
    );
    expect(looks).toBe(0);
  });

  test("getters and proxies that throw whatever can be thrown", () => {
    const secret = new Proxy(
      {},
      {
        getPrototypeOf: () => {
          throw new Error("no prototype");
        },
        get: () => {
          throw new Error("no");
        },
      },
    );
    const silent = Object.defineProperty(new Error("x"), "message", {
      get: () => {
        throw new Error("no");
      },
    });
    for (const thrown of [
      new Error("mine"),
      new Error("x".repeat(1e6)),
      null,
      undefined,
      "text",
      Symbol("s"),
      5n,
      secret,
      silent,
    ]) {
      const fail = (): never => {
        throw thrown;
      };
      for (const key of ["format", "options", "weights", "slots", "step", "scalers"]) {
        const value = Object.defineProperty(model(), key, { get: fail });
        expect(refused(() => NN.fromJSON(value)).length).toBeLessThan(501);
      }
      refused(() => NN.fromJSON(new Proxy(model(), { get: fail })));
      refused(() => NN.fromJSON({ ...good, options: new Proxy(good.options, { ownKeys: fail }) }));
      refused(() => NN.fromJSON({ ...good, options: { ...good.options, layers: new Proxy([2, 3, 1], { get: fail }) } }));
    }
  });

  test("typed arrays are lists of numbers; those of bigints are not, nor is a DataView", () => {
    const kernel = Float32Array.from(good.weights[0].kernel);
    const typed = { ...good, weights: [{ ...good.weights[0], kernel }, good.weights[1]] };
    expect(NN.fromJSON(typed).toJSON()).toEqual(good);
    for (const other of [new BigInt64Array(6), new DataView(new ArrayBuffer(6))]) {
      expect(refused(() => NN.fromJSON({ ...good, weights: [{ ...good.weights[0], kernel: other }, good.weights[1]] }))).toMatch(
        "weights[0].kernel",
      );
    }
    refused(() => NN.fromJSON({ ...good, weights: new Float32Array(2) }));
    refused(() => NN.fromJSON({ ...good, options: { ...good.options, layers: Uint8Array.of(2, 3, 1) } }));
  });

  test("bigints in place of numbers, of any length, and a message that stays short", () => {
    for (const value of [1n, 2n ** 64n, 2n ** 100_000n]) {
      for (const key of ["version", "step", "epoch"])
        expect(refused(() => NN.fromJSON({ ...model(), [key]: value })).length).toBeLessThan(200);
      expect(refused(() => NN.fromJSON({ ...good, options: { ...good.options, seed: value } })).length).toBeLessThan(200);
    }
  });

  test("options are read once", () => {
    const reads: Record<string, number> = {};
    const options = new Proxy(good.options, {
      get: (target, key): unknown => {
        reads[String(key)] = (reads[String(key)] ?? 0) + 1;
        return Reflect.get(target, key);
      },
    });
    expect(NN.fromJSON({ ...good, options }).toJSON()).toEqual(good);
    expect(Object.entries(reads).filter(([, count]) => count !== 1)).toEqual([]);
    expect(Object.keys(reads).length).toBeGreaterThan(10);
  });
});
