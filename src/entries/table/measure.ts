// How good a table's predictions are: accuracy, mean absolute error, R².
import type { FloatArray } from "../../index.js";

/** The place of the largest of some numbers (the first, among equals). */
export function largestAt(numbers: FloatArray, at: number, count: number): number {
  let best = 0;
  for (let i = 1; i < count; i++) if (numbers[at + i]! > numbers[at + best]!) best = i;
  return best;
}

/** Collects rows of several numbers, outputs beside targets. */
export class Errors {
  readonly #outputs: number;
  #rows = 0;
  #absolute = 0;
  readonly #squared: Float64Array;
  readonly #mean: Float64Array;
  readonly #spread: Float64Array;

  constructor(outputs: number) {
    this.#outputs = outputs;
    this.#squared = new Float64Array(outputs);
    this.#mean = new Float64Array(outputs);
    this.#spread = new Float64Array(outputs);
  }

  /** Adds rows × outputs. */
  add(predicted: FloatArray, actual: Float64Array): void {
    for (let i = 0; i < actual.length; i++) {
      const o = i % this.#outputs;
      if (!o) this.#rows++;
      const target = actual[i]!;
      const error = predicted[i]! - target;
      this.#absolute += Math.abs(error);
      this.#squared[o]! += error * error;
      const distance = target - this.#mean[o]!;
      this.#mean[o]! += distance / this.#rows;
      this.#spread[o]! += distance * (target - this.#mean[o]!);
    }
  }

  /** The mean absolute error over rows and outputs, in the targets' units. */
  get mae(): number {
    return this.#absolute / (this.#rows * this.#outputs);
  }

  /** The mean over outputs of 1 − Σ (t − p)² / Σ (t − mean t)²; of targets that are all equal 1 for perfect predictions, else 0. */
  get r2(): number {
    const each = this.#squared.map((rest, o) => (this.#spread[o] ? 1 - rest / this.#spread[o]! : Number(rest === 0)));
    return each.reduce((sum, r2) => sum + r2, 0) / each.length;
  }
}

/** How many rows have their largest output at their class. */
export function countRight(out: FloatArray, y: Float64Array, rows: number): number {
  const outputs = out.length / rows;
  let right = 0;
  for (let r = 0; r < rows; r++) {
    const actual = y.length === rows ? y[r]! : largestAt(y, r * outputs, outputs);
    right += Number(largestAt(out, r * outputs, outputs) === actual);
  }
  return right;
}
