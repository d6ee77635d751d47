// Tables from files, as CSV parsers give them: every cell a text.
import { expect, test } from "vitest";
import { TableModel } from "../../src/entries/table.js";
import { readExample } from "./support.js";

test("iris is learnt from texts, and a loaded model predicts the same", () => {
  const rows = readExample("iris");
  const model = new TableModel({ target: "species", network: { seed: 1, epochs: 100 } });
  model.fit(rows);
  expect(model.evaluate(rows).accuracy).toBeGreaterThan(0.95);
  const loaded = TableModel.load(model.save());
  expect(loaded.predict(rows)).toEqual(model.predict(rows));
  expect(loaded.columns).toEqual(model.columns);
});
