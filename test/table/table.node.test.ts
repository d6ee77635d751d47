// Tables from files, as CSV parsers give them: every cell a text.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { TableModel } from "../../src/entries/table.js";
import vectors from "../vectors/table.json" with { type: "json" };
import type { Row } from "./support.js";

function readExample(name: string): Row[] {
  const text = readFileSync(new URL(`../../examples/data/${name}.csv`, import.meta.url), "utf8");
  const [head, ...lines] = text
    .trim()
    .split("\n")
    .map((line) => line.split(","));
  return lines.map((cells) => Object.fromEntries(head!.map((column, c) => [column, cells[c]])));
}

test("iris is learnt from texts, and a loaded model predicts the same", () => {
  const rows = readExample("iris");
  const model = new TableModel({ target: "species", network: { seed: 1, epochs: 100 } });
  model.fit(rows);
  expect(model.evaluate(rows).accuracy).toBeGreaterThan(0.95);
  const loaded = TableModel.load(model.save());
  expect(loaded.predict(rows)).toEqual(model.predict(rows));
  expect(loaded.columns).toEqual(model.columns);
  const importance = model.importance(rows);
  expect(importance["petal length"]).toBeGreaterThan(importance["sepal width"]);
});

const rentals = readExample("rentals");
const tested = rentals.filter((_, r) => r % 4 === 0),
  trained = rentals.filter((_, r) => r % 4 !== 0);
const mean = (values: number[]): number => values.reduce((sum, each) => sum + each) / values.length;
const columns = { temperature: { missing: "median" }, weather: { missing: "unknown" } } as const;
const SEEDS = [0, 1, 2, 3, 4];

test("classes of a mixed table are predicted as well as by scikit-learn's pipeline of the same steps", () => {
  const accuracies = SEEDS.map((seed) => {
    const model = new TableModel({ target: "returned", columns, network: { seed, epochs: vectors.rentals.epochs } });
    model.fit(trained);
    return model.evaluate(tested).accuracy!;
  });
  expect(Math.abs(mean(accuracies) - vectors.rentals.accuracy)).toBeLessThan(0.03);
});

test("numbers of a mixed table are predicted as well as by scikit-learn's pipeline of the same steps", () => {
  const evaluations = SEEDS.map((seed) => {
    const model = new TableModel({
      target: "minutes",
      columns: { ...columns, returned: "ignore" },
      network: { seed, epochs: vectors.rentals.epochs },
    });
    model.fit(trained);
    return model.evaluate(tested);
  });
  expect(Math.abs(mean(evaluations.map(({ r2 }) => r2!)) - vectors.rentals.r2)).toBeLessThan(0.05);
  expect(Math.abs(mean(evaluations.map(({ mae }) => mae!)) - vectors.rentals.mae)).toBeLessThan(0.3);
});
