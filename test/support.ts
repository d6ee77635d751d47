// What suites of several folders share: weights as one list, and comparisons of lists of numbers.
import { expect } from "vitest";

type AnyWeights = readonly { readonly kernel: ArrayLike<number>; readonly bias?: ArrayLike<number> | undefined }[];

/** All kernels, each followed by its bias, as one list; `toEqual` compares them bit for bit. */
export const flat = (layers: AnyWeights): number[] =>
  layers.flatMap(({ kernel, bias }) => [...Array.from(kernel), ...Array.from(bias ?? [])]);

/** Every |actual − expected| is at most the tolerance. */
export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expectWithin(actual, expected, () => tolerance);
}

/** Every |actual − expected| / max(1, |expected|) is at most the tolerance. */
export function expectNear(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expectWithin(actual, expected, (value) => tolerance * Math.max(1, Math.abs(value)));
}

function expectWithin(actual: ArrayLike<number>, expected: ArrayLike<number>, bound: (expected: number) => number): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    // Both lists are asserted, whole, only when they differ: an assertion for each number would take most of a suite's time.
    if (!(Math.abs(actual[i] - expected[i]) <= bound(expected[i]))) expect(Array.from(actual)).toEqual(Array.from(expected));
  }
}
