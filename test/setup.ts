// Before each file: lists of numbers that are the same are found to be so at once. Vitest asks each of their numbers by itself, which
// is most of the time of tests that compare files and weights; where lists differ it still does, and says where.
import { expect } from "vitest";

const TypedArray = Object.getPrototypeOf(Uint8Array) as abstract new () => Uint8Array;

expect.addEqualityTesters([
  (a: unknown, b: unknown): true | undefined => {
    if (!(a instanceof TypedArray && b instanceof TypedArray) || a.constructor !== b.constructor || a.length !== b.length) return undefined;
    for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return undefined;
    return true;
  },
]);
