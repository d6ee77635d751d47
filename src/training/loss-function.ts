// Custom losses: a function of the outputs, in place of targets.
import type { Scaler } from "../data/scaling.js";
import type { FloatArray } from "../model/spec.js";
import { show } from "../options/checks.js";

/**
 * A custom loss. It receives the network's outputs (rows × outputs, row-major, after the last activation, in the units of the targets, in
 * the network's precision), writes ∂loss/∂outputs into `gradient` (the same shape, initially zeros), and returns the loss. Training
 * uses this gradient as it is: nothing is averaged or weighted.
 * @example
 * const squares = (outputs, gradient, rows) => {
 *   let loss = 0;
 *   outputs.forEach((value, i) => { loss += value ** 2; gradient[i] = 2 * value; });
 *   return loss;
 * };
 */
export type LossFunction = (outputs: FloatArray, gradient: FloatArray, rows: number) => number;

/**
 * Calls a loss function with outputs in the units of the targets.
 * @returns the loss, and its gradient with respect to the network's unscaled outputs
 * @throws TypeError when the loss is not a finite number, or the gradient has a value that is not finite
 */
export function callLoss(
  lossFunction: LossFunction, outputs: FloatArray, rows: number, scaler: Scaler | undefined,
): { loss: number; gradient: FloatArray } {
  const gradient = outputs.slice().fill(0);
  const columns = outputs.length / rows;
  const loss: unknown = lossFunction(outputs, gradient, rows);
  if (typeof loss !== "number" || !Number.isFinite(loss)) {
    throw new TypeError(`the loss function returned ${show(loss)}; it must return a finite number`);
  }
  for (let i = 0; i < gradient.length; i++) {
    if (!Number.isFinite(gradient[i])) {
      throw new TypeError(`the loss function wrote ${gradient[i]} to gradient[${i}], row ${Math.floor(i / columns)}, output ${i % columns}; it must be finite`);
    }
    if (scaler) gradient[i] *= scaler.scale[i % columns];
  }
  return { loss, gradient };
}
