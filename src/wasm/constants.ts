// The numbers that the kernels' exponentials, logarithms and activations are made of; written into every memory.
import { Constant } from "../../assembly/abi.js";
import type { Dtype } from "../spec.js";

interface Polynomials {
  /** (e^r − 1 − r)/r² on |r| ≤ ln2/2, powers of r. */
  readonly exp: readonly number[];
  /** (atanh(s)/s − 1)/s² on s² ≤ 1/9, powers of s². */
  readonly atanh: readonly number[];
  readonly magic: number;
  readonly minusLn2: readonly [high: number, low: number];
  readonly expRange: readonly [lowest: number, highest: number];
  readonly tanhLowest: number;
  readonly tiny: number;
}

// Coefficients: scripts/coefficients.py. Relative errors: exp 1.0e-8 and 1.7e-17, atanh 4.0e-10 and 5.0e-18.
const FLOAT32: Polynomials = {
  exp: [0.5, 0.16666577025597988, 0.041666554662050534, 0.0083631730745137109, 0.0013926176119935579],
  atanh: [0.33333333660263706, 0.19999853165964859, 0.14296178997151419, 0.10853287900440186, 0.11612164612011674],
  magic: 1.5 * 2 ** 23,
  minusLn2: [-0.693359375, 2.1219444005469057e-4],
  expRange: [-104, 89],
  tanhLowest: -20,
  tiny: 2 ** -126,
};

const FLOAT64: Polynomials = {
  exp: [
    0.5000000000000001, 0.16666666666666667, 0.041666666666624162, 0.0083333333333300644, 0.0013888888917196719,
    0.00019841269863040545, 2.4801521322368693e-5, 2.7557268480310026e-6, 2.7620075879983367e-7, 2.5100375832561234e-8,
  ],
  atanh: [
    0.33333333333333329, 0.20000000000007291, 0.14285714283554379, 0.11111111358713931, 0.090908947180664291,
    0.076927850324793116, 0.066570721048274681, 0.060005364047953563, 0.044003692430723369, 0.080820228059717661,
  ],
  magic: 1.5 * 2 ** 52,
  minusLn2: [-0.693147180369123816490, -1.90821492927058770002e-10],
  expRange: [-746, 710],
  tanhLowest: -44,
  tiny: 2 ** -1022,
};

/** Writes every constant of abi.ts into the start of a network's memory. */
export function writeConstants(buffer: ArrayBufferLike, dtype: Dtype): void {
  const table = dtype === "float32" ? FLOAT32 : FLOAT64;
  const numbers = dtype === "float32" ? new Float32Array(buffer) : new Float64Array(buffer);
  const lanes = 16 / numbers.BYTES_PER_ELEMENT;
  const put = (address: number, ...values: number[]): void =>
    values.forEach((value, i) => numbers.fill(value, (address / 16 + i) * lanes, (address / 16 + i + 1) * lanes));
  const gelu = Math.sqrt(2 / Math.PI);
  put(Constant.One, 1, 0.5, table.magic, Math.LOG2E, ...table.minusLn2, ...table.expRange, table.tanhLowest);
  put(Constant.Exp, ...table.exp);
  put(Constant.Atanh, ...table.atanh);
  put(Constant.GeluLinear, gelu, gelu * 0.044715, 0.01, table.tiny, -0);
}
