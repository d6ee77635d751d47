// Metrics of predicted classes.
import { checkOptions, oneOf, outOfRange, positiveInteger } from "../../options/checks.js";
import { checkClasses, checkPair, mean, sum, type Classes } from "./values.js";

/**
 * How the scores of classes become one number:
 * - `binary`: the score of class 1; there are the classes 0 and 1;
 * - `macro`: the mean over classes;
 * - `micro`: from the sums of all classes' counts; where each row has one class, this is the accuracy;
 * - `weighted`: the mean over classes, each weighted by its number of actual rows;
 * - `none`: no average, but a list of scores, one per class.
 */
export type Average = (typeof AVERAGES)[number];
const AVERAGES = ["binary", "macro", "micro", "weighted", "none"] as const;

export interface ScoreOptions<A extends Average = Average> {
  /** Default `binary`. */
  average?: A;
  /**
   * The classes, in the order of their scores: their number, for 0 … n−1, or a list. Default: the classes that occur, ascending. With
   * `macro`, a listed class that never occurs has the score 0.
   */
  classes?: number | Classes;
}

/** One number; for `none`, one per class. */
export type Score<A extends Average> = A extends "none" ? number[] : number;

/**
 * The confusion matrix: `matrix[i][j]` rows of the i-th class were predicted as the j-th.
 * @param actual the true class of each row
 * @param predicted the predicted class of each row, as from `nn.predictClasses`
 * @param classes the number of classes, for 0 … n−1, or a list of them; default: the classes that occur, ascending
 * @returns classes × classes
 * @throws TypeError, RangeError for lists of unequal length, empty lists, values that are not integers, a class that is not in `classes`
 * @example
 * confusionMatrix([0, 1, 1, 2], [0, 1, 2, 2]);   // [[1, 0, 0], [0, 1, 1], [0, 0, 1]]
 */
export function confusionMatrix(actual: Classes, predicted: Classes, classes?: number | Classes): number[][] {
  return tally(actual, predicted, classes).matrix;
}

/**
 * The fraction of rows whose class was predicted correctly.
 * @throws as `confusionMatrix`
 * @example
 * accuracy([0, 1, 1, 2], [0, 1, 2, 2]);   // 0.75
 */
export function accuracy(actual: Classes, predicted: Classes): number {
  checkPair(actual, predicted);
  return mean(Array.from(actual, (label, r) => Number(label === predicted[r])));
}

/**
 * The fraction of the rows predicted as a class that belong to it: TP / (TP + FP), or 0 if there are none.
 * @throws as `confusionMatrix`; RangeError for average `binary` when there are classes besides 0 and 1
 * @example
 * precision([0, 1, 1, 1], [0, 1, 1, 0]);                         // 1
 * precision([0, 1, 1, 2], [0, 1, 2, 2], { average: "none" });    // [1, 1, 0.5]
 */
export function precision<A extends Average = "binary">(
  actual: Classes,
  predicted: Classes,
  options?: ScoreOptions<A>,
): Score<A> {
  return score(({ right, predicted }) => ratio(right, predicted), actual, predicted, options);
}

/**
 * The fraction of the rows of a class that were predicted as it: TP / (TP + FN), or 0 if there are none.
 * @throws as `precision`
 * @example
 * recall([0, 1, 1, 1], [0, 1, 1, 0]);                            // 0.66…
 * recall([0, 1, 1, 2], [0, 1, 2, 2], { average: "macro" });      // 0.83…
 */
export function recall<A extends Average = "binary">(actual: Classes, predicted: Classes, options?: ScoreOptions<A>): Score<A> {
  return score(({ right, actual }) => ratio(right, actual), actual, predicted, options);
}

/**
 * The harmonic mean of precision and recall: 2 TP / (2 TP + FP + FN), or 0 where that is 0 / 0. The macro and weighted
 * averages are means of the classes' F1.
 * @throws as `precision`
 * @example
 * f1([0, 1, 1, 1], [0, 1, 1, 0]);                                // 0.8
 * f1([0, 1, 1, 2], [0, 1, 2, 2], { average: "weighted" });       // 0.75
 */
export function f1<A extends Average = "binary">(actual: Classes, predicted: Classes, options?: ScoreOptions<A>): Score<A> {
  return score(({ right, actual, predicted }) => ratio(2 * right, actual + predicted), actual, predicted, options);
}

/**
 * The mean recall over the classes that occur in `actual`.
 * @throws as `confusionMatrix`
 * @example
 * balancedAccuracy([0, 0, 0, 1], [0, 0, 0, 0]);                  // 0.5
 */
export function balancedAccuracy(actual: Classes, predicted: Classes): number {
  const { matrix } = tally(actual, predicted);
  return mean(matrix.map((row, i) => row[i]! / sum(row)).filter((share) => share >= 0));
}

/** Rows of one class: predicted correctly (TP), predicted (TP + FP), actual (TP + FN). */
interface Counts {
  readonly right: number;
  readonly predicted: number;
  readonly actual: number;
}

/** scikit-learn's zero_division=0. */
const ratio = (part: number, whole: number): number => (whole ? part / whole : 0);

function score<A extends Average>(
  measure: (counts: Counts) => number,
  actual: Classes,
  predicted: Classes,
  options: ScoreOptions<A> = {},
): Score<A> {
  const { average = "binary", classes } = checkOptions(options, OPTIONS);
  const { labels, matrix } = tally(actual, predicted, classes);
  const counts = labels.map((_, i): Counts => ({
    right: matrix[i][i],
    actual: sum(matrix[i]),
    predicted: sum(matrix.map((row) => row[i])),
  }));
  const scores = counts.map(measure);
  const one = (): number => {
    if (average === "macro") return mean(scores);
    if (average === "weighted") return sum(scores.map((each, i) => each * counts[i].actual)) / actual.length;
    // Each row has one class, so the sums over all classes are the numbers of correct and of all rows.
    if (average === "micro") return accuracy(actual, predicted);
    const stray = labels.find((label) => label !== 0 && label !== 1);
    if (stray === undefined) return scores[labels.indexOf(1)] ?? 0;
    outOfRange(
      `average "binary" is for the classes 0 and 1, and there is a class ${stray}; choose "macro", "micro", "weighted" or "none"`,
    );
  };
  return (average === "none" ? scores : one()) as Score<A>;
}

const OPTIONS = {
  average: oneOf(...AVERAGES),
  classes: (value: unknown) => value as number | Classes,
};

/** The classes and their confusion matrix. */
function tally(actual: Classes, predicted: Classes, classes?: number | Classes): { labels: number[]; matrix: number[][] } {
  checkPair(actual, predicted);
  const labels = listOf(classes) ?? [...new Set([...actual, ...predicted])].sort((a, b) => a - b);
  const place = new Map(labels.map((label, i) => [label, i]));
  if (place.size < labels.length) outOfRange("classes has a class twice");
  const matrix = labels.map(() => labels.map(() => 0));
  const find = (list: Classes, name: string, r: number): number =>
    place.get(list[r]) ??
    outOfRange(
      `${name}[${r}] is ${list[r]}, which is not in classes (${labels.slice(0, 10).join(", ")}${labels.length > 10 ? " …" : ""})`,
    );
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
