// A table's columns as a model knows them: what each holds, how it becomes numbers, and what a cell of it means.
import { isObject, refuse, show } from "../../options/checks.js";
import type { ColumnOptions, Kind } from "./options.js";
import { isMissing, placeOf, saysMissing, showCell, TableError, toBoolean, toNumber, toTime, type Label } from "./values.js";

/** A column that is used, complete. */
export interface TableColumn {
  readonly name: string;
  readonly kind: Exclude<Kind, "ignore">;
  /** What was told to stand for missing values; absent where they are errors. */
  readonly missing?: NonNullable<ColumnOptions["missing"]>;
  /** What stands for them: a number as `readNumber` gives it, or a category. */
  readonly fill?: number | string;
  /** Of numbers, and of dates in days since 1970. */
  readonly mean?: number;
  readonly scale?: number;
  /** Those that have an input or, of a target, an output each. */
  readonly categories?: readonly Label[];
  /** How many categories of the training rows have no input, because they were too rare. */
  readonly others?: number;
}

/** Inputs, in the order of the network's, and targets. */
export interface TableColumns {
  readonly inputs: readonly TableColumn[];
  readonly targets: readonly TableColumn[];
  /** Whether predictions are objects of several numbers. */
  readonly several: boolean;
}

export const DAY = 86_400_000;
const DATE_FEATURES = 7;

/** How many of the network's inputs a column has. */
export const widthOf = ({ kind, categories }: TableColumn): number => (kind === "category" ? categories!.length : kind === "date" ? DATE_FEATURES : 1);

/** The classes of a target, or undefined where it is a number. */
export const classesOf = ({ targets, several }: TableColumns): readonly Label[] | undefined => (several ? undefined : targets[0]!.categories);

const READ = { number: toNumber, boolean: toBoolean, date: (value: unknown) => toTime(value) / DAY };

/** Refuses a row that is no object. */
export function checkRow(row: unknown, index: number): asserts row is object {
  if (!isObject(row) || Array.isArray(row)) refuse(`rows[${index}]`, row, "an object with a value for each column", true);
}

/** The number in a cell, booleans being 0 or 1 and dates days since 1970; undefined where it is missing. */
export function readNumber(kind: keyof typeof READ, value: unknown, row: number, name: string): number | undefined {
  if (isMissing(value)) return undefined;
  const number = READ[kind](value);
  if (Number.isFinite(number)) return number;
  if (saysMissing(value)) return undefined;
  const must = { number: "a finite number", boolean: "true or false", date: "a Date or a text such as 2026-01-31 or 2026-01-31T18:30Z" }[kind];
  throw new TableError(`${placeOf(row, name)} is ${showCell(value)}; it must be ${must}, as the column's kind is "${kind}"`, row, name);
}

/** Refuses a cell that is missing without a rule for it. */
export function refuseMissing(kind: Kind, row: number, name: string, isTarget = false): never {
  const key = JSON.stringify(name);
  const remedy = isTarget ? "leave out rows without a target"
    : `leave the row out, or set columns: { ${key}: { missing: ${kind === "category" ? '"unknown"' : '"median"'} } } or { ${key}: "ignore" }`;
  throw new TableError(`${placeOf(row, name)} is missing; ${remedy}`, row, name);
}

/** Refuses a cell that holds what no column can. */
export function refuseCell(value: unknown, row: number, name: string): never {
  const remedy = `set columns: { ${JSON.stringify(name)}: "ignore" }, or take columns from what is in it`;
  throw new TableError(`${placeOf(row, name)} is ${showCell(value)}; a value is a number, a text, true, false or a valid Date: ${remedy}`, row, name);
}

/** Writes what the network sees of a date, given in days since 1970: the days, then where in the year, the week and the day, on circles. */
export function writeDate(days: number, to: Float64Array, at: number): void {
  const date = new Date(days * DAY);
  const year = date.getUTCFullYear();
  const start = Date.UTC(year, 0, 1) / DAY;
  const length = Date.UTC(year + 1, 0, 1) / DAY - start;
  to[at] = days;
  // 1970 began on a Thursday.
  [(days - start) / length, (days + 3) / 7, days].forEach((turns, i) => {
    to[at + 1 + 2 * i] = Math.sin(2 * Math.PI * (turns - Math.floor(turns)));
    to[at + 2 + 2 * i] = Math.cos(2 * Math.PI * (turns - Math.floor(turns)));
  });
}

/** A few names, as a message lists them. */
export const listNames = (names: readonly unknown[]): string => names.slice(0, 10).map(show).join(", ") + (names.length > 10 ? `, … (${names.length})` : "");
