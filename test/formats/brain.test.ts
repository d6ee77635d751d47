// Models of brain.js 1.6.1 and 2.0.0-beta.24, as its own toJSON wrote them, must predict what its own run returned.
import { describe, expect, test } from "vitest";
import { fromBrain } from "../../src/entries/brain.js";
import { NN } from "../../src/index.js";
import vectors from "../vectors/brain.json" with { type: "json" };
import { formatError } from "./support.js";

type Values = number[] | Record<string, number>;
interface Case {
  name: string;
  json: Record<string, unknown>;
  inputs: Values[];
  outputs: Values[];
}
const cases = vectors as unknown as Case[];
const caseOf = (name: string): Case => structuredClone(cases.find((each) => each.name.endsWith(name))!);
const inFirst = caseOf("1.6.1, leaky-relu").json;
const inSecond = caseOf("24, leaky-relu").json;

/** Values in the order of the units, which `names` tells. */
const row = (values: Values, names: string[] | undefined): number[] =>
  Array.isArray(values) ? values : names!.map((name) => values[name] ?? 0);

describe("fromBrain", () => {
  test.each(cases)("$name: predicts what brain.js's run returned, to 1e-6", ({ json, inputs, outputs }) => {
    const nn = fromBrain(json);
    const names = nn.metadata as { inputs?: string[]; outputs?: string[] } | undefined;
    const predicted = nn.predict(inputs.map((input) => row(input, names?.inputs)));
    outputs.forEach((output, r) =>
      row(output, names?.outputs).forEach((expected, c) => {
        expect(Math.abs(predicted[r][c] - expected)).toBeLessThanOrEqual(1e-6 * Math.max(0.01, Math.abs(expected)));
      }),
    );
    expect(outputs.length).toBe(predicted.length);
  });

  test("the vectors tell the two leaky ReLUs apart: 1.6.1 gives no negative number, 2.x does", () => {
    const lowest = (name: string): number => Math.min(...(caseOf(name).outputs as number[][]).flat());
    expect(lowest("1.6.1, leaky-relu")).toBe(0);
    expect(lowest("24, leaky-relu")).toBeLessThan(0);
  });

  test("keeps the names of object inputs and outputs, and none for arrays", () => {
    for (const version of ["1.6.1", "24"]) {
      const names = { inputs: ["r", "g", "b"], outputs: ["black", "white", "grey"] };
      expect(fromBrain(caseOf(`${version}, object inputs and outputs`).json).metadata).toEqual(names);
      expect(fromBrain(caseOf(`${version}, sigmoid`).json).metadata).toBeUndefined();
    }
  });

  test("names may be those of objects' own properties", () => {
    const unit = JSON.parse('{"bias":0,"weights":{"__proto__":2,"constructor":3}}') as unknown;
    const layers = [JSON.parse('{"__proto__":{},"constructor":{}}'), { toString: unit }] as unknown[];
    const nn = fromBrain({ layers, activation: "relu" });
    expect(nn.metadata).toEqual({ inputs: ["__proto__", "constructor"], outputs: ["toString"] });
    expect(nn.predict([10, 1])).toEqual([23]);
  });

  test("a truncated leaky ReLU has its slope in the weights, of 1.x from the model, on GPUs always 0.01", () => {
    const layers = [{ 0: {} }, { 0: { bias: 1, weights: { 0: 2 } } }];
    expect(fromBrain({ layers, activation: "leaky-relu", leakyReluAlpha: 0.5 }).predict([[3], [-3]])).toEqual([[3.5], [0]]);
    const json = {
      type: "NeuralNetworkGPU",
      layers: [{}, { weights: [[2]], biases: [1] }],
      trainOpts: { activation: "leaky-relu", leakyReluAlpha: 0.5 },
    };
    const [[above], [below]] = fromBrain(json).predict([[3], [-3]]);
    expect(above).toBeCloseTo(0.07, 15);
    expect(below).toBe(0);
  });

  test("the network trains, saves and loads", () => {
    const nn = fromBrain(caseOf("24, sigmoid").json);
    const x = [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ];
    const y = [
      [0, 1],
      [1, 0],
      [1, 0],
      [0, 1],
    ];
    const { loss } = nn.fit(x, y, { epochs: 300 });
    expect(loss.at(-1)).toBeLessThan(loss[0]);
    expect(NN.load(nn.save()).predict(x)).toEqual(nn.predict(x));
  });
});

describe("what fromBrain refuses", () => {
  test.each<[string, unknown, string]>([
    ["null", null, "json is null"],
    ["a text", "{}", "json is"],
    ["no layers", {}, "json.layers is undefined"],
    ["one layer", { layers: [{}] }, "json.layers"],
    ["a recurrent network", { type: "LSTM", layers: [] }, 'json.type is "LSTM"'],
    ["another activation", { ...inFirst, activation: "swish" }, 'activation is "swish"'],
    ["another slope", { ...inSecond, trainOpts: { activation: "leaky-relu", leakyReluAlpha: 0.2 } }, "leakyReluAlpha is 0.2"],
    ["a negative slope", { ...inFirst, leakyReluAlpha: -1 }, "leakyReluAlpha is -1"],
    ["sizes that are others", { ...inFirst, sizes: [2, 4, 3, 1] }, "json.sizes"],
    ["more sizes than layers", { ...inSecond, sizes: [2, 4, 3, 2, 2] }, "json.sizes"],
    [
      "a weight that is null",
      { layers: [{ 0: {} }, { 0: { bias: 0, weights: { 0: null } } }] },
      "json.layers[1].0.weights.0 is null",
    ],
    [
      "a weight too few",
      { layers: [{ 0: {}, 1: {} }, { 0: { bias: 0, weights: { 0: 1 } } }] },
      "json.layers[1].0.weights must have 2 numbers",
    ],
    [
      "a weight by another name",
      { layers: [{ a: {} }, { 0: { bias: 0, weights: { b: 1 } } }] },
      "json.layers[1].0.weights.a is undefined",
    ],
    ["no bias", { layers: [{ 0: {} }, { 0: { weights: { 0: 1 } } }] }, "json.layers[1].0.bias is undefined"],
    ["no units", { layers: [{ 0: {} }, {}] }, "units is 0"],
    [
      "rows of different lengths",
      { layers: [{}, { weights: [[1, 2], [3]], biases: [0, 0] }] },
      "json.layers[1].weights[1] has 1 numbers",
    ],
    ["a bias too many", { layers: [{}, { weights: [[1]], biases: [0, 0] }] }, "json.layers[1].weights has 1 rows"],
    ["an infinite weight", { layers: [{}, { weights: [[Infinity]], biases: [0] }] }, "json.layers[1].weights[0][0] is Infinity"],
    [
      "a lookup of another size",
      { layers: [{}, { weights: [[1]], biases: [0] }], inputLookup: { a: 0, b: 1 } },
      "json.inputLookup",
    ],
    [
      "a lookup with one index twice",
      { layers: [{}, { weights: [[1, 2]], biases: [0] }], inputLookup: { a: 0, b: 0 } },
      "json.inputLookup",
    ],
    [
      "a list that is only long",
      { layers: [{}, { weights: [Array.from({ length: 3 })], biases: [0] }] },
      "json.layers[1].weights[0][0] is undefined",
    ],
  ])("%s", (_name, json, message) => {
    expect(formatError(() => fromBrain(json))).toContain(message);
  });

  test("1e9 units or layers that are only claimed, at once", () => {
    const long: unknown[] = [];
    long.length = 1e9;
    for (const json of [
      { layers: long },
      { layers: [{}, { weights: long, biases: [0] }] },
      { layers: [{}, { weights: [long], biases: [0] }] },
      { ...inFirst, sizes: long },
    ]) {
      formatError(() => fromBrain(json));
    }
  });
});
