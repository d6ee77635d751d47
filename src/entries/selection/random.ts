// Seeded random numbers in integer arithmetic, the same on every machine: MurmurHash3's finalizer over a counter.
import { number, type Check } from "../../options/checks.js";

export const seedCheck: Check<number> = number((value) => value === value >> 0 || value === value >>> 0, "a 32-bit integer");

export const randomSeed = (): number => Math.floor(Math.random() * 2 ** 32);

function mix(h: number): number {
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The seed of something that has a number of its own, such as one trial of a search. */
export const deriveSeed = (seed: number, index: number): number => mix(mix(seed) + Math.imul(index + 1, 0x9e3779b9));

/** Draws numbers in [0, 1), one after another. */
export function generator(seed: number): () => number {
  let drawn = 0;
  return () => deriveSeed(seed, drawn++) * 2 ** -32;
}

/** A permutation of 0 … count − 1, by Fisher and Yates. */
export function shuffledRows(count: number, seed: number): number[] {
  const order: number[] = [];
  const random = generator(seed);
  for (let i = 0; i < count; i++) {
    const j = Math.floor(random() * (i + 1));
    order[i] = order[j]!;
    order[j] = i;
  }
  return order;
}
