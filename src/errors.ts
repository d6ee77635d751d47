// Errors of which a program may want to know the kind. Mistakes in arguments are plain TypeErrors and RangeErrors.
import type { History } from "./training/history.js";

/** What training was doing when it diverged. */
interface Divergence {
  /** The epoch in which it happened, counted from 1, and the loss there. */
  readonly epoch: number;
  readonly loss: number;
  readonly learningRate: number;
}

/**
 * Training stopped because the loss, or a weight, was no longer a finite number. The network is as it was at the end of
 * its last good epoch, optimiser included, and can be used. An epoch whose own weights gave no finite loss afterwards is not
 * good: callbacks have seen it, `history` has it not.
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
  /** The epochs that went well. */
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
 * Bytes or a value that `NN.load` or `NN.fromJSON` cannot take: cut short, damaged, made for something else, or hostile.
 * Nothing has been allocated on its word.
 */
export class ModelFormatError extends Error {
  override readonly name = "ModelFormatError";
}

export function malformed(message: string): never {
  throw new ModelFormatError(message);
}
