// What columns are taken for, and what the network then sees of them.
import { describe, expect, test } from "vitest";
import { TableModel, type Column } from "../../src/entries/table.js";
import { errorOf, inputsOf, type Row } from "./support.js";

/** A model without hidden layers that has looked at rows with a column `x` and an unscaled target. */
function lookAt(values: readonly unknown[], column?: Column): TableModel {
  const model = new TableModel({
    target: "y",
    ...(column && { columns: { x: column } }),
    network: { hidden: [], targetScaling: "none", dtype: "float64", backend: "js" },
  });
  model.fit(
    values.map((x, i) => ({ x, y: i / 2 })),
    { epochs: 0 },
  );
  return model;
}
const many = Array.from({ length: 30 }, (_, i) => i + 0.5);

describe("kinds that are found", () => {
  test.each<[string, readonly unknown[], string]>([
    ["numbers", [1, 2.5, -3e-4, 7n], "number"],
    ["texts of numbers", ["5.1", " -2 ", "+.5", "1e3", "7."], "number"],
    ["numbers, with words for missing ones", ["5", "NA", 6, "?", "n/a", "7"], "number"],
    ["booleans", [true, false, true], "boolean"],
    ["texts of booleans", ["TRUE", "false", "True"], "boolean"],
    ["Dates", [new Date(0), new Date(1e12)], "date"],
    [
      "texts of dates and times",
      ["2026-01-31", "2026-01-31T10:00", "2026-01-31 10:00:30.5", "2026-01-31T10:00Z", "2026-01-31T10:00+02:00"],
      "date",
    ],
    ["days that do not exist", ["2026-02-30", "2026-02-31"], "category"],
    ["texts", ["a", "b", "a"], "category"],
    ["words for missing values among texts", ["a", "NA", "?"], "category"],
    ["few numbers among texts", [0, 1, "2", "3+"], "category"],
    ["hexadecimal and infinite texts", ["0x10", "Infinity", "1_000"], "category"],
    ["0 and 1, which are numbers", [0, 1, 1], "number"],
    ["yes and no, which may be anything", ["yes", "no"], "category"],
  ])("%s", (_title, values, kind) => {
    const filled = lookAt(
      values,
      kind === "category" ? {} : { missing: kind === "boolean" ? false : kind === "date" ? "mean" : 0 },
    );
    expect(filled.columns["x"].kind).toBe(kind);
  });

  test.each<[string, readonly unknown[], string]>([
    [
      "many numbers mixed with a text",
      [...many, "abc"],
      'column "x" mixes 30 numbers with texts, as in rows[30] "abc"; mend them',
    ],
    ["a text of its own in most rows", many.map((value) => `id ${value}`), 'set columns: { "x": "ignore" }'],
    ["no value at all", [null, "", undefined], 'column "x" has no values; set columns: { "x": "ignore" }'],
    ["an object", [1, {}], "rows[1].x is an object"],
    ["a list", [[1, 2], 3], "rows[0].x is an array of 2"],
    ["an invalid Date", [new Date(Number.NaN)], "rows[0].x is a Date"],
    ["an infinite number", [1, Infinity], "rows[1].x is Infinity; it must be a finite number"],
    ["a number whose square is too large", [1, -1e100], "rows[1].x is -1e+100; it must be a finite number below 1e100"],
    ["a number too large for any", [1, "1e999"], 'rows[1].x is "1e999"; it must be a finite number'],
  ])("%s is refused", (_title, values, message) => {
    expect(errorOf(() => lookAt(values))).toContain(message.split("; mend")[0]);
  });

  test("an identifier that is told to be a category is one", () => {
    expect(
      lookAt(
        many.map((value) => `id ${value}`),
        "category",
      ).columns["x"].categories,
    ).toHaveLength(30);
  });
});

describe("kinds that are told", () => {
  test.each<[string, Column, readonly unknown[], unknown, number[]]>([
    ["a number stands at its distance from the mean", "number", [2, 4, 6, 8], 8, [3 / Math.sqrt(5)]],
    ["equal numbers are only shifted", "number", [3, 3, 3], 5, [2]],
    ["a mean and a scale that are told", { kind: "number", mean: 1, scale: 4 }, [2, 4], 9, [2]],
    ["a boolean of yes and no", "boolean", ["yes", "No", 1, "0", true], "YES", [1]],
    ["numbers as categories, in the order of numbers", "category", [10, 9, "10", 9], "10", [0, 1]],
    ["categories that are told, in their order", { categories: ["b", "a", "c"] }, ["a"], "c", [0, 0, 1]],
    ["the most frequent categories", { categories: 2 }, ["a", "b", "c", "b", "c", "b"], "c", [0, 1]],
    ["and all others as zeros", { categories: 2 }, ["a", "b", "c", "b", "c", "b"], "a", [0, 0]],
    ["a missing category of its own", { kind: "category", missing: "none" }, ["a", null], undefined, [0, 1]],
    ["a missing boolean", { kind: "boolean", missing: true }, [false, null], "", [1]],
    [
      "the median of an even number of values",
      { kind: "number", missing: "median", mean: 0, scale: 1 },
      [4, 1, 8, 2, null],
      Number.NaN,
      [3],
    ],
    ["a value for missing ones", { missing: 7, mean: 0, scale: 1 }, [4, 1], "NA", [7]],
  ])("%s", (_title, column, values, value, inputs) => {
    const found = inputsOf(lookAt(values, column), { x: value });
    expect(found).toHaveLength(inputs.length);
    found.forEach((each, i) => expect(each).toBeCloseTo(inputs[i], 12));
  });

  test("a date is its day, and its places in the year, the week and the day", () => {
    // A Monday, the 182.5th day of 365, at noon; the mean of the two days is 1.
    const found = inputsOf(lookAt(["1970-01-01", "1970-01-03"], "date"), { x: "1970-07-02T12:00Z" });
    const circle = (turns: number): number[] => [Math.sin(2 * Math.PI * turns), Math.cos(2 * Math.PI * turns)];
    expect(new Date("1970-07-02T12:00Z").getUTCDay()).toBe(4);
    [182.5 - 1, ...circle(0.5), ...circle(3.5 / 7), ...circle(0.5)].forEach((each, i) => expect(found[i]).toBeCloseTo(each, 12));
  });

  test.each<[Column, readonly unknown[], string]>([
    ["number", [1, "abc"], 'rows[1].x is "abc"; it must be a finite number below 1e100, as column "x" is of kind "number"'],
    ["boolean", [true, "maybe"], 'rows[1].x is "maybe"; it must be true or false'],
    ["date", ["2026-01-31", "31.1.2026"], 'rows[1].x is "31.1.2026"; it must be a Date or a text such as'],
    ["category", ["a", {}], "rows[1].x is an object; it must be a text, a number, true, false"],
  ])("a value that is no %s is refused", (column, values, message) => {
    expect(errorOf(() => lookAt(values, column))).toContain(message);
  });

  test("a column that is ignored may hold anything", () => {
    const model = new TableModel({ target: "y", columns: { x: "ignore" } });
    model.fit(
      [
        { x: {}, z: 1, y: 1 },
        { x: () => 1, z: 2, y: 3 },
      ],
      { epochs: 1 },
    );
    expect(Object.keys(model.columns)).toEqual(["z", "y"]);
  });
});

test("columns named as what every object inherits are columns as all others", () => {
  const rows: Row[] = Array.from({ length: 6 }, (_, i) => ({ constructor: i, toString: i % 2 ? "a" : "b", y: i }));
  const model = new TableModel({ target: "y" });
  model.fit(rows, { epochs: 1 });
  expect(Object.keys(model.columns)).toEqual(["constructor", "toString", "y"]);
  expect(errorOf(() => model.predict([{}]))).toContain("rows[0].constructor is missing");
});

test("rows may be instances of classes, whose getters are read", () => {
  class Flower {
    readonly y: number;
    constructor(readonly x: number) {
      this.y = 2 * x;
    }
  }
  const model = new TableModel({ target: "y", network: { seed: 1 } });
  model.fit([new Flower(1), new Flower(2)], { epochs: 1 });
  expect(model.predict(new Set([new Flower(1)]))).toHaveLength(1);
});
