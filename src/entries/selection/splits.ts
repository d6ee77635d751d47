// Rows divided into those to train on and those to test on: once, or fold by fold. Every division follows from its seed.
import type { Matrix } from "../../index.js";
import { checkOptions, number, outOfRange, plural, positiveInteger, refuse, type Check } from "../../options/checks.js";
import { randomSeed, seedCheck, shuffledRows } from "./random.js";
import { checkCount, classesOf, countRows, divideRows, type Fold, type Labels, type TrainTest } from "./rows.js";

export interface TrainTestOptions {
  /** The share of the rows to test on, above 0 and below 1, rounded up; or how many rows. Default 0.25. */
  test?: number;
  /** A 32-bit integer that settles the division. Default: random. */
  seed?: number;
  /** `true`: each class of `y` has the same share in both parts, give or take a row. Or the classes to do so by, one per row. Default `false`. */
  stratify?: boolean | Labels;
  /** How many values a row of a flat typed `x` has. Default: `x` has as many rows as `y` has entries. */
  columns?: number;
}

export interface FoldOptions {
  /** 2 or more. Default 5. */
  folds?: number | undefined;
  /** A 32-bit integer that settles the division. Default: random. */
  seed?: number;
  /** The class of each row: every fold has the same share of each class, give or take a row. Default: not looked at. */
  stratify?: Labels | undefined;
}

export const testShare: Check<number> = number(
  (value) => value > 0 && (value < 1 || Number.isSafeInteger(value)),
  "a share above 0 and below 1, or a number of rows",
);
export const foldCount: Check<number> = number((value) => value > 1 && Number.isSafeInteger(value), "an integer, 2 or more");
/** For options that are checked where they are used. */
export const any = <T>(value: unknown): T => value as T;

/**
 * Shuffles the rows and divides them into a part to train on and a part to test on, as scikit-learn's `train_test_split`.
 * @param x a list of rows, or a flat typed array, row-major
 * @param y a target or a row of targets for each row of `x`, or a flat typed array
 * @throws TypeError, RangeError that name the argument and the value
 * @example
 * const { xTrain, xTest, yTrain, yTest } = trainTestSplit(x, y, { test: 0.2, seed: 1, stratify: true });
 */
export function trainTestSplit<X extends Matrix, Y extends Matrix>(x: X, y: Y, options: TrainTestOptions = {}): TrainTest<X, Y> {
  const {
    test = 0.25,
    seed = randomSeed(),
    stratify,
    columns,
  } = checkOptions(options, {
    test: testShare,
    seed: seedCheck,
    columns: positiveInteger,
    stratify: any<boolean | Labels>,
  });
  const labels = stratify === true ? (y as Labels) : stratify || undefined;
  return divideRows(x, y, splitOnce(countRows(x, y, columns), test, seed, labels));
}

/** The rows of one division, in the order of the shuffle. */
export function splitOnce(count: number, test: number, seed: number, stratify?: Labels): Fold {
  const tested = test < 1 ? Math.ceil(count * test) : test;
  if (tested >= count) outOfRange(`test is ${test}, which leaves none of ${plural(count, "row")} to train on`);
  const order = shuffledRows(count, seed);
  const grouped = groupRows(order, stratify);
  // Equidistant positions in rows sorted by class: each class gets its share, rounded up or down.
  const chosen = new Set(Array.from({ length: tested }, (_, i) => grouped[Math.floor(((i + 0.5) * count) / tested)]));
  return partition(order, (row) => chosen.has(row));
}

const partition = (rows: readonly number[], isTested: (row: number) => boolean): Fold => ({
  train: rows.filter((row) => !isTested(row)),
  test: rows.filter(isTested),
});

/**
 * Shuffles rows 0 … count − 1 and divides them into folds of equal size, give or take a row; each row is tested once. As scikit-learn's `KFold`
 * and `StratifiedKFold` with `shuffle=True`.
 * @returns for each fold the numbers of the rows to train on and of those to test on, ascending
 * @throws TypeError, RangeError that name the argument and the value
 * @example
 * for (const { train, test } of kFold(x.length, { folds: 5, seed: 1, stratify: y })) …
 */
export function kFold(count: number, options: FoldOptions = {}): Fold[] {
  positiveInteger(count, "count");
  const {
    folds = 5,
    seed = randomSeed(),
    stratify,
  } = checkOptions(options, { folds: foldCount, seed: seedCheck, stratify: any<Labels> });
  if (folds > count) refuse("folds", folds, `at most the number of rows, which is ${count}`);
  const foldOf: number[] = [];
  for (const [i, row] of groupRows(shuffledRows(count, seed), stratify).entries()) foldOf[row] = i % folds;
  return Array.from({ length: folds }, (_, fold) => partition([...foldOf.keys()], (row) => foldOf[row] === fold));
}

/** Rows class by class, within a class in the order in which they were. */
function groupRows(order: readonly number[], stratify: Labels | undefined): readonly number[] {
  if (!stratify) return order;
  checkCount(stratify, "stratify", order.length);
  const classes = classesOf(stratify, order.length);
  return [...order].sort((a, b) => classes[a]! - classes[b]!);
}
