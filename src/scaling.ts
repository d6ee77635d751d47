// Standard and min-max scaling of columns: fitted once, on the first rows a network trains on, then part of it.
import type { Pauses, Rows } from "./engine/engine.js";
import type { FloatArray, Scaling } from "./spec.js";

/** Rows looked at in one piece while fitting. */
const CHUNK = 1024;

/** Column c of scaled data is (value − shift[c]) / scale[c]. */
export interface Scaler {
  readonly shift: Float64Array;
  readonly scale: Float64Array;
}

/**
 * The scaler that gives `rows` mean 0 and standard deviation 1 in each column (`standard`; the deviation divides by n), or
 * minimum 0 and maximum 1 (`minmax`). A column of equal values is only shifted. Undefined for `none`.
 */
export function* fitScaler(kind: Scaling, rows: Rows): Pauses<Scaler | undefined> {
  if (kind === "none") return undefined;
  const { columns, count } = rows;
  const low = new Float64Array(columns).fill(Infinity);
  const high = new Float64Array(columns).fill(-Infinity);
  const mean = new Float64Array(columns);
  const squares = new Float64Array(columns);
  const chunk = new Float64Array(CHUNK * columns);
  let seen = 0;
  for (let first = 0; first < count; first += CHUNK) {
    const size = Math.min(CHUNK, count - first);
    rows.write(chunk, first, size);
    for (let r = 0; r < size; r++) {
      seen++;
      for (let c = 0; c < columns; c++) {
        const value = chunk[r * columns + c]!;
        if (value < low[c]!) low[c] = value;
        if (value > high[c]!) high[c] = value;
        // Welford's update (1962): exact where a sum of squares would cancel.
        const distance = value - mean[c]!;
        mean[c]! += distance / seen;
        squares[c]! += distance * (value - mean[c]!);
      }
    }
    yield undefined;
  }
  const orOne = (scale: number): number => scale || 1;
  if (kind === "minmax") return { shift: low, scale: high.map((top, c) => orOne(top - low[c]!)) };
  return { shift: mean, scale: squares.map((sum, c) => (low[c] === high[c] ? 1 : orOne(Math.sqrt(sum / count)))) };
}

/**
 * Rows as the network sees them: each value scaled, in float64, before it becomes the network's precision. Without a
 * scaler the rows themselves.
 */
export function scaledRows(rows: Rows, scaler: Scaler | undefined): Rows {
  if (!scaler) return rows;
  const { columns } = rows;
  return {
    count: rows.count,
    columns,
    write(target, first, count) {
      const exact = target instanceof Float64Array ? target : new Float64Array(CHUNK * columns);
      for (let done = 0; done < count; done += CHUNK) {
        const size = Math.min(CHUNK, count - done);
        const from = exact === target ? target.subarray(done * columns) : exact;
        rows.write(from, first + done, size);
        for (let i = 0; i < size * columns; i++) {
          target[done * columns + i] = (from[i]! - scaler.shift[i % columns]!) / scaler.scale[i % columns]!;
        }
      }
    },
  };
}

/** Turns a network's outputs, row-major, back into the targets' own units, in place, and returns them. */
export function unscale(outputs: FloatArray, scaler: Scaler | undefined): FloatArray {
  if (!scaler) return outputs;
  const columns = scaler.shift.length;
  for (let i = 0; i < outputs.length; i++) {
    outputs[i] = outputs[i]! * scaler.scale[i % columns]! + scaler.shift[i % columns]!;
  }
  return outputs;
}
