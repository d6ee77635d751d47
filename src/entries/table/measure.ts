// How good predictions of numbers are: the mean absolute error, and R² by scikit-learn's definition.
import type { FloatArray } from "../../index.js";

/** Collects rows × outputs of predictions beside targets. */
export class Score {
  #rows = 0;
  #absolute = 0;
  /** For each output: the sum of squared errors; the targets' mean, and the sum of squares around it. */
  readonly #squared: Float64Array;
  readonly #mean: Float64Array;
  readonly #spread: Float64Array;

  constructor(outputs: number) {
    [this.#squared, this.#mean, this.#spread] = [new Float64Array(outputs), new Float64Array(outputs), new Float64Array(outputs)];
  }

  add(predicted: FloatArray, actual: Float64Array): void {
    const outputs = this.#mean.length;
    actual.forEach((target, i) => {
      const o = i % outputs;
      if (!o) this.#rows++;
      const error = predicted[i] - target;
      this.#absolute += Math.abs(error);
      this.#squared[o] += error * error;
      const distance = target - this.#mean[o];
      this.#mean[o] += distance / this.#rows;
      this.#spread[o] += distance * (target - this.#mean[o]);
    });
  }

  /** `r2` is the mean over outputs of 1 − Σ (t − p)² / Σ (t − mean t)²; of targets that are all equal 1 for perfect predictions, else 0. */
  get figures(): { mae: number; r2: number } {
    const each = this.#squared.map((rest, o) => (this.#spread[o] ? 1 - rest / this.#spread[o] : Number(!rest)));
    return { mae: this.#absolute / (this.#rows * each.length), r2: each.reduce((sum, r2) => sum + r2) / each.length };
  }
}
