// Training and predicting away from the calling thread, or here with others' help: the ways through `fitting` and `predicting`.
import { shapeOutput, type DataRows } from "../data/rows.js";
import { pieceRows, rowsOf, sliceRows, type EngineTask, type Engine, type Cooperative, type Rows } from "../engine/engine.js";
import { fitting } from "./sync.js";
import { readInputs, type NetworkState } from "../data/samples.js";
import { parseFitOptions, type Signal } from "../options/fit.js";
import type { History } from "./history.js";
import { createArray } from "../model/parameters.js";
import { scaledRows, unscale, type Scaler } from "../data/scaling.js";
import { outputsOf, type FloatArray } from "../model/spec.js";
import { isStream } from "./stream.js";
import type { WorkerGroup } from "../threads/worker-group.js";
import { LOCAL_MS, multiplyAdds, planWorkers, planLocal, type Placement, type ThreadOptions } from "../threads/placement.js";
import { yieldToEventLoop } from "../threads/event-loop.js";
import { now, wasm } from "../platform.js";
import { done, runSync, type TrainingSteps } from "./run.js";

/** All of `fit`: the calling thread leads. */
export function fitSync(network: NetworkState, x: unknown, y: unknown, options: unknown): History {
  if (isStream(x)) throw new TypeError("fit takes rows; a stream of chunks is for fitAsync");
  const { engine: home, settings: { spec } } = network;
  const { count } = readInputs(network, x);
  const settings = parseFitOptions(options, network.settings, false, count);
  const { engine, workers, threads, sliceMs } = planLocal(home, spec, settings, count);
  network.training = true;
  network.threads = threads;
  try {
    return runSync(fitting(network, engine, x, y, settings, sliceMs));
  } catch (error) {
    if (!workers || !(error instanceof wasm.RuntimeError)) throw error;
    const gone = new Error("a worker of this training is gone", { cause: error });
    workers.fail(gone);
    throw gone;
  } finally {
    network.training = false;
    workers?.end();
  }
}

/** All of `fitAsync`. */
export async function fitInWorkers(network: NetworkState, x: unknown, y: unknown, options: unknown): Promise<History> {
  const { engine: home, settings: { spec } } = network;
  const count = isStream(x) ? undefined : readInputs(network, x).count;
  const settings = parseFitOptions(options, network.settings, true, count);
  network.training = true;
  try {
    return await withPlacement(planWorkers(home, spec, settings, count ?? Infinity), settings.signal, ({ engine, workers, threads, sliceMs }) => {
      network.threads = threads;
      return runAsync(fitting(network, engine, x, y, settings, sliceMs), workers, settings.signal);
    });
  } finally {
    network.training = false;
  }
}

/** Uses a place, once it is ready, and leaves it; an abort need not wait for it. */
async function withPlacement<R>(placing: Promise<Placement>, signal: Signal | undefined, use: (place: Placement) => Promise<R>): Promise<R> {
  try {
    return await use(await unlessAborted(placing, signal));
  } finally {
    placing.then(({ workers }) => workers?.end()).catch(() => undefined);
  }
}

/** Rows predicted at a time: in a worker, and between turns of this thread's event loop. */
const PREDICTED = 4096;
const PREDICTED_HERE = 64;
/** Multiply-adds below which a prediction is made on the calling thread: less than a millisecond's work. */
const SMALL = 5e6;

/** All of `predictAsync`, worked out away from this thread where that is worth it. */
export async function predictInWorkers(
  { settings: { spec }, engine: home, scalers }: NetworkState, rows: DataRows, options: Omit<ThreadOptions, "batchSize"> & { signal?: Signal },
): Promise<Shaped> {
  const { signal } = options;
  if (signal?.aborted) throw signal.reason;
  const x = scaledRows(rows, scalers?.input);
  const out = createArray(spec.dtype, x.count * outputsOf(spec));
  if (x.count * multiplyAdds(spec.layers) < SMALL) {
    home.predict(x, out);
  } else {
    // Those of now, which these scalers go with: the network may be trained before the place is ready.
    const parameters = home.getParameters();
    const placing = planWorkers(home, spec, { ...options, batchSize: Infinity }, x.count);
    await withPlacement(placing, signal, ({ engine, workers }) => {
      engine.setParameters(parameters);
      return runAsync(predicting(engine, x, out, workers ? PREDICTED : PREDICTED_HERE), workers, signal);
    });
  }
  return runAsync(shaping(out, rows, scalers?.target), undefined, signal);
}

function* predicting(engine: Engine, x: Rows, out: FloatArray, most: number): TrainingSteps<void> {
  const columns = out.length / x.count;
  const y = rowsOf(out, columns);
  for (let first = 0; first < x.count; first += most) {
    const count = Math.min(most, x.count - first);
    yield* engine.prepare({ x: sliceRows(x, first, count), y: sliceRows(y, first, count), batchSize: count, shuffle: false });
    out.set(yield* done(engine.predictions()), first * columns);
  }
}

type Shaped = number[] | number[][] | FloatArray;

/** Outputs, row-major, in the targets' own units and in the shape of the rows that they are for. */
export function* shaping(out: FloatArray, { count, like }: DataRows, scaler: Scaler | undefined): Cooperative<Shaped> {
  const columns = out.length / count;
  const most = Math.min(PREDICTED, pieceRows(columns));
  const list: number[][] = [];
  for (let first = 0; first < count; first += most) {
    const part = unscale(out.subarray(first * columns, Math.min(count, first + most) * columns), scaler);
    if (like === "rows") list.push(...shapeOutput(part, part.length / columns, columns, like));
    yield undefined;
  }
  return like === "rows" ? list : shapeOutput(out, count, columns, like);
}

/** Does a training's work elsewhere or in slices, and waits for each step; an abort is thrown into it. */
export async function runAsync<R>(training: TrainingSteps<R>, workers: WorkerGroup | undefined, signal?: Signal): Promise<R> {
  let since = now();
  const perform = async (task: EngineTask): Promise<number> => {
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
      // Something to wait for may fail after the abort, and then somebody must have listened.
      if (work instanceof Promise) result = await unlessAborted(work, signal);
      else if (signal?.aborted) throw signal.reason;
      else if (work) result = await unlessAborted(perform(work), signal);
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

