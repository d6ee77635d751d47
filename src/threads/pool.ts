// A pool of idle workers, kept a while for the next run.
import { after } from "../platform.js";
import { spawn, type Thread } from "./spawn.js";

/** How long an idle worker is kept, in milliseconds. */
const IDLE_MS = 3000;
/**
 * Runs per worker. A shared memory is freed only when the garbage collector of every worker has released it, which idle workers
 * rarely run, and some JavaScript engines have address space for a hundred memories only.
 */
const MAXIMUM_RUNS = 16;

/** Idle workers by the address they were started from. */
const pool = new Map<string, { thread: Thread; cancelTimeout: () => void }[]>();
const runs = new WeakMap<Thread, number>();

/** The source of a run's workers: the pool, as long as it has any, or new workers only. */
export type Source = "pooled" | "new";

/** The sources to try in order: a pooled worker may have died without this thread having been told yet. */
export const sources = (url?: string | URL): Source[] => (pool.get(String(url))?.length ? ["pooled", "new"] : ["new"]);

/** A pooled or a new worker, which keeps the process running. */
export function acquire(url?: string | URL, source: Source = "pooled"): Thread {
  const idle = source === "pooled" ? pool.get(String(url))?.pop() : undefined;
  idle?.cancelTimeout();
  const thread = idle?.thread ?? spawn(url);
  thread.setBusy(true);
  return thread;
}

/** Returns an idle worker to the pool. */
export function release(thread: Thread, url?: string | URL): void {
  const count = (runs.get(thread) ?? 0) + 1;
  if (count === MAXIMUM_RUNS) {
    thread.terminate();
    return;
  }
  runs.set(thread, count);
  const key = String(url);
  const list = pool.get(key) ?? [];
  pool.set(key, list);
  const drop = (): void => {
    idle.cancelTimeout();
    const at = list.indexOf(idle);
    if (at >= 0) list.splice(at, 1);
    thread.terminate();
  };
  const idle = { thread, cancelTimeout: after(IDLE_MS, drop) };
  thread.onReply = () => undefined;
  thread.onExit = drop;
  thread.setBusy(false);
  list.push(idle);
}
