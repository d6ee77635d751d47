// What the values of a table's cells mean: numbers, texts that hold numbers, booleans, dates, and what counts as missing.
import { isObject } from "../../options/checks.js";

export const KINDS = ["number", "category", "boolean", "date", "ignore"] as const;
/** What a column holds. */
export type Kind = (typeof KINDS)[number];

/** A class of a target, or a category of a column, as it stands in the rows. */
export type Label = string | number | boolean;

/**
 * A row of a table that cannot be used. The message names the row, the column, the value and what to do.
 */
export class TableError extends RangeError {
  override readonly name = "TableError";

  constructor(
    message: string,
    /** The row, counted from 0 in the order in which rows were given; undefined where the whole column is meant. */
    readonly row?: number,
    /** The column's name; undefined where the whole row is meant. */
    readonly column?: string,
  ) {
    super(message);
  }
}

/** `rows[3].age`, `rows[3]["petal length"]`. */
export const placeOf = (row: number, column: string): string =>
  `rows[${row}]${/^[A-Za-z_$][\w$]*$/.test(column) ? "." + column : `[${JSON.stringify(column.slice(0, 60))}]`}`;

/** The value of a row's cell; undefined where the row has none, but only what every object inherits, as `constructor`. */
export function cell(row: object, column: string): unknown {
  const value = (row as Record<string, unknown>)[column];
  return value === (Object.prototype as unknown as Record<string, unknown>)[column] ? undefined : value;
}

/** Whether a cell holds nothing: undefined, null, NaN, or a text of blanks. */
export function isMissing(value: unknown): boolean {
  if (typeof value === "number") return Number.isNaN(value);
  // Few texts begin with a blank, so few are trimmed.
  if (typeof value === "string") return value === "" || ((value < "!" || value > "~") && value.trim() === "");
  return value === undefined || value === null;
}

/** Texts by which tables say that a number or a date is missing. */
export const saysMissing = (value: unknown): boolean =>
  typeof value === "string" && /^\s*(na|n\/a|nan|null|none|nil|\?|-+)\s*$/i.test(value);

const NUMERIC = /^\s*[+-]?\.?\d[\d.e+-]*\s*$/i;

/** The number that a cell holds, itself or as a decimal text; NaN where it holds none. */
export function toNumber(value: unknown): number {
  if (typeof value === "number") return value;
  if (typeof value === "string") return NUMERIC.test(value) ? Number(value) : Number.NaN;
  return typeof value === "bigint" ? Number(value) : Number.NaN;
}

const TRUTHS: ReadonlyMap<string, number> = new Map([
  ["true", 1],
  ["false", 0],
  ["yes", 1],
  ["no", 0],
  ["1", 1],
  ["0", 0],
]);

/** 1 or 0 for a cell of a column that is told to be boolean, else NaN. */
export const toBoolean = (value: unknown): number => TRUTHS.get(keyOf(value)?.trim().toLowerCase() ?? "") ?? Number.NaN;

const DATE = /^\s*(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)\s?(Z|[+-]\d\d:?\d\d)?)?\s*$/i;

/** Years whose beginning and end `Date.UTC` can tell: it takes 0 to 99 for 1900 to 1999. */
const EARLIEST = Date.UTC(100, 0),
  LATEST = Date.UTC(10_000, 0);

/** Milliseconds since 1970 for a Date or an ISO 8601 text, in UTC where it names no zone; else NaN, and so for years before 100 or after 9999. */
export function toTime(value: unknown): number {
  const time = value instanceof Date ? value.getTime() : parseTime(value);
  return time >= EARLIEST && time < LATEST ? time : Number.NaN;
}

function parseTime(value: unknown): number {
  const match = typeof value === "string" ? DATE.exec(value) : undefined;
  if (!match) return Number.NaN;
  const [, year, month, day, time = "00:00", zone = "Z"] = match;
  // Date.parse turns February 31 into March 3.
  if (new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() !== Number(day)) return Number.NaN;
  return Date.parse(`${year}-${month}-${day}T${time}${zone.toUpperCase().replace(/(\d\d)(\d\d)$/, "$1:$2")}`);
}

/** What a category or a class is known by: 1, "1" and 1n are one. Undefined for what cannot be one. */
export function keyOf(value: unknown): string | undefined {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.toISOString();
  return isObject(value) || typeof value === "function" || typeof value === "symbol" ? undefined : String(value);
}

/**
 * What a cell that holds something, but no number, holds by itself; `none` where its text says that it is missing, undefined for what no
 * column can hold.
 */
export function typeOf(value: unknown): "date" | "boolean" | "text" | "none" | undefined {
  if (!Number.isNaN(toTime(value))) return "date";
  // Not by toBoolean: yes, no, 0 and 1 may mean something else.
  if (/^\s*(true|false)\s*$/i.test(keyOf(value) ?? "")) return "boolean";
  return saysMissing(value) ? "none" : typeof value === "string" ? "text" : undefined;
}
