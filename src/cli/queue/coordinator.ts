// A search whose trials run on whatever workers take them. All that it knows is in Redis: jobs have names of their own, so that a
// coordinator that is started again finds those that are done, and none is counted twice.
import { createHash } from "node:crypto";
import type { Job as BullJob } from "bullmq";
import { bestTrial, nextTrials, type SearchResult, type Trial, type TrialResult } from "../../entries/selection.js";
import { readResult } from "../../entries/selection/stored.js";
import { DataError } from "../errors.js";
import type { Encoded } from "../search/encode.js";
import { JOB_VERSION, jobId, type Job, type Outcome } from "./jobs.js";
import { QUEUE, type Connection } from "./redis.js";
import { digestOfSamples, dropSamples, putSamples } from "./samples.js";

/** Attempts at a trial that throws, and how often the worker of a trial may disappear. */
const ATTEMPTS = 3;
export const MOST_STALLS = 5;
/** Events tell when a trial is done; where they are lost, with Redis itself, this is how often it is looked for. */
const SWEEP_MS = 2000;
/** Jobs that are asked for at a time. */
const SLICE = 200;

export interface QueueOptions {
  readonly signal: AbortSignal;
  readonly onTrial: (result: TrialResult, progress: { done: number; total: number }) => void;
  /** Called from time to time with how many workers there are. */
  readonly onWorkers: (count: number, done: number, total: number) => void;
}

export interface QueueResult extends SearchResult {
  /** Trials that were begun again because their worker had disappeared. */
  repeated: number;
}

/** The same trials on the same rows are the same search. */
const searchId = (trials: readonly Trial[], samples: Encoded): string =>
  createHash("sha256")
    .update(JSON.stringify([JOB_VERSION, digestOfSamples(samples), trials]))
    .digest("hex")
    .slice(0, 32);

export async function searchOnQueue(
  connection: Connection,
  first: Trial[],
  samples: Encoded,
  options: QueueOptions,
): Promise<QueueResult> {
  const { bull, redis } = connection;
  const search = searchId(first, samples);
  const queue = new bull.Queue<Job, Outcome>(QUEUE, { connection: connection.options });
  const events = new bull.QueueEvents(QUEUE, { connection: connection.options });
  // A connection that is lost is told by that of `connect`, and made again by BullMQ.
  queue.on("error", () => undefined);
  events.on("error", () => undefined);
  const results: TrialResult[] = [];
  let repeated = 0;
  const wakers = new Set<() => void>();
  const wake = (): void => {
    for (const waker of wakers) waker();
  };
  options.signal.addEventListener("abort", wake);
  events.on("completed", wake);
  events.on("failed", wake);
  const sleep = (): Promise<void> =>
    new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        wakers.delete(end);
        resolve();
      };
      const timer = setTimeout(end, SWEEP_MS);
      wakers.add(end);
    });

  /** Runs one round to its end. */
  async function runRound(trials: readonly Trial[]): Promise<TrialResult[]> {
    const pending = new Map(trials.map((trial) => [jobId(search, trial), trial]));
    const done = new Map<string, TrialResult>();
    await addMissing([...pending.values()], true);
    for (;;) {
      options.signal.throwIfAborted();
      const ids = [...pending.keys()];
      for (let at = 0; at < ids.length; at += SLICE) {
        const slice = ids.slice(at, at + SLICE);
        const jobs = await Promise.all(slice.map((id) => queue.getJob(id) as Promise<BullJob<Job, Outcome> | undefined>));
        for (const [i, job] of jobs.entries()) {
          const id = slice[i]!;
          if (!job?.finishedOn) continue;
          const trial = pending.get(id)!;
          if (job.failedReason) throw new DataError(`trial ${trial.trial} failed: ${job.failedReason}`);
          const result = readResult(job.returnvalue, trial);
          repeated += job.stalledCounter;
          pending.delete(id);
          done.set(id, result);
          options.onTrial(result, { done: done.size, total: trials.length });
        }
        const lost = slice.filter((id, i) => !jobs[i] && pending.has(id));
        if (lost.length)
          await addMissing(
            lost.map((id) => pending.get(id)!),
            false,
          );
      }
      if (!pending.size) return trials.map((trial) => done.get(jobId(search, trial))!);
      options.onWorkers(await queue.getWorkersCount(), done.size, trials.length);
      await sleep();
    }
  }

  /** Adds the trials that the queue does not have; those that failed for an earlier coordinator are tried again. */
  async function addMissing(trials: readonly Trial[], retry: boolean): Promise<void> {
    for (let at = 0; at < trials.length; at += SLICE) {
      const slice = trials.slice(at, at + SLICE);
      if (retry) {
        const jobs = await Promise.all(slice.map((trial) => queue.getJob(jobId(search, trial))));
        await Promise.all(jobs.map((job) => job?.failedReason && job.finishedOn && job.remove()));
      }
      await queue.addBulk(
        slice.map((trial) => ({
          name: "trial",
          data: { version: JOB_VERSION, search, trial },
          opts: { jobId: jobId(search, trial), attempts: ATTEMPTS, removeOnComplete: false, removeOnFail: false },
        })),
      );
    }
  }

  try {
    await putSamples(redis, search, samples);
    for (let trials = first; trials.length;) {
      const round = await runRound(trials);
      results.push(...round);
      trials = nextTrials(round);
    }
    const best = bestTrial(results);
    await Promise.all(results.map(async (result) => (await queue.getJob(jobId(search, result)))?.remove()));
    await dropSamples(redis, search);
    return { best, trials: results, repeated };
  } finally {
    options.signal.removeEventListener("abort", wake);
    await Promise.all([queue.close(), events.close()].map((closing) => closing.catch(() => undefined)));
  }
}
