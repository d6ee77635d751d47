// Seeded streams in integer arithmetic, alike on every machine and in both engines: xoshiro128** (Blackman & Vigna,
// "Scrambled linear pseudorandom number generators", 2021), filled by splitmix32, and MurmurHash3's finalizer as hash.

/** What a stream is for: each purpose draws numbers of its own from the one seed. */
export const Stream = { Weights: 0x57454947, Shuffle: 0x53485546, Dropout: 0x44524f50 } as const;
export type Stream = (typeof Stream)[keyof typeof Stream];

/** MurmurHash3's finalizer: a bijection of 32-bit integers that scatters neighbours. */
export function fmix32(h: number): number {
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The seed of a stream; `index` tells apart streams of one purpose, such as the epochs' shuffles. */
export function streamSeed(seed: number, stream: Stream, index = 0): number {
  return fmix32((fmix32(seed ^ stream) + index) | 0);
}

/** A seed for those who name none. */
export function randomSeed(): number {
  if (typeof globalThis.crypto?.getRandomValues === "function") {
    return globalThis.crypto.getRandomValues(new Uint32Array(1))[0];
  }
  return Math.floor(Math.random() * 2 ** 32);
}

/** The generator xoshiro128**: period 2^128 − 1, from a 32-bit seed. */
export class Xoshiro128 {
  private s0: number;
  private s1: number;
  private s2: number;
  private s3: number;
  private spare: number | undefined;

  constructor(seed: number) {
    let s = seed | 0;
    this.s0 = fmix32((s = (s + 0x9e3779b9) | 0));
    this.s1 = fmix32((s = (s + 0x9e3779b9) | 0));
    this.s2 = fmix32((s = (s + 0x9e3779b9) | 0));
    this.s3 = fmix32((s + 0x9e3779b9) | 0);
  }

  /** The next 32 bits, as an unsigned integer. */
  next(): number {
    const result = Math.imul(rotateLeft(Math.imul(this.s1, 5), 7), 9) >>> 0;
    const t = this.s1 << 9;
    this.s2 ^= this.s0;
    this.s3 ^= this.s1;
    this.s1 ^= this.s2;
    this.s0 ^= this.s3;
    this.s2 ^= t;
    this.s3 = rotateLeft(this.s3, 11);
    return result;
  }

  /** Uniform over the multiples of 2^-53 in [0, 1). */
  uniform(): number {
    const high = this.next() >>> 5;
    const low = this.next() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  /** Standard normal, by Marsaglia's polar method (1964). */
  normal(): number {
    if (this.spare !== undefined) {
      const value = this.spare;
      this.spare = undefined;
      return value;
    }
    for (;;) {
      const u = 2 * this.uniform() - 1;
      const v = 2 * this.uniform() - 1;
      const s = u * u + v * v;
      if (s > 0 && s < 1) {
        const radius = Math.sqrt((-2 * logarithm(s)) / s);
        this.spare = v * radius;
        return u * radius;
      }
    }
  }
}

/**
 * ln x for 0 < x ≤ 1, to about 1e-15 of its value. Only +, −, × and ÷, which IEEE 754 rounds in one way: `Math.log`
 * differs between engines, and with it would differ a seed's network.
 */
export function logarithm(x: number): number {
  let halvings = 0;
  while (x < Math.SQRT1_2) {
    x *= 2;
    halvings++;
  }
  // ln x = 2 artanh f = 2 (f + f³/3 + f⁵/5 + …); |f| ≤ 0.172, so the first term left out is below 1e-19.
  const f = (x - 1) / (x + 1);
  const square = f * f;
  let series = 0;
  for (let k = 23; k >= 1; k -= 2) series = series * square + 1 / k;
  return 2 * f * series - halvings * Math.LN2;
}

/** Fills `order` with the order of rows in an epoch: a permutation of 0 … n−1, by Fisher and Yates. */
export function shuffledOrder(order: Uint32Array, seed: number, epoch: number): void {
  for (let i = 0; i < order.length; i++) order[i] = i;
  const random = new Xoshiro128(streamSeed(seed, Stream.Shuffle, epoch));
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random.next() * 2 ** -32 * (i + 1));
    const row = order[i];
    order[i] = order[j];
    order[j] = row;
  }
}

/** The key of one layer's dropout mask in one optimiser step. Layers count from 0, the first hidden one. */
export function dropoutKey(seed: number, step: number, layer: number): number {
  return fmix32((streamSeed(seed, Stream.Dropout, step) + layer) | 0);
}

/** The hash below which an output is dropped: a share `dropout` of all 32-bit integers. */
export function dropoutThreshold(dropout: number): number {
  return Math.min(Math.floor(dropout * 2 ** 32), 2 ** 32 - 1);
}

/** Whether dropout keeps an output; `element` is its row in the batch · units + its unit. */
export function isKept(element: number, key: number, threshold: number): boolean {
  return fmix32((Math.imul(element, 0x9e3779b1) + key) | 0) >= threshold;
}

function rotateLeft(x: number, bits: number): number {
  return (x << bits) | (x >>> (32 - bits));
}
