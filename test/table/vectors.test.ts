// Against scikit-learn's pipeline of the same steps: imputing, scaling, one-hot; class weights; errors of numbers.
import { describe, expect, test } from "vitest";
import { TableModel } from "../../src/entries/table.js";
import { BACKENDS } from "../backends.js";
import vectors from "../vectors/table.json" with { type: "json" };

describe.each(BACKENDS)("on $name", ({ options }) => {
  test.each(vectors.mixed)(
    "columns with gaps become the pipeline's, missing numbers by their $missing",
    ({ missing, rows, trained, weights, sums, mean, scale, categories }) => {
      const model = new TableModel({
        target: "y",
        columns: { number: { missing: missing as "mean" | "median" }, city: { missing: "unknown" } },
        network: { hidden: [], targetScaling: "none", dtype: "float64", ...options },
      });
      model.fit(
        rows.slice(0, trained).map((row, i) => ({ ...row, y: i })),
        { epochs: 0 },
      );
      const { number, other, city } = model.columns;
      expect(number!.mean).toBeCloseTo(mean[0], 10);
      expect(number!.scale).toBeCloseTo(scale[0], 10);
      expect(other!.scale).toBeCloseTo(scale[1], 10);
      expect(city!.categories).toEqual(categories);
      model.network.setWeights([{ kernel: Float64Array.from(weights), bias: [0] }]);
      model.predict<number>(rows).forEach((sum, r) => expect(sum).toBeCloseTo(sums[r], 8));
      expect(model.unseen).toEqual({ city: ["Elm"] });
    },
  );
});

test("balanced class weights are those of compute_class_weight", () => {
  const { labels, weights } = vectors.balanced;
  const rows = labels.map((y, i) => ({ x: i, y }));
  const train = (classWeight: "balanced" | Record<string, number>): Uint8Array => {
    const model = new TableModel({ target: "y", network: { seed: 1, epochs: 3 } });
    model.fit(rows, { classWeight });
    return model.save();
  };
  expect(train("balanced")).toEqual(train({ a: weights[0], b: weights[1], c: weights[2] }));
  expect(train("balanced")).not.toEqual(train({ a: 1 }));
});

test("errors of several numbers are those of mean_absolute_error and r2_score", () => {
  const { actual, predicted, mae, r2 } = vectors.errors;
  // A network that gives back its inputs.
  const model = new TableModel({
    target: ["a", "b"],
    network: { hidden: [], inputScaling: "none", targetScaling: "none", dtype: "float64" },
  });
  const rows = actual.map(([a, b], i) => ({ p: predicted[i][0], q: predicted[i][1], a, b }));
  model.fit(rows, { epochs: 0 });
  model.network.setWeights([{ kernel: [1, 0, 0, 1], bias: [0, 0] }]);
  const measured = model.evaluate(rows);
  expect(measured.mae).toBeCloseTo(mae, 12);
  expect(measured.r2).toBeCloseTo(r2, 12);
  expect(model.predict<Record<string, number>>(rows.slice(0, 1))).toEqual([{ a: predicted[0][0], b: predicted[0][1] }]);
});
