// Error classes for errors that a program may handle. Bad arguments give plain TypeErrors and RangeErrors.
import type { History } from "./training/history.js";

/** The circumstances of a divergence. */
interface Divergence {
  /** The epoch in which training diverged, counted from 1, and its loss. */
  readonly epoch: number;
  readonly loss: number;
  readonly learningRate: number;
}

/**
 * Training stopped because the loss or a weight was no longer finite. The network, including its optimiser, is back at the end of its last
 * finite epoch and can be used. If an epoch's final weights give a non-finite loss, the epoch is left out of `history`, although
 * `onEpochEnd` has already run.
 * @example
 * try {
 *   nn.fit(x, y);
 * } catch (error) {
 *   if (error instanceof DivergenceError) console.log(error.history.loss);
 *   else throw error;
 * }
 */
export class DivergenceError extends Error {
  override readonly name = "DivergenceError";
  /** The history of the finite epochs. */
  readonly history: History;

  constructor(history: History, { epoch, loss, learningRate }: Divergence) {
    const trouble = Number.isFinite(loss) ? "a weight is not finite" : "the loss became " + loss;
    const before = history.epochs ? "of epoch " + history.epochs : "from before it";
    super(
      `training diverged: ${trouble} in epoch ${epoch}; the weights are those ${before}; ` +
        `try a smaller learningRate (now ${learningRate}), clipNorm, or inputScaling: "standard"`,
    );
    this.history = history;
  }
}

/**
 * The bytes or the value passed to `NN.load` or `NN.fromJSON` are truncated, damaged, of another format, or malicious. Sizes that
 * they claim are checked before memory is allocated for them.
 */
export class ModelFormatError extends Error {
  override readonly name = "ModelFormatError";
}

export function malformed(message: string): never {
  throw new ModelFormatError(message);
}
