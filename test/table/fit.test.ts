// Training on tables: targets of each kind, options of `fit`, validation, going on, and what models say of themselves.
import { describe, expect, test } from "vitest";
import { TableModel, TableError, type Label, type TableOptions } from "../../src/entries/table.js";
import { DivergenceError } from "../../src/index.js";
import { BACKENDS } from "../backends.js";
import { errorOf, rowsOf, type Row } from "./support.js";

const rows = rowsOf(60);
const make = (options: Partial<TableOptions> = {}): TableModel =>
  new TableModel({
    target: "kind",
    columns: { price: "ignore" },
    ...options,
    network: { seed: 1, learningRate: 0.01, ...options.network },
  });

describe.each(BACKENDS)("on $name", ({ options: network }) => {
  test("texts are classified; labels and probabilities come back by their names", () => {
    const model = make({ network });
    const history = model.fit(rows, { epochs: 60 });
    expect(history.accuracy).toHaveLength(60);
    expect(model.predict(rows.slice(0, 3))).toEqual(rows.slice(0, 3).map(({ kind }) => kind));
    const [first] = model.probabilities(rows);
    expect(Object.keys(first!)).toEqual(["large", "small"]);
    expect(first!["large"] + first!["small"]).toBeCloseTo(1, 5);
    expect(model.evaluate(rows)).toEqual({ loss: expect.any(Number) as number, accuracy: 1 });
  });

  test("numbers are regressed, in their own units", () => {
    const model = make({ target: "price", columns: {}, network });
    model.fit(rows, { epochs: 300 });
    const { loss, mae, r2 } = model.evaluate(rows);
    expect(r2).toBeGreaterThan(0.95);
    expect(mae).toBeLessThan(2.5);
    // The network's loss is that of scaled targets: 1 − R² where the scaling is by these rows.
    expect(loss).toBeCloseTo(1 - r2!, 4);
    const predicted = model.predict<number>(rows);
    expect(mae).toBeCloseTo(rows.reduce((sum, { price }, r) => sum + Math.abs(predicted[r] - (price as number)), 0) / 60, 5);
  });
});

test.each<[string, Label[], TableOptions["columns"], Label[]]>([
  ["booleans", [true, false], undefined, [false, true]],
  ["texts of booleans", ["TRUE", "FALSE"], undefined, ["FALSE", "TRUE"]],
  ["numbers that are told to be categories", [3, 20, 1], { y: "category" }, [1, 3, 20]],
  ["texts of numbers that are told to be categories", ["3", "20"], { y: "category" }, ["3", "20"]],
  ["classes that are told, in their order", ["b", "a"], { y: { categories: ["b", "c", "a"] } }, ["b", "c", "a"]],
])("%s come back as they were given", (_title, labels, columns, classes) => {
  const model = make({ target: "y", columns: columns ?? {} });
  const table = Array.from({ length: 30 }, (_, i) => ({ x: i % labels.length, y: labels[i % labels.length] }));
  model.fit(table, { epochs: 150 });
  expect(model.columns["y"].categories).toEqual(classes);
  expect(model.predict(table.slice(0, labels.length))).toEqual(labels);
});

test("object rows of brain.js: several numbers by their names", () => {
  const model = new TableModel({ target: ["black", "white"], network: { seed: 1, epochs: 400, learningRate: 0.01 } });
  model.fit([
    { r: 0.03, g: 0.7, b: 0.5, black: 1, white: 0 },
    { r: 0.16, g: 0.09, b: 0.2, black: 0, white: 1 },
    { r: 0.5, g: 0.5, b: 1, black: 0, white: 1 },
  ]);
  const [answer] = model.predict<Record<string, number>>([{ r: 0.03, g: 0.7, b: 0.5 }]);
  expect(answer!["black"]).toBeCloseTo(1, 1);
  expect(answer!["white"]).toBeCloseTo(0, 1);
});

describe("validation", () => {
  test("a split keeps each class in its proportion, the same for the same seed, and takes statistics of the other rows only", () => {
    // A row trained on has x = 1, one kept for validation is told by the mean.
    const table = Array.from({ length: 100 }, (_, i) => ({ x: 2 ** (i % 50), y: i < 20 ? "rare" : "usual" }));
    const means = [1, 1, 2].map((seed) => {
      const model = make({ target: "y", columns: {}, network: { seed } });
      const history = model.fit(table, { epochs: 1, validationSplit: 0.25 });
      expect(history.valAccuracy).toHaveLength(1);
      return model.columns["x"].mean!;
    });
    expect(means[0]).toBe(means[1]);
    expect(means[0]).not.toBe(means[2]);
    expect(means[0]).not.toBeCloseTo(table.reduce((sum, { x }) => sum + x, 0) / 100, 3);
  });

  test("columns keep the order of the rows, whichever were told of", () => {
    const model = make({ columns: { colour: "category", price: "ignore" } });
    model.fit(rows, { epochs: 1, validationSplit: 0.2 });
    expect(Object.keys(model.columns)).toEqual(["size", "weight", "colour", "fresh", "day", "kind"]);
  });

  test("a network's history is that of the rows that were kept", () => {
    const model = make({ target: "y", columns: {}, network: { hidden: [], learningRate: 0 } });
    // 4 of 5 rows are usual in every part; weights of zero predict the first class.
    const table = Array.from({ length: 50 }, (_, i) => ({ x: 1, y: i % 5 ? "a" : "b" }));
    const { valAccuracy } = model.fit(table, { epochs: 1, validationSplit: 0.2 });
    expect([0.8, 0.2]).toContain(valAccuracy![0]);
  });

  test("rows of its own, early stopping by them", () => {
    const model = make();
    const history = model.fit(rows.slice(0, 40), { validationData: rows.slice(40), earlyStopping: { patience: 2 }, epochs: 500 });
    expect(history.stopReason).toBe("earlyStopping");
    expect(model.evaluate(rows.slice(40)).loss).toBeCloseTo(Math.min(...history.valLoss!), 5);
  });

  test("weights of rows go with their rows", () => {
    const table = Array.from({ length: 40 }, (_, i) => ({ x: i % 7, y: i % 2 ? 5 : 1 }));
    const model = make({ target: "y", columns: {}, network: { hidden: [], epochs: 400, learningRate: 0.05 } });
    model.fit(table, { validationSplit: 0.25, sampleWeight: table.map(({ y }) => (y === 5 ? 1 : 0)) });
    model.predict<number>(table).forEach((each) => expect(each).toBeCloseTo(5, 1));
  });
});

test("weights of classes go by label, in objects and Maps", () => {
  const table = Array.from({ length: 40 }, (_, i) => ({ x: 1, y: i % 2 === 0 }));
  for (const classWeight of [{ true: 5 }, new Map([[true, 5]])]) {
    const model = make({ target: "y", columns: {}, network: { hidden: [], epochs: 300, learningRate: 0.05 } });
    model.fit(table, { classWeight });
    expect(model.probabilities([{ x: 1 }])[0]["true"]).toBeCloseTo(5 / 6, 1);
  }
});

test("a second fit goes on, with the same columns and optimiser", () => {
  const [once, twice] = [make(), make()];
  once.fit(rows, { epochs: 6, shuffle: false });
  twice.fit(rows, { epochs: 3, shuffle: false });
  const columns = twice.columns;
  twice.fit([...rows], { epochs: 3, shuffle: false });
  expect(twice.save()).toEqual(once.save());
  twice.fit([{ ...rows[0], size: 1e6, colour: "pink" }], { epochs: 1 });
  expect(twice.columns).toEqual(columns);
});

test("importance is high for what decides, about 0 for the rest, and the same for the same seed", () => {
  const model = make();
  model.fit(rows, { epochs: 60 });
  const importance = model.importance(rows, { repeats: 3, seed: 4 });
  expect(Object.keys(importance)).toEqual(["size", "weight", "colour", "fresh", "day"]);
  expect(importance["size"]).toBeGreaterThan(0.2);
  expect(Math.abs(importance["fresh"])).toBeLessThan(0.1);
  expect(model.importance(rows, { repeats: 3, seed: 4 })).toEqual(importance);
  expect(model.importance(rows, { repeats: 3, seed: 5 })).not.toEqual(importance);
  expect(model.evaluate(rows).accuracy).toBe(1);
});

test("unseen categories are listed once, 100 at most, and predicted as zeros", () => {
  const model = make();
  model.fit(rows, { epochs: 1 });
  expect(model.unseen).toEqual({});
  const strange = Array.from({ length: 150 }, (_, i) => ({ ...rows[0], colour: `shade ${i}` }));
  const labels = model.probabilities([...strange, ...strange]);
  expect(new Set(labels.map((each) => JSON.stringify(each))).size).toBe(1);
  expect(model.unseen["colour"]).toEqual(Array.from({ length: 100 }, (_, i) => `shade ${i}`));
});

test("missing: fill has a rule for every column, also where training rows have no gaps", () => {
  const table: Row[] = rows.map((row, i) => (i % 5 ? row : { ...row, colour: null, size: "", fresh: undefined, day: "NA" }));
  const model = make({ missing: "fill", columns: { weight: { missing: 3 }, price: { missing: "median" } } });
  model.fit(table, { epochs: 1 });
  const { size, colour, fresh, weight, price, kind, day } = model.columns;
  expect(colour).toMatchObject({ missing: "missing", categories: ["blue", "green", "missing", "red"] });
  expect(size!.missing).toBeCloseTo(size!.mean!, 12);
  expect([fresh!.missing, weight!.missing, price!.missing, kind!.missing]).toEqual([
    "false",
    3,
    rows
      .map(({ price }) => price as number)
      .sort((a, b) => a - b)
      .slice(29, 31)
      .reduce((a, b) => a + b) / 2,
    undefined,
  ]);
  expect(day!.missing).toMatch(/^2026-0\d-/);
  expect(TableModel.load(model.save()).probabilities([{}])).toEqual(model.probabilities([{}]));
  expect(errorOf(() => model.evaluate([{ ...table[0], kind: null }]))).toContain("rows[0].kind is missing");
});

describe("after a failure", () => {
  test("a model that was never trained is as it was", () => {
    const model = make();
    expect(errorOf(() => model.fit(rows, { epoch: 3 } as object))).toBe(
      'TypeError: unknown option "epoch"; did you mean "epochs"?',
    );
    expect(errorOf(() => model.predict(rows))).toBe("Error: predict needs a trained model; call fit first");
    model.fit(
      [
        { other: 1, kind: "a" },
        { other: 2, kind: "b" },
      ].map((row) => ({ ...row, price: 0 })),
      { epochs: 1 },
    );
    expect(Object.keys(model.columns)).toEqual(["other", "kind"]);
  });

  test("a trained one stays at its last good epoch", () => {
    const model = make({ target: "price", columns: {} });
    model.fit(rows, { epochs: 2 });
    const before = model.save();
    expect(() => model.fit(rows, { epochs: 1, sampleWeight: [1] })).toThrow(RangeError);
    expect(() => model.fit([...rows, { ...rows[0], size: "big" }])).toThrow(TableError);
    expect(model.save()).toEqual(before);
    const wild = make({ target: "price", columns: {}, network: { optimizer: "sgd", learningRate: 1e30 } });
    expect(() => wild.fit(rows, { epochs: 50 })).toThrow(DivergenceError);
  });

  test("a TableError says which row and column", () => {
    const model = make();
    model.fit(rows, { epochs: 1 });
    const call = (row: Row): TableError => {
      try {
        model.predict([rows[0], row]);
      } catch (error) {
        return error as TableError;
      }
      throw new Error("no error");
    };
    expect(call({ ...rows[0], size: "" })).toMatchObject({
      row: 1,
      column: "size",
      message: expect.stringContaining("rows[1].size is missing") as string,
    });
    expect(call({ ...rows[0], day: "today" })).toMatchObject({ row: 1, column: "day" });
  });
});
