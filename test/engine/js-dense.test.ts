// The plain dense products, at the smallest sizes, against sums written out.
import { expect, test } from "vitest";
import { addBiasGradient, addKernelGradient, multiply, multiplyTransposed } from "../../src/engine/js/dense.js";
import { expectClose, randoms } from "./support.js";

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const total = (n: number, term: (i: number) => number): number => range(n).reduce((sum, i) => sum + term(i), 0);
const table = (m: number, n: number, value: (i: number, j: number) => number): number[] =>
  range(m).flatMap((i) => range(n).map((j) => value(i, j)));

const sizes = [1, 2, 3, 5];

test.each(sizes.flatMap((rows) => sizes.flatMap((inputs) => sizes.map((units) => [rows, inputs, units]))))(
  "products of %i rows, %i inputs, %i units",
  (rows, inputs, units) => {
    const x = randoms(rows * inputs, 1);
    const w = randoms(inputs * units, 2);
    const b = randoms(units, 3);
    const d = randoms(rows * units, 4);

    const sums = new Float64Array(rows * units).fill(NaN);
    multiply(x, w, b, sums, rows, inputs, units);
    const product = (r: number, u: number): number => total(inputs, (i) => x[r * inputs + i] * w[i * units + u]);
    expectClose(
      sums,
      table(rows, units, (r, u) => b[u] + product(r, u)),
      1e-14,
    );
    multiply(x, w, undefined, sums, rows, inputs, units);
    expectClose(sums, table(rows, units, product), 1e-14);

    const kernel = w.slice();
    addKernelGradient(x, d, kernel, rows, inputs, units);
    const outer = (i: number, u: number): number => total(rows, (r) => x[r * inputs + i] * d[r * units + u]);
    expectClose(
      kernel,
      table(inputs, units, (i, u) => w[i * units + u] + outer(i, u)),
      1e-14,
    );

    const bias = b.slice();
    addBiasGradient(d, bias, rows, units);
    expectClose(
      bias,
      range(units).map((u) => b[u] + total(rows, (r) => d[r * units + u])),
      1e-14,
    );

    const below = new Float64Array(rows * inputs).fill(NaN);
    multiplyTransposed(d, w, below, rows, inputs, units);
    const back = (r: number, i: number): number => total(units, (u) => d[r * units + u] * w[i * units + u]);
    expectClose(below, table(rows, inputs, back), 1e-14);
    expect(below.every(Number.isFinite)).toBe(true);
  },
);
