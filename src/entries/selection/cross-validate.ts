// Cross-validation: a network trained and tested once for each fold.
import { NN, type FitOptions, type History, type Matrix, type NetworkOptions } from "../../index.js";
import { checkOptions } from "../../options/checks.js";
import { checkSamples, metricOf, type Metric } from "./network.js";
import { randomSeed, seedCheck } from "./random.js";
import { checkCount, divideRows, pickRows, type Labels } from "./rows.js";
import { foldCount, kFold } from "./splits.js";

/** Options of a cross-validation: those of its folds, and all of `fit`. */
export interface CrossValidationOptions extends FitOptions {
  /** 2 or more. Default 5. */
  folds?: number;
  /** A 32-bit integer that settles the folds, and the network's seed where its options have none. Default: random. */
  seed?: number;
  /** Whether every fold has the same share of each class of `y`; or the classes to do so by, one per row. Default: with a cross-entropy. */
  stratify?: boolean | Labels;
}

export interface Evaluation {
  /** Mean per row of the data loss. */
  loss: number;
  /** The fraction of right answers; for the two cross-entropies. */
  accuracy?: number;
}

export interface Scores {
  /** What the scores are: `accuracy` with a cross-entropy, else `loss`. */
  metric: Metric;
  /** Whether a larger score is better: `true` for accuracies, `false` for losses. */
  greaterIsBetter: boolean;
  /** One a fold. */
  scores: number[];
  /** Of the scores. */
  mean: number;
  /** The scores' standard deviation; it divides by their number, as NumPy's `std`. */
  deviation: number;
}

export interface CrossValidation extends Scores {
  seed: number;
  folds: { history: History; evaluation: Evaluation }[];
}

/**
 * Trains a network for each fold on the rows of the others and evaluates it on the fold's own.
 * @throws TypeError, RangeError for bad options or rows, before anything is trained
 * @throws DivergenceError where a fold's training diverges
 * @example
 * const { mean, deviation } = crossValidate({ layers: [4, 16, 3], loss: "categoricalCrossentropy" }, x, y, { folds: 5, epochs: 50, seed: 1 });
 */
export function crossValidate(
  options: NetworkOptions,
  x: Matrix,
  y: Matrix,
  settings: CrossValidationOptions = {},
): CrossValidation {
  const { folds, seed: givenSeed, stratify, ...fit } = settings;
  const { seed = randomSeed() } = checkOptions({ folds, seed: givenSeed }, { folds: foldCount, seed: seedCheck });
  const count = checkSamples(options, x, y);
  const weights = (["sampleWeight", "outputWeight"] as const).filter((name) => fit[name]);
  for (const name of weights) checkCount(fit[name], name, count);
  const labels = (stratify ?? metricOf(options) === "accuracy") ? (typeof stratify === "object" ? stratify : y) : undefined;
  const results = kFold(count, { folds, seed, stratify: labels }).map((fold) => {
    const { xTrain, xTest, yTrain, yTest } = divideRows(x, y, fold);
    const nn = new NN({ seed, ...options });
    const picked = weights.map((name) => [name, pickRows(fit[name], count, fold.train)]);
    const history = nn.fit(xTrain, yTrain, { ...fit, ...Object.fromEntries(picked) });
    return { history, evaluation: nn.evaluate(xTest, yTest) };
  });
  return {
    ...summarize(
      options,
      results.map(({ evaluation }) => evaluation),
    ),
    seed,
    folds: results,
  };
}

/** 0 for no values. */
export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

export function summarize(options: NetworkOptions, evaluations: readonly Evaluation[]): Scores {
  const metric = metricOf(options);
  const scores = evaluations.map((each) => each[metric]!);
  const mean = meanOf(scores);
  const deviation = Math.sqrt(meanOf(scores.map((score) => (score - mean) ** 2)));
  return { metric, greaterIsBetter: metric === "accuracy", scores, mean, deviation };
}
