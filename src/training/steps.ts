// Training and predicting as generators: they yield tasks, and a driver runs these at once, in workers, or in slices between which it
// yields to the event loop.
import type { EngineTask } from "../engine/engine.js";
import type { Signal } from "../options/fit.js";
import { now } from "../platform.js";
import { yieldToEventLoop } from "../threads/event-loop.js";
import { LOCAL_MS, type Placement } from "../threads/placement.js";
import type { WorkerGroup } from "../threads/worker-group.js";
import type { History } from "./history.js";

/** Yields tasks for an engine and promises, whose results are passed back; `undefined` is an opportunity to pause. */
export type TrainingSteps<R = History> = Generator<EngineTask | Promise<unknown> | undefined, R, unknown>;

/** Yields a task and reads its results. */
export function* perform<R>(task: EngineTask<R>): TrainingSteps<R> {
  return task.finish((yield task) as number);
}

/** Runs all tasks on this thread, without pauses. */
export function runSync<R>(training: TrainingSteps<R>): R {
  let step = training.next();
  while (!step.done) {
    const work = step.value;
    step = training.next(work && "runLocally" in work ? work.runLocally() : undefined);
  }
  return step.value;
}

/** Runs the tasks in workers or, without any, on this thread, yielding to the event loop. An abort is thrown into the generator. */
export async function runAsync<R>(training: TrainingSteps<R>, workers: WorkerGroup | undefined, signal?: Signal): Promise<R> {
  let since = now();
  const runTask = async (task: EngineTask): Promise<number> => {
    if (workers) return workers.call(task.kernel!);
    const result = task.runLocally();
    await yieldToEventLoop();
    since = now();
    return result;
  };
  let step = training.next();
  while (!step.done) {
    const work = step.value;
    let result: unknown;
    try {
      // A promise may be rejected after the abort, and must not be unhandled then.
      if (work instanceof Promise) result = await unlessAborted(work, signal);
      else if (signal?.aborted) throw signal.reason;
      else if (work) result = await unlessAborted(runTask(work), signal);
      else if (now() - since > LOCAL_MS) {
        await unlessAborted(yieldToEventLoop(), signal);
        since = now();
      }
    } catch (error) {
      step = training.throw(error);
      continue;
    }
    step = training.next(result);
  }
  return step.value;
}

/** Uses a placement once it is ready, and releases its workers afterwards; an abort does not wait for it. */
export async function withPlacement<R>(
  placing: Promise<Placement>,
  signal: Signal | undefined,
  use: (placement: Placement) => Promise<R>,
): Promise<R> {
  try {
    return await use(await unlessAborted(placing, signal));
  } finally {
    placing.then(({ workers }) => workers?.end()).catch(() => undefined);
  }
}

/** The work's result, or the signal's reason as soon as it is aborted. */
async function unlessAborted<R>(work: Promise<R>, signal: Signal | undefined): Promise<R> {
  if (!signal) return work;
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason as Error);
    signal.addEventListener("abort", abort);
    if (signal.aborted) abort();
  });
  try {
    return await Promise.race([aborted, work]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
