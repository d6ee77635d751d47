// Values made to do harm: fromJSON refuses each with a ModelFormatError, at once, and allocates nothing on its word.
import { describe, expect, test } from "vitest";
import { NN } from "../../src/index.js";
import { deep, refused } from "./refused.js";
import { small } from "./support.js";

describe("values for fromJSON", () => {
  const good = small().nn.toJSON();
  const model = (): Record<string, unknown> => JSON.parse(JSON.stringify(good)) as Record<string, unknown>;

  test.each<[string, unknown]>([
    ["undefined", undefined], ["null", null], ["a number", 1], ["a text, which was not parsed", JSON.stringify(good)], ["a list", [good]], ["an empty object", {}],
    ["another format", { ...good, format: "onnx" }], ["another version", { ...good, version: 2 }], ["no options", { ...good, options: undefined }],
    ["no weights", { ...good, weights: undefined }], ["weights of one layer", { ...good, weights: good.weights.slice(1) }],
    ["weights in another order", { ...good, weights: good.weights.toReversed() }], ["no slots", { ...good, slots: undefined }],
    ["one slot", { ...good, slots: good.slots.slice(1) }], ["three slots", { ...good, slots: [...good.slots, good.slots[0]] }],
    ["an empty slot", { ...good, slots: [[], []] }], ["slots that are only long", { ...good, slots: { length: 2 } }],
    ["weights of null", { ...good, weights: [null, null] }], ["steps of null", { ...good, step: null }],
  ])("%s", (_name, value) => void refused(() => NN.fromJSON(value)));

  test.each<[string, unknown]>([
    ["a text", "123456"], ["null", null], ["a number too few", [1, 2, 3, 4, 5]], ["a number too many", [1, 2, 3, 4, 5, 6, 7]],
    ["a text among numbers", [1, 2, 3, 4, 5, "6"]], ["null, which JSON writes for NaN", [1, 2, 3, 4, 5, null]], ["an infinity", [1, 2, 3, 4, 5, Infinity]],
    ["what float32 does not hold", [1, 2, 3, 4, 5, 1e39]], ["a deep list", JSON.parse(deep(1e5, "1"))], ["an object that is only long", { length: 6 }],
  ])("a kernel that is %s", (_name, kernel) => {
    expect(refused(() => NN.fromJSON({ ...good, weights: [{ ...good.weights[0], kernel }, good.weights[1]] }))).toMatch("weights[0].kernel");
    refused(() => NN.fromJSON({ ...good, slots: [good.slots[0], [{ ...good.slots[1][0], kernel }, good.slots[1][1]]] }));
  });

  test("a bias that is missing, and one too many", () => {
    expect(refused(() => NN.fromJSON({ ...good, weights: [{ kernel: good.weights[0].kernel }, good.weights[1]] }))).toMatch("weights[0].bias");
    const options = { ...good.options, layers: [2, { units: 3, bias: false }, 1] };
    expect(refused(() => NN.fromJSON({ ...good, options }))).toMatch("weights[0].bias");
  });

  test("1e9 units that are only claimed", () => {
    const options = { ...good.options, layers: [1e9, 1], optimizer: "sgd", inputScaling: "none" };
    refused(() => NN.fromJSON({ ...good, options, slots: [], scalers: {} }));
    refused(() => NN.fromJSON({ ...good, options, slots: [], scalers: {}, weights: [{ kernel: { length: 1e9 }, bias: [0] }] }));
    refused(() => NN.fromJSON({ ...good, options, slots: [], scalers: {}, weights: [{ kernel: { length: 1e9, 0: 1, 999999999: 1 }, bias: [0] }] }));
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
});
