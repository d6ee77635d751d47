// `fit` and `fitAsync`: from a caller's rows to a history.
import type { DataRows } from "../data/rows.js";
import { prepareFitData, readTrainingSamples } from "../data/samples.js";
import type { Samples } from "../engine/engine.js";
import { parseFitOptions, type FitSettings } from "../options/fit.js";
import { wasm } from "../platform.js";
import type { Chunks } from "../public-types.js";
import { planLocal, planWorkers } from "../threads/placement.js";
import type { WorkerGroup } from "../threads/worker-group.js";
import { trainEpochs } from "./epochs.js";
import type { History } from "./history.js";
import { TrainingRun, type NetworkState } from "./run.js";
import { runAsync, runSync, withPlacement, type TrainingSteps } from "./steps.js";
import { isStream, prepareStream } from "./stream.js";

/** Implements `fit`; the calling thread leads. */
export function fitSync(network: NetworkState, x: unknown, y: unknown, options: unknown): History {
  if (isStream(x)) throw new TypeError("fit takes rows; a stream of chunks is for fitAsync");
  const samples = readTrainingSamples(network, x, y);
  const rows = samples.x.count;
  const settings = parseFitOptions(options, network.settings, false, rows);
  const run = TrainingRun.begin(network);
  let workers: WorkerGroup | undefined;
  try {
    const place = planLocal(network.engine, network.settings.spec, settings, rows);
    workers = place.workers;
    run.computeOn(place.engine, place.threads);
    return runSync(fitSamples(run, samples, settings, place.sliceMs));
  } catch (error) {
    if (!workers || !(error instanceof wasm.RuntimeError)) throw error;
    const exited = new Error("a worker of this training has exited", { cause: error });
    workers.fail(exited);
    throw exited;
  } finally {
    run.end();
    workers?.end();
  }
}

/** Implements `fitAsync`. */
export async function fitInWorkers(network: NetworkState, x: unknown, y: unknown, options: unknown): Promise<History> {
  const {
    engine: own,
    settings: { spec },
  } = network;
  const source = isStream(x) ? x : readTrainingSamples(network, x, y);
  const rows = "x" in source ? source.x.count : undefined;
  const settings = parseFitOptions(options, network.settings, true, rows);
  const run = TrainingRun.begin(network);
  try {
    return await withPlacement(
      planWorkers(own, spec, settings, rows ?? Infinity),
      settings.signal,
      ({ engine, workers, threads, sliceMs }) => {
        run.computeOn(engine, threads);
        const steps = "x" in source ? fitSamples(run, source, settings, sliceMs) : fitStream(run, source, settings, sliceMs);
        return runAsync(steps, workers, settings.signal);
      },
    );
  } finally {
    run.end();
  }
}

function* fitSamples(run: TrainingRun, samples: Samples<DataRows>, fit: FitSettings, sliceMs: number): TrainingSteps {
  try {
    const { scalers, ...data } = yield* prepareFitData(run.network, samples, fit, run.scalers);
    const rows = data.x.count;
    const batchSize = Math.min(fit.batchSize, rows);
    run.scalers = scalers;
    yield* run.prepare({ ...data, batchSize, shuffle: fit.shuffle });
    return yield* trainEpochs(run, { rows, batchSize, validationRows: data.validation?.x.count ?? 0 }, fit, sliceMs);
  } catch (error) {
    run.abort();
    throw error;
  }
}

function* fitStream(run: TrainingRun, chunks: Chunks, fit: FitSettings, sliceMs: number): TrainingSteps {
  try {
    const stream = prepareStream(run, chunks, fit);
    try {
      return yield* trainEpochs(run, stream, fit, sliceMs);
    } finally {
      stream.close();
    }
  } catch (error) {
    run.abort();
    throw error;
  }
}
