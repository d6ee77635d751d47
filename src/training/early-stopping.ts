// Early stopping on a monitored figure: finds the best epoch, and decides when to stop waiting for a better one.
import type { Engine } from "../engine/engine.js";
import type { LayerParameters } from "../model/spec.js";
import { isAccuracy, type EarlyStopping } from "../options/fit.js";
import { warn } from "../platform.js";
import type { Figures } from "./history.js";

/** The best epoch so far and its weights. */
export class BestEpoch {
  /** Undefined while no epoch has had a finite figure. */
  epoch: number | undefined;
  readonly #options: Required<EarlyStopping>;
  readonly #engine: Engine;
  #value = Infinity;
  #weights: LayerParameters[] | undefined;

  constructor(options: Required<EarlyStopping>, engine: Engine) {
    this.#options = options;
    this.#engine = engine;
  }

  /** Records an epoch's figures; returns true once `patience` epochs, at least one, have passed without an improvement. */
  isOver(epoch: number, figures: Figures): boolean {
    const { monitor, minDelta, patience, restoreBestWeights } = this.#options;
    const figure = figures[monitor]!;
    const value = isAccuracy(monitor) ? -figure : figure;
    // NaN and Infinity are never best: no later epoch could be better than NaN.
    if (Number.isFinite(value) && value < this.#value - minDelta) {
      this.#value = value;
      this.epoch = epoch;
      if (restoreBestWeights) this.#weights = this.#engine.getParameters();
    }
    return epoch - (this.epoch ?? -1) >= Math.max(1, patience);
  }

  /** Restores the best epoch's weights; warns when none of the run's `epochs` had a finite figure. */
  restore(epochs: number): void {
    if (this.#weights) this.#engine.setParameters(this.#weights);
    if (this.epoch !== undefined || epochs === 0) return;
    warn(
      `${this.#options.monitor} was not finite in any of ${epochs} epochs, so early stopping had no best epoch; ` +
        "the weights are those of the last one. Check the validation rows, or scale the inputs.",
    );
  }
}
