// Seeded random row orders and dropout masks, in the same integer arithmetic as src/model/random.ts.
import { Header, State } from "./abi";

const enum Stream {
  Shuffle = 0x53485546,
  Dropout = 0x44524f50,
}

/** MurmurHash3's finalizer: a bijection of 32-bit integers in which every input bit affects every output bit. */
function mix(h: u32): u32 {
  h = (h ^ (h >>> 16)) * 0x85ebca6b;
  h = (h ^ (h >>> 13)) * 0xc2b2ae35;
  return h ^ (h >>> 16);
}

/** The seed of part `index` of a stream. */
function streamSeed(stream: u32, index: u32): u32 {
  return mix(mix(load<u32>(Header.Seed) ^ stream) + index);
}

/** Writes a permutation of 0 … count−1, determined by seed and epoch: Fisher–Yates with xoshiro128** (Blackman & Vigna 2018). */
export function shuffle(order: usize, count: u32, epoch: u32): void {
  const seed = streamSeed(Stream.Shuffle, epoch);
  let s0 = mix(seed + 0x9e3779b9);
  let s1 = mix(seed + 0x3c6ef372);
  let s2 = mix(seed + 0xdaa66d2b);
  let s3 = mix(seed + 0x78dde6e4);
  for (let i: u32 = 0; i < count; ++i) store<u32>(order + (i << 2), i);
  for (let i = count - 1; i > 0; --i) {
    const draw = rotl<u32>(s1 * 5, 7) * 9;
    const t = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= t;
    s3 = rotl<u32>(s3, 11);
    const a = order + (i << 2);
    const b = order + (<u32>(<f64>draw * (1.0 / 4294967296.0) * <f64>(i + 1)) << 2);
    const kept = load<u32>(a);
    store<u32>(a, load<u32>(b));
    store<u32>(b, kept);
  }
}

/**
 * Dropout on a tile: outputs and derivatives become 0 where the hash of (seed, step, layer, element) is below the threshold, and
 * are multiplied by `scale` elsewhere. An element is row·units + unit over the whole batch; `firstRow` is the tile's first row
 * within it. Both blocks are rows × stride bytes.
 */
export function dropout<T>(
  layer: u32, threshold: u32, scale: f64,
  output: usize, derivative: usize, stride: usize, rows: u32, units: u32, firstRow: u32,
): void {
  const step = load<u32>(load<usize>(Header.Parameters) - State.Bytes, State.Step);
  const key = mix(streamSeed(Stream.Dropout, step) + layer);
  const kept = <T>scale;
  for (let row: u32 = 0; row < rows; ++row) {
    for (let unit: u32 = 0; unit < units; ++unit) {
      const element = (firstRow + row) * units + unit;
      const factor = mix(element * 0x9e3779b1 + key) >= threshold ? kept : <T>0;
      const p = unit * sizeof<T>();
      store<T>(output + p, load<T>(output + p) * factor);
      store<T>(derivative + p, load<T>(derivative + p) * factor);
    }
    output += stride;
    derivative += stride;
  }
}
