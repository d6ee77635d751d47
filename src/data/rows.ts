// From the arguments x and y to rows of dense, checked numbers, and from outputs back to the same shape. The number of rows and the
// shape of the first are checked at once; each row is checked while an engine copies it, so rows are read once, piece by piece.
import { argmax, pieceRows, pieces, sliceRows, writeRows, type Cooperative, type Rows } from "../engine/engine.js";
import { createArray } from "../model/parameters.js";
import { LOSS_FACTS, type Dtype, type FloatArray, type Loss } from "../model/spec.js";
import { atLeast0, isList, isObject, isTyped, outOfRange, plural, refuse } from "../options/checks.js";
import type { TypedArray } from "../public-types.js";
import type { Limits, NamedRows } from "./scaling.js";

/** The form of the argument: a list of rows, a plain list of numbers, or a flat typed array. */
export type Like = "rows" | "plain" | "typed";

/** The caller's rows, ready for an engine. */
export interface DataRows extends NamedRows {
  readonly like: Like;
}

/** Checks all values, as an engine would, without keeping them. */
export function* checkRows(rows: Rows, dtype: Dtype): Cooperative<void> {
  const size = Math.min(rows.count, pieceRows(rows.columns));
  const piece = createArray(dtype, size * rows.columns);
  for (const [first, count] of pieces(rows.count, size)) {
    rows.write(piece, first, count);
    yield undefined;
  }
}

/** Rows first … first+count−1 of these. */
export const sliceData = (rows: DataRows, first: number, count: number): DataRows => ({
  ...sliceRows(rows, first, count),
  like: rows.like,
  nameOf: (row, column) => rows.nameOf(first + row, column),
});

/** What targets are checked against. */
export interface Targets {
  readonly loss: Loss;
  /** The number of rows of x, and its name in messages: `x`, `validationData[0]`. */
  readonly rows: number;
  readonly of: string;
  /** The range of the last layer's outputs, if targets beyond it are refused. */
  readonly limits?: Limits | undefined;
}

/** The allowed values; `labels` where class indices may stand for one-hot rows. */
interface Range extends Limits {
  readonly labels?: boolean;
}
const ANY: Range = { low: -Infinity, high: Infinity, why: "" };

/** The allowed targets of a loss, if it limits them. */
function rangeOf(loss: Loss): Range | undefined {
  const { targets } = LOSS_FACTS[loss];
  return targets && { ...targets, why: `${loss} takes targets ${targets.are}` };
}

/**
 * Checks the number of rows and the shape of the first; `write` checks each row and its values.
 * @param name the argument's name in messages
 * @param columns the network's inputs or outputs
 * @param targets for targets: what they are checked against
 * @throws TypeError, RangeError that name the argument, the place and the value
 */
export function readRows(value: unknown, name: string, columns: number, targets?: Targets): DataRows {
  return read(value, name, columns, targets, (targets && (rangeOf(targets.loss) ?? targets.limits)) ?? ANY);
}

/** @param takes the expected number of values, as messages state it */
function read(
  value: unknown,
  name: string,
  columns: number,
  targets: Omit<Targets, "loss"> | undefined,
  range: Range,
  takes = () => "this network " + (targets ? `has ${plural(columns, "output")}` : `takes ${plural(columns, "input")}`),
): DataRows {
  let labels = false;
  if (!isList(value)) refuse(name, value, "an array of rows, a row of numbers, or a flat typed array", true);
  const { length } = value;
  const typed = isTyped(value);
  if (!length) {
    outOfRange(name + " has no rows" + (typed ? " (it is empty, or its buffer detached)" : ""));
  }
  const { rows = 0 } = targets ?? {};
  let count = length / columns;
  let like: Like = typed ? "typed" : "plain";
  const fits = typed ? count % 1 === 0 : columns === 1 || count === 1;
  // A first entry that is neither a number nor a row counts as a bad row among rows, as a bad number among numbers.
  if (!typed && (isObject(value[0]) || (typeof value[0] !== "number" && (value as readonly unknown[]).some(isObject)))) {
    like = "rows";
    count = length;
    checkRow(value[0], 0);
  } else if (range.labels && (!fits || count * 2 <= rows)) {
    // One number per row, or so few numbers that they cannot be whole rows.
    count = length;
    range = { low: 0, high: columns - 1, why: `this network has ${columns} classes` };
    labels = true;
  } else if (!fits) {
    const hint = length === rows ? '; class indices need loss "categoricalCrossentropy"' : typed ? " a row" : "";
    outOfRange(`${name} has ${plural(length, "value")}; ${takes()}${hint}`);
  }
  if (targets && count !== rows) outOfRange(`${targets.of} has ${plural(rows, "row")} but ${name} has ${count}`);
  const nested = like === "rows";

  function checkRow(row: unknown, r: number): asserts row is readonly unknown[] | TypedArray {
    if (!isList(row)) refuse(`${name}[${r}]`, row, `a row of ${plural(columns, "number")}`, true);
    if (row.length !== columns) {
      outOfRange(
        `${name}[${r}] has ${plural(row.length, "value")}; ${takes()}${range.labels && row.length === 1 ? "; class indices are a flat list" : ""}`,
      );
    }
  }

  const nameOf = (row: number, column: number): string =>
    name + (nested ? `[${row}][${column}]` : labels ? `[${row}]` : `[${row * columns + column}]`);

  /** Throws an error that names the first bad value. */
  function reportBadValue(target: FloatArray, first: number, count: number): void {
    const width = labels ? 1 : columns;
    for (let i = first * width; i < (first + count) * width; i++) {
      const r = Math.floor(i / width);
      const v = nested ? (value as unknown[][])[r][i % width] : (value as unknown[])[i];
      const place = nameOf(r, i % width);
      if (typeof v !== "number") refuse(place, v, "a number", true);
      const why = !Number.isFinite(v)
        ? ""
        : target.BYTES_PER_ELEMENT === 4 && !Number.isFinite(Math.fround(v))
          ? ", which is too large for float32"
          : v < range.low || v > range.high
            ? "; " + range.why
            : labels && v % 1
              ? "; a class is an integer"
              : undefined;
      if (why !== undefined) outOfRange(place + " is " + v + why);
    }
  }

  return {
    count,
    columns,
    like,
    nameOf,
    source: typed && range === ANY ? value : undefined,
    write(target, first, count) {
      const n = count * columns;
      let ok = true;
      if (value.length !== length) outOfRange(`${name} had ${length} entries and now has ${value.length}`);
      if (labels) {
        target.fill(0, 0, n);
        for (let r = 0; r < count; r++) {
          const label = value[first + r] as number;
          if (Number.isInteger(label) && label >= 0 && label < columns) target[r * columns + label] = 1;
          else ok = false;
        }
      } else if (nested) {
        for (let r = 0; r < count; r++) {
          const row = value[first + r];
          checkRow(row, first + r);
          ok = copy(row, 0, target, r * columns, columns) && ok;
        }
      } else if (!typed || !isSame(value, first * columns, target)) ok = copy(value, first * columns, target, 0, n);
      if (!ok || !isSound(target, n, range)) reportBadValue(target, first, count);
    },
  };
}

/** Copies numbers; returns false if a value is not a number. */
function copy(from: readonly unknown[] | TypedArray, start: number, to: FloatArray, at: number, n: number): boolean {
  // For a few numbers a loop is faster than `set`, which handles overlapping arrays, however.
  if (!Array.isArray(from) && (n > 48 || (from as TypedArray).buffer === to.buffer)) {
    const row = from as TypedArray;
    to.set(row.length === n ? row : row.subarray(start, start + n), at);
    return true;
  }
  for (let i = 0; i < n; i++) {
    const v = from[start + i];
    if (typeof v !== "number") return false;
    to[at + i] = v;
  }
  return true;
}

/** Whether the first n values are finite and in range. */
function isSound(a: FloatArray, n: number, { low, high }: Range): boolean {
  let i = 0;
  if (low > -Infinity || high < Infinity) {
    while (i < n && a[i] >= low && a[i] <= high && a[i] < Infinity) i++;
    return i === n;
  }
  // v · 0 is 0, or NaN where v is not finite. Four sums, so that additions do not wait for each other.
  const zero = 0;
  let s0 = 0,
    s1 = 0,
    s2 = 0,
    s3 = 0;
  for (; i + 3 < n; i += 4) {
    s0 += a[i] * zero;
    s1 += a[i + 1] * zero;
    s2 += a[i + 2] * zero;
    s3 += a[i + 3] * zero;
  }
  for (; i < n; i++) s0 += a[i] * zero;
  return s0 + s1 + s2 + s3 === 0;
}

/** Whether a[start] and target[0] are the same memory. */
const isSame = (a: TypedArray, start: number, target: FloatArray): boolean =>
  a.buffer === target.buffer &&
  a.byteOffset + start * a.BYTES_PER_ELEMENT === target.byteOffset &&
  a.constructor === target.constructor;

/** The number of training rows among `count` when the last `fraction` of them, but at least one, are for validation. */
export function trainingRows(count: number, fraction: number): number {
  const kept = Math.min(count - 1, Math.floor(count * (1 - fraction) + 1e-9));
  if (kept > 0) return kept;
  outOfRange(`validationSplit is ${fraction}, which leaves none of ${plural(count, "row")} to train on`);
}

/** Rows per piece when classes are determined row by row. */
const CLASSES = 4096;

/**
 * A weight for each of the first `count` rows, or undefined where all are 1; pauses between pieces of the work.
 * @param y the targets: a row's class is its largest target, or for one output whether it is above 0.5
 */
export function* readWeights(
  sampleWeight: unknown,
  classWeight: unknown,
  y: Rows,
  dtype: Dtype,
  count = y.count,
): Cooperative<FloatArray | undefined> {
  if (sampleWeight === undefined && classWeight === undefined) return undefined;
  const weights = createArray(dtype, y.count).fill(1);
  if (sampleWeight !== undefined) {
    const range = { low: 0, high: Number.MAX_VALUE, why: "a weight is 0 or more" };
    const takes = () => "a weight per row is a flat list of numbers";
    yield* writeRows(read(sampleWeight, "sampleWeight", 1, { rows: y.count, of: "x" }, range, takes), weights);
  }
  if (classWeight !== undefined) {
    const classes = yield* readClasses(sliceRows(y, 0, count));
    const classCount = Math.max(2, y.columns);
    const perClass =
      classWeight === "balanced" ? balancedWeights(classes, classCount) : readClassWeights(classWeight as object, classCount);
    for (let r = 0; r < count; r++) {
      weights[r] *= perClass[classes[r]];
      if (weights[r] === Infinity)
        outOfRange(`the weight of row ${r}, of class ${classes[r]}, by classWeight is too large for ${dtype}`);
    }
  }
  return weights.subarray(0, count);
}

/** A weight for each output of each row, as rows. */
export const readOutputWeightRows = (outputWeight: unknown, columns: number, rows: number): DataRows =>
  read(
    outputWeight,
    "outputWeight",
    columns,
    { rows, of: "x" },
    { low: 0, high: Number.MAX_VALUE, why: "a weight is 0 or more" },
  );

/** Each row's class: the largest of its targets, or for one output whether it is above 0.5. */
function* readClasses(y: Rows): Cooperative<Uint32Array> {
  const classes = new Uint32Array(y.count);
  const target = new Float64Array(y.columns);
  const most = Math.min(CLASSES, pieceRows(y.columns));
  for (let r = 0; r < y.count; r++) {
    y.write(target, r, 1);
    if (y.columns === 1 && !(target[0] >= 0 && target[0] <= 1)) {
      outOfRange(`classWeight is given, but the target of row ${r} is ${target[0]}, no class from 0 to 1`);
    }
    classes[r] = classAt(target, 0, y.columns);
    if (r % most === most - 1) yield undefined;
  }
  return classes;
}

function readClassWeights(given: object, count: number): Float64Array {
  const perClass = new Float64Array(count).fill(1);
  for (const [key, weight] of given instanceof Map ? given : Object.entries(given)) {
    const name = `classWeight[${String(key)}]`;
    if (!Object.hasOwn(perClass, key as PropertyKey)) outOfRange(`${name} is given; this network has ${count} classes`);
    if (weight !== undefined) perClass[Number(key)] = atLeast0(weight, name);
  }
  return perClass;
}

/** Weights that give all classes equal influence: rows / (classes · rows of the class), as scikit-learn's `compute_class_weight`. */
function balancedWeights(classes: Uint32Array, count: number): Float64Array {
  const rows = new Float64Array(count);
  for (const each of classes) rows[each]++;
  const present = rows.filter((each) => each > 0).length;
  return rows.map((each) => (each ? classes.length / (present * each) : 1));
}

/**
 * A network's outputs in the shape its inputs had: a list of rows for a list of rows, a plain list for a plain list,
 * and for a typed array `flat` itself.
 */
export function shapeOutput(flat: FloatArray, rows: number, columns: number, like: "plain"): number[];
export function shapeOutput(flat: FloatArray, rows: number, columns: number, like: "rows"): number[][];
export function shapeOutput(flat: FloatArray, rows: number, columns: number, like: "typed"): FloatArray;
export function shapeOutput(flat: FloatArray, rows: number, columns: number, like: Like): number[] | number[][] | FloatArray;
export function shapeOutput(flat: FloatArray, rows: number, columns: number, like: Like): number[] | number[][] | FloatArray {
  if (like === "typed") return flat;
  const list = (start: number, length: number): number[] => {
    // Allocated at full length, which is several times faster than growing.
    // oxlint-disable-next-line unicorn/no-new-array
    const numbers = new Array<number>(length);
    for (let i = 0; i < length; i++) numbers[i] = flat[start + i];
    return numbers;
  };
  if (like === "plain") return list(0, rows * columns);
  return Array.from({ length: rows }, (_, r) => list(r * columns, columns));
}

/** The index of each row's largest number (the first, among equals); for one output, 1 if it is above 0.5, else 0. */
export function largest(flat: FloatArray, rows: number): number[] {
  const columns = flat.length / rows;
  return Array.from({ length: rows }, (_, r) => classAt(flat, r * columns, columns));
}

const classAt = (flat: FloatArray, at: number, columns: number): number =>
  columns === 1 ? Number(flat[at] > 0.5) : argmax(flat, at, columns);
