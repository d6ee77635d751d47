// One optimiser step outside of `fit`: on rows and their targets, on the caller's loss function, or with given gradients.
import {
  readInputs,
  readOutputWeights,
  readRowWeights,
  readTrainingSamples,
  whileReading,
  type WeightOptions,
} from "../data/samples.js";
import { fitInputScaler, fitScalers, scaleTrainingSamples } from "../data/scalers.js";
import { scaledRows, unscale } from "../data/scaling.js";
import { runToEnd, type Rows } from "../engine/engine.js";
import { DivergenceError } from "../errors.js";
import { readParameters } from "../model/parameters.js";
import { outputsOf } from "../model/spec.js";
import { rateAt } from "../options/network.js";
import { Recorder } from "./history.js";
import { callLoss, type LossFunction } from "./loss-function.js";
import { TrainingRun, type NetworkState } from "./run.js";

/** One step on rows and their targets; returns the mean loss per row before the step. */
export function stepOnSamples(network: NetworkState, x: unknown, y: unknown, options: WeightOptions): number {
  const { settings, engine } = network;
  const samples = readTrainingSamples(network, x, y);
  return step(network, (run, learningRate) => {
    const hasRowWeights = options.sampleWeight !== undefined || options.classWeight !== undefined;
    const weights = hasRowWeights ? runToEnd(readRowWeights(network, options, samples.y)) : undefined;
    const outputWeights = readOutputWeights(network, options, samples.x.count);
    run.scalers ??= runToEnd(fitScalers(settings, samples));
    const scaled = scaleTrainingSamples(settings, samples, run.scalers);
    runToEnd(run.prepare({ ...scaled, weights, outputWeights, batchSize: Infinity, shuffle: false, once: true }));
    const { loss, diverged } = engine.step(learningRate);
    return { loss: loss / samples.x.count, diverged };
  });
}

/** One step on the caller's loss function; returns the loss before the step. */
export function stepOnLoss(network: NetworkState, x: unknown, lossFunction: LossFunction): number {
  const {
    settings,
    settings: { spec },
    engine,
  } = network;
  const rows = readInputs(network, x);
  return step(network, (run, learningRate) => {
    run.scalers ??= runToEnd(fitInputScaler(settings, rows));
    const { input, target } = run.scalers;
    // The loss's gradient takes the place of targets.
    const y: Rows = { count: rows.count, columns: outputsOf(spec), write: () => undefined };
    runToEnd(run.prepare({ x: scaledRows(rows, input), y, batchSize: Infinity, shuffle: false, once: true }));
    const { loss, gradient } = callLoss(network, lossFunction, unscale(engine.trainingOutputs(), target), rows.count, target);
    return { loss, diverged: engine.stepDown(gradient, learningRate) };
  });
}

/** One step with given gradients. */
export function stepByGradients(network: NetworkState, gradients: unknown): void {
  const {
    settings: { spec },
    engine,
  } = network;
  const checked = whileReading(network, () => readParameters(gradients, spec, "gradients"));
  step(network, (run, learningRate) => {
    run.takeSnapshot();
    // The loss is not known; a weight is what may not be finite.
    return { loss: 0, diverged: engine.applyGradients(checked, learningRate) };
  });
}

/** A run of one step and no epoch; if it fails, the network is unchanged. */
function step(
  network: NetworkState,
  take: (run: TrainingRun, learningRate: number) => { loss: number; diverged: boolean },
): number {
  const { settings, engine } = network;
  const learningRate = rateAt(settings.learningRate, engine.epoch);
  const run = TrainingRun.begin(network);
  try {
    const { loss, diverged } = take(run, learningRate);
    if (diverged) throw new DivergenceError(new Recorder().finish("diverged"), { epoch: engine.epoch + 1, loss, learningRate });
    return loss;
  } catch (error) {
    run.abort();
    throw error;
  } finally {
    run.end();
  }
}
