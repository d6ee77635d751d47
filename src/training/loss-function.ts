// Custom losses: a function of the outputs, in place of targets.
import type { Scaler } from "../data/scaling.js";
import type { FloatArray } from "../model/spec.js";
import { show } from "../options/checks.js";
import type { NetworkState } from "./run.js";

/**
 * A custom loss. It receives the network's outputs (rows × outputs, row-major, after the last activation, in the units of the targets, in
 * the network's precision), writes ∂loss/∂outputs into `gradient` (the same shape, initially zeros), and returns the loss. Training
 * uses this gradient as it is: nothing is averaged or weighted. It may read the network, as
 * `predict` does, but not change it, nor the rows that it is called for, such as those in `inputBuffer`.
 * @example
 * const squares = (outputs, gradient, rows) => {
 *   let loss = 0;
 *   outputs.forEach((value, i) => { loss += value ** 2; gradient[i] = 2 * value; });
 *   return loss;
 * };
 */
export type LossFunction = (outputs: FloatArray, gradient: FloatArray, rows: number) => number;

/**
 * Calls a loss function with outputs in the units of the targets. During the call the network can be read, but not changed.
 * @returns the loss, and its gradient with respect to the network's unscaled outputs
 * @throws TypeError when the loss is not a finite number, or the gradient has a value that is not finite
 */
export function callLoss(
  network: NetworkState,
  lossFunction: LossFunction,
  outputs: FloatArray,
  rows: number,
  scaler: Scaler | undefined,
): { loss: number; gradient: FloatArray } {
  const gradient = outputs instanceof Float32Array ? new Float32Array(outputs.length) : new Float64Array(outputs.length);
  const { length } = gradient;
  const columns = length / rows;
  const { training } = network;
  network.training = true;
  let loss: unknown;
  try {
    loss = lossFunction(outputs, gradient, rows);
  } finally {
    network.training = training;
  }
  if (typeof loss !== "number" || !Number.isFinite(loss)) {
    if (loss instanceof Promise) loss.catch(() => undefined);
    throw new TypeError(
      `the loss function returned ${loss instanceof Promise ? "a promise" : show(loss)}; it must return a finite number`,
    );
  }
  if (gradient.length !== length)
    throw new TypeError(`the loss function gave its gradient away: it has ${gradient.length} of ${length} values`);
  for (let i = 0; i < length; i++) {
    const written = gradient[i];
    if (scaler) gradient[i] *= scaler.scale[i % columns];
    if (Number.isFinite(gradient[i])) continue;
    const scaled = Number.isFinite(written) ? `, which targetScaling makes ${gradient[i]}` : "";
    throw new TypeError(
      `the loss function wrote ${written} to gradient[${i}], row ${Math.floor(i / columns)}, output ${i % columns}${scaled}; it must be finite`,
    );
  }
  return { loss, gradient };
}
