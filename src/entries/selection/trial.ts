// One trial: run, and compared with others.
import { DivergenceError, NN, type Matrix, type Signal } from "../../index.js";
import { meanOf, summarize, type Evaluation } from "./cross-validate.js";
import { checkSamples, type Metric } from "./network.js";
import type { Split, Trial } from "./plan.js";
import { divideRows, type Fold } from "./rows.js";
import { kFold, splitOnce } from "./splits.js";

/** The result of a trial: JSON data. */
export interface TrialResult extends Trial {
  /** What the score is: the accuracy with a cross-entropy, else the loss. */
  readonly metric: Metric;
  readonly greaterIsBetter: boolean;
  /** The mean over the folds, or of the one test; `null` where training diverged, which counts as worse than any number. */
  readonly score: number | null;
  /** One a fold, and their standard deviation. */
  readonly scores: readonly number[];
  readonly deviation: number;
  /** The means of the folds' losses and accuracies; absent where training diverged. */
  readonly evaluation?: Evaluation;
  /** Why there is no score. */
  readonly error?: string;
}

export interface RunOptions {
  /** Ends the trial: the promise rejects with its reason. */
  signal?: Signal;
  /** As for `nn.fitAsync`: where the page serves `wasmlp/worker.js`, for content-security policies that forbid blob: workers. */
  workerUrl?: string | { readonly href: string };
}

/** How often a fold is trained when its worker keeps dying. */
const ATTEMPTS = 3;

/**
 * Trains and scores the network of a trial, on one worker. The same trial and rows give the same result on every machine, to the
 * last bit with `reproducible: true`.
 * @param trial from `planTrials` or `nextTrials`
 * @throws TypeError, RangeError for rows that do not fit it (rejects)
 * @throws Error when its worker died three times in a row; the signal's reason (rejects)
 */
export async function runTrial(trial: Trial, x: Matrix, y: Matrix, options: RunOptions = {}): Promise<TrialResult> {
  return await scoreTrial(trial, x, y, partsOf(trial.split, checkSamples(trial.options, x, y), y), options);
}

/** The parts of the rows that a split names. */
export function partsOf({ seed, stratify, folds, test, fold }: Split, count: number, y: Matrix): Fold[] {
  const labels = stratify ? y : undefined;
  if (test !== undefined) return [splitOnce(count, test, seed, labels)];
  const parts = kFold(count, { seed, stratify: labels, folds });
  return fold === undefined ? parts : [parts[fold]!];
}

/** `runTrial` for a trial and rows that have been checked. */
export async function scoreTrial(
  trial: Trial,
  x: Matrix,
  y: Matrix,
  parts: readonly Fold[],
  options: RunOptions,
): Promise<TrialResult> {
  let evaluations: Evaluation[] = [];
  let error: string | undefined;
  try {
    for (const part of parts) evaluations.push(await evaluateFold(trial, x, y, part, options));
  } catch (reason) {
    if (!(reason instanceof DivergenceError)) throw reason;
    error = reason.message;
    evaluations = [];
  }
  const loss = meanOf(evaluations.map((each) => each.loss));
  if (!Number.isFinite(loss)) {
    error = `the loss on the test rows is ${loss}`;
    evaluations = [];
  }
  const { mean, ...summary } = summarize(trial.options, evaluations);
  const result = { ...trial, ...summary };
  if (error !== undefined) return { ...result, score: null, error };
  return { ...result, score: mean, evaluation: summary.metric === "accuracy" ? { loss, accuracy: mean } : { loss } };
}

/** @throws DivergenceError; the signal's reason; Error when the worker died too often */
async function evaluateFold(trial: Trial, x: Matrix, y: Matrix, fold: Fold, options: RunOptions): Promise<Evaluation> {
  const { xTrain, xTest, yTrain, yTest } = divideRows(x, y, fold);
  for (let attempt = 1; ; attempt++) {
    const nn = new NN(trial.options);
    try {
      await nn.fitAsync(xTrain, yTrain, { ...options, threads: 1 });
      return nn.evaluate(xTest, yTest);
    } catch (error) {
      // An error without a class of its own: the worker died.
      if ((error as Error).constructor !== Error || options.signal?.aborted) throw error;
      if (attempt === ATTEMPTS)
        throw new Error(`trial ${trial.trial}: ${(error as Error).message}, ${ATTEMPTS} times in a row`, { cause: error });
    }
  }
}

/** Better trials first: by score, then by loss, then by number; those of later rounds before all others, those that diverged last. */
function rankTrials(results: readonly TrialResult[]): TrialResult[] {
  // Of a trial without a score there is nothing to compare but its number: NaN is passed over.
  const loss = ({ evaluation }: TrialResult): number => evaluation?.loss ?? NaN;
  return [...results].sort(
    (a, b) =>
      Number(a.score === null) - Number(b.score === null) ||
      b.round - a.round ||
      (a.greaterIsBetter && b.score! - a.score!) ||
      loss(a) - loss(b) ||
      a.trial - b.trial,
  );
}

/**
 * The trials of the next round of a search by halving: the best of one round, for more epochs.
 * @param results of all trials of one round, in any order
 * @returns none after the last round, and for other strategies
 */
export function nextTrials(results: readonly TrialResult[]): Trial[] {
  const [{ rounds = [], factor = 1, round = 0 } = {}] = results as readonly [TrialResult?];
  const epochs = rounds[round + 1];
  if (epochs === undefined) return [];
  return rankTrials(results)
    .slice(0, Math.ceil(results.length / factor))
    .filter(({ score }) => score !== null)
    .sort((a, b) => a.trial - b.trial)
    .map(({ version, trial, options, split }) => ({
      version,
      trial,
      round: round + 1,
      options: { ...options, epochs },
      split,
      rounds,
      factor,
    }));
}

/**
 * The best of all results of a search.
 * @throws Error when there are none with a score
 */
export function bestTrial(results: readonly TrialResult[]): TrialResult {
  const [best] = rankTrials(results);
  if (best && best.score !== null) return best;
  throw new Error(best ? `every trial diverged; the first: ${best.error}` : "there are no results");
}
