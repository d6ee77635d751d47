// Tables of the visitor's own: what is read, what is left out, what is refused and in which words.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { TableError, decodeTable, parseTable } from "../../playground/csv/parse.js";
import { makeTask, usualKind, type Kind, type Task } from "../../playground/csv/task.js";
import { TableModel } from "../../src/entries/table.js";

const example = (name: string): string => readFileSync(new URL(`../../examples/data/${name}.csv`, import.meta.url), "utf8");
/** The words of each column. */
function words(text: string): string[][] {
  const { names, rows } = parseTable(text);
  return names.map((name) => rows.map((row) => row[name]));
}
const task = (text: string, target: string, kind: Kind): Task =>
  makeTask(parseTable(text), { target, kind, hidden: [4], learningRate: 0.01 });

describe("reading", () => {
  test.each([
    ["commas", "a,b\n1,2\n3,4\n5,6\n7,8"],
    ["semicolons", "a;b\n1;2\n3;4\n5;6\n7;8\n"],
    ["tabs", "a\tb\n1\t2\n3\t4\n5\t6\n7\t8"],
    ["line ends of Windows, and a mark of the byte order", "\uFEFFa,b\r\n1,2\r\n3,4\r\n5,6\r\n7,8\r\n"],
    ["quotes and blanks", '"a", b\n "1" ,2\n3 , "4"\n5,6\n7,8'],
    ["empty lines", "a,b\n\n1,2\n3,4\n\n5,6\n7,8\n\n"],
  ])("%s", (_name, text) => {
    expect(parseTable(text).names).toEqual(["a", "b"]);
    expect(words(text)).toEqual([
      ["1", "3", "5", "7"],
      ["2", "4", "6", "8"],
    ]);
  });

  test("decimal commas, where semicolons separate", () => {
    expect(words("a;b\n1,5;-2,25\n3;4\n5;6e3\n7;8")).toEqual([
      ["1.5", "3", "5", "7"],
      ["-2.25", "4", "6e3", "8"],
    ]);
  });

  test("a cell in quotes may hold separators, quotes and line ends", () => {
    expect(words('text,n\n"a, b",1\n"say ""yes""",2\n"two\nlines",3\nplain,4')).toEqual([
      ["a, b", 'say "yes"', "two\nlines", "plain"],
      ["1", "2", "3", "4"],
    ]);
  });

  test("without names columns are counted", () => {
    const { rows, names } = parseTable("1,2,x\n3,4,y\n5,6,x\n7,8,y");
    expect(rows).toHaveLength(4);
    expect(names).toEqual(["column 1", "column 2", "column 3"]);
  });

  test("columns of one name are told apart", () => {
    expect(parseTable("a,a,b,a\n1,2,3,4\n5,6,7,8\n1,2,3,4\n1,2,3,4").names).toEqual(["a", "a (2)", "b", "a (3)"]);
  });

  test.each([
    ["UTF-8", new TextEncoder().encode("café,n\nblå,1")],
    ["Latin-1, as old programs of Windows write it", Uint8Array.from("café,n\nblå,1", (character) => character.charCodeAt(0))],
    [
      "UTF-16, as Excel writes it",
      Uint8Array.from([0xff, 0xfe, ...Array.from("café,n\nblå,1").flatMap((character) => [character.charCodeAt(0), 0])]),
    ],
  ])("letters with accents in %s", (_encoding, bytes) => {
    expect(decodeTable(bytes).replace("\uFEFF", "")).toBe("café,n\nblå,1");
  });

  test("names over words are names when they never come again", () => {
    expect(words("kind,n\na,1\nb,2\na,3\nb,4")[0]).toEqual(["a", "b", "a", "b"]);
  });

  test("every line of the examples is read", () => {
    expect(
      ["ten-rows", "iris", "wine", "breast-cancer", "diabetes", "digits"].map((name) => {
        const { rows, names } = parseTable(example(name));
        return [rows.length, names.length];
      }),
    ).toEqual([
      [10, 6],
      [150, 5],
      [178, 14],
      [569, 31],
      [442, 11],
      [1797, 2],
    ]);
  });

  test("a last cell may be empty", () => {
    expect(words("a,b\n1,\n2,3\n4,5\n6,")[1]).toEqual(["", "3", "5", ""]);
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
    const iris = makeTask(table, { target: "species", kind: usualKind(table, "species"), hidden: [4], learningRate: 0.01 });
    expect(iris).toMatchObject({ kind: "classes", target: "species", classes: ["setosa", "versicolor", "virginica"], notes: [] });
    expect([iris.train.length, iris.validation.length]).toEqual([120, 30]);
    const sorted = (rows: readonly object[]): string[] => rows.map((row) => JSON.stringify(row)).sort();
    expect(sorted([...iris.train, ...iris.validation])).toEqual(sorted(table.rows));
  });

  test("many numbers are a number, few whole ones are classes", () => {
    const table = parseTable(example("diabetes"));
    expect(table.names.map((name) => usualKind(table, name))).toEqual([
      "number",
      "classes",
      ...Array<string>(5).fill("number"),
      "number",
      "number",
      "number",
      "number",
    ]);
  });

  test("columns of words are inputs, gaps are filled, and what is left out is said", () => {
    const lines = Array.from(
      { length: 40 },
      (_, i) => `id${i},${["red", "blue"][i % 2]},${i % 7 ? i : ""},2026-01-${10 + (i % 20)},,${i === 3 ? "NA" : i}`,
    );
    const { inputs, train, validation, notes, model } = task(`id,colour,a,day,nothing,t\n${lines.join("\n")}`, "t", "number");
    expect(inputs).toEqual(["colour", "a", "day"]);
    expect(Object.values(model.columns).map(({ kind }) => kind)).toEqual(["category", "number", "date", "number"]);
    expect(train.length + validation.length).toBe(39);
    expect(notes).toHaveLength(4);
    expect(notes.join(" ")).toMatch(
      /Left out: “id”, because most rows have a text of their own.*Left out: “nothing”, because column "nothing" has no values.*“a”.*“t” is missing: 1 of 40 rows/,
    );
  });

  test("what is saved can be opened again, and predicts the same", () => {
    const { model, train } = task("a,b,t\n1,x,u\n2,y,v\n3,x,u\n4,y,v\n5,x,u", "t", "classes");
    model.fit([...train], { epochs: 20 });
    expect(TableModel.load(model.save()).probabilities(train)).toEqual(model.probabilities(train));
  });

  test.each([
    ["a,t\n1,x\n2,y\n3,x\n4,y", "t", "number", "“t” holds words"],
    ["a,t\n,1\n,2\n,3\n,4\n", "t", "number", "no column can be learnt from"],
    ["a,t\n1,x\n2,x\n3,x\n4,x", "t", "classes", "the same in every row"],
    ["a,t\n1,\n2,\n3,7\n4,8", "t", "number", "Only 2 rows have a value"],
    [`a,t\n${Array.from({ length: 150 }, (_, i) => `${i},w${i}`).join("\n")}`, "t", "classes", "150 different values"],
  ] as const)("%#: no task", (text, target, kind, message) => {
    expect(() => task(text, target, kind)).toThrow(TableError);
    expect(() => task(text, target, kind)).toThrow(message);
  });
});
