// A worker of the queue: takes trials, checks them, trains on rows that it fetches once a search, and gives results back.
import { existsSync } from "node:fs";
import type { Job as BullJob } from "bullmq";
import { runTrial } from "../../entries/selection.js";
import { ModelFormatError } from "../../index.js";
import type { Encoded } from "../search/encode.js";
import { MOST_STALLS } from "./coordinator.js";
import { checkNetwork, outcomeOf, readJob, type Job, type Outcome } from "./jobs.js";
import { QUEUE, type Connection } from "./redis.js";
import { getSamples } from "./samples.js";

/** Searches whose rows are kept in memory. */
const KEPT = 2;
const HOLD_MS = 20;

export interface WorkOptions {
  /** Trials at a time. */
  readonly concurrency: number;
  /** Milliseconds without a sign of life after which a worker's trial is given to another. */
  readonly lockMs: number;
  readonly onStart: (job: Job) => void;
  readonly onEnd: (job: Job, outcome: Outcome) => void;
  readonly onError: (error: Error) => void;
}

/** Takes trials until `close` is called, which waits for those that are running. */
export async function work(
  connection: Connection,
  { concurrency, lockMs, onStart, onEnd, onError }: WorkOptions,
): Promise<{ close(): Promise<void> }> {
  const { bull, redis } = connection;
  const searches = new Map<string, Promise<Encoded>>();

  function samplesOf(search: string): Promise<Encoded> {
    const known = searches.get(search);
    if (known) return known;
    const loading = getSamples(redis, search);
    searches.set(search, loading);
    loading.catch(() => searches.delete(search));
    for (const [oldest] of searches) {
      if (searches.size <= KEPT) break;
      searches.delete(oldest);
    }
    return loading;
  }

  async function run({ data }: BullJob<unknown, Outcome>): Promise<Outcome> {
    try {
      const job = readJob(data);
      const { x, y, inputs, targets } = await samplesOf(job.search);
      checkNetwork(job.trial, inputs, targets);
      onStart(job);
      await held();
      const outcome = outcomeOf(await runTrial(job.trial, x, y));
      onEnd(job, outcome);
      return outcome;
    } catch (error) {
      // What is wrong with a job will not be right at the next attempt.
      if (error instanceof ModelFormatError || error instanceof RangeError || error instanceof TypeError)
        throw new bull.UnrecoverableError(error.message);
      throw error;
    }
  }

  const worker = new bull.Worker<unknown, Outcome>(QUEUE, run, {
    connection: connection.options,
    concurrency,
    lockDuration: lockMs,
    stalledInterval: lockMs,
    maxStalledCount: MOST_STALLS,
    // Seconds that an idle worker blocks before it asks again; with Redis restarted, that is how soon it notices.
    drainDelay: 1,
  });
  worker.on("error", onError);
  worker.on("failed", (_, error) => onError(error));
  await worker.waitUntilReady();
  return { close: () => worker.close() };
}

/** For tests of workers that disappear: a trial that has begun waits as long as the file that WASMLP_WORK_HOLD names exists. */
async function held(): Promise<void> {
  const { WASMLP_WORK_HOLD: path = "" } = process.env;
  while (existsSync(path)) await new Promise((resolve) => setTimeout(resolve, HOLD_MS));
}
