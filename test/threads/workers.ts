// Every worker that a suite's trainings start, in Node: to count them, and to end them when it suits the suite.
import type { Worker } from "node:worker_threads";

const threads = process.getBuiltinModule("node:worker_threads");
const Original = threads.Worker;

/** Workers that have been started since `watchWorkers` and still run, in the order of their start. */
export const running: Worker[] = [];
let started = 0;

/** How many workers have been started in all. */
export const startedWorkers = (): number => started;

/**
 * Called for each message: how many all workers have sent since `heard` was set, including this one, and the sender. The library does
 * not get the message when it returns false.
 */
type Listener = (count: number, worker: Worker, kind: string) => unknown;
let heard: Listener | undefined,
  messages = 0;

/** From now on a listener is called for every message of a worker, before the library is; none without one. */
export function onMessage(listener?: Listener): void {
  heard = listener;
  messages = 0;
}

let asked: (() => void) | undefined;

/** From now on a listener is called for every worker before it is started, which fails when the listener throws; none without one. */
export function beforeStart(listener?: () => void): void {
  asked = listener;
}

let begun: ((worker: Worker) => void) | undefined;

/** From now on a listener is called for every worker that has just been started; none without one. */
export function onStart(listener?: (worker: Worker) => void): void {
  begun = listener;
}

/** When no worker runs. */
export async function allGone(): Promise<void> {
  const threadsOf = (): Promise<unknown>[] =>
    running.map((worker) => new Promise((resolve) => void worker.once("exit", resolve)));
  while (running.length) await Promise.all(threadsOf());
}

/** From now on every new worker is known here. */
export function watchWorkers(): void {
  threads.Worker = class extends Original {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      asked?.();
      super(...args);
      started++;
      running.push(this);
      this.once("exit", () => void running.splice(running.indexOf(this), 1));
      begun?.(this);
    }

    override emit(event: string, ...args: unknown[]): boolean {
      if (event === "message" && heard?.(++messages, this, (args[0] as { kind: string }).kind) === false) return false;
      return super.emit(event as "message", ...args);
    }
  };
}

/** Terminates all running workers and restores the original Worker. */
export async function endWorkers(): Promise<void> {
  await Promise.all(running.map((worker) => worker.terminate()));
  threads.Worker = Original;
}
