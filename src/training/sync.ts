// What `fit` does, from a user's rows to a history, in steps: see TrainingSteps.
import type { Engine } from "../engine/engine.js";
import { readFitData, type NetworkState } from "../data/samples.js";
import type { FitSettings } from "../options/fit.js";
import { isCrossentropy } from "../model/spec.js";
import { isStream, prepareStream } from "./stream.js";
import { now } from "../platform.js";
import { train, type TrainingSteps } from "./run.js";

/**
 * Trains a network on rows or a stream of them.
 * @param engine what computes: the network's own engine, or its twin
 * @param sliceMs how long a slice may take
 */
export function* fitting(
  network: NetworkState, engine: Engine, x: unknown, y: unknown, fit: FitSettings, sliceMs: number,
): TrainingSteps {
  const { settings, engine: home, scalers: before } = network;
  const firstEpoch = home.epoch;
  /** The network as this training makes it: with scalers that go with its weights. */
  const trained = { ...network };
  const run = {
    engine, home, measuresAccuracy: isCrossentropy(settings.spec.loss), learningRate: settings.learningRate, sliceMs,
    startedAt: now(),
    commit(live: boolean) {
      if (engine !== home) home.copyStateFrom(engine, live);
      network.scalers = trained.scalers;
    },
  };
  try {
    if (isStream(x)) {
      const stream = prepareStream(trained, engine, x, fit);
      try {
        return yield* train({ ...run, ...stream }, fit);
      } finally {
        stream.close();
      }
    }
    const { scalers, validation, ...data } = yield* readFitData(network, fit, x, y, before);
    const rows = data.x.count;
    const batchSize = Math.min(fit.batchSize, rows);
    yield* engine.prepare({ ...data, validation, batchSize, shuffle: fit.shuffle });
    trained.scalers = scalers;
    if (engine === home) network.scalers = scalers;
    return yield* train({ ...run, rows, batchSize, validationRows: validation?.x.count ?? 0 }, fit);
  } catch (error) {
    if (home.epoch === firstEpoch) network.scalers = before;
    throw error;
  }
}
