// One trial: run, and compared with others.
import { DivergenceError, NN, type Matrix, type Signal } from "../../index.js";
import { foldsOf, meanOf, summarize, type Evaluation } from "./cross-validate.js";
import { checkSamples, type Metric } from "./network.js";
import type { Split, Trial } from "./plan.js";
import { pickRows } from "./rows.js";
import { splitOnce, type Fold } from "./splits.js";

/** What a trial came to: JSON data. */
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
  const parts = foldsOf(count, seed, labels, folds);
  return fold === undefined ? parts : [parts[fold]!];
}

/** `runTrial` for a trial and rows that have been checked. */
export async function scoreTrial(trial: Trial, x: Matrix, y: Matrix, parts: readonly Fold[], options: RunOptions): Promise<TrialResult> {
  const evaluations: Evaluation[] = [];
  const rows = parts[0]!.train.length + parts[0]!.test.length;
  let error: string | undefined;
  for (const [fold, { train, test }] of parts.entries()) {
    const samples = [pickRows(x, rows, train), pickRows(y, rows, train)] as const;
    try {
      const nn = await fitInWorker(trial, `trial ${trial.trial}, fold ${fold}`, ...samples, options);
      const evaluation = nn.evaluate(pickRows(x, rows, test), pickRows(y, rows, test));
      if (Number.isFinite(evaluation.loss)) evaluations.push(evaluation);
      else error = `the loss of fold ${fold} is ${evaluation.loss}`;
    } catch (reason) {
      if (!(reason instanceof DivergenceError)) throw reason;
      error = reason.message;
    }
    if (error !== undefined) break;
  }
  const { metric, greaterIsBetter, scores, mean, deviation } = summarize(trial.options, evaluations);
  const base = { ...trial, metric, greaterIsBetter };
  if (error !== undefined) return { ...base, score: null, scores: [], deviation: 0, error };
  const loss = meanOf(evaluations.map((each) => each.loss));
  return { ...base, score: mean, scores, deviation, evaluation: metric === "accuracy" ? { loss, accuracy: mean } : { loss } };
}

async function fitInWorker({ options }: Trial, name: string, x: Matrix, y: Matrix, { signal, workerUrl }: RunOptions): Promise<NN> {
  for (let attempt = 1; ; attempt++) {
    const nn = new NN(options);
    try {
      await nn.fitAsync(x, y, { threads: 1, ...(signal && { signal }), ...(workerUrl && { workerUrl }) });
      return nn;
    } catch (error) {
      // What has no class of its own is a worker that died.
      const isFault = error instanceof TypeError || error instanceof RangeError || error instanceof DivergenceError;
      if (isFault || signal?.aborted) throw error;
      if (attempt === ATTEMPTS) throw new Error(`${name}: ${(error as Error).message}, ${ATTEMPTS} times in a row`, { cause: error });
    }
  }
}

/** Better trials first: by score, then by loss, then by number; those of later rounds before all others, those that diverged last. */
export function rankTrials<R extends TrialResult>(results: readonly R[]): R[] {
  const value = ({ score, greaterIsBetter }: R): number => (greaterIsBetter ? -score! : score!);
  return [...results].sort((a, b) =>
    Number(a.score === null) - Number(b.score === null) || b.round - a.round
    || (a.score !== null && value(a) - value(b)) || (a.evaluation && b.evaluation && a.evaluation.loss - b.evaluation.loss) || a.trial - b.trial);
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
  return rankTrials(results).slice(0, Math.ceil(results.length / factor)).filter(({ score }) => score !== null)
    .sort((a, b) => a.trial - b.trial)
    .map(({ version, trial, options, split }) => ({ version, trial, round: round + 1, options: { ...options, epochs }, split, rounds, factor }));
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
