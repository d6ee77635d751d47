// What mistakes are told: options, rows and targets that are not right.
import { expect, test } from "vitest";
import { TableModel, type TableFitOptions } from "../../src/entries/table.js";
import { errorOf, rowsOf } from "./support.js";

const rows = rowsOf(20);

test.each<[unknown, string]>([
  [undefined, "TypeError: options is undefined; it must be an object"],
  [{}, "TypeError: target is undefined; it must be the name of a column, or a list of names"],
  [{ target: [] }, "RangeError: target must name at least one column, and none twice"],
  [{ target: ["a", "a"] }, "RangeError: target must name at least one column, and none twice"],
  [{ traget: "a" }, 'TypeError: unknown option "traget"; did you mean "target"?'],
  [{ target: "a", columns: [] }, "TypeError: columns is an array of 0; it must be an object"],
  [{ target: "a", columns: { b: "numbr" } }, 'RangeError: unknown columns["b"] "numbr"; did you mean "number"?'],
  [{ target: "a", columns: { b: { knd: "number" } } }, 'TypeError: columns["b"]: unknown option "knd"; did you mean "kind"?'],
  [{ target: "a", columns: { b: 3 } }, 'TypeError: columns["b"] is 3; it must be an object'],
  [
    { target: "a", columns: { b: { kind: "category", missing: "mean" } } },
    'RangeError: columns["b"].missing is "mean"; it must be "error" or a category such as "unknown"',
  ],
  [
    { target: "a", columns: { b: { kind: "number", missing: "unknown" } } },
    'RangeError: columns["b"].missing is "unknown"; it must be "error", "mean", "median" or a finite number below 1e100',
  ],
  [
    { target: "a", columns: { b: { kind: "boolean", missing: "mean" } } },
    'RangeError: columns["b"].missing is "mean"; it must be "error" or true or false',
  ],
  [
    { target: "a", columns: { b: { kind: "number", categories: 3 } } },
    'RangeError: columns["b"].categories is given, but its kind is "number"',
  ],
  [{ target: "a", columns: { b: { categories: ["x", "x"] } } }, 'RangeError: columns["b"].categories has an entry twice'],
  [
    { target: "a", columns: { b: { categories: ["x", {}] } } },
    'TypeError: columns["b"].categories[1] is an object; it must be a text, a number, true or false',
  ],
  [{ target: "a", columns: { b: { categories: 0 } } }, 'RangeError: columns["b"].categories is 0; it must be a positive integer'],
  [
    { target: "a", columns: { a: "ignore" } },
    'RangeError: columns["a"].kind is "ignore"; it must be "number", "category" or "boolean" for a target',
  ],
  [
    { target: ["a", "b"], columns: { a: "category" } },
    'RangeError: columns["a"].kind is "category"; it must be "number" for several targets',
  ],
  [{ target: "a", columns: { a: { missing: 3 } } }, 'RangeError: columns["a"].missing is 3; it must be "error" for a target'],
  [{ target: "a", network: { layers: [1, 2] } }, "TypeError: network.layers is given; a table's network takes hidden instead"],
  [{ target: "a", network: { hidden: 3 } }, "TypeError: network.hidden is 3; it must be an array of layers"],
  [{ target: "a", network: { hidden: [0] } }, "RangeError: layers[1] is 0; it must be a positive integer"],
  [{ target: "a", network: { lerningRate: 1 } }, 'TypeError: unknown option "lerningRate"; did you mean "learningRate"?'],
])("%j is refused by the constructor", (options, message) => {
  expect(errorOf(() => new TableModel(options as { target: string }))).toBe(message);
});

test.each<[string, unknown, unknown, string]>([
  ["nothing", {}, undefined, "TypeError: rows is undefined; it must be an array or other iterable of rows"],
  [
    "a row alone",
    {},
    rows[0],
    "TypeError: rows is an object; it must be an array or other iterable of rows; a row alone goes in a list: [row]",
  ],
  [
    "a stream",
    {},
    (async function* () {})(),
    "TypeError: rows is an object; it must be an array or other iterable of rows; an async iterable is for fitAsync",
  ],
  ["no rows", {}, [], "RangeError: rows has no rows"],
  ["rows that are lists", {}, [[1, 2]], "TypeError: rows[0] is an array of 2; it must be an object"],
  ["a target that no row has", { target: "kin" }, rows, 'RangeError: unknown target "kin"; did you mean "kind"?'],
  [
    "a column that no row has",
    { columns: { color: "category" } },
    rows,
    'RangeError: columns: unknown column "color"; did you mean "colour"?',
  ],
  ["nothing but the target", {}, [{ kind: "a" }, { kind: "b" }], "RangeError: there is no column to learn from"],
  [
    "one class",
    {},
    [
      { x: 1, kind: "a" },
      { x: 2, kind: "a" },
    ],
    'RangeError: target "kind" is "a" in every row; there must be two classes or more',
  ],
  ["dates to predict", { target: "day" }, rows, 'RangeError: target "day" is of kind "date"; a target must hold numbers'],
  [
    "several targets with texts",
    { target: ["price", "kind"] },
    rows,
    'RangeError: target "kind" is of kind "category"; several targets must hold numbers only',
  ],
  [
    "a target that is missing",
    {},
    [...rows, { ...rows[0], kind: "" }],
    "TableError: rows[20].kind is missing; a target may not be",
  ],
  [
    "a missing number",
    {},
    [...rows, { ...rows[0], size: null }],
    'TableError: rows[20].size is missing; leave the row out, or set columns: { "size": { missing: "median" } } or { "size": "ignore" }',
  ],
  [
    "a missing category",
    {},
    [{ ...rows[0], colour: undefined }, ...rows],
    'TableError: rows[0].colour is missing; leave the row out, or set columns: { "colour": { missing: "unknown" } } or { "colour": "ignore" }',
  ],
  [
    "a rule that does not suit what is found",
    { columns: { colour: { missing: "median" } } },
    rows,
    'RangeError: columns["colour"].missing is "median"; it must be "error" or a category such as "unknown"',
  ],
  [
    "a loss of numbers for classes",
    { network: { loss: "huber" } },
    rows,
    'RangeError: network.loss is "huber"; classes take "categoricalCrossentropy" or "binaryCrossentropy"',
  ],
])("%s is refused by fit", (_title, options, given, message) => {
  const model = new TableModel({ target: "kind", ...(options as object) });
  expect(errorOf(() => model.fit(given as object[], { epochs: 1 }))).toBe(message);
  expect(errorOf(() => model.columns)).toBe("Error: columns needs a trained model; call fit first");
});

test.each<[string, unknown, string]>([
  ["an option that does not exist", { epoch: 1 }, 'TypeError: unknown option "epoch"; did you mean "epochs"?'],
  ["no options", null, "TypeError: options is null; it must be an object"],
  [
    "both kinds of validation",
    { validationSplit: 0.2, validationData: rows },
    "RangeError: give one of validationData and validationSplit",
  ],
  [
    "a split that leaves nothing",
    { validationSplit: 0.999 },
    "RangeError: validationSplit is 0.999, which leaves no row to train on",
  ],
  ["a split of all", { validationSplit: 1 }, "RangeError: validationSplit is 1; it must be a number from 0 to below 1"],
  ["too few weights", { sampleWeight: [1, 2] }, "RangeError: sampleWeight has 2 weights; there are 20 rows"],
  [
    "a weight of no class",
    { classWeight: { lagre: 2 } },
    'RangeError: classWeight: unknown label "lagre"; did you mean "large"?',
  ],
  [
    "a negative weight",
    { classWeight: { large: -2 } },
    "RangeError: classWeight[0] is -2; it must be a finite number, 0 or more",
  ],
  [
    "validation rows of another class",
    { validationData: [{ ...rows[0], kind: "huge" }] },
    'TableError: rows[0].kind is "huge"; the classes trained on are "large", "small"',
  ],
])("%s is refused among fit's options", (_title, options, message) => {
  const model = new TableModel({ target: "kind" });
  expect(errorOf(() => model.fit(rows, options as TableFitOptions))).toBe(message);
});

test("weights of classes are refused where the target is a number, and so are probabilities", () => {
  const model = new TableModel({ target: "price" });
  expect(errorOf(() => model.fit(rows, { classWeight: "balanced" }))).toBe(
    "RangeError: classWeight is given, but the target is a number",
  );
  model.fit(rows, { epochs: 1 });
  expect(errorOf(() => model.probabilities(rows))).toBe("RangeError: the target is a number, which has no probabilities");
});

test("rows with a class that was not trained on cannot be measured", () => {
  const model = new TableModel({ target: "kind" });
  model.fit(rows, { epochs: 1 });
  expect(errorOf(() => model.evaluate([...rows, { ...rows[0], kind: "huge" }]))).toBe(
    'TableError: rows[20].kind is "huge"; the classes trained on are "large", "small"',
  );
  expect(errorOf(() => model.importance(rows, { repeats: 0 }))).toBe("RangeError: repeats is 0; it must be a positive integer");
});
