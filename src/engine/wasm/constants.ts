// The constants of the kernels' exponentials, logarithms and activations, which are written into every memory.
import { Constant } from "../../../assembly/abi.js";
import { createArray } from "../../model/parameters.js";
import type { Dtype } from "../../model/spec.js";
import { startedWith, v8Version } from "../../platform.js";
import type { Build } from "./instantiate.js";

interface Polynomials {
  /** (e^r − 1 − r)/r² on |r| ≤ ln2/2, powers of r. */
  readonly exp: readonly number[];
  /** (atanh(s)/s − 1)/s² on s² ≤ 1/9, powers of s². */
  readonly atanh: readonly number[];
  readonly magic: number;
  readonly minusLn2: readonly [high: number, low: number];
  readonly expLowest: number;
  readonly raise: number;
  readonly tanhLowest: number;
  readonly tiny: number;
}

// Coefficients from scripts/coefficients.py, in all significant digits. Relative errors: exp 1.1e-8 and 1.6e-17, atanh 9.3e-10
// and 6.9e-18.
const FLOAT32: Polynomials = {
  exp: [0.5, 0.16666577, 0.0416666, 0.0083632, 0.0013926],
  atanh: [0.33333334, 0.1999985, 0.142962, 0.10853, 0.1161],
  magic: 1.5 * 2 ** 23,
  minusLn2: [-0.693359375, 2.1219444e-4],
  expLowest: -104,
  raise: 2 ** 64,
  tanhLowest: -20,
  tiny: 2 ** -126,
};

const FLOAT64: Polynomials = {
  exp: [
    0.5000000000000001, 0.1666666666666667, 0.0416666666666242, 0.00833333333333, 0.00138888889172, 1.9841269863e-4,
    2.480152132e-5, 2.75572685e-6, 2.762008e-7, 2.51004e-8,
  ],
  atanh: [
    0.3333333333333333, 0.200000000000073, 0.142857142835544, 0.11111111358714, 0.0909089471807, 0.076927850325, 0.06657072105,
    0.060005364, 0.044003692, 0.08082023,
  ],
  magic: 1.5 * 2 ** 52,
  minusLn2: [-0.6931471803691238, -1.9082149292705877e-10],
  expLowest: -746,
  raise: 2 ** 512,
  tanhLowest: -44,
  tiny: 2 ** -1022,
};

/**
 * Writes every constant of abi.ts into the start of a network's memory.
 *
 * @param pairs whether the JavaScript engine pairs vectors in registers of twice the width
 */
export function writeConstants(buffer: ArrayBufferLike, dtype: Dtype, build: Build, pairs = pairsVectors()): void {
  const table = dtype === "float32" ? FLOAT32 : FLOAT64;
  const numbers = createArray(dtype, buffer);
  const lanes = 16 / numbers.BYTES_PER_ELEMENT;
  const put = (address: number, ...values: number[]): void =>
    values.forEach((value, i) => numbers.fill(value, (address / 16 + i) * lanes, (address / 16 + i + 1) * lanes));
  const gelu = 2 * Math.sqrt(2 / Math.PI);
  put(
    Constant.One,
    1,
    0.5,
    table.magic,
    Math.LOG2E,
    ...table.minusLn2,
    table.expLowest,
    table.raise,
    1 / table.raise,
    -40,
    -table.expLowest,
    table.tanhLowest,
  );
  put(Constant.Exp, ...table.exp);
  put(Constant.Atanh, ...table.atanh);
  put(Constant.GeluLinear, gelu, gelu * 0.044715, 0.01, table.tiny, -0);
  const integers = new Uint32Array(buffer);
  integers[Constant.TileRows / 4] = build === "relaxed" && !spills() ? 6 : 4;
  integers[Constant.TileVectors / 4] = pairs ? 4 : 2;
}

/** Whether this V8 (before 13, such as Node 22) spills registers for tiles of 6 rows, which makes them half as fast as tiles of 4. */
const spills = (): boolean => v8Version() < 13;

/**
 * Whether V8 pairs vectors of 128 bits into 256: an opt-in flag of the process, unavailable to pages. Tiles of 4 vectors then take no
 * more registers than tiles of 2 do otherwise.
 */
const pairsVectors = (): boolean => startedWith("--experimental-wasm-revectorize");
