// One optimiser step on some rows: a run without epochs.
import { readRowWeights, readTrainingSamples, type RowWeights } from "../data/samples.js";
import { fitScalers, scaleTrainingSamples } from "../data/scalers.js";
import { runToEnd } from "../engine/engine.js";
import { DivergenceError } from "../errors.js";
import { rateAt } from "../options/network.js";
import { Recorder } from "./history.js";
import { TrainingRun, type NetworkState } from "./run.js";

/**
 * All of `partialFit`.
 * @returns the rows' loss before the step, mean per row
 */
export function trainStep(network: NetworkState, x: unknown, y: unknown, options: RowWeights): number {
  const { settings, engine } = network;
  const samples = readTrainingSamples(network, x, y);
  const learningRate = rateAt(settings.learningRate, engine.epoch);
  const run = TrainingRun.begin(network);
  try {
    const weights = runToEnd(readRowWeights(network, options, samples.y));
    run.scalers ??= runToEnd(fitScalers(settings, samples));
    runToEnd(run.prepare({ ...scaleTrainingSamples(settings, samples, run.scalers), weights, batchSize: Infinity, shuffle: false }));
    const totals = engine.step(learningRate);
    const loss = totals.loss / samples.x.count;
    if (totals.diverged) throw new DivergenceError(new Recorder().finish("diverged"), { epoch: engine.epoch + 1, loss, learningRate });
    return loss;
  } catch (error) {
    run.abort();
    throw error;
  } finally {
    run.end();
  }
}
