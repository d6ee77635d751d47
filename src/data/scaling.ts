// Standard and min-max scaling of columns, fitted once on the first rows that a network trains on.
import { pieceRows, pieces, type Cooperative, type Rows } from "../engine/engine.js";
import type { FloatArray } from "../model/spec.js";
import { outOfRange } from "../options/checks.js";

/** Column c of scaled data is (value − shift[c]) / scale[c]. */
export interface Scaler {
  readonly shift: Float64Array;
  readonly scale: Float64Array;
}

/** Accumulates the statistics of columns row by row, with the same bits for any division of the rows into calls of `add`. */
export class ScalerFit {
  readonly #kind: "standard" | "minmax";
  readonly #low: Float64Array;
  readonly #high: Float64Array;
  readonly #mean: Float64Array;
  readonly #squares: Float64Array;
  #seen = 0;

  constructor(kind: "standard" | "minmax", columns: number) {
    this.#kind = kind;
    this.#low = new Float64Array(columns).fill(Infinity);
    this.#high = new Float64Array(columns).fill(-Infinity);
    this.#mean = new Float64Array(columns);
    this.#squares = new Float64Array(columns);
  }

  *add(rows: Rows): Cooperative<void> {
    const { columns, count } = rows;
    const low = this.#low,
      high = this.#high,
      mean = this.#mean,
      squares = this.#squares;
    const most = Math.min(pieceRows(columns), count);
    const piece = new Float64Array(most * columns);
    for (const [first, size] of pieces(count, most)) {
      rows.write(piece, first, size);
      for (let r = 0; r < size; r++) {
        this.#seen++;
        for (let c = 0; c < columns; c++) {
          const value = piece[r * columns + c];
          if (value < low[c]) low[c] = value;
          if (value > high[c]) high[c] = value;
          // Welford's update (1962): exact where a sum of squares would cancel.
          const distance = value - mean[c];
          mean[c] += distance / this.#seen;
          squares[c] += distance * (value - mean[c]);
        }
      }
      yield undefined;
    }
  }

  /**
   * The scaler that gives the rows mean 0 and standard deviation 1 in each column (`standard`; the deviation divides by n), or
   * minimum 0 and maximum 1 (`minmax`). A column of equal values is only shifted.
   */
  finish(): Scaler {
    const orOne = (scale: number): number => scale || 1;
    const low = this.#low,
      high = this.#high;
    if (this.#kind === "minmax") return { shift: low, scale: high.map((top, c) => orOne(top - low[c])) };
    const deviation = (sum: number, c: number): number => (low[c] === high[c] ? 1 : orOne(Math.sqrt(sum / this.#seen)));
    return { shift: this.#mean, scale: this.#squares.map(deviation) };
  }
}

/** Rows whose values messages can name. */
export interface NamedRows extends Rows {
  /** The name of a value in messages: `x[3][2]`. */
  nameOf(row: number, column: number): string;
}

/** The allowed values of scaled targets, and how a message explains them. */
export interface Limits {
  readonly low: number;
  readonly high: number;
  readonly why: string;
}

/**
 * Scaled rows: each value is scaled in float64 before it is rounded to the network's precision. Without a scaler the rows themselves.
 */
export function scaledRows(rows: NamedRows, scaler: Scaler | undefined, limits?: Limits): Rows {
  if (!scaler) return rows;
  const { columns } = rows;
  const { shift, scale } = scaler;
  const most = pieceRows(columns);
  return {
    count: rows.count,
    columns,
    write(target, first, count) {
      const exact = target instanceof Float64Array ? target : new Float64Array(Math.min(most, count) * columns);
      // Not `pieces`: a generator costs a prediction of one row 5 %.
      for (let done = 0; done < count; done += most) {
        const size = Math.min(most, count - done);
        const from = exact === target ? target.subarray(done * columns) : exact;
        rows.write(from, first + done, size);
        for (let r = 0; r < size; r++) {
          for (let c = 0; c < columns; c++) {
            const to = (done + r) * columns + c;
            const value = from[r * columns + c];
            const scaled = (value - shift[c]) / scale[c];
            target[to] = scaled;
            const trouble = !Number.isFinite(target[to])
              ? "too large for this network's precision"
              : limits && !(scaled >= limits.low && scaled <= limits.high)
                ? limits.why
                : "";
            if (trouble) outOfRange(`${rows.nameOf(first + done + r, c)} is ${value}, which scaling makes ${scaled}; ${trouble}`);
          }
        }
      }
    },
  };
}

/** Converts row-major outputs to the units of the targets, in place, and returns them. */
export function unscale(outputs: FloatArray, scaler: Scaler | undefined): FloatArray {
  if (!scaler) return outputs;
  const columns = scaler.shift.length;
  for (let i = 0; i < outputs.length; i++) {
    outputs[i] = outputs[i] * scaler.scale[i % columns] + scaler.shift[i % columns];
  }
  return outputs;
}
