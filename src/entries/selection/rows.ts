// A user's rows: how many there are, which class each is of, and some of them in the form of all.
import type { Matrix, TypedArray } from "../../index.js";
import { isObject, outOfRange, plural, refuse } from "../../options/checks.js";

/** Classes by which rows are stratified: a label or a row of targets for each row, or a flat typed array. */
export type Labels = Matrix | readonly (string | boolean | number)[];

type List = readonly unknown[] | TypedArray;

function checkList(value: unknown, name: string): asserts value is List {
  if (!Array.isArray(value) && !(ArrayBuffer.isView(value) && "length" in value)) {
    refuse(name, value, "an array of rows or numbers, or a flat typed array", true);
  }
  if (!(value as List).length) outOfRange(`${name} has no rows`);
}

/**
 * How many rows x has: its entries, or for a flat typed array as many as rows of `columns` numbers; without `columns` as many as y has entries.
 * @throws TypeError, RangeError where x or y is no list, or they do not have the same number of rows
 */
export function countRows(x: unknown, y: unknown, columns?: number): number {
  checkList(x, "x");
  checkList(y, "y");
  const flat = !Array.isArray(x);
  const count = !flat ? x.length : columns === undefined ? y.length : x.length / columns;
  if (flat && (count % 1 || x.length % count)) {
    outOfRange(`x has ${plural(x.length, "value")}, which is no whole number of rows ${columns === undefined ? `for y's ${count}; columns says how many values a row has` : `of ${columns}`}`);
  }
  checkCount(y, "y", count, "x");
  return count;
}

/** Checks that a list has an entry a row, or a flat typed array a whole number of them. */
export function checkCount(value: unknown, name: string, count: number, of: string): void {
  checkList(value, name);
  if (Array.isArray(value) ? value.length !== count : value.length % count) {
    outOfRange(`${of} has ${plural(count, "row")} but ${name} has ${plural(value.length, Array.isArray(value) ? "row" : "value")}`);
  }
}

/** Some rows, in the form of all: a list of rows or numbers, or a flat typed array. */
export function pickRows<M>(all: M, count: number, rows: readonly number[]): M {
  if (Array.isArray(all)) return rows.map((row) => all[row] as unknown) as M;
  const flat = all as unknown as TypedArray;
  const width = flat.length / count;
  const picked = new (flat.constructor as new (length: number) => TypedArray)(rows.length * width);
  for (const [i, row] of rows.entries()) {
    for (let c = 0; c < width; c++) picked[i * width + c] = flat[row * width + c]!;
  }
  return picked as M;
}

/** The number of each row's class, classes being counted in the order in which they appear. */
export function classesOf(labels: Labels, count: number): number[] {
  const width = labels.length / count;
  const classes = new Map<unknown, number>();
  return Array.from({ length: count }, (_, row) => {
    const label: unknown = width === 1 ? labels[row] : (labels as TypedArray).subarray(row * width, (row + 1) * width);
    const key = isObject(label) ? String(label) : label;
    const known = classes.get(key) ?? classes.size;
    classes.set(key, known);
    return known;
  });
}
