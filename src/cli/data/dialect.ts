// How a file of separated values is written, found from its first lines: separator, header, decimal comma.
import Papa from "papaparse";

export const SEPARATORS = [",", ";", "\t", "|"] as const;

export interface Dialect {
  readonly separator: string;
  readonly newline: "\n" | "\r";
  readonly header: boolean;
  /** Whether numbers are written with a decimal comma. */
  readonly decimalComma: boolean;
}

/** Rows that are looked at. */
const SAMPLE_ROWS = 100;
const NUMBER = /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i;
const DECIMAL_COMMA = /^\s*[-+]?\d+,\d+\s*$/;

export const SEPARATOR_NAMES: Readonly<Record<string, string>> = { ",": "comma", ";": "semicolon", "\t": "tab", "|": "bar" };

/**
 * @param sample the beginning of the text; its last line may be cut short
 * @param whole whether the sample is all of the text
 * @param told what the user said, which is not looked for
 */
export function findDialect(sample: string, whole: boolean, told: Partial<Dialect>): Dialect {
  const newline = sample.includes("\n") || !sample.includes("\r") ? "\n" : "\r";
  const rowsBy = (separator: string): string[][] => {
    const { data } = new Papa.Parser({ delimiter: separator, newline }).parse(sample, 0, !whole);
    return data.filter((row) => row.length > 1 || row[0]?.trim()).slice(0, SAMPLE_ROWS);
  };
  const separator =
    told.separator ??
    SEPARATORS.map((each) => ({ each, ...rate(rowsBy(each)) }))
      .filter(({ columns }) => columns > 1)
      .sort((a, b) => b.regular - a.regular || b.columns - a.columns)[0]?.each ??
    ",";
  const rows = rowsBy(separator);
  const cells = rows.slice(1).flat();
  return {
    separator,
    newline,
    header: told.header ?? hasHeader(rows),
    decimalComma:
      told.decimalComma ??
      (separator !== "," &&
        cells.some((cell) => DECIMAL_COMMA.test(cell)) &&
        !cells.some((cell) => /^\s*[-+]?\d+\.\d+\s*$/.test(cell))),
  };
}

/** How many columns the first row has, and what fraction of the rows has as many. */
function rate(rows: readonly (readonly string[])[]): { columns: number; regular: number } {
  const columns = rows[0]?.length ?? 0;
  return { columns, regular: rows.filter(({ length }) => length === columns).length / Math.max(1, rows.length) };
}

/** A first row with a number in it holds data: names are words, and there is no other sure sign. */
const hasHeader = ([first = []]: readonly (readonly string[])[]): boolean =>
  !first.some((cell) => NUMBER.test(cell) || DECIMAL_COMMA.test(cell));

/** A cell with a decimal comma as JavaScript reads numbers. */
export const withDecimalPoint = (cell: string): string => (DECIMAL_COMMA.test(cell) ? cell.replace(",", ".") : cell);
