// Reading tables: every way in which a file may be written, and what is said of files that are damaged.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Values } from "../../src/cli/command.js";
import { createCsvReader } from "../../src/cli/data/csv.js";
import { findDialect } from "../../src/cli/data/dialect.js";
import { LineMap } from "../../src/cli/data/lines.js";
import type { Row } from "../../src/cli/data/row.js";
import { openDataset } from "../../src/cli/data/rows.js";
import { createTextReader } from "../../src/cli/data/text.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "wasmlp-data-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** `Array.fromAsync`, which Node 20 lacks. */
async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function read(
  content: string | Uint8Array,
  values: Values = {},
): Promise<{ rows: Row[]; description: string; place: (row: number) => string }> {
  const path = join(folder, "data");
  writeFileSync(path, content);
  const dataset = await openDataset(path, values, "many");
  const rows = await collect(dataset.rows());
  return { rows, description: dataset.describe(), place: (row) => dataset.place(row).replace(`${path}, `, "") };
}

/** The message of the error that reading ends with. */
const refused = (content: string | Uint8Array, values: Values = {}): Promise<string> =>
  read(content, values).then(
    ({ rows }) => expect.unreachable(`it read ${JSON.stringify(rows.slice(0, 3))}`),
    (error: Error) => error.message.replace(join(folder, "data"), "FILE"),
  );

const IRIS = [
  { a: "5.1", b: "x" },
  { a: "4.9", b: "y" },
  { a: "6", b: "x" },
];
const written = (separator: string, newline = "\n"): string =>
  ["a" + separator + "b", ...IRIS.map(({ a, b }) => a + separator + b), ""].join(newline);

describe("separated values", () => {
  test.each([
    [",", "comma"],
    [";", "semicolon"],
    ["\t", "tab"],
    ["|", "bar"],
  ])("finds the separator %j", async (separator, name) => {
    const { rows, description } = await read(written(separator));
    expect(rows).toEqual(IRIS);
    expect(description).toBe(`separator ${name}, header`);
  });

  test.each([["\n"], ["\r\n"], ["\r"]])("reads lines that end with %j, with or without the last one", async (newline) => {
    expect((await read(written(",", newline))).rows).toEqual(IRIS);
    expect((await read(written(",", newline).slice(0, -newline.length))).rows).toEqual(IRIS);
  });

  test("reads Windows and Unix line ends in one file", async () => {
    expect((await read("a,b\r\n5.1,x\n4.9,y\r\n6,x\n")).rows).toEqual(IRIS);
    expect((await read('a,b\n5.1,x\r\n"4.9","y"\r\n6,x')).rows).toEqual(IRIS);
  });

  test("reads quoted cells with separators, quotes and line breaks in them", async () => {
    expect((await read('name,"say ""it"""\n"a, b","c ""d"""\n"two\nlines",""\n')).rows).toEqual([
      { name: "a, b", 'say "it"': 'c "d"' },
      { name: "two\nlines", 'say "it"': "" },
    ]);
  });

  test("does not mistake decimal commas for separators, and reads them as numbers", async () => {
    const { rows, description } = await read("weight;height\n70,5;1,75\n80,25;1,8\n");
    expect(rows).toEqual([
      { weight: "70.5", height: "1.75" },
      { weight: "80.25", height: "1.8" },
    ]);
    expect(description).toBe("separator semicolon, header, decimal commas");
  });

  test("names columns itself where the first line holds data", async () => {
    const { rows, description } = await read("5.1,x\n4.9,y\n");
    expect(rows).toEqual([
      { column1: "5.1", column2: "x" },
      { column1: "4.9", column2: "y" },
    ]);
    expect(description).toBe("separator comma, no header");
    expect((await read("2019,2020\n1,2\n", { header: true })).rows).toEqual([{ 2019: "1", 2020: "2" }]);
    expect((await read("a,b\nc,d\n", { "no-header": true })).rows).toHaveLength(2);
  });

  test("skips blank lines, drops empty cells beyond the header, and keeps empty cells within it", async () => {
    expect((await read("a,b\n\n5.1,x,\n  \n,y\n\n")).rows).toEqual([
      { a: "5.1", b: "x" },
      { a: "", b: "y" },
    ]);
  });

  test("keeps the empty cells of a single column", async () => {
    expect((await read("a\n1\n\n3\n")).rows).toEqual([{ a: "1" }, { a: "" }, { a: "3" }]);
  });

  test("knows the lines of rows behind blank lines and cells of several lines", async () => {
    const { place } = await read('a,b\n1,x\n\n"2\n2",y\n3,z\n');
    expect([0, 1, 2].map(place)).toEqual(["line 2", "line 4", "line 6"]);
  });

  test("finds the dialect of lines that are longer than a sample", async () => {
    const names = Array.from({ length: 20_000 }, (_, c) => `column_number_${c}`);
    const { rows, description } = await read([names, names.map((_, c) => c)].map((row) => row.join(";")).join("\n"));
    expect(Object.keys(rows[0]!)).toHaveLength(20_000);
    expect(rows[0]!["column_number_19999"]).toBe("19999");
    expect(description).toBe("separator semicolon, header");
  });

  test("reads the same rows however the text is cut into pieces", async () => {
    const cell = fc.string({ unit: fc.constantFrom("a", "é", '"', ",", "\n", " ", "1", "😀"), maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 30 }),
        async (cells, size) => {
          const text = `"first","second"\n${cells.map((row) => row.map((each) => `"${each.replaceAll('"', '""')}"`).join(",")).join("\n")}\n`;
          const reader = createCsvReader("f", { separator: ",", header: true, decimalComma: false }, new LineMap());
          async function* pieces(): AsyncGenerator<string, void> {
            for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
          }
          const blocks = await collect(reader.read(pieces()));
          expect(blocks.flat()).toEqual(cells.map(([first, second]) => ({ first, second })));
        },
      ),
      { numRuns: 50 },
    );
  });

  test("prefers the separator by which all rows have the same number of cells", () => {
    expect(findDialect("a;b\n1,5;2\n3;2,5\n", true, {}).separator).toBe(";");
    expect(findDialect("a,b\nhello; you,2\nhello,3\n", true, {}).separator).toBe(",");
    expect(findDialect("one\ntwo\n", true, {}).separator).toBe(",");
  });
});

describe("what is wrong with separated values is said with its line", () => {
  test.each([
    ["a,b\n1,2\n1,2,3\n", "FILE, line 3: 3 cells; the header names 2"],
    ["a,b\n\n1\n", "FILE, line 3: 1 cell; the header names 2"],
    ['a,b\n1,"2\n3,4\n', "FILE, line 2: a quoted cell is not closed"],
    ['a,b\n1,"2"x\n3,4\n', 'FILE, line 2: a quoted cell has text after its closing quote; quotes inside a cell are doubled, ""'],
    ["a,b,a\n1,2,3\n", 'FILE, line 1: columns 1 and 3 are both called "a"; each column needs a name of its own'],
    ["__proto__,b\n1,2\n", 'FILE, line 1: column 1 is called "__proto__", which no column may be'],
    ["", "FILE is empty; a header and rows are expected"],
    ["\n\n", "FILE is empty; a header and rows are expected"],
    ["a,b\n", "FILE has a header but no rows"],
  ])("%j", async (text, message) => {
    expect(await refused(text)).toBe(message);
  });

  test("a quote that is never closed is found before the file is in memory", async () => {
    const text = `a,b\n1,"open\n${"1,2\n".repeat(5_000_000)}`;
    expect(await refused(text)).toBe("FILE, line 2: a row of more than 16 MB; is a quote left open there?");
  });
});

describe("JSON", () => {
  const rows = [
    { a: 5.1, b: "x", c: true },
    { a: null, b: "y\n", c: false },
  ];

  test("reads one object a line, with blank lines and Windows line ends between them", async () => {
    const { rows: found, description, place } = await read(rows.map((row) => JSON.stringify(row)).join("\r\n\r\n"));
    expect(found).toEqual(rows);
    expect(description).toBe("JSON lines");
    expect(place(1)).toBe("line 3");
  });

  test("reads an array of objects", async () => {
    const { rows: found, place } = await read(`\n ${JSON.stringify(rows, null, 2)}`);
    expect(found).toEqual(rows);
    expect(place(1)).toBe("row 1");
  });

  test.each([
    ['{"a": 1}\n{"a": }\n', /^FILE, line 2: no valid JSON \(.+\)$/],
    ['{"a": 1}\n[1]\n', /^FILE, line 2: an array; an object such as /],
    ['{"a": 1}\n\n{"a": [1]}\n', /^FILE, line 3, column "a": an array; a number, a string, true, false or null is expected$/],
    ["[1]", /^FILE, row 0: a number; an object such as /],
    ['[{"a": 1}', /^FILE: no valid JSON/],
    ["[]", /^FILE has no rows$/],
  ])("refuses %j", async (text, message) => {
    expect(await refused(text)).toMatch(message);
  });
});

describe("bytes", () => {
  const text = "naam;prijs\ncafé;5 €\n";
  const expected = [{ naam: "café", prijs: "5 €" }];
  const utf16 = Buffer.from(`\ufeff${text}`, "utf16le");

  test.each([
    ["UTF-8", Buffer.from(text), "separator semicolon, header"],
    ["UTF-8 with a byte order mark", Buffer.from(`\ufeff${text}`), "separator semicolon, header"],
    ["UTF-16, little-endian", utf16, "separator semicolon, header, utf-16le"],
    ["UTF-16, big-endian", Buffer.from(utf16).swap16(), "separator semicolon, header, utf-16be"],
    ["Windows-1252", Buffer.from(text.replace("€", "\x80"), "latin1"), "separator semicolon, header, windows-1252"],
    ["gzip", gzipSync(text), "separator semicolon, header"],
  ])("reads %s", async (_, bytes, description) => {
    const found = await read(bytes);
    expect(found.rows).toEqual(expected);
    expect(found.description).toBe(description);
  });

  test("decodes the same text however the bytes are cut into pieces", async () => {
    for (const [bytes, encoding] of [
      [Buffer.from("aé€😀é"), "utf-8"],
      [Buffer.from("aaé b é", "latin1"), "windows-1252"],
      [Buffer.from("\ufeffé"), "utf-8"],
      [Buffer.from("aé", "latin1"), "windows-1252"],
    ] as const) {
      const whole = new TextDecoder(encoding).decode(bytes);
      for (const size of [1, 2, 3, 5]) {
        const reader = createTextReader("f", undefined);
        async function* pieces(): AsyncGenerator<Uint8Array, void> {
          for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
        }
        expect((await collect(reader.read(pieces()))).join("")).toBe(whole);
        expect(reader.encoding).toBe(encoding);
      }
    }
  });

  test("refuses bytes that are no UTF-8 where earlier ones were, and names the remedy", async () => {
    expect(await refused(Buffer.concat([Buffer.from("a,b\né,1\n"), Buffer.from("é,2\n", "latin1")]))).toMatch(
      /^FILE: after byte 0 it is not valid utf-8; if it is Windows-1252 or Latin-1, say --encoding windows-1252$/,
    );
  });

  test("refuses gzip data that is cut short or damaged", async () => {
    const zipped = gzipSync(written(","));
    const damaged = Buffer.from(zipped);
    damaged[zipped.length - 6]! ^= 0xff;
    for (const bytes of [zipped.subarray(0, -4), damaged])
      expect(await refused(bytes)).toMatch(/^FILE: the gzip data is damaged or cut short \(.+\); try gzip -t$/);
  });

  test("refuses a folder and a file that is not there", async () => {
    await expect(openDataset(folder, {}, "many")).rejects.toThrow(`${folder} is a folder; a file is expected`);
    await expect(openDataset(join(folder, "none"), {}, "many")).rejects.toThrow(`${join(folder, "none")}: no such file`);
  });
});
