// inputScaling and targetScaling: as if the user had scaled by hand, with scalers fitted once, and predictions in target units.
import { describe, expect, test } from "vitest";
import { NN, type NetworkOptions } from "../../src/index.js";
import { CASES, X, expectClose, flat, labels, table, weightsOf } from "./support.js";

const KINDS = ["standard", "minmax"] as const;
type Kind = (typeof KINDS)[number];

/** Data far from 0 … 1: a large offset, tiny numbers, a constant; targets in the thousands. */
const far = (rows: number, seed: number, shift = 0): { x: number[][]; y: number[][] } => {
  const x = table(rows, 2, seed).map(([a, b]) => [1e6 + shift + 30 * a, 1e-4 * b, 7]);
  return { x, y: x.map(([a, b]) => [5000 + 40 * (a - 1e6), 1e6 * b + 300 * Math.sin((a - 1e6) / 10)]) };
};

/** A column's shift and scale, by their textbook definitions. */
function scaler(rows: number[][], kind: Kind): (row: number[]) => number[] {
  const columns = rows[0].map((_, c) => rows.map((row) => row[c]));
  const fitted = columns.map((column) => {
    const mean = column.reduce((a, b) => a + b) / column.length;
    const deviation = Math.sqrt(column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / column.length);
    const low = Math.min(...column);
    const [shift, scale] = kind === "standard" ? [mean, deviation] : [low, Math.max(...column) - low];
    return { shift, scale: scale > 1e-12 ? scale : 1 };
  });
  return (row) => row.map((value, c) => (value - fitted[c].shift) / fitted[c].scale);
}

describe.each(CASES)("$name", ({ options, dtype }) => {
  const base: NetworkOptions = {
    layers: [3, 8, 2],
    loss: "meanSquaredError",
    activation: "tanh",
    optimizer: "adam",
    learningRate: 0.02,
    epochs: 20,
    batchSize: 8,
    seed: 2,
    ...options,
  };
  const tolerance = dtype === "float64" ? 1e-7 : 1e-3;

  test.each(KINDS)("%s scaling equals scaling by hand, also in a second run, which leaves the scalers unchanged", (kind) => {
    const first = far(30, 4);
    const second = far(20, 5, 25);
    const toX = scaler(first.x, kind);
    const toY = scaler(first.y, kind);
    const [nn, byHand] = [new NN({ ...base, inputScaling: kind, targetScaling: kind }), new NN(base)];
    for (const { x, y } of [first, second]) {
      nn.fit(x, y);
      byHand.fit(x.map(toX), y.map(toY));
      expectClose(weightsOf(nn), weightsOf(byHand), tolerance);
      // In target units, the outputs equal those of the network scaled by hand.
      const outputs = nn.predict(x);
      expectClose(outputs.flatMap(toY), byHand.predict(x.map(toX)).flat(), 10 * tolerance);
      expectClose(flat(nn.gradients(x, y).layers), flat(byHand.gradients(x.map(toX), y.map(toY)).layers), tolerance);
      expectClose([nn.evaluate(x, y).loss], [byHand.evaluate(x.map(toX), y.map(toY)).loss], tolerance);
    }
  });

  test.each(KINDS)("%s scaling learns data that is not learnt without it", (kind) => {
    const { x, y } = far(60, 4);
    const mistake = (nn: NN): number => {
      nn.fit(x, y, { epochs: 150 });
      const outputs = nn.predict(x);
      return Math.max(...outputs.flatMap((row, r) => row.map((value, c) => Math.abs(value - y[r][c]))));
    };
    expect(mistake(new NN({ ...base, inputScaling: kind, targetScaling: kind }))).toBeLessThan(350);
    expect(mistake(new NN(base))).toBeGreaterThan(2000);
  });

  test("scalers are fitted once: later rows do not change predictions", () => {
    const { x, y } = far(30, 4);
    const learningRate = (epoch: number): number => (epoch < 20 ? 0.02 : 0);
    const nn = new NN({ ...base, inputScaling: "standard", targetScaling: "minmax", learningRate });
    nn.fit(x, y);
    const outputs = nn.predict(x);
    const others = far(30, 9, 1e5);
    nn.fit(others.x, others.y);
    nn.partialFit(others.x, others.y);
    nn.evaluate(others.x, others.y);
    expect(nn.predict(x)).toEqual(outputs);
  });

  test("values beyond float32's precision are scaled before rounding, in every form of rows", () => {
    const { x, y } = far(30, 4);
    const [lists, typed, exact] = [options, options, { ...options, dtype: "float64" as const }].map(
      (each) => new NN({ ...base, ...each, inputScaling: "standard", targetScaling: "standard", epochs: 3 }),
    );
    lists.fit(x, y);
    exact.fit(x, y);
    typed.fit(Float64Array.from(x.flat()), Float64Array.from(y.flat()));
    expect(weightsOf(typed)).toEqual(weightsOf(lists));
    expectClose(weightsOf(lists), weightsOf(exact), 1e-4);
    expect([...typed.predict(Float64Array.from(x.flat()))]).toEqual(lists.predict(x).flat());
    expect(lists.predict(x[3])).toEqual(lists.predict(x)[3]);
    const close = x.map(([a, b, c]) => [a + 0.01, b, c]); // below float32's steps at a million
    expect(lists.predict(close)).not.toEqual(lists.predict(x));
  });

  test("validation rows are scaled as training rows are", () => {
    const { x, y } = far(30, 4);
    const nn = new NN({ ...base, inputScaling: "minmax", targetScaling: "standard" });
    const { valLoss } = nn.fit(x, y, { validationData: [x, y] });
    expect(nn.evaluate(x, y).loss).toBe(valLoss!.at(-1));
    expect(valLoss!.at(-1)).toBeLessThan(valLoss![0]);
  });

  test("a column that was constant when fitted gives finite results when it varies", () => {
    const { x, y } = far(10, 4);
    for (const kind of KINDS) {
      const nn = new NN({ ...base, inputScaling: kind, targetScaling: kind });
      nn.fit(
        x,
        y.map(([a]) => [a, 3]),
      );
      expect(nn.predict([[1e6, 0, 8]])[0].every(Number.isFinite)).toBe(true);
      nn.fit([[5, 5, 5]], [[5, 5]]);
      expect(weightsOf(nn).every(Number.isFinite)).toBe(true);
    }
  });

  test("a classifier may scale its inputs alone", () => {
    const { x } = far(30, 4);
    const classes = labels(30, 2, 3);
    const settings = { ...base, loss: "categoricalCrossentropy" } as const;
    const [nn, byHand] = [new NN({ ...settings, inputScaling: "standard" }), new NN(settings)];
    const scaled = x.map(scaler(x, "standard"));
    const { loss, accuracy } = nn.fit(x, classes);
    const expected = byHand.fit(scaled, classes);
    expectClose(loss, expected.loss, tolerance);
    expect(nn.predictClasses(x)).toEqual(byHand.predictClasses(scaled));
    expectClose(accuracy!, expected.accuracy!, 0.2); // a row near the border may fall to either side
  });

  // A first run that completes no epoch leaves the network as it was: nothing has been fitted.
  test.each<[string, (nn: NN, x: number[][], y: number[][]) => unknown]>([
    [
      "an exception in its first batch",
      (nn, x, y) =>
        nn.fit(x, y, {
          onBatchEnd: () => {
            throw new Error("mine");
          },
        }),
    ],
    ["bad validation rows", (nn, x, y) => nn.fit(x, y, { validationData: [x, y.with(29, [NaN, 1])] })],
    ["a bad last row", (nn, x, y) => nn.fit(x, y.with(29, [NaN, 1]))],
    ["a bad row of partialFit", (nn, x, y) => nn.partialFit(x, y.with(29, [NaN, 1]))],
  ])("a first run that ends with %s fits no scaler", (_name, fail) => {
    const settings = { ...base, inputScaling: "standard", targetScaling: "minmax" } as const;
    const [nn, fresh] = [new NN(settings), new NN(settings)];
    const wrong = far(30, 4);
    expect(() => fail(nn, wrong.x, wrong.y)).toThrow(/mine|NaN/);
    expect(nn.predict(X)).toEqual(fresh.predict(X));
    const { x, y } = far(30, 6, 1e4);
    expect(nn.fit(x, y).loss).toEqual(fresh.fit(x, y).loss);
    expect(nn.predict(x)).toEqual(fresh.predict(x));
  });
});
