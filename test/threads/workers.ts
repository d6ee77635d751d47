// Every worker that a suite's trainings start, in Node: to count them, and to end them when it suits the suite.
import type { Worker } from "node:worker_threads";

const threads = process.getBuiltinModule("node:worker_threads");
const Original = threads.Worker;

/** Workers that have been started since `watchWorkers` and still run, in the order of their start. */
export const running: Worker[] = [];
let started = 0;

/** How many workers have been started in all. */
export const startedWorkers = (): number => started;

/** From now on every new worker is known here. */
export function watchWorkers(): void {
  threads.Worker = class extends Original {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args);
      started++;
      running.push(this);
      this.once("exit", () => void running.splice(running.indexOf(this), 1));
    }
  };
}

/** Ends all that still run; workers are then as they were. */
export async function endWorkers(): Promise<void> {
  await Promise.all(running.map((worker) => worker.terminate()));
  threads.Worker = Original;
}
