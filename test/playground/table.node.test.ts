// Tables of the visitor's own: what is read, what is left out, what is refused and in which words.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { TableError, parseTable } from "../../playground/csv/parse.js";
import { makeTask, usualKind } from "../../playground/csv/task.js";

const example = (name: string): string => readFileSync(new URL(`../../examples/data/${name}.csv`, import.meta.url), "utf8");
const numbers = (text: string): (number[] | undefined)[] => parseTable(text).columns.map((column) => column.numbers && [...column.numbers]);

describe("reading", () => {
  test.each([
    ["commas", "a,b\n1,2\n3,4\n5,6\n7,8"],
    ["semicolons", "a;b\n1;2\n3;4\n5;6\n7;8\n"],
    ["tabs", "a\tb\n1\t2\n3\t4\n5\t6\n7\t8"],
    ["line ends of Windows, and a mark of the byte order", "\uFEFFa,b\r\n1,2\r\n3,4\r\n5,6\r\n7,8\r\n"],
    ["quotes and blanks", '"a", b\n "1" ,2\n3 , "4"\n5,6\n7,8'],
    ["empty lines", "a,b\n\n1,2\n3,4\n\n5,6\n7,8\n\n"],
  ])("%s", (_name, text) => {
    expect(parseTable(text).columns.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(numbers(text)).toEqual([[1, 3, 5, 7], [2, 4, 6, 8]]);
  });

  test("decimal commas, where semicolons separate", () => {
    expect(numbers("a;b\n1,5;-2,25\n3;4\n5;6e3\n7;8")).toEqual([[1.5, 3, 5, 7], [-2.25, 4, 6000, 8]]);
  });

  test("a cell in quotes may hold separators, quotes and line ends", () => {
    const { columns } = parseTable('text,n\n"a, b",1\n"say ""yes""",2\n"two\nlines",3\nplain,4');
    expect(columns[0].words).toEqual(["a, b", 'say "yes"', "two\nlines", "plain"]);
    expect([...columns[1].numbers!]).toEqual([1, 2, 3, 4]);
  });

  test("without names columns are counted", () => {
    const { rows, columns } = parseTable("1,2,x\n3,4,y\n5,6,x\n7,8,y");
    expect(rows).toBe(4);
    expect(columns.map(({ name }) => name)).toEqual(["column 1", "column 2", "column 3"]);
  });

  test("names over words are names when they never come again", () => {
    expect(parseTable("kind,n\na,1\nb,2\na,3\nb,4").columns[0].words).toEqual(["a", "b", "a", "b"]);
  });

  test("every line of the examples is read", () => {
    expect(["ten-rows", "iris", "wine", "breast-cancer", "diabetes", "digits"].map((name) => {
      const { rows, columns } = parseTable(example(name));
      return [rows, columns.length];
    })).toEqual([[10, 6], [150, 5], [178, 14], [569, 31], [442, 11], [1797, 2]]);
  });

  test("a last cell may be empty", () => {
    expect(numbers("a,b\n1,\n2,3\n4,5\n6,")[1]).toEqual([Number.NaN, 3, 5, Number.NaN]);
  });
});

describe("what is refused", () => {
  test.each([
    ["", "The file is empty."],
    [" \n \n", "The file is empty."],
    ["a\n1\n2\n3\n4", "only one column"],
    ["a,b\n1,2\n3,4,5\n6,7\n8,9", "Line 3 has 3 cells, but line 1 has 2."],
    ['a,b\n"x\ny",2\n3\n', "Line 4 has 1 cells, but line 1 has 2."],
    ["a,b\n1,2\n3,4", "The table has 2 rows below its names"],
    ['a,b\n1,"2\n3,4', "A quotation mark is opened in line 2 and never closed."],
    ['a,b\n1,"2"x\n3,4', "Line 2 has text behind a quoted cell."],
  ])("%j", (text, reason) => {
    expect(() => parseTable(text)).toThrow(TableError);
    expect(() => parseTable(text)).toThrow(reason);
  });
});

describe("what is learnt", () => {
  test("words are classes in the order of the alphabet; a row of five is kept for validation", () => {
    const table = parseTable(example("iris"));
    const task = makeTask(table, 4, usualKind(table.columns[4]));
    expect(task).toMatchObject({ kind: "classes", target: "species", classes: ["setosa", "versicolor", "virginica"], notes: [] });
    expect([task.train.rows, task.validation.rows]).toEqual([120, 30]);
    expect([task.train.x.length, task.train.y.length]).toEqual([480, 120]);
    // All rows are there, each with its own class.
    const rows = [task.train, task.validation].flatMap(({ rows, x, y }) => Array.from({ length: rows }, (_, r) => `${[...x.subarray(4 * r, 4 * r + 4)]},${task.classes[y[r]]}`));
    const expected = example("iris").trim().split("\n").slice(1).map((line) => line.split(",").map((cell, c) => (c < 4 ? Math.fround(Number(cell)) : cell)).join(","));
    expect(rows.sort()).toEqual(expected.sort());
  });

  test("many numbers are a number, few whole ones are classes", () => {
    const { columns } = parseTable(example("diabetes"));
    expect(columns.map(usualKind)).toEqual(["number", "classes", ...Array<string>(5).fill("number"), "number", "number", "number", "number"]);
  });

  test("columns of words and rows with gaps are left out, and it is said", () => {
    const task = makeTask(parseTable("name,a,b,t\nx,1,2,1\ny,3,,2\nz,5,6,3\nw,7,8,NA\nv,9,1,5\nu,2,2,6"), 3, "number");
    expect(task.inputs).toEqual(["a", "b"]);
    expect(task.train.rows + task.validation.rows).toBe(4);
    expect(task.notes).toEqual(["Left out, because they hold words: name.", "Left out, because values are missing: 2 of 6 rows."]);
  });

  test.each([
    ["a,t\n1,x\n2,y\n3,x\n4,y", 1, "number", "“t” holds words"],
    ["a,t\nx,1\ny,2\nz,3\nw,4", 1, "number", "no column holds numbers"],
    ["a,t\n1,x\n2,x\n3,x\n4,x", 1, "classes", "the same in every row"],
    ["a,t\n1,\n2,\n3,7\n4,8", 1, "number", "Only 2 rows have all their values"],
    [`a,t\n${Array.from({ length: 150 }, (_, i) => `${i},w${i}`).join("\n")}`, 1, "classes", "150 different values"],
  ] as const)("%#: no task", (text, target, kind, reason) => {
    expect(() => makeTask(parseTable(text), target, kind)).toThrow(reason);
  });
});
