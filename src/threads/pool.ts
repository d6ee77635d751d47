// Workers that are free, kept a while for the next run.
import { after } from "../platform.js";
import { spawn, type Thread } from "./spawn.js";

/** How long a free worker is kept, in milliseconds. */
const IDLE_MS = 3000;
/**
 * Runs that a worker takes part in. Shared memories, of which some engines have room for a hundred, are free only when every
 * worker has forgotten them, and a worker's garbage collector sees no reason to hurry.
 */
const RUNS = 16;

/** Free workers by the address they were started from. */
const free = new Map<string, { thread: Thread; keep: () => void }[]>();
const runs = new WeakMap<Thread, number>();

/** Where a run's workers come from: free ones, as far as there are any, or new ones alone. */
export type Source = "free" | "new";

/** What to try, one after the other: a free worker may have ended, and a thread that has not listened since knows nothing of it. */
export const sources = (url?: string | URL): Source[] => (free.get(String(url))?.length ? ["free", "new"] : ["new"]);

/** A free worker, or a new one, which the process waits for. */
export function take(url?: string | URL, source: Source = "free"): Thread {
  const idle = source === "free" ? free.get(String(url))?.pop() : undefined;
  idle?.keep();
  const thread = idle?.thread ?? spawn(url);
  thread.hold(true);
  return thread;
}

/** Takes a worker back that has nothing more to do. */
export function giveBack(thread: Thread, url?: string | URL): void {
  const count = (runs.get(thread) ?? 0) + 1;
  if (count === RUNS) {
    thread.end();
    return;
  }
  runs.set(thread, count);
  const key = String(url);
  const list = free.get(key) ?? [];
  free.set(key, list);
  const drop = (): void => {
    idle.keep();
    const at = list.indexOf(idle);
    if (at >= 0) list.splice(at, 1);
    thread.end();
  };
  const idle = { thread, keep: after(IDLE_MS, drop) };
  thread.onanswer = () => undefined;
  thread.onend = drop;
  thread.hold(false);
  list.push(idle);
}
