// Searches on several workers: the same for any number of them, never more than cores, and what is left after an abort or a death.
import type { Worker } from "node:worker_threads";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { planTrials, runTrial, search, type SearchOptions, type SearchResult } from "../../src/entries/selection.js";
import { yieldToEventLoop } from "../../src/threads/event-loop.js";
import { confineTo, PLACES, rejection } from "../threads/support.js";
import { endWorkers, onMessage, onStart, running, watchWorkers } from "../threads/workers.js";
import { SPACE, X, Y } from "./support.js";

const os = process.getBuiltinModule("node:os");
const cores = vi.spyOn(os, "availableParallelism");
let restore = (): void => undefined;

beforeAll(watchWorkers);
afterAll(endWorkers);
afterEach(async () => {
  restore();
  onMessage();
  onStart();
  await Promise.all(running.map((worker) => worker.terminate()));
});

const run = (options: SearchOptions): Promise<SearchResult> => search(SPACE, X, Y, { trials: 6, seed: 4, folds: 2, ...options });

describe.each(PLACES)("in %s", (place) => {
  test.each(["random", "halving"] as const)(
    "by %s, any number of workers comes to the same trials and the same best",
    async (strategy) => {
      cores.mockReturnValue(8);
      restore = confineTo(place);
      const expected = await run({ strategy, workers: 1 });
      for (const workers of [2, 3]) expect(await run({ strategy, workers })).toEqual(expected);
      expect(new Set(expected.trials.map(({ round }) => round)).size).toBe(strategy === "random" ? 1 : 2);
    },
  );

  test("an abort in the middle rejects with its reason, and no trial ends after it", async () => {
    cores.mockReturnValue(8);
    restore = confineTo(place);
    const controller = new AbortController();
    const reason = new Error("enough");
    let ended = 0;
    const aborted = run({
      workers: 2,
      signal: controller.signal,
      onTrial: () => {
        if (++ended === 3) controller.abort(reason);
      },
    });
    expect(await rejection(aborted)).toBe(reason);
    expect(ended).toBe(3);
    await yieldToEventLoop();
    expect(ended).toBe(3);
    expect((await run({ workers: 2 })).trials).toHaveLength(6);
  });
});

/** The most workers that ran at once while something was done. */
async function mostRunning(work: () => Promise<unknown>): Promise<number> {
  let most = 0;
  onStart(() => (most = Math.max(most, running.length)));
  await work();
  return most;
}

test.each([
  ["one less than there are cores, when nobody says how many", 4, undefined, 3],
  ["one on one core", 1, undefined, 1],
  ["as many as asked for", 8, 2, 2],
  ["never more than there are cores", 2, 64, 2],
])("workers: %s", async (_title, available, workers, expected) => {
  cores.mockReturnValue(available);
  expect(await mostRunning(() => run(workers === undefined ? {} : { workers }))).toBe(expected);
});

test("a signal that was aborted before ends the search at once", async () => {
  const reason = new Error("too late");
  expect(await mostRunning(async () => expect(await rejection(run({ signal: AbortSignal.abort(reason) }))).toBe(reason))).toBe(0);
});

test("what onTrial throws ends the search, and a promise is waited for", async () => {
  cores.mockReturnValue(8);
  const reason = new Error("no");
  let seen = 0;
  const failing = async (): Promise<void> => {
    await yieldToEventLoop();
    if (++seen === 2) throw reason;
  };
  expect(await rejection(run({ workers: 2, onTrial: failing }))).toBe(reason);
  expect(seen).toBeLessThanOrEqual(3);
});

test("onTrial sees every trial once, and how many of its round are done", async () => {
  cores.mockReturnValue(8);
  const seen: [trial: number, done: number, total: number][] = [];
  await run({ workers: 3, onTrial: ({ trial }, { done, total }) => seen.push([trial, done, total]) });
  expect(seen.map(([trial]) => trial).toSorted()).toEqual([0, 1, 2, 3, 4, 5]);
  expect(seen.map(([, done, total]) => [done, total])).toEqual([1, 2, 3, 4, 5, 6].map((done) => [done, 6]));
});

describe("a worker that dies", () => {
  /** Ends workers upon the first results that they send: so many in all. */
  function kill(most: number): { killed: number } {
    const count = { killed: 0 };
    const dying = new Set<Worker>();
    onMessage((_count, worker, kind) => {
      if (kind !== "result" || dying.has(worker) || count.killed === most) return;
      count.killed++;
      dying.add(worker);
      void worker.terminate();
    });
    return count;
  }

  test("has its trial run again: the result is the same", async () => {
    cores.mockReturnValue(8);
    // So many epochs are several calls, so that the first result is not the last.
    const long = (): Promise<SearchResult> =>
      search({ ...SPACE, epochs: 1500 }, X, Y, { trials: 2, seed: 4, folds: 2, workers: 2 });
    const expected = await long();
    const count = kill(2);
    expect(await long()).toEqual(expected);
    expect(count.killed).toBe(2);
  });

  test("three times in a row is an error that names the trial", async () => {
    const [trial] = planTrials({ ...SPACE, epochs: 2000 }, { seed: 4, trials: 1 });
    const count = kill(Infinity);
    const error = await rejection(runTrial(trial!, X, Y));
    expect(error.message).toBe("trial 0: a worker ended while this network was training, 3 times in a row");
    expect(count.killed).toBe(3);
    onMessage();
    expect((await runTrial({ ...trial!, options: { ...trial!.options, epochs: 1 } }, X, Y)).score).toBeGreaterThan(0);
  });
});
