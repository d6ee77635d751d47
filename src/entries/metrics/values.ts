// Checks the arguments of metrics: classes, and numbers column by column.
import type { Row } from "../../index.js";
import { finite, isList, number, outOfRange, plural, positiveInteger, refuse, type Check } from "../../options/checks.js";

/** One class per row: integers in a plain list or a typed array. */
export type Classes = Row;
/** Numbers to compare: a list of rows; or a plain list or flat typed array with one number per row. */
export type Values = readonly Row[] | Row;

export const sum = (values: Iterable<number>): number => {
  let total = 0;
  for (const value of values) total += value;
  return total;
};
export const mean = (values: ArrayLike<number> & Iterable<number>): number => sum(values) / values.length;

export const squaredError = (targets: Float64Array, predictions: Float64Array): number =>
  meanOf(targets, predictions, (t, p) => (t - p) ** 2);

export const meanOf = (a: Float64Array, b: Float64Array, measure: (x: number, y: number) => number): number =>
  mean(a.map((x, i) => measure(x, b[i])));

export function checkPair(actual: unknown, predicted: unknown): void {
  checkRows(checkClasses(actual, "actual"), "predicted", checkClasses(predicted, "predicted"));
}

export function checkRows(actual: number, name: string, others: number): void {
  if (actual !== others) outOfRange(`actual has ${plural(actual, "row")} but ${name} has ${others}`);
}

const label = number(Number.isInteger, "a class, which is an integer");

/** Checks a list of classes and returns its length. */
export function checkClasses(value: unknown, name: string): number {
  if (!isList(value)) refuse(name, value, "a list of classes, one integer per row", true);
  if (!value.length) outOfRange(`${name} is empty`);
  for (let r = 0; r < value.length; r++) label(value[r], `${name}[${r}]`);
  return value.length;
}

/**
 * Checks values and returns them column by column.
 * @param must the check of each value
 */
export function columnsOf(
  value: unknown,
  name: string,
  outputs: number | undefined,
  must: Check<number> = finite,
): Float64Array[] {
  if (outputs !== undefined) positiveInteger(outputs, "outputs");
  if (!isList(value)) refuse(name, value, "a list of numbers or of rows", true);
  if (!value.length) outOfRange(`${name} is empty`);
  const nested = isList(value[0]);
  const width = nested ? (value[0] as readonly unknown[]).length : (outputs ?? 1);
  const rows = nested ? value.length : value.length / width;
  if (!width) outOfRange(`${name}[0] is empty`);
  if (nested && outputs !== undefined && outputs !== width)
    outOfRange(`${name}[0] has ${plural(width, "value")}; outputs is ${outputs}`);
  if (rows % 1) outOfRange(`${name} has ${plural(value.length, "value")}, which is no whole number of rows of ${width}`);
  const columns = Array.from({ length: width }, () => new Float64Array(rows));
  for (let r = 0; r < rows; r++) {
    const row = nested ? value[r] : value;
    if (!isList(row)) refuse(`${name}[${r}]`, row, `a row of ${plural(width, "number")}`, true);
    if (nested && row.length !== width) outOfRange(`${name}[${r}] has ${plural(row.length, "value")}; ${name}[0] has ${width}`);
    for (let c = 0; c < width; c++) {
      const i = nested ? c : r * width + c;
      columns[c][r] = must(row[i], `${name}${nested ? `[${r}]` : ""}[${i}]`);
    }
  }
  return columns;
}
