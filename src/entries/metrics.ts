// How good predictions are: measures of classes and of numbers, by scikit-learn's definitions. Pure functions over what
// `predictClasses` and `predict` return; nothing here knows a network.
import type { Row } from "../index.js";
import { checkOptions, isList, oneOf, outOfRange, plural, positiveInteger, refuse } from "../options/checks.js";

/** A class a row: integers, as a plain list or a typed array. */
export type Classes = Row;
/** Numbers to compare: a list of rows; or a plain list or flat typed array, which has one number a row. */
export type Values = readonly Row[] | Row;

/**
 * How the scores of classes become one number:
 * - `binary`: the score of class 1; there are the classes 0 and 1;
 * - `macro`: the mean over classes;
 * - `micro`: all classes' counts added up first; where each row has one class, this is the accuracy;
 * - `weighted`: the mean over classes, each weighted by its number of actual rows;
 * - `none`: not at all; a list of scores, one a class.
 */
export type Average = (typeof AVERAGES)[number];
const AVERAGES = ["binary", "macro", "micro", "weighted", "none"] as const;

export interface ScoreOptions<A extends Average = Average> {
  /** Default `binary`. */
  average?: A;
  /**
   * The classes, in the order of their scores: how many there are, 0 … n−1, or a list of them. Default: those that occur,
   * ascending. `macro` counts a class that is listed here and never occurs as 0.
   */
  classes?: number | Classes;
}

/** One number, or for `none` one a class. */
export type Score<A extends Average> = A extends "none" ? number[] : number;

/**
 * How often rows of each class were predicted as each class: `matrix[i][j]` rows of the i-th class were taken for the j-th.
 * @param actual the right class of each row
 * @param predicted the class that was predicted for it, as from `nn.predictClasses`
 * @param classes how many classes there are, 0 … n−1, or a list of them; default: those that occur, ascending
 * @returns classes × classes
 * @throws TypeError, RangeError for lists of unequal length, empty lists, what is no integer, a class that is not in `classes`
 * @example
 * confusionMatrix([0, 1, 1, 2], [0, 1, 2, 2]);   // [[1, 0, 0], [0, 1, 1], [0, 0, 1]]
 */
export function confusionMatrix(actual: Classes, predicted: Classes, classes?: number | Classes): number[][] {
  return tally(actual, predicted, classes).matrix;
}

/**
 * The fraction of rows whose class was predicted rightly.
 * @throws as `confusionMatrix`
 * @example
 * accuracy([0, 1, 1, 2], [0, 1, 2, 2]);   // 0.75
 */
export function accuracy(actual: Classes, predicted: Classes): number {
  checkPair(actual, predicted);
  let right = 0;
  for (let r = 0; r < actual.length; r++) if (actual[r] === predicted[r]) right++;
  return right / actual.length;
}

/**
 * Of the rows that were predicted as a class, the fraction that are of it: TP / (TP + FP), and 0 where none were.
 * @throws as `confusionMatrix`; RangeError for average `binary` when there are classes besides 0 and 1
 * @example
 * precision([0, 1, 1, 1], [0, 1, 1, 0]);                         // 1
 * precision([0, 1, 1, 2], [0, 1, 2, 2], { average: "none" });    // [1, 1, 0.5]
 */
export function precision<A extends Average = "binary">(
  actual: Classes, predicted: Classes, options?: ScoreOptions<A>,
): Score<A> {
  return score(({ right, predicted }) => ratio(right, predicted), actual, predicted, options);
}

/**
 * Of the rows of a class, the fraction that were predicted as it: TP / (TP + FN), and 0 where there are none.
 * @throws as `precision`
 * @example
 * recall([0, 1, 1, 1], [0, 1, 1, 0]);                            // 0.66…
 * recall([0, 1, 1, 2], [0, 1, 2, 2], { average: "macro" });      // 0.83…
 */
export function recall<A extends Average = "binary">(
  actual: Classes, predicted: Classes, options?: ScoreOptions<A>,
): Score<A> {
  return score(({ right, actual }) => ratio(right, actual), actual, predicted, options);
}

/**
 * The harmonic mean of precision and recall: 2 TP / (2 TP + FP + FN), and 0 where that is 0 / 0. The macro and weighted
 * averages are means of the classes' F1.
 * @throws as `precision`
 * @example
 * f1([0, 1, 1, 1], [0, 1, 1, 0]);                                // 0.8
 * f1([0, 1, 1, 2], [0, 1, 2, 2], { average: "weighted" });       // 0.75
 */
export function f1<A extends Average = "binary">(
  actual: Classes, predicted: Classes, options?: ScoreOptions<A>,
): Score<A> {
  return score(({ right, actual, predicted }) => ratio(2 * right, actual + predicted), actual, predicted, options);
}

/**
 * The coefficient of determination R² = 1 − Σ (t − p)² / Σ (t − mean t)²: 1 for perfect predictions, 0 for ones no better
 * than the mean of the targets, below 0 for worse. Where all targets are equal it is 1 for perfect predictions, else 0.
 * Over several outputs: the mean of their R².
 * @param actual the targets
 * @param predicted the predictions
 * @param outputs how many numbers a row has in plain and flat typed arrays; default 1, as for rows their length
 * @throws TypeError, RangeError for unequal shapes, what is no finite number, or fewer than 2 rows
 * @example
 * r2Score([3, -0.5, 2, 7], [2.5, 0, 2, 8]);                      // 0.94…
 */
export function r2Score(actual: Values, predicted: Values, outputs?: number): number {
  return eachOutput(actual, predicted, outputs, (targets, predictions) => {
    if (targets.length < 2) outOfRange("r2Score needs 2 rows or more; there is 1");
    const rest = squaredError(targets, predictions);
    // Not by their variance: rounding can leave a little of it.
    if (targets.every((t) => t === targets[0])) return Number(rest === 0);
    const center = mean(targets);
    return 1 - rest / mean(targets.map((t) => (t - center) ** 2));
  });
}

/**
 * The mean of |t − p| over rows, then over outputs.
 * @param outputs as for `r2Score`
 * @throws TypeError, RangeError for unequal shapes or what is no finite number
 * @example
 * meanAbsoluteError([3, -0.5, 2, 7], [2.5, 0, 2, 8]);            // 0.5
 */
export function meanAbsoluteError(actual: Values, predicted: Values, outputs?: number): number {
  return eachOutput(actual, predicted, outputs, (t, p) => meanOf(t, p, (a, b) => Math.abs(a - b)));
}

/**
 * The mean of (t − p)² over rows, then over outputs.
 * @param outputs as for `r2Score`
 * @throws as `meanAbsoluteError`
 * @example
 * meanSquaredError([3, -0.5, 2, 7], [2.5, 0, 2, 8]);             // 0.375
 */
export function meanSquaredError(actual: Values, predicted: Values, outputs?: number): number {
  return eachOutput(actual, predicted, outputs, squaredError);
}

/**
 * The root of the mean squared error, in the targets' own units. Over several outputs: the mean of their roots.
 * @param outputs as for `r2Score`
 * @throws as `meanAbsoluteError`
 * @example
 * rootMeanSquaredError([3, -0.5, 2, 7], [2.5, 0, 2, 8]);         // 0.61…
 */
export function rootMeanSquaredError(actual: Values, predicted: Values, outputs?: number): number {
  return eachOutput(actual, predicted, outputs, (t, p) => Math.sqrt(squaredError(t, p)));
}

/** Rows of one class: predicted rightly (TP), predicted at all (TP + FP), existing (TP + FN). */
interface Counts {
  readonly right: number;
  readonly predicted: number;
  readonly actual: number;
}

/** scikit-learn's zero_division=0. */
const ratio = (part: number, whole: number): number => (whole ? part / whole : 0);
const sum = (values: Iterable<number>): number => {
  let total = 0;
  for (const value of values) total += value;
  return total;
};
const mean = (values: Float64Array): number => sum(values) / values.length;

function score<A extends Average>(
  measure: (counts: Counts) => number, actual: Classes, predicted: Classes, options: ScoreOptions<A> = {},
): Score<A> {
  const { average = "binary", classes } = checkOptions(options, OPTIONS);
  const { labels, matrix } = tally(actual, predicted, classes);
  const counts = labels.map((_, i): Counts => ({
    right: matrix[i][i], actual: sum(matrix[i]), predicted: sum(matrix.map((row) => row[i])),
  }));
  const scores = counts.map(measure);
  const one = (): number => {
    if (average === "macro") return sum(scores) / scores.length;
    if (average === "weighted") return sum(scores.map((each, i) => each * counts[i].actual)) / actual.length;
    if (average === "micro") return measure({ right: sum(counts.map(({ right }) => right)), actual: actual.length, predicted: actual.length });
    const stray = labels.find((label) => label !== 0 && label !== 1);
    if (stray === undefined) return scores[labels.indexOf(1)] ?? 0;
    outOfRange(`average "binary" is for the classes 0 and 1, and there is a class ${stray}; choose "macro", "micro", "weighted" or "none"`);
  };
  return (average === "none" ? scores : one()) as Score<A>;
}

const OPTIONS = {
  average: oneOf(...AVERAGES),
  classes: (value: unknown) => value as number | Classes,
};

/** The classes and their confusion matrix. */
function tally(
  actual: Classes, predicted: Classes, classes: number | Classes | undefined,
): { labels: number[]; matrix: number[][] } {
  checkPair(actual, predicted);
  const labels = listOf(classes) ?? [...new Set([...actual, ...predicted])].sort((a, b) => a - b);
  const place = new Map(labels.map((label, i) => [label, i]));
  if (place.size < labels.length) outOfRange("classes has a class twice");
  const matrix = labels.map(() => labels.map(() => 0));
  const find = (list: Classes, name: string, r: number): number =>
    place.get(list[r]) ?? outOfRange(`${name}[${r}] is ${list[r]}, which is not in classes (${labels.slice(0, 10).join(", ")}${labels.length > 10 ? " …" : ""})`);
  for (let r = 0; r < actual.length; r++) matrix[find(actual, "actual", r)][find(predicted, "predicted", r)]++;
  return { labels, matrix };
}

function listOf(classes: number | Classes | undefined): number[] | undefined {
  if (classes === undefined) return undefined;
  if (typeof classes === "object") {
    checkClasses(classes, "classes");
    return [...classes];
  }
  return Array.from({ length: positiveInteger(classes, "classes") }, (_, i) => i);
}

function checkPair(actual: unknown, predicted: unknown): void {
  const rows = [checkClasses(actual, "actual"), checkClasses(predicted, "predicted")];
  if (rows[0] !== rows[1]) outOfRange(`actual has ${plural(rows[0], "row")} but predicted has ${rows[1]}`);
}

/** The number of classes in a list that has been checked. */
function checkClasses(value: unknown, name: string): number {
  if (!isList(value)) refuse(name, value, "a list of classes, one integer a row", true);
  if (!value.length) outOfRange(`${name} is empty`);
  for (let r = 0; r < value.length; r++) {
    if (!Number.isInteger(value[r])) refuse(`${name}[${r}]`, value[r], "a class, which is an integer", typeof value[r] !== "number");
  }
  return value.length;
}

const squaredError = (targets: Float64Array, predictions: Float64Array): number =>
  meanOf(targets, predictions, (t, p) => (t - p) ** 2);

const meanOf = (a: Float64Array, b: Float64Array, measure: (x: number, y: number) => number): number =>
  mean(a.map((x, i) => measure(x, b[i])));

/** The mean over outputs of a measure of each. */
function eachOutput(
  actual: unknown, predicted: unknown, outputs: number | undefined, measure: (t: Float64Array, p: Float64Array) => number,
): number {
  const width = outputs === undefined ? undefined : positiveInteger(outputs, "outputs");
  const targets = columnsOf(actual, "actual", width);
  const predictions = columnsOf(predicted, "predicted", width);
  const [rows, others] = [targets[0].length, predictions[0].length];
  if (targets.length !== predictions.length) {
    outOfRange(`actual has ${plural(targets.length, "output")} a row but predicted has ${predictions.length}`);
  }
  if (rows !== others) outOfRange(`actual has ${plural(rows, "row")} but predicted has ${others}`);
  return sum(targets.map((column, c) => measure(column, predictions[c]))) / targets.length;
}

/** Values column by column, checked. */
function columnsOf(value: unknown, name: string, outputs: number | undefined): Float64Array[] {
  if (!isList(value)) refuse(name, value, "a list of numbers or of rows", true);
  if (!value.length) outOfRange(`${name} is empty`);
  const nested = isList(value[0]);
  const width = nested ? (value[0] as readonly unknown[]).length : outputs ?? 1;
  const rows = nested ? value.length : value.length / width;
  if (!width) outOfRange(`${name}[0] is empty`);
  if (nested && outputs !== undefined && outputs !== width) outOfRange(`${name}[0] has ${plural(width, "value")}; outputs is ${outputs}`);
  if (rows % 1) outOfRange(`${name} has ${plural(value.length, "value")}, which is no whole number of rows of ${width}`);
  const columns = Array.from({ length: width }, () => new Float64Array(rows));
  for (let r = 0; r < rows; r++) {
    const row = nested ? value[r] : value;
    if (!isList(row)) refuse(`${name}[${r}]`, row, `a row of ${plural(width, "number")}`, true);
    if (nested && row.length !== width) outOfRange(`${name}[${r}] has ${plural(row.length, "value")}; ${name}[0] has ${width}`);
    for (let c = 0; c < width; c++) {
      const i = nested ? c : r * width + c;
      const number = row[i];
      if (!Number.isFinite(number)) refuse(nested ? `${name}[${r}][${c}]` : `${name}[${i}]`, number, "a finite number", typeof number !== "number");
      columns[c][r] = number as number;
    }
  }
  return columns;
}
