// The seeded streams against the published algorithms written a second time in BigInt, and against probability.
import { describe, expect, test } from "vitest";
import {
  Stream,
  dropoutKey,
  dropoutThreshold,
  fmix32,
  isKept,
  logarithm,
  normals,
  randomSeed,
  seededState,
  shuffledOrder,
  streamSeed,
  uniform,
  xoshiro128,
} from "../src/model/random.js";

const MASK = 0xffffffffn;
const STREAMS = [Stream.Weights, Stream.Shuffle, Stream.Dropout];
const SEEDS = [0, 1, 42, 0x7fffffff, 0x80000000, 0xffffffff];

/** MurmurHash3's fmix32, from its description. */
function bigFmix32(value: bigint): bigint {
  let h = value & MASK;
  h ^= h >> 16n;
  h = (h * 0x85ebca6bn) & MASK;
  h ^= h >> 13n;
  h = (h * 0xc2b2ae35n) & MASK;
  return h ^ (h >> 16n);
}

/** xoshiro128** 1.1, from its description, with a state filled by splitmix32. */
function* bigXoshiro(seed: number): Generator<number, never> {
  const rotl = (x: bigint, k: bigint): bigint => ((x << k) | (x >> (32n - k))) & MASK;
  const s = [1n, 2n, 3n, 4n].map((i) => bigFmix32(BigInt(seed) + i * 0x9e3779b9n));
  for (;;) {
    yield Number((rotl((s[1] * 5n) & MASK, 7n) * 9n) & MASK);
    const t = (s[1] << 9n) & MASK;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 11n);
  }
}

describe("integers", () => {
  test("fmix32 is MurmurHash3's finalizer", () => {
    const stream = bigXoshiro(7);
    for (let i = 0; i < 1000; i++) {
      const value = stream.next().value;
      expect(fmix32(value)).toBe(Number(bigFmix32(BigInt(value))));
      expect(fmix32(value | 0)).toBe(fmix32(value));
    }
  });

  test.each(SEEDS)("xoshiro128 of seed %i follows the published algorithm", (seed) => {
    const random = xoshiro128(seed);
    const expected = bigXoshiro(seed);
    for (let i = 0; i < 1000; i++) expect(random()).toBe(expected.next().value);
  });

  test("seeds are read as 32-bit integers, signed or unsigned", () => {
    expect(xoshiro128(-1)()).toBe(xoshiro128(0xffffffff)());
    expect(streamSeed(-1, Stream.Weights)).toBe(streamSeed(0xffffffff, Stream.Weights));
  });

  test("streamSeed mixes seed, purpose and index", () => {
    for (const seed of SEEDS) {
      for (const stream of STREAMS) {
        const inner = bigFmix32(BigInt(seed) ^ BigInt(stream));
        expect(streamSeed(seed, stream)).toBe(Number(bigFmix32(inner)));
        expect(streamSeed(seed, stream, 3)).toBe(Number(bigFmix32(inner + 3n)));
      }
    }
  });

  test("the streams of one seed differ, and their constants spell their purposes", () => {
    const first = STREAMS.map((stream) => xoshiro128(streamSeed(1, stream))());
    expect(new Set(first).size).toBe(3);
    const text = (code: number): string => String.fromCharCode(...[24, 16, 8, 0].map((bits) => (code >>> bits) & 255));
    expect(STREAMS.map(text)).toEqual(["WEIG", "SHUF", "DROP"]);
  });

  test("randomSeed gives unsigned 32-bit integers that differ", () => {
    const seeds = Array.from({ length: 20 }, randomSeed);
    expect(seeds.every((seed) => seed === seed >>> 0)).toBe(true);
    expect(new Set(seeds).size).toBeGreaterThan(15);
  });
});

describe("shuffledOrder", () => {
  function shuffled(length: number, seed: number, epoch: number): number[] {
    const order = new Uint32Array(length);
    shuffledOrder(order, seed, epoch);
    return [...order];
  }

  test("is a Fisher–Yates shuffle from the end", () => {
    const order = Array.from({ length: 50 }, (_, i) => i);
    const draws = bigXoshiro(streamSeed(9, Stream.Shuffle, 4));
    for (let i = 49; i > 0; i--) {
      const j = Number((BigInt(draws.next().value) * BigInt(i + 1)) >> 32n);
      [order[i], order[j]] = [order[j], order[i]];
    }
    expect(shuffled(50, 9, 4)).toEqual(order);
  });

  test.each([1, 2, 3, 1000])("permutes %i rows", (length) => {
    const sorted = shuffled(length, 5, 0).sort((a, b) => a - b);
    expect(sorted).toEqual(Array.from({ length }, (_, i) => i));
  });

  test("accepts no rows", () => expect(shuffled(0, 1, 0)).toEqual([]));

  test("depends on seed and epoch, not on the array's contents", () => {
    const order = Uint32Array.from({ length: 100 }, (_, i) => 99 - i);
    shuffledOrder(order, 1, 2);
    expect([...order]).toEqual(shuffled(100, 1, 2));
    expect(shuffled(100, 1, 3)).not.toEqual(shuffled(100, 1, 2));
    expect(shuffled(100, 2, 2)).not.toEqual(shuffled(100, 1, 2));
  });

  test("produces all 24 orders of four rows about equally often", () => {
    const counts = new Map<string, number>();
    for (let epoch = 0; epoch < 24_000; epoch++) {
      const key = shuffled(4, 1, epoch).join();
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chiSquare).toBeLessThan(49.7); // 23 degrees of freedom: exceeded once in 1,000
  });
});

describe("dropout", () => {
  test("masks hash seed, step, layer and element", () => {
    const key = dropoutKey(11, 5, 2);
    const dropoutSeed = bigFmix32(bigFmix32(11n ^ BigInt(Stream.Dropout)) + 5n);
    expect(key).toBe(Number(bigFmix32(dropoutSeed + 2n)));
    for (let element = 0; element < 500; element++) {
      const hash = bigFmix32(BigInt(element) * 0x9e3779b1n + BigInt(key));
      expect(isKept(element, key, dropoutThreshold(0.3))).toBe(Number(hash) / 2 ** 32 >= 0.3);
    }
  });

  test("thresholds are unsigned 32-bit integers", () => {
    expect(dropoutThreshold(0)).toBe(0);
    expect(dropoutThreshold(0.5)).toBe(2 ** 31);
    expect(dropoutThreshold(1 - 2 ** -53)).toBe(2 ** 32 - 1);
  });

  test.each([0.1, 0.5, 0.9])("drops a share of %d", (dropout) => {
    const threshold = dropoutThreshold(dropout);
    let kept = 0;
    for (let step = 0; step < 10; step++) {
      const key = dropoutKey(3, step, 0);
      for (let element = 0; element < 10_000; element++) if (isKept(element, key, threshold)) kept++;
    }
    const deviation = Math.sqrt((dropout * (1 - dropout)) / 100_000);
    expect(Math.abs(kept / 100_000 - (1 - dropout))).toBeLessThan(4 * deviation);
  });
});

describe("real numbers", () => {
  test("uniform takes 27 bits of one draw and 26 of the next", () => {
    const random = xoshiro128(8);
    const draws = bigXoshiro(8);
    for (let i = 0; i < 1000; i++) {
      const bits = ((BigInt(draws.next().value) >> 5n) << 26n) | (BigInt(draws.next().value) >> 6n);
      expect(uniform(random)).toBe(Number(bits) / 2 ** 53);
    }
  });

  test("logarithm agrees with Math.log", () => {
    const random = xoshiro128(1);
    const tiny = Array.from({ length: 100 }, (_, i) => uniform(random) * 2 ** -i);
    const nearOne = Array.from({ length: 52 }, (_, i) => 1 - 2 ** -(i + 1));
    const others = Array.from({ length: 10_000 }, () => uniform(random));
    for (const x of [...tiny, ...nearOne, ...others, Number.MIN_VALUE, 0.5, Math.SQRT1_2]) {
      expect(Math.abs(logarithm(x) / Math.log(x) - 1)).toBeLessThan(1e-15);
    }
    expect(logarithm(1)).toBe(0);
  });

  test("normal has the moments and the tails of the normal distribution", () => {
    const n = 200_000;
    const values = new Float64Array(n);
    normals(seededState(2))(values, 1);
    const moment = (power: number): number => values.reduce((sum, value) => sum + value ** power, 0) / n;
    // Bounds at four standard errors: the variance of the k-th moment is (E x^2k − (E x^k)²) / n.
    expect(Math.abs(moment(1))).toBeLessThan(4 * Math.sqrt(1 / n));
    expect(Math.abs(moment(2) - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
    expect(Math.abs(moment(3))).toBeLessThan(4 * Math.sqrt(15 / n));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(4 * Math.sqrt(96 / n));
    for (const [bound, share] of [
      [1, 0.682689],
      [2, 0.9545],
      [3, 0.9973],
    ]) {
      const inside = values.filter((value) => Math.abs(value) < bound).length / n;
      expect(Math.abs(inside - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / n));
    }
  });

  test("normal numbers do not depend on the pieces in which they are drawn", () => {
    const whole = new Float64Array(20);
    normals(seededState(4))(whole, 3);
    const normal = normals(seededState(4));
    const pieces = [1, 2, 3, 3, 1, 10].map((length) => new Float64Array(length));
    for (const piece of pieces) normal(piece, 3);
    expect(pieces.flatMap((piece) => [...piece])).toEqual([...whole]);
  });

  test("consecutive normal numbers are independent", () => {
    const values = new Float64Array(100_001);
    normals(seededState(3))(values, 1);
    let product = 0;
    for (let i = 1; i < values.length; i++) product += values[i - 1] * values[i];
    expect(Math.abs(product / 100_000)).toBeLessThan(4 / Math.sqrt(100_000));
  });
});
