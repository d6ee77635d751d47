// Seeded random streams in integer arithmetic, the same on every machine and in both engines: xoshiro128** (Blackman & Vigna,
// "Scrambled linear pseudorandom number generators", 2021), seeded by splitmix32, and MurmurHash3's finalizer as hash.
import type { FloatArray } from "./spec.js";

/** The purposes of streams: each has independent numbers from the same seed. */
export const enum Stream {
  Weights = 0x57454947,
  Shuffle = 0x53485546,
  Dropout = 0x44524f50,
}

/** MurmurHash3's finalizer: a bijection of 32-bit integers that maps neighbours far apart. */
export function fmix32(h: number): number {
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The seed of a stream; `index` distinguishes streams of the same purpose, such as the shuffles of epochs. */
export const streamSeed = (seed: number, stream: Stream, index = 0): number => fmix32(fmix32(seed ^ stream) + index);

/** A random seed, for networks without the option. Not from `crypto`, which Node loads lazily, in some milliseconds. */
export const randomSeed = (): number => Math.floor(Math.random() * 2 ** 32);

/** Draws the next 32 bits, as an unsigned integer. */
export type Random = () => number;

/** The state of xoshiro128**, four words, which its generators of integers and of normal numbers may share. */
export const seededState = (seed: number): Int32Array => Int32Array.from([1, 2, 3, 4], (i) => fmix32(seed + i * 0x9e3779b9));

/** The generator xoshiro128**: period 2^128 − 1, from a 32-bit seed. */
export const xoshiro128 = (seed: number): Random => integers(seededState(seed));

/** Draws integers from a state, which it advances. */
export function integers(state: Int32Array): Random {
  return () => {
    const b = state[1];
    state[2] ^= state[0];
    state[3] ^= b;
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= b << 9;
    state[3] = rotateLeft(state[3], 11);
    return Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
  };
}

/** A uniform number among the multiples of 2^-53 in [0, 1). */
export const uniform = (random: Random): number => fraction(random(), random());

const fraction = (high: number, low: number): number => ((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53;

/**
 * Fills arrays with `scale` times standard normal numbers, by Marsaglia's polar method (1964), which draws two at a time. They take
 * most of the time of creating a network, before V8 has optimised any code. So this loop has its own copy of xoshiro128** on local
 * variables: V8 optimises it sooner than closures, and it allocates nothing.
 */
export function normals(state: Int32Array): (out: FloatArray, scale: number) => void {
  const words = new Uint32Array(4);
  let spare: number | undefined;
  return (out, scale) => {
    let [a, b, c, d] = state;
    let i = 0;
    if (spare !== undefined) out[i++] = scale * spare;
    spare = undefined;
    while (i < out.length) {
      for (let word = 0; word < 4; word++) {
        words[word] = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9);
        const t = b << 9;
        c ^= a;
        d ^= b;
        b ^= c;
        a ^= d;
        c ^= t;
        d = rotateLeft(d, 11);
      }
      const u = 2 * fraction(words[0], words[1]) - 1;
      const v = 2 * fraction(words[2], words[3]) - 1;
      const s = u * u + v * v;
      if (s === 0 || s >= 1) continue;
      const radius = Math.sqrt((-2 * logarithm(s)) / s);
      out[i++] = scale * (u * radius);
      if (i < out.length) out[i++] = scale * (v * radius);
      else spare = v * radius;
    }
    state.set([a, b, c, d]);
  };
}

/**
 * ln x for 0 < x ≤ 1, with a relative error of about 1e-15. It uses only +, −, × and ÷, whose rounding IEEE 754 defines: `Math.log`
 * differs between JavaScript engines, and a seed would give different networks.
 */
export function logarithm(x: number): number {
  let halvings = 0;
  while (x < Math.SQRT1_2) {
    x *= 2;
    halvings++;
  }
  // ln x = 2 artanh f = 2 (f + f³/3 + f⁵/5 + …); |f| ≤ 0.172, so the first omitted term is below 1e-19.
  const f = (x - 1) / (x + 1);
  const square = f * f;
  let series = 0;
  for (let k = 23; k >= 1; k -= 2) series = series * square + 1 / k;
  return 2 * f * series - halvings * Math.LN2;
}

/** Fills `order` with the order of rows in an epoch: a Fisher–Yates shuffle of 0 … n−1. */
export function shuffledOrder(order: Uint32Array, seed: number, epoch: number): void {
  for (let i = 0; i < order.length; i++) order[i] = i;
  const random = xoshiro128(streamSeed(seed, Stream.Shuffle, epoch));
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * 2 ** -32 * (i + 1));
    const row = order[i];
    order[i] = order[j];
    order[j] = row;
  }
}

/** The key of one layer's dropout mask in one optimiser step. Layers count from 0, the first hidden one. */
export const dropoutKey = (seed: number, step: number, layer: number): number =>
  fmix32(streamSeed(seed, Stream.Dropout, step) + layer);

/** The hash below which an output is dropped: the fraction `dropout` of all 32-bit integers. */
export const dropoutThreshold = (dropout: number): number => Math.min(Math.floor(dropout * 2 ** 32), 2 ** 32 - 1);

/** Whether dropout keeps an output; `element` is its row in the batch · units + its unit. */
export const isKept = (element: number, key: number, threshold: number): boolean =>
  fmix32(Math.imul(element, 0x9e3779b1) + key) >= threshold;

const rotateLeft = (x: number, bits: number): number => (x << bits) | (x >>> (32 - bits));
