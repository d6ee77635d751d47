// Metrics of scores and probabilities of classes, and calibration of probabilities.
import type { Row } from "../../index.js";
import { above0, fraction, isList, outOfRange, positiveInteger } from "../../options/checks.js";
import { checkClasses, checkRows, columnsOf, mean, squaredError, sum, type Classes, type Values } from "./values.js";

/**
 * The area under the ROC curve: the probability that a row of class 1 has a larger score than one of class 0, where ties count half. With
 * scores for three or more classes: the mean over classes of one-versus-rest areas.
 * @param actual the true class of each row: 0 or 1; with scores for n classes 0 … n−1
 * @param scores the result of `predict`: one number per row, larger where class 1 is more likely; or rows with a number for each class
 * @param outputs the number of scores per row of plain and flat typed arrays; default 1, for lists of rows their length
 * @throws TypeError, RangeError for arguments that do not match, or if a class has no rows
 * @example
 * rocAuc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]);                   // 0.75
 */
export function rocAuc(actual: Classes, scores: Values, outputs?: number): number {
  return mean(
    eachClass(actual, columnsFor(actual, scores, "scores", outputs), (isRight, column, label) => {
      const order = [...column.keys()].sort((a, b) => column[a]! - column[b]!);
      let [positives, below] = [0, 0];
      for (let from = 0, to = 0; from < order.length; from = to) {
        let tied = 0;
        for (; column[order[to]!] === column[order[from]!]; to++) tied += isRight[order[to]!]!;
        // Rows of other classes with a lower score, and half of those with the same.
        below += tied * (from - positives + (to - from - tied) / 2);
        positives += tied;
      }
      const others = order.length - positives;
      if (!positives || !others)
        outOfRange(`rocAuc needs rows of class ${label} and others; actual has ${positives} and ${others}`);
      return below / positives / others;
    }),
  );
}

/**
 * Cross-entropy: the mean over rows of −ln p, where p is the predicted probability of the true class. Probabilities are clipped to
 * 2^-52 … 1 − 2^-52, and those of a row are divided by their sum.
 * @param probabilities one per row, that of class 1; or rows with one for each class
 * @param outputs as for `rocAuc`
 * @throws TypeError, RangeError for arguments that do not match, or values that are not probabilities
 * @example
 * logLoss([0, 1], [[0.9, 0.1], [0.2, 0.8]]);                     // 0.16…
 */
export function logLoss(actual: Classes, probabilities: Values, outputs?: number): number {
  const rows = clippedRows(columnsFor(actual, probabilities, "probabilities", outputs));
  return mean(rows.map((row, r) => Math.log(sum(row) / row[actual[r]!]!)));
}

/**
 * The mean squared error of probabilities: the mean over rows of (t − p)² for class 1, where t is 1 for rows of that class and 0 for
 * others. With three or more classes it is the mean of the sum over all classes.
 * @param outputs as for `rocAuc`
 * @throws as `logLoss`
 * @example
 * brierScore([0, 1, 1, 0], [0.1, 0.9, 0.8, 0.3]);                // 0.0375
 */
export function brierScore(actual: Classes, probabilities: Values, outputs?: number): number {
  return sum(eachClass(actual, columnsFor(actual, probabilities, "probabilities", outputs), squaredError));
}

/**
 * The fraction of rows whose class is among the `k` with the largest scores; among equal scores, later classes come first.
 * @param scores rows with a number for each class, as from `nn.predict`
 * @param k default 2
 * @param outputs as for `rocAuc`
 * @throws as `rocAuc`
 * @example
 * topKAccuracy([0, 1, 2], [[0.5, 0.2, 0.3], [0.3, 0.4, 0.3], [0.6, 0.3, 0.1]]);   // 0.66…
 */
export function topKAccuracy(actual: Classes, scores: Values, k = 2, outputs?: number): number {
  positiveInteger(k, "k");
  const columns = columnsFor(actual, scores, "scores", outputs);
  return mean(
    Array.from(actual, (label, r) => {
      const own = columns[label]![r]!;
      return Number(columns.filter((column, c) => column[r]! > own || (column[r] === own && c > label)).length < k);
    }),
  );
}

/**
 * The temperature that calibrates a classifier's probabilities: it minimises the log loss on these rows, which should not be training
 * rows. Above 1 for an overconfident classifier; from e^-10 to e^10.
 * @param probabilities as for `logLoss`, as from `nn.predict`
 * @param outputs as for `rocAuc`
 * @throws as `logLoss`
 * @example
 * const temperature = fitTemperature(labels, nn.predict(rows));
 * scaleTemperature(nn.predict(others), temperature);
 */
export function fitTemperature(actual: Classes, probabilities: Values, outputs?: number): number {
  const rows = clippedRows(columnsFor(actual, probabilities, "probabilities", outputs));
  let [low, high] = [-10, 10];
  // The loss is convex in 1 / temperature, with its minimum where the slope changes sign.
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    const slope = sum(
      rows.map((row, r) => {
        const own = Math.log(row[actual[r]!]!);
        return sum(powersOf(row, Math.exp(middle)).map((p, c) => p * (Math.log(row[c]!) - own)));
      }),
    );
    if (slope < 0) low = middle;
    else high = middle;
  }
  return Math.exp(-low);
}

/**
 * Rescales probabilities as if the network's logits had been divided by the temperature.
 * @param probabilities as for `logLoss`
 * @param outputs as for `rocAuc`
 * @returns rows for a list of rows, else a list of numbers
 * @throws as `logLoss`; RangeError for a temperature that is not above 0
 */
export function scaleTemperature<V extends Values>(
  probabilities: V,
  temperature: number,
  outputs?: number,
): V extends readonly Row[] ? number[][] : number[];
export function scaleTemperature(probabilities: Values, temperature: number, outputs?: number): number[] | number[][] {
  above0(temperature, "temperature");
  const columns = columnsOf(probabilities, "probabilities", outputs, fraction);
  const scaled = clippedRows(withBoth(columns)).map((row) => powersOf(row, 1 / temperature).slice(-columns.length));
  return isList(probabilities[0]) ? scaled : scaled.flat();
}

/** Adds the probability of class 0 where there is only that of class 1. */
const withBoth = (columns: Float64Array[]): Float64Array[] =>
  columns.length > 1 ? columns : [columns[0]!.map((p) => 1 - p), ...columns];

/** Checks scores and returns them class by class. For one score per row, those of class 0 are added, as for probabilities. */
function columnsFor(actual: Classes, scores: unknown, name: string, outputs: number | undefined): Float64Array[] {
  const rows = checkClasses(actual, "actual");
  const columns = withBoth(columnsOf(scores, name, outputs, name === "scores" ? undefined : fraction));
  checkRows(rows, name, columns[0]!.length);
  const stray = actual.findIndex((label) => !(label in columns));
  if (stray >= 0) outOfRange(`actual[${stray}] is ${actual[stray]}; ${name} has ${columns.length} classes`);
  return columns;
}

/** A metric of each class against all others; for two classes, only of class 1. */
function eachClass(
  actual: Classes,
  columns: Float64Array[],
  measure: (isRight: Float64Array, column: Float64Array, label: number) => number,
): number[] {
  const first = columns.length > 2 ? 0 : 1;
  return columns.slice(first).map((column, i) =>
    measure(
      Float64Array.from(actual, (label) => Number(label === i + first)),
      column,
      i + first,
    ),
  );
}

/** Probabilities row by row, clipped so that their logarithms are finite. */
const clippedRows = (columns: Float64Array[]): number[][] =>
  Array.from(columns[0]!, (_, r) => columns.map((column) => Math.min(1 - Number.EPSILON, Math.max(Number.EPSILON, column[r]!))));

/** A row's probabilities raised to a power, divided by their sum. */
function powersOf(row: readonly number[], power: number): number[] {
  // Divided by the largest, because all powers might underflow otherwise.
  const most = Math.max(...row);
  const powers = row.map((p) => (p / most) ** power);
  return powers.map((each) => each / sum(powers));
}
