// Rows in streams: two passes, or one with columns that are known.
import { expect, test } from "vitest";
import { TableModel, type Column, type RowStream, type TableOptions } from "../../src/entries/table.js";
import { rowsOf } from "./support.js";

// More than a stream's piece.
const rows = rowsOf(1100);
const options: TableOptions = {
  target: "kind",
  columns: { day: { missing: "mean" } },
  network: { seed: 1, epochs: 2, shuffle: false, reproducible: true },
};

async function* streamOf(list: readonly object[] = rows): AsyncGenerator<object> {
  for (const row of list) yield await Promise.resolve(row);
}

/** What a call rejects with. */
function rejection(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => "no error",
    (error: Error) => `${error.name}: ${error.message}`,
  );
}

test.each<[string, Partial<TableOptions>]>([
  ["classes", {}],
  ["a number", { target: "price" }],
  ["several numbers", { target: ["price", "size"] }],
])("a stream, rows in one piece and rows off the thread make the same model of %s", async (_title, more) => {
  const inOne = new TableModel({ ...options, ...more });
  inOne.fit(rows);
  for (const given of [() => streamOf(), () => rows, rows, new Set(rows)] as (RowStream | Iterable<object>)[]) {
    const model = new TableModel({ ...options, ...more });
    await (model.fitAsync as (rows: unknown, options: object) => Promise<unknown>)(given, { threads: 1 });
    expect(model.save()).toEqual(inOne.save());
  }
});

test("a stream is asked for once for its columns, and once an epoch", async () => {
  let passes = 0;
  const model = new TableModel({ ...options, network: { epochs: 3 } });
  await model.fitAsync(() => {
    passes++;
    return streamOf();
  });
  expect(passes).toBe(4);
  await model.fitAsync(
    () => {
      passes++;
      return streamOf();
    },
    { epochs: 1 },
  );
  expect(passes).toBe(5);
});

test("a stream that can be read once is enough for a model that is trained already", async () => {
  const model = new TableModel(options);
  model.fit(rows);
  await model.fitAsync(streamOf(), { epochs: 1 });
  expect(await rejection(model.fitAsync(streamOf(), { epochs: 2 }))).toContain("can be read only once");
});

test("or for one whose columns were told in full", async () => {
  const columns: Record<string, Column> = {
    size: { kind: "number", mean: 20, scale: 6 },
    weight: { kind: "number", mean: 6, scale: 4 },
    colour: { categories: ["blue", "green", "red"] },
    fresh: "boolean",
    day: { kind: "date", mean: 20_000, scale: 100 },
    kind: { categories: ["large", "small"] },
    price: "ignore",
  };
  const [read, told] = [new TableModel({ ...options, columns }), new TableModel({ ...options, columns })];
  await told.fitAsync(streamOf(), { epochs: 1 });
  read.fit(rows, { epochs: 1 });
  expect(told.save()).toEqual(read.save());
  for (const name of ["size", "colour", "day", "kind"]) {
    const { [name]: _, ...others } = columns;
    const model = new TableModel({
      ...options,
      columns: { ...others, [name]: name === "size" ? { kind: "number", mean: 20 } : name === "day" ? "date" : "category" },
    });
    expect(await rejection(model.fitAsync(streamOf(), { epochs: 1 }))).toMatch(
      /^RangeError: finding what columns hold takes a pass.*pass a function.*or tell all columns in full/,
    );
  }
});

test("balanced class weights and validation rows, as without a stream", async () => {
  const [inOne, streamed] = [new TableModel(options), new TableModel(options)];
  const more = { classWeight: "balanced", validationData: rows.slice(0, 20) } as const;
  const history = inOne.fit(rows, more);
  const { valLoss } = await streamed.fitAsync(() => streamOf(), more);
  expect(valLoss).toEqual(history.valLoss);
  expect(streamed.save()).toEqual(inOne.save());
});

test.each<[string, () => Promise<unknown>, string]>([
  [
    "a bad row",
    () => new TableModel(options).fitAsync(() => streamOf([...rows, { ...rows[0], size: "big" }])),
    'RangeError: column "size" mixes',
  ],
  [
    "a missing value",
    () => new TableModel(options).fitAsync(() => streamOf([...rows, { ...rows[0], size: "" }])),
    "TableError: rows[1100].size is missing",
  ],
  ["no rows", () => new TableModel(options).fitAsync(() => streamOf([])), 'RangeError: unknown target "kind"'],
  [
    "a fraction for validation",
    () => new TableModel(options).fitAsync(() => streamOf(), { validationSplit: 0.2 }),
    "RangeError: validationSplit is given, but a stream",
  ],
  ["what is no stream", () => new TableModel(options).fitAsync((() => 3) as unknown as () => object[]), "TypeError"],
])("%s in a stream rejects, and the model is as it was", async (_title, call, message) => {
  expect(await rejection(call())).toContain(message.replace(/^RangeError: column/, "TableError: column"));
});

test("an abort ends the first pass", async () => {
  const control = new AbortController();
  const model = new TableModel(options);
  let read = 0;
  const run = model.fitAsync(
    async function* () {
      for await (const row of streamOf()) {
        if (++read === 10) control.abort(new Error("enough"));
        yield row;
      }
    },
    { signal: control.signal },
  );
  expect(await rejection(run)).toBe("Error: enough");
  expect(read).toBeLessThan(20);
  expect(() => model.network).toThrow("call fit first");
});

test("a model that is training refuses to train, and predicts as at its last epoch", async () => {
  const model = new TableModel(options);
  model.fit(rows, { epochs: 1 });
  const run = model.fitAsync(rows, { epochs: 20 });
  expect(() => model.fit(rows)).toThrow("fit was called while this model is training");
  expect(await rejection(model.fitAsync(rows))).toBe("Error: fitAsync was called while this model is training");
  expect(model.predict(rows.slice(0, 1))).toHaveLength(1);
  await run;
});
