// A dense layer's matrix products: plain loops that access row-major memory in order, without manual unrolling.
import type { FloatArray } from "../../model/spec.js";

/** sums = x·kernel + bias, for `rows` rows. */
export function multiply(
  x: FloatArray,
  kernel: FloatArray,
  bias: FloatArray | undefined,
  sums: FloatArray,
  rows: number,
  inputs: number,
  units: number,
): void {
  for (let row = 0; row < rows; row++) {
    const first = row * units;
    for (let unit = 0; unit < units; unit++) sums[first + unit] = bias === undefined ? 0 : bias[unit];
    for (let input = 0; input < inputs; input++) addScaled(sums, first, kernel, input * units, x[row * inputs + input], units);
  }
}

/** gradient += xᵀ·deltas, over `rows` rows. */
export function addKernelGradient(
  x: FloatArray,
  deltas: FloatArray,
  gradient: FloatArray,
  rows: number,
  inputs: number,
  units: number,
): void {
  for (let input = 0; input < inputs; input++) {
    for (let row = 0; row < rows; row++) addScaled(gradient, input * units, deltas, row * units, x[row * inputs + input], units);
  }
}

/** gradient += the sum of the rows of `deltas`. */
export function addBiasGradient(deltas: FloatArray, gradient: FloatArray, rows: number, units: number): void {
  for (let row = 0; row < rows; row++) addScaled(gradient, 0, deltas, row * units, 1, units);
}

/** inputDeltas = deltas·kernelᵀ, for `rows` rows: dot products of rows with rows. */
export function multiplyTransposed(
  deltas: FloatArray,
  kernel: FloatArray,
  inputDeltas: FloatArray,
  rows: number,
  inputs: number,
  units: number,
): void {
  for (let row = 0; row < rows; row++) {
    for (let input = 0; input < inputs; input++) {
      let sum = 0;
      for (let unit = 0, d = row * units, k = input * units; unit < units; unit++) sum += deltas[d + unit] * kernel[k + unit];
      inputDeltas[row * inputs + input] = sum;
    }
  }
}

/** to[toAt + j] += factor · from[fromAt + j] for j < count. */
function addScaled(to: FloatArray, toAt: number, from: FloatArray, fromAt: number, factor: number, count: number): void {
  for (const end = toAt + count; toAt < end; toAt++, fromAt++) to[toAt] += factor * from[fromAt];
}
