// Text of separated values → rows as objects, a piece at a time: one piece of text and one row are all that is in memory.
import Papa from "papaparse";
import { DataError } from "../errors.js";
import { plural } from "../format.js";
import { findDialect, withDecimalPoint, type Dialect } from "./dialect.js";
import type { LineMap } from "./lines.js";
import type { Row } from "./row.js";

/** The number of characters and lines from which the dialect is detected, independent of the sizes of chunks. */
const SAMPLE = 1 << 16;
const SAMPLE_LINES = 4;
const LONGEST_SAMPLE = 1 << 20;
/** The maximum length of a row in characters; a longer one has an unclosed quote. */
const LONGEST_ROW = 1 << 24;

/** Where the sample ends; undefined when more text is needed. */
function sampleEnd(text: string): number | undefined {
  let end = SAMPLE;
  for (let at = -1, lines = 0; lines < SAMPLE_LINES; lines++) {
    at = text.indexOf("\n", at + 1);
    if (at < 0 || at >= LONGEST_SAMPLE) return text.length < LONGEST_SAMPLE ? undefined : LONGEST_SAMPLE;
    end = Math.max(end, at + 1);
  }
  return text.length < end ? undefined : end;
}

export interface CsvReader {
  /** Undefined until the first rows have been read. */
  dialect: Dialect | undefined;
  columns: string[] | undefined;
  read(text: AsyncIterable<string>): AsyncGenerator<Row[], void>;
}

export function createCsvReader(name: string, told: Partial<Dialect>, lines: LineMap): CsvReader {
  const reader: CsvReader = {
    dialect: undefined,
    columns: undefined,
    async *read(text) {
      let pending = "";
      /** The line, from 1, and the row, from 0, that what is pending begins with. */
      let line = 1,
        row = 0;
      let header: string[] | undefined;
      lines.clear();

      const dialectOf = (all: string): Dialect => {
        const end = sampleEnd(all);
        return findDialect(all.slice(0, end), end === undefined, told);
      };

      function take(last: boolean): Row[] {
        const { separator, newline, decimalComma } = (reader.dialect ??= dialectOf(pending));
        const { data, errors, meta } = new Papa.Parser({ delimiter: separator, newline }).parse(pending, 0, !last);
        const consumed = pending.slice(0, last ? undefined : meta.cursor);
        pending = last ? "" : pending.slice(meta.cursor);
        // Only quoted cells hold line breaks.
        const plain = !consumed.includes('"');
        const found: Row[] = [];
        const broken = errors.find((error) => error.row < data.length);
        for (const [i, cells] of data.entries()) {
          const at = line;
          line += plain ? 1 : cells.reduce((sum, cell) => sum + count(cell, newline), 1);
          if (broken?.row === i) {
            throw new DataError(
              `${name}, line ${at}: ${broken.code === "MissingQuotes" ? "a quoted cell is not closed" : 'a quoted cell has text after its closing quote; quotes inside a cell are doubled, ""'}`,
            );
          }
          const end = cells.length - 1;
          if (cells[end]!.endsWith("\r")) cells[end] = cells[end]!.slice(0, -1);
          if (end === 0 && !cells[0]!.trim() && (header?.length !== 1 || (last && i === data.length - 1))) continue;
          if (!header) {
            header = reader.columns = reader.dialect!.header ? namesOf(name, cells, at) : cells.map((_, c) => `column${c + 1}`);
            if (reader.dialect!.header) continue;
          }
          while (cells.length > header.length && cells.at(-1) === "") cells.pop();
          if (cells.length !== header.length) {
            throw new DataError(
              `${name}, line ${at}: ${plural(cells.length, "cell")}; ${reader.dialect!.header ? "the header names" : "the first row has"} ${header.length}`,
            );
          }
          lines.add(row++, at);
          const object: Record<string, string> = {};
          for (let c = 0; c < header.length; c++) object[header[c]!] = decimalComma ? withDecimalPoint(cells[c]!) : cells[c]!;
          found.push(object);
        }
        return found;
      }

      for await (const piece of text) {
        pending += piece;
        if (!reader.dialect && sampleEnd(pending) === undefined) continue;
        const rows = take(false);
        if (rows.length) yield rows;
        if (pending.length > LONGEST_ROW)
          throw new DataError(`${name}, line ${line}: a row of more than ${LONGEST_ROW >> 20} MB; is a quote left open there?`);
      }
      const rows = pending || !reader.dialect ? take(true) : [];
      if (rows.length) yield rows;
      if (!header) throw new DataError(`${name} is empty; a header and rows are expected`);
      if (row === 0) throw new DataError(`${name} has a header but no rows`);
    },
  };
  return reader;
}

function count(text: string, part: string): number {
  let found = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) found++;
  return found;
}

function namesOf(name: string, cells: readonly string[], line: number): string[] {
  const names = cells.map((cell, c) => cell.trim() || `column${c + 1}`);
  const seen = new Map<string, number>();
  for (const [c, each] of names.entries()) {
    const other = seen.get(each);
    if (other !== undefined)
      throw new DataError(
        `${name}, line ${line}: columns ${other + 1} and ${c + 1} are both called "${each}"; each column needs a name of its own`,
      );
    if (each === "__proto__")
      throw new DataError(`${name}, line ${line}: column ${c + 1} is called "__proto__", which no column may be`);
    seen.set(each, c);
  }
  return names;
}
