// Tables that are wide, and columns with very many categories.
import { describe, expect, test } from "vitest";
import { TableModel } from "../../src/entries/table.js";
import { errorOf } from "./support.js";

test("5,000 columns are learnt, saved and loaded", () => {
  const names = Array.from({ length: 5000 }, (_, c) => `a measurement with number ${c}`);
  const rows = Array.from({ length: 12 }, (_, r) =>
    Object.fromEntries([...names.map((name, c) => [name, ((r + 1) * (c + 3)) % 17]), ["y", r % 2 ? "odd" : "even"]]),
  );
  const model = new TableModel({ target: "y", network: { seed: 1, hidden: [4], epochs: 2 } });
  model.fit(rows);
  const file = model.save();
  expect(TableModel.load(file).predict(rows)).toEqual(model.predict(rows));
  expect(errorOf(() => new TableModel({ target: "z" }).fit(rows)).length).toBeLessThan(10_000);
});

describe("200,000 categories", () => {
  const ROWS = 300_000;
  function* cities(): Generator<object> {
    // Some are frequent, and decide; all others occur once.
    for (let r = 0; r < ROWS; r++) {
      const city = r % 3 ? `place ${r}` : `city ${r % 30}`;
      yield { city, x: r % 7, y: r % 30 < 15 ? "a" : "b" };
    }
  }

  test("are counted in a stream; the most frequent get an input", async () => {
    const model = new TableModel({ target: "y", columns: { city: { categories: 40 } }, network: { seed: 1, hidden: [2] } });
    await model.fitAsync(() => cities(), { epochs: 1 });
    expect(model.columns["city"].categories).toHaveLength(40);
    expect(model.columns["city"].categories).toContain("city 27");
    expect(
      model.predict([
        { city: "city 0", x: 1 },
        { city: "city 27", x: 1 },
      ]),
    ).toEqual(["a", "b"]);
    expect(model.unseen).toEqual({});
  });

  test("are too large for one piece, which the error says with its remedies", () => {
    const model = new TableModel({ target: "y", columns: { city: "category" }, network: { hidden: [2] } });
    expect(errorOf(() => model.fit(cities()))).toBe(
      'RangeError: 300000 rows of 1001 inputs are too large for memory, and 1000 are of column "city"; ' +
        'set columns: { "city": { categories: 50 } }, or pass fitAsync a function that makes a stream',
    );
  });
});

test("200,000 categories that are told are saved and loaded", () => {
  const categories = Array.from({ length: 200_000 }, (_, i) => `id ${i}`);
  const model = new TableModel({
    target: "y",
    columns: { city: { categories } },
    network: { seed: 1, hidden: [1], optimizer: "sgd" },
  });
  model.fit(
    [
      { city: "id 5", y: 1 },
      { city: "id 199999", y: 2 },
    ],
    { epochs: 1 },
  );
  const loaded = TableModel.load(model.save());
  expect(loaded.columns["city"].categories).toEqual(categories);
  expect(loaded.predict([{ city: "id 5" }])).toEqual(model.predict([{ city: "id 5" }]));
});

test("more categories than are counted, and more than a file holds, are refused", () => {
  function* rows(): Generator<object> {
    for (let r = 0; r < 250_001; r++) yield { city: `city ${r}`, y: r };
  }
  expect(errorOf(() => new TableModel({ target: "y" }).fit(rows()))).toBe(
    'TableError: column "city" has more than 250000 different values; set columns: { "city": "ignore" }',
  );
  const categories = Array.from({ length: 200_000 }, (_, i) => `a rather long name of a category ${i}`);
  const model = new TableModel({ target: "y", columns: { city: { categories } } });
  expect(
    errorOf(() =>
      model.fit([
        { city: categories[0], y: 1 },
        { city: categories[1], y: 2 },
      ]),
    ),
  ).toContain("a file holds 4000000: ignore some, or set fewer categories");
});
