// A table's columns as a model knows them: what each holds, how it becomes numbers, and what a cell of it means.
import { isObject, refuse, show } from "../../options/checks.js";
import {
  isMissing,
  keyOf,
  placeOf,
  saysMissing,
  TableError,
  toBoolean,
  toNumber,
  toTime,
  type Kind,
  type Label,
} from "./values.js";

/** A column that is used, complete. */
export interface TableColumn {
  readonly name: string;
  readonly kind: Exclude<Kind, "ignore">;
  /** The value that stands for missing ones; absent where they are errors. */
  readonly missing?: Label | Date;
  /** Of numbers, and of dates in days since 1970: what is subtracted, and what it is then divided by. */
  readonly mean?: number;
  readonly scale?: number;
  /** Those that have an input or, of a target, an output each. */
  readonly categories?: readonly Label[];
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
export const widthOf = ({ kind, categories }: TableColumn): number =>
  kind === "category" ? categories!.length : kind === "date" ? DATE_FEATURES : 1;

/** The classes of a target, or undefined where it is a number. */
export const classesOf = ({ targets }: TableColumns): readonly Label[] | undefined => targets[0].categories;

/** Complains of a cell; `remedy` may contain the column's name as NAME. */
export function refuseCell(value: unknown, row: number, name: string, remedy: string): never {
  const what = isMissing(value) ? "missing" : value instanceof Date ? "a Date" : show(value);
  throw new TableError(`${placeOf(row, name)} is ${what}; ${remedy.replaceAll("NAME", () => JSON.stringify(name))}`, row, name);
}

/** Refuses a cell that is missing without a rule for it. */
export function refuseMissing(row: number, name: string, example?: string): never {
  refuseCell(
    undefined,
    row,
    name,
    example
      ? `leave the row out, or set columns: { NAME: { missing: ${example} } } or { NAME: "ignore" }`
      : "a target may not be",
  );
}

/** What a category is known by. */
export function readKey(value: unknown, row: number, name: string): string {
  return (
    keyOf(value) ??
    refuseCell(value, row, name, 'it must be a text, a number, true, false or a Date; or set columns: { NAME: "ignore" }')
  );
}

/** Refuses a row that is no object. */
export function checkRow(row: unknown, index: number): asserts row is object {
  if (!isObject(row) || Array.isArray(row)) refuse(`rows[${index}]`, row, "an object", true);
}

/** How a cell becomes a number, NaN where it is none; and what it must be. */
export const READERS = {
  number: [toNumber, "a finite number below 1e100"],
  boolean: [toBoolean, "true or false"],
  date: [(value: unknown) => toTime(value) / DAY, "a Date or a text such as 2026-01-31T18:30Z, from the year 100 to 9999"],
} as const;

/** The number in a cell, booleans being 0 or 1 and dates days since 1970; undefined where it is missing. */
export function readNumber(kind: keyof typeof READERS, value: unknown, row: number, name: string): number | undefined {
  if (isMissing(value)) return undefined;
  const [read, must] = READERS[kind];
  const number = read(value);
  // Squares of deviations have to be finite, too.
  if (Math.abs(number) < 1e100) return number;
  return saysMissing(value) ? undefined : refuseCell(value, row, name, `it must be ${must}, as column NAME is of kind "${kind}"`);
}

/** Writes what the network sees of a date, given in days since 1970: the days, then where in the year, the week and the day, on circles. */
export function writeDate(days: number, to: Float64Array, at: number): void {
  const year = new Date(days * DAY).getUTCFullYear();
  const start = Date.UTC(year) / DAY;
  to[at] = days;
  // 1970 began on a Thursday.
  [(days - start) / (Date.UTC(year + 1) / DAY - start), (days + 3) / 7, days].forEach((turns, i) => {
    const angle = 2 * Math.PI * (turns - Math.floor(turns));
    to[at + 1 + 2 * i] = Math.sin(angle);
    to[at + 2 + 2 * i] = Math.cos(angle);
  });
}
