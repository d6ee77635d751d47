// Properties of any table: what is saved comes back, every cell is taken or refused by name.
import fc from "fast-check";
import { expect, test } from "vitest";
import { TableError, TableModel } from "../../src/entries/table.js";
import { ModelFormatError } from "../../src/index.js";
import { rowsOf, type Row } from "./support.js";

/** Cells of one kind each, as a column has them. */
const cells = fc.oneof(
  fc.array(fc.double({ noDefaultInfinity: true, min: -1e6, max: 1e6 }), { minLength: 6, maxLength: 6 }),
  fc.array(fc.integer().map(String), { minLength: 6, maxLength: 6 }),
  fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
  fc.array(fc.option(fc.constantFrom("a", "b", "ü ", "__proto__")), { minLength: 6, maxLength: 6 }),
  fc.array(fc.date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true }), { minLength: 6, maxLength: 6 }),
);
const table = fc.dictionary(
  fc.string({ maxLength: 12 }).filter((name) => name !== "target" && name !== "__proto__"),
  cells,
  { minKeys: 1, maxKeys: 5 },
);
const rowsFrom = (columns: Record<string, unknown[]>): Row[] =>
  Array.from({ length: 6 }, (_, r) =>
    Object.fromEntries([...Object.entries(columns).map(([name, values]) => [name, values[r]]), ["target", r % 2 ? "x" : "y"]]),
  );

test("whatever the columns hold, a loaded model is the saved one", () => {
  fc.assert(
    fc.property(table, (columns) => {
      const rows = rowsFrom(columns);
      // Columns without any value are refused.
      fc.pre(Object.values(columns).every((values) => values.some((value) => value !== null && !Number.isNaN(value))));
      const model = new TableModel({
        target: "target",
        missing: "fill",
        network: { seed: 1, hidden: [2], epochs: 1, backend: "js" },
      });
      model.fit(rows);
      const loaded = TableModel.load(model.save());
      expect(loaded.columns).toEqual(model.columns);
      expect(loaded.probabilities([...rows, {}])).toEqual(model.probabilities([...rows, {}]));
      expect(loaded.save()).toEqual(model.save());
    }),
    { numRuns: 100 },
  );
});

const trained = new TableModel({ target: "kind", columns: { price: "ignore" }, network: { seed: 1, epochs: 1, backend: "js" } });
trained.fit(rowsOf(30));

test("any cell is taken, or refused by its row and column, before anything has changed", () => {
  const before = trained.save();
  fc.assert(
    fc.property(
      fc.constantFrom("size", "weight", "colour", "fresh", "day"),
      fc.anything({ withDate: true, withBigInt: true }),
      (name, value) => {
        const row = { ...rowsOf(1)[0], [name]: value };
        try {
          expect(trained.predict([row, row])).toHaveLength(2);
        } catch (error) {
          expect(error).toBeInstanceOf(TableError);
          expect(error).toMatchObject({ row: 0, column: name });
        }
      },
    ),
    // An object that cannot become a text, and a list that would become one that means true.
    {
      numRuns: 500,
      examples: [
        ["fresh", { toString: 1 }],
        ["fresh", [{ toString: new Date(0) }]],
        ["fresh", ["true"]],
        ["day", new Date(-8.64e15)],
        ["day", new Date(8.64e15)],
        ["day", new Date(Date.UTC(-50, 0))],
      ],
    },
  );
  expect(trained.save()).toEqual(before);
});

test("any description in a file is taken, or refused as a ModelFormatError", () => {
  const { network } = trained;
  const original = network.metadata as Record<string, { columns: object[] }>;
  const described = original["wasmlp/table"];
  fc.assert(
    fc.property(
      fc.nat(described.columns.length - 1),
      fc.constantFrom("name", "kind", "mean", "scale", "missing", "categories", "more"),
      fc.jsonValue(),
      (c, key, value) => {
        const columns = described.columns.map((column, i) => (i === c ? { ...column, [key]: value } : column));
        network.metadata = { "wasmlp/table": { ...described, columns } };
        try {
          expect(TableModel.load(network.save()).network.layers).toEqual(network.layers);
        } catch (error) {
          expect(error).toBeInstanceOf(ModelFormatError);
        }
      },
    ),
    { numRuns: 300 },
  );
  network.metadata = original;
});
