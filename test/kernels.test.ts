// The kernels by themselves, on every build: products at sizes around each tile's edges, functions within their error bounds.
import { instantiateSync } from "@assemblyscript/loader";
import { describe, expect, it } from "vitest";
import { Address } from "../assembly/abi.js";
import { writeConstants } from "../src/engine/wasm/constants.js";
import { compile, type Build, type Kernels } from "../src/engine/wasm/instantiate.js";
import type { Dtype, FloatArray } from "../src/model/spec.js";
import { ACTIVATION_FACTS } from "../src/model/spec.js";
import { BUILDS } from "./backends.js";
import functions from "./vectors/functions.json" with { type: "json" };

const DTYPES: readonly Dtype[] = ["float32", "float64"];
const FIRST_FREE = 4096;

/** The kernels on their own memory, with simple allocation. Everything not written is NaN. */
class Bench {
  readonly kernels: Kernels;
  readonly numbers: FloatArray;
  readonly itemBytes: number;
  readonly lanes: number;
  #next = FIRST_FREE;

  /** @param pairs as writeConstants: whether the widest tile has 4 vectors */
  constructor(dtype: Dtype, build: Build, pairs = false) {
    const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536 });
    this.kernels = instantiateSync<Pick<Kernels, keyof Kernels>>(compile(dtype, build)!, { env: { memory } }).exports;
    this.numbers = dtype === "float32" ? new Float32Array(memory.buffer) : new Float64Array(memory.buffer);
    this.itemBytes = this.numbers.BYTES_PER_ELEMENT;
    this.lanes = 16 / this.itemBytes;
    writeConstants(memory.buffer, dtype, build, pairs);
    // The header's contents must never leak into a sum.
    this.numbers.fill(NaN, Address.Header / this.itemBytes, Address.Constants / this.itemBytes);
    this.numbers.fill(NaN, FIRST_FREE / this.itemBytes);
  }

  /** Frees all allocations. */
  reset(): this {
    this.numbers.fill(NaN, FIRST_FREE / this.itemBytes, this.#next / this.itemBytes);
    this.#next = FIRST_FREE;
    return this;
  }

  /** Allocates `length` numbers, 16-byte aligned, followed by a gap of NaN. */
  take(length: number): { address: number; view: FloatArray } {
    const address = this.#next;
    this.#next += Math.ceil((length * this.itemBytes) / 16) * 16 + 64;
    return { address, view: this.numbers.subarray(address / this.itemBytes, address / this.itemBytes + length) };
  }
}

/** Deterministic numbers in −1 … 1 with few enough digits that they are the same in both precisions. */
function* noise(seed: number): Generator<number, never, void> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    yield (state >> 12) / 2 ** 19;
  }
}

/** The starting values of sums; "step": zero, and a rate times the sum is added to C. */
const STARTS = ["zero", "one row", "every row", "step"] as const;
type Start = (typeof STARTS)[number];
const SIZES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 17, 24, 25];

for (const dtype of DTYPES) {
  const epsilon = dtype === "float32" ? 2 ** -24 : 2 ** -53;
  for (const build of BUILDS) {
    describe(`${dtype} ${build}`, () => {
      for (const pairs of [false, true]) {
        const tile = pairs ? "4 vectors" : "2 vectors";
        for (const transposed of [false, true]) {
          for (const start of STARTS) {
            it(`multiply, tiles of ${tile}, A ${transposed ? "transposed" : "in order"}, starting from ${start}, is within its error bound`, () => {
              const bench = new Bench(dtype, build, pairs);
              for (const rows of SIZES) {
                for (const vectors of [1, 2, 3, 4, 5, 9, 11]) {
                  for (const depth of [1, 2, 7]) checkMultiply(bench.reset(), rows, vectors, depth, transposed, start);
                }
              }
              // Deep sums are added in several passes.
              const deep = start === "step" ? [256, 384] : [384, 385, 641];
              for (const depth of deep) checkMultiply(bench.reset(), 7, 11, depth, transposed, start);
            });
          }
        }

        it(`multiply in tiles of ${tile} gives the bits of one running sum per element`, () => {
          const bench = new Bench(dtype, build, pairs);
          for (const rows of [1, 3, 5, 6, 8, 11, 13, 18]) {
            for (const vectors of [1, 2, 8, 11]) checkRunningSums(bench.reset(), rows, vectors, 400);
          }
        });
      }

      it("inputGradient is within its error bound", () => {
        const bench = new Bench(dtype, build);
        for (const rows of SIZES) {
          for (const inputs of [4, 8, 12, 20]) {
            for (const vectors of [1, 2, 3, 9]) checkInputGradient(bench.reset(), rows, inputs, vectors);
          }
        }
      });

      it("inputGradient gives the same bits for a row alone and among others", () => {
        const bench = new Bench(dtype, build);
        for (const rows of [5, 6, 7, 8, 11, 18]) checkRowsAlone(bench.reset(), rows, 8, 9);
      });

      for (const name of ["sigmoid", "tanh", "elu", "softplus", "swish", "gelu"] as const) {
        it(`${name} is within its error bound in ulp`, () => {
          const bench = new Bench(dtype, build);
          const { address, view } = bench.take(Math.ceil(functions.x.length / bench.lanes) * bench.lanes);
          view.fill(0);
          view.set(functions.x);
          bench.kernels.activate(ACTIVATION_FACTS[name].code, address, view.length * bench.itemBytes);
          let worst = 0;
          functions.x.forEach((x, i) => {
            const expected = functions[name][i];
            const error = Math.abs(view[i] - expected) / unit(name, x, expected, dtype);
            if (!(error <= worst)) worst = error;
            if (Number.isNaN(view[i])) expect.fail(`${name}(${x}) is NaN`);
          });
          expect(worst).toBeLessThan(LARGEST_ULPS[name]);
        });

        it(`${name} returns NaN for NaN, and its limits for ±Infinity`, () => {
          const bench = new Bench(dtype, build);
          const { address, view } = bench.take(4);
          view.set([NaN, Infinity, -Infinity, 0]);
          bench.kernels.activate(ACTIVATION_FACTS[name].code, address, 4 * bench.itemBytes);
          const [high, low, middle] = LIMITS[name];
          expect(view[0]).toBeNaN();
          expect(view[1]).toBe(high);
          expect(view[2]).toBeCloseTo(low, 12);
          expect(view[3]).toBeCloseTo(middle, 6);
        });
      }
    });
  }

  /** C = start + A·B, or a step, against float64 sums; A and B have padded strides, C begins as NaN and its neighbours must stay so. */
  function checkMultiply(bench: Bench, rows: number, vectors: number, depth: number, transposed: boolean, start: Start): void {
    const { itemBytes, lanes } = bench;
    const columns = vectors * lanes;
    const random = noise(rows * 1000 + columns * 10 + depth);
    const aStride = (transposed ? rows : depth) + 3;
    const cStride = columns + 2 * lanes;
    const a = bench.take(aStride * (transposed ? depth : rows));
    const b = bench.take(cStride * depth);
    const c = bench.take(cStride * rows);
    const from = bench.take(columns),
      rate = bench.take(lanes);
    const element = (r: number, k: number): number => (transposed ? k * aStride + r : r * aStride + k);
    for (let r = 0; r < rows; r++) for (let k = 0; k < depth; k++) a.view[element(r, k)] = random.next().value;
    for (let k = 0; k < depth; k++) for (let j = 0; j < columns; j++) b.view[k * cStride + j] = random.next().value;
    const inC = start === "every row" || start === "step";
    const initial = (r: number, j: number): number => (inC ? initials[r * columns + j] : start === "one row" ? from.view[j] : 0);
    rate.view.fill(start === "step" ? -0.375 : 1);
    for (let j = 0; j < columns; j++) from.view[j] = random.next().value;
    const initials = Array.from({ length: rows * columns }, () => random.next().value);
    if (inC) initials.forEach((value, i) => (c.view[Math.floor(i / columns) * cStride + (i % columns)] = value));
    const stride = cStride * itemBytes;
    bench.kernels.multiply(
      rows,
      vectors,
      a.address,
      transposed ? itemBytes : aStride * itemBytes,
      transposed ? aStride * itemBytes : itemBytes,
      b.address,
      stride,
      depth,
      start === "every row" ? c.address : start === "one row" ? from.address : Address.Zeros,
      start === "every row" ? stride : 0,
      c.address,
      stride,
      start === "step" ? rate.address : 0,
    );
    for (let r = 0; r < rows; r++) {
      for (let j = 0; j < cStride; j++) {
        const actual = c.view[r * cStride + j];
        if (j >= columns) {
          if (!Number.isNaN(actual))
            expect.fail(`${rows}×${columns}×${depth}: C[${r}][${j}], which is not of it, became ${actual}`);
          continue;
        }
        let exact = initial(r, j),
          size = Math.abs(exact);
        for (let k = 0; k < depth; k++) {
          const product = rate.view[0] * a.view[element(r, k)] * b.view[k * cStride + j];
          exact += product;
          size += Math.abs(product);
        }
        if (!(Math.abs(actual - exact) <= (depth + (start === "step" ? 2 : 1)) * epsilon * size)) {
          expect.fail(`${rows}×${columns}×${depth}: C[${r}][${j}] is ${actual}, not ${exact}`);
        }
      }
    }
  }

  /** C = A·B in one call against the same sums made element by element, one term a call: equal to the last bit. */
  function checkRunningSums(bench: Bench, rows: number, vectors: number, depth: number): void {
    const { kernels, itemBytes, lanes } = bench;
    const columns = vectors * lanes;
    const stride = columns * itemBytes;
    const random = noise(rows * 100 + vectors);
    const a = bench.take(rows * depth),
      b = bench.take(depth * columns);
    const whole = bench.take(rows * columns),
      terms = bench.take(rows * columns);
    a.view.forEach((_, i) => (a.view[i] = random.next().value));
    b.view.forEach((_, i) => (b.view[i] = random.next().value));
    terms.view.fill(0);
    kernels.multiply(
      rows,
      vectors,
      a.address,
      depth * itemBytes,
      itemBytes,
      b.address,
      stride,
      depth,
      Address.Zeros,
      0,
      whole.address,
      stride,
      0,
    );
    for (let r = 0; r < rows; r++) {
      for (let vector = 0; vector < vectors; vector++) {
        const c = terms.address + r * stride + 16 * vector;
        for (let k = 0; k < depth; k++) {
          kernels.multiply(
            1,
            1,
            a.address + (r * depth + k) * itemBytes,
            0,
            itemBytes,
            b.address + k * stride + 16 * vector,
            stride,
            1,
            c,
            0,
            c,
            0,
            0,
          );
        }
      }
    }
    expect(whole.view, `${rows}×${columns}×${depth}`).toEqual(terms.view);
  }

  function checkRowsAlone(bench: Bench, rows: number, inputs: number, vectors: number): void {
    const { kernels, itemBytes, lanes } = bench;
    const units = vectors * lanes;
    const [dyRow, dxRow] = [units * itemBytes, inputs * itemBytes];
    const random = noise(rows);
    const dy = bench.take(rows * units),
      w = bench.take(inputs * units);
    const together = bench.take(rows * inputs),
      alone = bench.take(rows * inputs);
    dy.view.forEach((_, i) => (dy.view[i] = random.next().value));
    w.view.forEach((_, i) => (w.view[i] = random.next().value));
    kernels.inputGradient(rows, inputs, dy.address, dyRow, w.address, dyRow, vectors, together.address, dxRow);
    for (let r = 0; r < rows; r++) {
      kernels.inputGradient(
        1,
        inputs,
        dy.address + r * dyRow,
        dyRow,
        w.address,
        dyRow,
        vectors,
        alone.address + r * dxRow,
        dxRow,
      );
    }
    expect(together.view, `${rows}×${inputs}×${units}`).toEqual(alone.view);
  }

  function checkInputGradient(bench: Bench, rows: number, inputs: number, vectors: number): void {
    const { itemBytes, lanes } = bench;
    const units = vectors * lanes;
    const random = noise(rows * 1000 + inputs * 10 + vectors);
    const dyStride = units + lanes,
      wStride = units + 2 * lanes,
      dxStride = inputs + lanes;
    const dy = bench.take(dyStride * rows),
      w = bench.take(wStride * inputs),
      dx = bench.take(dxStride * rows);
    for (let r = 0; r < rows; r++) for (let u = 0; u < units; u++) dy.view[r * dyStride + u] = random.next().value;
    for (let i = 0; i < inputs; i++) for (let u = 0; u < units; u++) w.view[i * wStride + u] = random.next().value;
    bench.kernels.inputGradient(
      rows,
      inputs,
      dy.address,
      dyStride * itemBytes,
      w.address,
      wStride * itemBytes,
      vectors,
      dx.address,
      dxStride * itemBytes,
    );
    for (let r = 0; r < rows; r++) {
      for (let i = 0; i < dxStride; i++) {
        const actual = dx.view[r * dxStride + i];
        if (i >= inputs) {
          if (!Number.isNaN(actual))
            expect.fail(`${rows}×${inputs}×${units}: dX[${r}][${i}], which is not of it, became ${actual}`);
          continue;
        }
        let exact = 0,
          size = 0;
        for (let u = 0; u < units; u++) {
          const product = dy.view[r * dyStride + u] * w.view[i * wStride + u];
          exact += product;
          size += Math.abs(product);
        }
        if (!(Math.abs(actual - exact) <= (vectors + lanes) * epsilon * size)) {
          expect.fail(`${rows}×${inputs}×${units}: dX[${r}][${i}] is ${actual}, not ${exact}`);
        }
      }
    }
  }
}

/** The contracts' error bounds, in units in the last place. */
const LARGEST_ULPS = { sigmoid: 3, tanh: 3, elu: 2, softplus: 4, swish: 4, gelu: 4 };

/** Values at Infinity, −Infinity and 0. */
const LIMITS = {
  sigmoid: [1, 0, 0.5],
  tanh: [1, -1, 0],
  elu: [Infinity, -1, 0],
  softplus: [Infinity, 0, Math.LN2],
  swish: [Infinity, 0, 0],
  gelu: [Infinity, 0, 0],
} as const;

/**
 * One unit of error: in the last place of the exact result; for gelu, which subtracts nearly equal numbers on the left, in
 * that of x; for swish also x times the smallest number, since that is how finely σ(x) is known there.
 */
function unit(name: keyof typeof LARGEST_ULPS, x: number, expected: number, dtype: Dtype): number {
  if (name === "gelu") return ulp(x, dtype);
  return ulp(expected, dtype) + (name === "swish" ? Math.abs(x) * ulp(0, dtype) : 0);
}

/** The distance between neighbouring numbers around x. */
function ulp(x: number, dtype: Dtype): number {
  const [digits, lowest] = dtype === "float32" ? [23, -149] : [52, -1074];
  const size = Math.abs(x);
  if (size === 0) return 2 ** lowest;
  let exponent = Math.floor(Math.log2(size));
  if (2 ** exponent > size) exponent--;
  return 2 ** Math.max(exponent - digits, lowest);
}
