// A search run on this machine: trials on as many workers as it has cores to spare.
import type { Matrix, Signal } from "../../index.js";
import { checkOptions, isObject, positiveInteger, thing } from "../../options/checks.js";
import { coreCount, isProcess } from "../../platform.js";
import { checkSamples } from "./network.js";
import { PLAN, planTrials, type PlanOptions } from "./plan.js";
import type { NetworkSpace } from "./space.js";
import { any } from "./splits.js";
import { bestTrial, nextTrials, partsOf, scoreTrial, type RunOptions, type TrialResult } from "./trial.js";

export interface SearchOptions extends PlanOptions, RunOptions {
  /**
   * How many trials run at once, each on one worker; never more than the machine has cores. Default: in Node, Bun and Deno one less than
   * that, in browsers 1. The result is the same for any number.
   */
  workers?: number;
  /** Called when a trial ends, in the order in which they end. What it throws ends the search. */
  onTrial?: (result: TrialResult, progress: { done: number; total: number }) => unknown;
}

export interface SearchResult {
  /** The best trial: by score, then by loss, then by number. `new NN(best.options)` makes its network, untrained. */
  best: TrialResult;
  /** All results by round, then by number. */
  trials: TrialResult[];
}

/** How many trials run at once. */
function laneCount(workers: number | undefined): number {
  const cores = coreCount();
  return Math.min(workers ?? Math.max(1, isProcess() ? cores - 1 : 1), cores);
}

const SEARCH = {
  ...PLAN,
  workers: positiveInteger,
  signal: thing<Signal>((value) => isObject(value) && "aborted" in value && "addEventListener" in value, "an AbortSignal"),
  workerUrl: any<NonNullable<RunOptions["workerUrl"]>>,
  onTrial: thing<NonNullable<SearchOptions["onTrial"]>>((value) => typeof value === "function", "a function"),
};

/**
 * Searches for the options with which a network scores best. Trials run on workers, and rows must not be changed before the promise is
 * settled. The same space, options and seed give the same trials and the same best for any number of workers.
 * @throws TypeError, RangeError for a bad space, bad options or rows, before anything is trained (rejects)
 * @throws the signal's reason; Error when a worker died three times in a row, or when every trial diverged (rejects)
 * @example
 * const { best } = await search({
 *   layers: [4, { units: integer(4, 64), activation: oneOf(["relu", "tanh"]) }, 3],
 *   loss: "categoricalCrossentropy", learningRate: logUniform(1e-4, 1e-1), epochs: 50,
 * }, x, y, { trials: 30, seed: 1 });
 * const nn = new NN(best.options);
 */
export async function search(space: NetworkSpace, x: Matrix, y: Matrix, options: SearchOptions = {}): Promise<SearchResult> {
  const { workers, signal, workerUrl, onTrial, ...plan } = checkOptions(options, SEARCH);
  let pending = planTrials(space, plan);
  const [{ options: first, split }] = pending as [(typeof pending)[0]];
  if (signal?.aborted) throw signal.reason;
  const parts = partsOf(split, checkSamples(first, x, y), y);
  const results: TrialResult[] = [];
  // What ends one lane ends the others.
  const stop = new AbortController();
  const abort = (): void => stop.abort(signal!.reason);
  signal?.addEventListener("abort", abort);
  try {
    while (pending.length) {
      const start = results.length,
        total = pending.length;
      let done = 0;
      // All lanes take their trials from one iterator.
      const queue = pending.entries();
      const lane = async (): Promise<void> => {
        for (const [at, trial] of queue) {
          stop.signal.throwIfAborted();
          const result = await scoreTrial(trial, x, y, parts, { signal: stop.signal, ...(workerUrl && { workerUrl }) });
          results[start + at] = result;
          await onTrial?.(result, { done: ++done, total });
        }
      };
      await Promise.all(Array.from({ length: laneCount(workers) }, () => lane().catch((error: unknown) => stop.abort(error))));
      stop.signal.throwIfAborted();
      pending = nextTrials(results.slice(start));
    }
  } finally {
    signal?.removeEventListener("abort", abort);
  }
  return { best: bestTrial(results), trials: results };
}
