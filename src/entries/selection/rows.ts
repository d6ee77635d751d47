// A user's rows: how many there are, which class each is of, and some of them in the form of all.
import type { Matrix, TypedArray } from "../../index.js";
import { isList, isObject, outOfRange, plural, refuse } from "../../options/checks.js";

/** Classes by which rows are stratified: a label or a row of targets for each row, or a flat typed array. */
export type Labels = Matrix | readonly (string | boolean | number)[];

/** Rows to train on and rows to test on, in the form in which all were given. */
export interface TrainTest<X, Y> {
  xTrain: X;
  xTest: X;
  yTrain: Y;
  yTest: Y;
}

/** One division of rows: the numbers of those to train on and of those to test on. */
export interface Fold {
  train: number[];
  test: number[];
}

/**
 * How many rows x has: its entries, or for a flat typed array as many as there are rows of `columns` numbers, or without `columns` entries of y.
 * @throws TypeError, RangeError where x or y is no list, or they do not have the same number of rows
 */
export function countRows(x: Matrix, y: Matrix, columns?: number): number {
  const count = Array.isArray(x) ? x.length : columns ? Math.floor(x?.length / columns) : y?.length;
  checkCount(x, "x", count);
  if (columns && x.length !== count * columns && !Array.isArray(x))
    outOfRange(`x has ${plural(x.length, "value")}, no whole number of rows of ${columns}`);
  checkCount(y, "y", count);
  return count;
}

/** Checks that a list has an entry for each row of x, or a flat typed array as many for each. */
export function checkCount(value: unknown, name: string, count: number): void {
  if (!isList(value)) refuse(name, value, "an array, or a flat typed array", true);
  const { length } = value;
  if (!length) outOfRange(`${name} has no rows`);
  const entries = Array.isArray(value);
  if (entries ? length !== count : length % count)
    outOfRange(`x has ${plural(count, "row")} but ${name} has ${plural(length, entries ? "row" : "value")}`);
}

/** Some rows, in the form of all: a list of rows or numbers, or a flat typed array. */
export function pickRows<M>(all: M, count: number, rows: readonly number[]): M {
  if (Array.isArray(all)) return rows.map((row) => all[row] as unknown) as M;
  const flat = all as TypedArray;
  const width = flat.length / count;
  const picked = new (flat.constructor as new (length: number) => TypedArray)(rows.length * width);
  for (let i = 0; i < picked.length; i++) picked[i] = flat[rows[Math.floor(i / width)]! * width + (i % width)]!;
  return picked as M;
}

export function divideRows<X, Y>(x: X, y: Y, { train, test }: Fold): TrainTest<X, Y> {
  const pick = <M>(all: M, rows: number[]): M => pickRows(all, train.length + test.length, rows);
  return { xTrain: pick(x, train), xTest: pick(x, test), yTrain: pick(y, train), yTest: pick(y, test) };
}

/** The number of each row's class, classes being counted in the order in which they appear. */
export function classesOf(labels: Labels, count: number): number[] {
  const width = labels.length / count;
  const classes = new Map<unknown, number>();
  return Array.from({ length: count }, (_, row) => {
    const label: unknown = width > 1 ? (labels as TypedArray).subarray(row * width, (row + 1) * width) : labels[row];
    const key = isObject(label) ? String(label) : label;
    if (!classes.has(key)) classes.set(key, classes.size);
    return classes.get(key)!;
  });
}
