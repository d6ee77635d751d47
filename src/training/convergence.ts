// How long a run trains when nobody has set its number of epochs: until the training loss has stopped falling, within bounds.
/** Optimiser steps that an automatic run takes at most, unless the fewest epochs make more. */
const STEPS = 10_000;
/** Epochs that an automatic run may always take. */
const FEWEST_EPOCHS = 10;
/** Steps, and at least epochs, without an improvement after which an automatic run has converged. */
const PATIENCE_STEPS = 3_000;
const PATIENCE_EPOCHS = 10;
/** An improvement is a loss lower than the best by this share of it … */
const IMPROVEMENT = 1e-3;
/** … until the loss is this share of the first epoch's: nothing is left to learn then. */
const NEGLIGIBLE = 1e-4;

/** The most epochs of a run that was told no number of them: docs/decisions/0006-automatic-epochs.md has the measurements. */
export const automaticEpochs = (rows: number, batchSize: number): number =>
  Math.max(FEWEST_EPOCHS, Math.ceil(STEPS / stepsPerEpoch(rows, batchSize)));

const stepsPerEpoch = (rows: number, batchSize: number): number => Math.ceil(rows / Math.min(rows, batchSize));

/** Tells when the training loss has stopped falling. */
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
