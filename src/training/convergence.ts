// When a run without a given number of epochs ends: once the training loss has stopped improving, within bounds.
/** Maximum optimiser steps of an automatic run, unless its minimum of epochs takes more. */
const STEPS = 10_000;
/** Epochs that an automatic run may take in any case. */
const FEWEST_EPOCHS = 10;
/** Steps, and at least epochs, without an improvement after which an automatic run has converged. */
const PATIENCE_STEPS = 3_000;
const PATIENCE_EPOCHS = 10;
/** An improvement is a loss lower than the best by this share of it … */
const IMPROVEMENT = 1e-3;
/** … until the loss is this share of the first epoch's, when nothing is left to learn. */
const NEGLIGIBLE = 1e-4;

/** The maximum number of epochs of a run without a given one: docs/decisions/0006-automatic-epochs.md has the measurements. */
export const automaticEpochs = (rows: number, batchSize: number): number =>
  Math.max(FEWEST_EPOCHS, Math.ceil(STEPS / stepsPerEpoch(rows, batchSize)));

const stepsPerEpoch = (rows: number, batchSize: number): number => Math.ceil(rows / Math.min(rows, batchSize));

/** Detects that the training loss has stopped improving. */
export class Convergence {
  readonly #patience: number;
  #first: number | undefined;
  #best = Infinity;
  #bestEpoch = 0;

  constructor(rows: number, batchSize: number) {
    this.#patience = Math.max(PATIENCE_EPOCHS, Math.ceil(PATIENCE_STEPS / stepsPerEpoch(rows, batchSize)));
  }

  /** Records an epoch's loss; true when the run has converged. */
  isReached(epoch: number, loss: number): boolean {
    this.#first ??= loss;
    if (loss < this.#best * (1 - IMPROVEMENT) && this.#best > this.#first * NEGLIGIBLE) {
      this.#best = loss;
      this.#bestEpoch = epoch;
    }
    return epoch - this.#bestEpoch >= this.#patience;
  }
}
