// Runs before each test file: compares equal typed arrays in one loop. Vitest compares each number by itself, which takes most of the
// time of tests that compare files and weights; where arrays differ it still does, and reports where.
import { expect } from "vitest";

const TypedArray = Object.getPrototypeOf(Uint8Array) as abstract new () => Uint8Array;

expect.addEqualityTesters([
  (a: unknown, b: unknown): true | undefined => {
    if (!(a instanceof TypedArray && b instanceof TypedArray) || a.constructor !== b.constructor || a.length !== b.length)
      return undefined;
    for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return undefined;
    return true;
  },
]);
