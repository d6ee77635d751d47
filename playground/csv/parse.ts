// Parses the bytes of a table to rows of strings. Separators may be commas, semicolons or tabs; cells may be quoted; the first line may
// have names. Errors name the line.

/** A string for each column; decimal commas have been replaced by points. */
export type Row = Readonly<Record<string, string>>;

export interface Table {
  readonly names: readonly string[];
  readonly rows: readonly Row[];
}

/** A table cannot be used; the message is for the user. */
export class TableError extends Error {
  override readonly name = "TableError";
}

/** The maximum number of cells, which limits memory. */
const MOST_CELLS = 5_000_000;
const MISSING = /^(|na|n\/a|nan|null|none|\?|-)$/i;

/** @throws TableError */
export function parseTable(text: string): Table {
  const clean = text.replace(/^\uFEFF/, "");
  if (clean.trim() === "") throw new TableError("The file is empty.");
  const separator = findSeparator(clean);
  const lines = splitCells(clean, separator).filter(({ cells }) => cells.length > 1 || cells[0] !== "");
  const width = lines[0].cells.length;
  if (width < 2)
    throw new TableError(
      "The file has only one column. A table needs an input and a target, separated by commas, semicolons or tabs.",
    );
  for (const { cells, line } of lines) {
    if (cells.length !== width)
      throw new TableError(`Line ${line} has ${cells.length} cells, but line ${lines[0].line} has ${width}.`);
  }
  if (lines.length * width > MOST_CELLS)
    throw new TableError(`The table has ${lines.length} rows of ${width} cells: too many for this page.`);
  const body = lines.map(({ cells }) => cells);
  const number = (cell: string): number => toNumber(cell, separator === ";");
  const names = hasHeader(body, number) ? body.shift()! : undefined;
  if (body.length < 4) {
    const rows = body.length === 1 ? "one row" : `${body.length} rows`;
    throw new TableError(`The table has ${rows}${names ? " below its names" : ""}; at least 4 are needed to learn from.`);
  }
  const unique = uniqueNames(Array.from({ length: width }, (_, c) => names?.[c] || `column ${c + 1}`));
  const pointed = (cell: string): string => (separator === ";" && DECIMAL_COMMA.test(cell) ? cell.replace(",", ".") : cell);
  return { names: unique, rows: body.map((cells) => Object.fromEntries(unique.map((name, c) => [name, pointed(cells[c])]))) };
}

/** Decodes the text of a file: UTF-8 or UTF-16 if it is valid, else Windows-1252. */
export function decodeTable(bytes: Uint8Array): string {
  const mark = bytes.subarray(0, 2).join();
  if (mark === "255,254" || mark === "254,255")
    return new TextDecoder(mark === "255,254" ? "utf-16le" : "utf-16be").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

/** Makes names unique: `a`, `a (2)`. */
function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let unique = name;
    for (let i = 2; taken.has(unique); i++) unique = `${name} (${i})`;
    taken.add(unique);
    return unique;
  });
}

/** Whether a cell of words is missing. */
export const isMissing = (word: string): boolean => MISSING.test(word);

/** Whether a cell of words is a number. */
export const isNumber = (word: string): boolean => !Number.isNaN(toNumber(word, false));

const DECIMAL_COMMA = /^[+-]?\d*,\d+(e[+-]?\d+)?$/i;

function toNumber(cell: string, decimalComma: boolean): number {
  const text = decimalComma && DECIMAL_COMMA.test(cell) ? cell.replace(",", ".") : cell;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
}

/** The separator that the first line has most of. */
function findSeparator(text: string): string {
  const first = text.slice(0, text.search(/\r?\n|$/));
  const unquoted = first.replace(/"[^"]*"/g, "");
  return [",", ";", "\t"].map((each) => ({ each, count: unquoted.split(each).length })).sort((a, b) => b.count - a.count)[0].each;
}

/** Names stand in the first line when it is words over a column of numbers, or words that never come again. */
function hasHeader(body: readonly string[][], number: (cell: string) => number): boolean {
  const [first, second] = body;
  if (!second) return false;
  const isWord = (cell: string): boolean => Number.isNaN(number(cell)) && !MISSING.test(cell);
  if (!first!.some(isWord)) return false;
  return (
    first!.every((cell, c) => isWord(cell) || cell === "" || !isWord(second[c])) &&
    first!.some((cell, c) => isWord(cell) && body.slice(1, 50).every((cells) => cells[c] !== cell))
  );
}

interface Line {
  readonly cells: string[];
  /** Where it begins in the file, counted from 1. */
  readonly line: number;
}

function splitCells(text: string, separator: string): Line[] {
  const lines: Line[] = [];
  let cells: string[] = [];
  let [line, began, at] = [1, 1, 0];
  const endLine = (): void => {
    lines.push({ cells, line: began });
    cells = [];
    began = line;
  };
  while (at < text.length) {
    // Each iteration reads one cell and its end.
    let cell: string;
    const quoted = /^[ ]*"/.exec(text.slice(at, at + 80));
    if (quoted) {
      const opening = line;
      let end = at + quoted[0].length;
      cell = "";
      for (;;) {
        const quote = text.indexOf('"', end);
        if (quote < 0) throw new TableError(`A quotation mark is opened in line ${opening} and never closed.`);
        cell += text.slice(end, quote);
        end = quote + 1;
        if (text[end] !== '"') break;
        cell += '"';
        end++;
      }
      line += cell.split("\n").length - 1;
      at = end;
      while (text[at] === " " || text[at] === "\r") at++;
      if (at < text.length && text[at] !== separator && text[at] !== "\n")
        throw new TableError(`Line ${line} has text behind a quoted cell.`);
    } else {
      let end = at;
      while (end < text.length && text[end] !== separator && text[end] !== "\n") end++;
      cell = text.slice(at, end).trim();
      at = end;
    }
    cells.push(cell);
    const ended = text[at];
    at++;
    if (ended === "\n" || ended === undefined) {
      line++;
      endLine();
    } else if (at >= text.length) {
      cells.push("");
      endLine();
    }
  }
  return lines;
}
