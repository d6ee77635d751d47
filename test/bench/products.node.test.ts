// The check before products are timed: correct ones pass with either factor transposed, wrong ones do not.
import { describe, expect, it } from "vitest";
import { PRODUCTS, worstError } from "../../bench/products.mjs";

// Two by two, with a row stride of three numbers; the padding must not count.
const LAYER = { size: 2, x: 0, kernel: 48, delta: 96, bias: 144, result: 168, stride: 24, item: 8, vectors: 1 };
const memory = (result: number[]) =>
  Float64Array.of(1, 2, NaN, 3, 4, NaN, 5, 6, NaN, 7, 8, NaN, 9, 10, NaN, 11, 12, NaN, 100, 200, NaN, ...result);
const worst = (name: string, result: number[]) => worstError(PRODUCTS[name], memory(result), LAYER, 2 ** -53);

describe("worstError", () => {
  it("is 0 for exact products", () => {
    expect(worst("forward", [119, 222, NaN, 143, 250, NaN])).toBe(0);
    expect(worst("weight gradient", [42, 46, NaN, 62, 68, NaN])).toBe(0);
    expect(worst("input gradient", [105, 143, NaN, 127, 173, NaN])).toBe(0);
  });

  it("is 1 at the bound: 3·2ε·Σ|terms|", () => {
    expect(worst("input gradient", [105, 143, NaN, 127, 173 + 6 * 173 * 2 ** -53, NaN])).toBeCloseTo(1, 1);
  });

  it("is large for a wrong product, and not a number for one that has none", () => {
    expect(worst("forward", [119, 222, NaN, 143, 250.001, NaN])).toBeGreaterThan(1e9);
    expect(worst("forward", [119, NaN, NaN, 143, 250, NaN])).toBeNaN();
  });
});
