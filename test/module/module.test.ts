// A network printed as an ES module, imported as one, predicts what the network predicts.
import { describe, expect, test } from "vitest";
import { toModule } from "../../src/entries/module.js";
import { NN, type ModelJSON } from "../../src/index.js";
import { ACTIVATIONS, DTYPES, networkWith, rowsOf } from "../onnx/support.js";

type Predict = (x: ArrayLike<number>) => number[];

const importText = async (text: string): Promise<Record<string, unknown>> =>
  (await import(/* @vite-ignore */ `data:text/javascript;charset=utf-8,${encodeURIComponent(text)}`)) as Record<string, unknown>;

async function predictOf(nn: NN): Promise<Predict> {
  const { predict, ...others } = await importText(toModule(nn));
  expect(Object.keys(others)).toEqual([]);
  return predict as Predict;
}

/** Rows one by one, against the network's own rows, by |a − b| / max(1, |a|, the target's scale), which settles the rounding. */
async function checkRows(nn: NN, rows: readonly number[][], tolerance: number): Promise<void> {
  const predict = await predictOf(nn);
  const expected = nn.predict(rows);
  const scale = nn.toJSON().scalers?.target?.scale ?? [];
  expect(expected).toHaveLength(rows.length);
  rows.forEach((row, r) => {
    const outputs = predict(row);
    expect(outputs).toHaveLength(expected[r].length);
    outputs.forEach((value, j) => {
      const error = Math.abs(value - expected[r][j]) / Math.max(1, Math.abs(expected[r][j]), scale[j] ?? 1);
      expect(error).toBeLessThanOrEqual(tolerance);
    });
  });
}

describe.each(DTYPES)("%s", (dtype) => {
  const tolerance = dtype === "float32" ? 1e-6 : 1e-14;

  test.each(ACTIVATIONS)("%s gives the network's predictions", async (activation) => {
    await checkRows(networkWith(activation, dtype), rowsOf(30, 4), tolerance);
  });

  test("scales inputs and puts outputs in the targets' units", async () => {
    await checkRows(networkWith("gelu", dtype, { inputScaling: "standard", targetScaling: "minmax" }), rowsOf(30, 4), tolerance);
    await checkRows(networkWith("softmax", dtype, { inputScaling: "minmax" }), rowsOf(30, 4), tolerance);
  });

  test("keeps every weight to the bit, −0, subnormal numbers and the largest ones too", async () => {
    const largest = dtype === "float32" ? (2 - 2 ** -23) * 2 ** 127 : Number.MAX_VALUE;
    const smallest = dtype === "float32" ? 2 ** -149 : Number.MIN_VALUE;
    const hostile = [
      -0,
      0,
      smallest,
      -smallest,
      3 * smallest,
      largest,
      -largest,
      0.1,
      -0.1,
      1 / 3,
      1e21,
      1e-7,
      123456789,
      5e-324,
    ];
    const weights = hostile.map((x) => (dtype === "float32" ? Math.fround(x) : x));
    const nn = new NN({
      layers: [1, { units: weights.length, activation: "linear", bias: false }],
      loss: "meanSquaredError",
      dtype,
    });
    nn.setWeights([{ kernel: weights }]);
    const rounded = (await predictOf(nn))([1]).map((x) => (dtype === "float32" ? Math.fround(x) : x));
    // A sum that starts at 0 has no −0 left.
    expect(rounded).toEqual(weights.map((x) => x + 0));
    const inText = /k0=\[(.*)\];/.exec(toModule(nn))![1];
    const numbers = (JSON.parse(`[${inText.replaceAll(/(?<![\d.])\./g, "0.")}]`) as number[][]).map(([, weight]) => weight);
    numbers.forEach((number, i) =>
      expect(Object.is(dtype === "float32" ? Math.fround(number) : number, weights[i]), String(weights[i])).toBe(true),
    );
  });

  test("keeps every bit of random weights in at most nine digits for float32", () => {
    let state = 1;
    const bits = new DataView(new ArrayBuffer(8));
    const weights: number[] = [];
    while (weights.length < 2000) {
      for (const at of [0, 4]) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        bits.setUint32(at, state);
      }
      const value = dtype === "float32" ? bits.getFloat32(0) : bits.getFloat64(0);
      if (Number.isFinite(value)) weights.push(value);
    }
    const nn = new NN({ layers: [1, { units: weights.length, bias: false }], dtype });
    nn.setWeights([{ kernel: weights }]);
    const numbers = [...toModule(nn).matchAll(/\[0,([^\]]*)\]/g)].map(([, text]) => text);
    expect(numbers).toHaveLength(weights.length);
    numbers.forEach((text, i) => {
      expect(Object.is(dtype === "float32" ? Math.fround(Number(text)) : Number(text), weights[i]), text).toBe(true);
      const digits = text.replace(/e.*/, "").replaceAll(/[-.]/g, "").replace(/^0+/, "").replace(/0+$/, "");
      if (dtype === "float32") expect(digits.length, text).toBeLessThanOrEqual(9);
    });
  });
});

test("large sums end where the network's do", async () => {
  for (const activation of ACTIVATIONS) {
    const isSoftmax = activation === "softmax";
    const nn = new NN({
      layers: [1, { units: 3, activation }],
      loss: isSoftmax ? "categoricalCrossentropy" : "meanSquaredError",
      dtype: "float64",
    });
    nn.setWeights([{ kernel: [1, -1, 0.5], bias: [0, 0, 0] }]);
    await checkRows(nn, [[0], [-0], [1e-300], [30], [-30], [800], [-800], [1e8], [-1e8]], 1e-14);
  }
});

describe("the text", () => {
  const nn = new NN(2, 10, 1, 0.5, 1, { seed: 1 });

  test("imports nothing, evaluates nothing and is strict", () => {
    const text = toModule(nn);
    expect(text).not.toMatch(/\bimport\b|\beval\b|\bFunction\b|\brequire\b|globalThis|window/);
    expect(text.match(/\bexport\b/g)).toHaveLength(1);
    // Modules are always strict; this holds for functions made from the text as well.
    expect(text).not.toMatch(/\bwith\b|\barguments\b/);
  });

  test("holds ten units in a few hundred bytes", () => {
    expect(toModule(nn).length).toBeLessThan(900);
  });

  test("is the same each time, and holds a function that its prediction leaves alone", async () => {
    expect(toModule(nn)).toBe(toModule(NN.load(nn.save())));
    const predict = await predictOf(nn);
    const row = Float32Array.of(0.25, 0.5);
    expect(predict(row)).toEqual(predict([0.25, 0.5]));
    expect([...row]).toEqual([0.25, 0.5]);
  });

  test("refuses a row of another length", async () => {
    const predict = await predictOf(nn);
    expect(() => predict([1])).toThrow(new RangeError("predict takes 2 numbers"));
    expect(() => predict([1, 2, 3])).toThrow(RangeError);
  });
});

test("refuses what is no network and options that it does not have", () => {
  expect(() => toModule({} as NN)).toThrow(new TypeError("toModule takes a network"));
  expect(() => toModule(null as unknown as NN)).toThrow(TypeError);
  const nn = new NN(1, 1, 1, 1, 1);
  expect(() => toModule(nn, { type: true } as object)).toThrow('unknown option "type"; there is only types');
  expect(() => toModule(nn, { types: 1 as unknown as boolean })).toThrow("types is 1; it must be true or false");
});

test("a network without biases, out of its own JSON", async () => {
  const nn = new NN({ layers: [2, { units: 3, bias: false, activation: "swish" }, { units: 1, bias: false }], seed: 3 });
  await checkRows(NN.fromJSON(JSON.parse(JSON.stringify(nn)) as ModelJSON), rowsOf(5, 2), 1e-6);
});
