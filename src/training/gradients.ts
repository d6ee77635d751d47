// ∇C: the gradient of the objective, or of the caller's loss function, with respect to the weights and the inputs.
import type { DataRows } from "../data/rows.js";
import { readInputs, readSamples } from "../data/samples.js";
import { scaleSamples } from "../data/scalers.js";
import { scaledRows, type Scaler } from "../data/scaling.js";
import { rowsOf, type EngineGradients, type Rows } from "../engine/engine.js";
import type { LayerWeights } from "../model/parameters.js";
import { outputsOf, type FloatArray } from "../model/spec.js";
import { callLoss, type LossFunction } from "./loss-function.js";
import { outputsFor } from "./predict.js";
import type { NetworkState } from "./run.js";

/** ∇C: the gradient of the objective, layer by layer, and the loss there. */
export interface Gradients {
  /** Mean data loss per row; for a loss function, its return value. */
  loss: number;
  /** One entry per layer: `kernel` is inputs × units, row-major; `bias` has one number per unit, and is absent in layers without biases. */
  layers: LayerWeights[];
}

/** The same, with ∂C/∂x. */
export interface InputGradients extends Gradients {
  /** Rows × inputs, row-major, in the units of x. */
  inputs: FloatArray;
}

/** The gradients of the objective for rows and their targets. */
export function gradientsOnSamples(network: NetworkState, x: unknown, y: unknown, inputs: boolean): Gradients {
  const samples = readSamples(network, x, y);
  const scaled = network.scalers ? scaleSamples(samples, network.scalers) : samples;
  const found = network.engine.gradients(scaled.x, scaled.y, { inputs });
  return report(network, found, found.loss / samples.x.count);
}

/** The gradients of the caller's loss function. */
export function gradientsOnLoss(network: NetworkState, x: unknown, lossFunction: LossFunction, inputs: boolean): Gradients {
  const rows: DataRows = readInputs(network, x);
  const { input, target } = network.scalers ?? {};
  const { loss, gradient } = callLoss(network, lossFunction, outputsFor(network, rows), rows.count, target);
  const scaled: Rows = scaledRows(rows, input);
  const found = network.engine.gradients(scaled, rowsOf(gradient, outputsOf(network.settings.spec)), { inputs, given: true });
  return report(network, found, loss);
}

function report(network: NetworkState, { layers, inputs }: EngineGradients, loss: number): Gradients | InputGradients {
  return inputs ? { loss, layers, inputs: perUnit(inputs, network.scalers?.input) } : { loss, layers };
}

/** Converts gradients with respect to scaled inputs to gradients with respect to the inputs themselves, in place. */
function perUnit(slopes: FloatArray, scaler: Scaler | undefined): FloatArray {
  if (scaler) for (let i = 0; i < slopes.length; i++) slopes[i] /= scaler.scale[i % scaler.scale.length];
  return slopes;
}
