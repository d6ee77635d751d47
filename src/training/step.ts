// What is done at once, without a run: one optimiser step on some rows, and the outputs for some rows.
import { checkRows, type DataRows } from "../data/rows.js";
import { runToEnd } from "../engine/engine.js";
import { DivergenceError } from "../errors.js";
import { fitScalers, readRowWeights, readTrainingSamples, scaleTrainingSamples, type RowWeights, type NetworkState } from "../data/samples.js";
import { Recorder } from "./history.js";
import { TILE_ROWS } from "../engine/wasm/layout.js";
import { rateAt } from "../options/network.js";
import { createArray } from "../model/parameters.js";
import { scaledRows, unscale } from "../data/scaling.js";
import { outputsOf, type FloatArray } from "../model/spec.js";

/**
 * All of `partialFit`.
 * @returns the rows' loss before the step, mean per row
 */
export function trainStep(network: NetworkState, x: unknown, y: unknown, options: RowWeights): number {
  const { settings, engine } = network;
  const pair = readTrainingSamples(network, x, y);
  const learningRate = rateAt(settings.learningRate, engine.epoch);
  const weights = runToEnd(readRowWeights(network, options, pair.y));
  const scalers = network.scalers ?? runToEnd(fitScalers(settings, pair));
  const scaled = scaleTrainingSamples(settings, pair, scalers);
  runToEnd(engine.prepare({ ...scaled, weights, batchSize: Infinity, shuffle: false }));
  const totals = engine.step(learningRate);
  const loss = totals.loss / pair.x.count;
  if (totals.diverged) {
    engine.rollback();
    throw new DivergenceError(new Recorder().finish("diverged"), { epoch: engine.epoch + 1, loss, learningRate });
  }
  network.scalers = scalers;
  return loss;
}

/** The network's outputs for rows, row-major, in the targets' own units. */
export function outputsFor(
  { engine, scalers, settings: { spec } }: NetworkState, rows: DataRows, out = createArray(spec.dtype, rows.count * outputsOf(spec)),
): FloatArray {
  engine.predict(scaledRows(rows, scalers?.input), out);
  return unscale(out, scalers?.target);
}

/** The same into the caller's array, which stays as it was when a row is bad: an engine finds that out tile by tile. */
export function outputsInto(network: NetworkState, rows: DataRows, out: FloatArray): FloatArray {
  if (rows.count > TILE_ROWS) runToEnd(checkRows(scaledRows(rows, network.scalers?.input), network.settings.spec.dtype));
  return outputsFor(network, rows, out);
}
