// sampleWeight and classWeight: a weight of 2 is the row twice, a weight of 0 is the row left out.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NN, type FitOptions, type NetworkOptions } from "../../src/index.js";
import { BACKENDS, BUSY, CASES, X, Y, expectClose, labels, oneHot, weightsOf } from "./support.js";

const classes = labels(10, 3, 6);
const counts = [1, 2, 0, 3, 1, 1, 0, 2, 5, 1];
const repeat = <T>(rows: readonly T[], times: readonly number[]): T[] => rows.flatMap((row, r) => Array<T>(times[r]).fill(row));
const total = counts.reduce((a, b) => a + b);

describe.each(CASES)("$name", ({ options, dtype }) => {
  const tolerance = dtype === "float64" ? 1e-12 : 2e-5;
  const base = { batchSize: Infinity, shuffle: false, reduction: "sum", epochs: 4, seed: 4, ...options } as const;

  test.each<[string, NetworkOptions, number[] | number[][]]>([
    ["squared error", { layers: [3, 5, 2], activation: "tanh", loss: "meanSquaredError", optimizer: "sgd" }, Y],
    ["cross-entropy, l2 and adam", { layers: [3, 5, 3], loss: "categoricalCrossentropy", l2: 0.1, optimizer: "adam" }, classes],
    ["clipping", { layers: [3, 5, 2], loss: "huber", clipNorm: 0.1, optimizer: "rmsprop" }, Y],
  ])("weights are repetitions, with %s", (_name, settings, y) => {
    const [weighted, repeated] = [new NN({ ...settings, ...base }), new NN({ ...settings, ...base })];
    const { loss } = weighted.fit(X, y as number[][], { sampleWeight: counts });
    const expected = repeated.fit(repeat(X, counts), repeat<number | number[]>(y, counts) as number[][]);
    expectClose(weightsOf(weighted), weightsOf(repeated), tolerance);
    // Means per row: over 10 rows here, over all repetitions there.
    expectClose(
      loss.map((each) => each * 10),
      expected.loss.map((each) => each * total),
      10 * tolerance,
    );
    const unweighted = new NN({ ...settings, ...base });
    unweighted.fit(X, y as number[][]);
    expect(weightsOf(unweighted)).not.toEqual(weightsOf(weighted));
  });

  test("a class weight applies to each of its rows, and is multiplied by the row's own weight", () => {
    const settings = { ...base, layers: [3, 5, 3], loss: "categoricalCrossentropy", batchSize: 4, shuffle: true } as const;
    const fit = (y: number[] | number[][], fitOptions: FitOptions): { loss: number[]; weights: number[] } => {
      const nn = new NN(settings);
      const { loss } = nn.fit(X, y as number[][], fitOptions);
      return { loss, weights: weightsOf(nn) };
    };
    const byRow = fit(classes, { sampleWeight: classes.map((c) => [1, 0.25, 3][c]) });
    expect(fit(classes, { classWeight: { 1: 0.25, 2: 3 } })).toEqual(byRow);
    expect(fit(classes, { classWeight: [1, 0.25, 3] })).toEqual(byRow);
    expect(fit(oneHot(classes, 3), { classWeight: { 1: 0.25, 2: 3 } })).toEqual(byRow);
    const both = fit(classes, { sampleWeight: counts, classWeight: { 1: 0.25, 2: 3 } });
    expect(both).toEqual(fit(classes, { sampleWeight: classes.map((c, r) => [1, 0.25, 3][c] * counts[r]) }));
    expect(both).not.toEqual(byRow);
  });

  test("a single output has the classes 0 and 1", () => {
    const settings = { ...base, layers: [3, 5, 1], loss: "binaryCrossentropy" } as const;
    const [byClass, byRow] = [new NN(settings), new NN(settings)];
    const y = [0, 1, 1, 0, 0, 0, 1, 0, 1, 0];
    expect(byClass.fit(X, y, { classWeight: { 1: 4 } }).loss).toEqual(
      byRow.fit(X, y, { sampleWeight: y.map((c) => (c ? 4 : 1)) }).loss,
    );
    expect(weightsOf(byClass)).toEqual(weightsOf(byRow));
  });

  test("weights of 1 change no bit, and the accuracy is not weighted", () => {
    const settings = { ...base, layers: [3, 5, 3], loss: "categoricalCrossentropy", batchSize: 4, shuffle: true } as const;
    const [plain, ones, weighted] = [0, 1, 2].map(() => new NN(settings));
    const expected = plain.fit(X, classes);
    const history = ones.fit(X, classes, { sampleWeight: Array(10).fill(1), classWeight: {} });
    expect(history).toMatchObject({ loss: expected.loss, accuracy: expected.accuracy });
    expect(weightsOf(ones)).toEqual(weightsOf(plain));
    const { accuracy } = weighted.fit(X, classes, { sampleWeight: counts, epochs: 1, batchSize: Infinity });
    expect(accuracy).toEqual([new NN(settings).evaluate(X, classes).accuracy]);
  });
});

test("weights by class that are too large for the network's precision are refused by name", () => {
  const nn = new NN({ layers: [3, 4, 3], loss: "categoricalCrossentropy", seed: 1 });
  const before = nn.save();
  for (const options of [{ classWeight: { 2: 1e300 } }, { classWeight: { 2: 1e30 }, sampleWeight: X.map(() => 1e30) }]) {
    for (const train of [() => nn.partialFit(X, classes, options), () => nn.fit(X, classes, options)]) {
      expect(train).toThrow(
        new RangeError(`the weight of row ${classes.indexOf(2)}, of class 2, by classWeight is too large for float32`),
      );
    }
  }
  expect(nn.save()).toEqual(before);
});

test("weights of outputs are checked in the rows that validate, too", () => {
  const nn = new NN({ ...BUSY });
  const outputWeight = X.map((_, r) => [1, r === 9 ? NaN : 1]);
  expect(() => nn.fit(X, Y, { outputWeight, validationSplit: 0.2 })).toThrow(new RangeError("outputWeight[9][1] is NaN"));
});

describe.each(BACKENDS)("$name", ({ options }) => {
  test("integer weights equal repeated rows, across tiles and for the mean loss", () => {
    const settings = {
      layers: [3, 4, 2],
      optimizer: "sgd",
      dtype: "float64",
      epochs: 1,
      batchSize: Infinity,
      shuffle: false,
      seed: 1,
      ...options,
    } as const;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 10, maxLength: 10 }), (times) => {
        const all = times.reduce((a, b) => a + b);
        fc.pre(all > 0);
        // The mean over 10 rows is a tenth of the sum.
        const weighted = new NN({ ...settings, reduction: "mean", learningRate: 0.1 });
        const repeated = new NN({ ...settings, reduction: "sum", learningRate: 0.01 });
        weighted.fit(X, Y, { sampleWeight: times });
        repeated.fit(repeat(X, times), repeat(Y, times));
        expectClose(weightsOf(weighted), weightsOf(repeated), 1e-11);
      }),
      { numRuns: 20, seed: 1 },
    );
  });
});
