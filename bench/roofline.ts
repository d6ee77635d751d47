// @ts-nocheck: AssemblyScript, compiled by roofline.mjs.
// The machine's peak in WebAssembly: vector multiply-adds in registers, in independent chains, without loads or stores: what a
// matrix product could reach if memory access were free.

/**
 * One link of a chain. Fused: a + x·y, as in a matrix product. Plain: a·x + y in two instructions, because the compiler would
 * compute a product x·y only once, before the loop.
 */
@inline
function link<T>(a: v128, x: v128, y: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_madd<T>(x, y, a);
  return v128.add<T>(v128.mul<T>(a, x), y);
}

/** `chains` (8 … 14; a constant where this is inlined) chains of `links` links each; returns the sum of their ends. */
@inline
function run<T>(chains: i32, links: i32, first: T, second: T): f64 {
  const x = v128.splat<T>(first), y = v128.splat<T>(second);
  // Each chain starts from another value; otherwise the compiler would see that they are all the same.
  let a0 = v128.splat<T>(<T>0), a1 = v128.add<T>(a0, y), a2 = v128.add<T>(a1, y), a3 = v128.add<T>(a2, y);
  let a4 = v128.add<T>(a3, y), a5 = v128.add<T>(a4, y), a6 = v128.add<T>(a5, y), a7 = v128.add<T>(a6, y);
  let a8 = v128.add<T>(a7, y), a9 = v128.add<T>(a8, y), a10 = v128.add<T>(a9, y), a11 = v128.add<T>(a10, y);
  let a12 = v128.add<T>(a11, y), a13 = v128.add<T>(a12, y);
  do {
    a0 = link<T>(a0, x, y);
    a1 = link<T>(a1, x, y);
    a2 = link<T>(a2, x, y);
    a3 = link<T>(a3, x, y);
    a4 = link<T>(a4, x, y);
    a5 = link<T>(a5, x, y);
    a6 = link<T>(a6, x, y);
    a7 = link<T>(a7, x, y);
    if (chains > 8) a8 = link<T>(a8, x, y);
    if (chains > 9) a9 = link<T>(a9, x, y);
    if (chains > 10) a10 = link<T>(a10, x, y);
    if (chains > 11) a11 = link<T>(a11, x, y);
    if (chains > 12) a12 = link<T>(a12, x, y);
    if (chains > 13) a13 = link<T>(a13, x, y);
  } while (--links);
  let total = v128.add<T>(v128.add<T>(a0, a1), v128.add<T>(a2, a3));
  total = v128.add<T>(total, v128.add<T>(v128.add<T>(a4, a5), v128.add<T>(a6, a7)));
  if (chains > 8) total = v128.add<T>(total, a8);
  if (chains > 9) total = v128.add<T>(total, a9);
  if (chains > 10) total = v128.add<T>(total, a10);
  if (chains > 11) total = v128.add<T>(total, a11);
  if (chains > 12) total = v128.add<T>(total, a12);
  if (chains > 13) total = v128.add<T>(total, a13);
  let sum: f64 = 0;
  if (sizeof<T>() == 4) {
    sum += <f64>f32x4.extract_lane(total, 0) + <f64>f32x4.extract_lane(total, 1);
    sum += <f64>f32x4.extract_lane(total, 2) + <f64>f32x4.extract_lane(total, 3);
  } else {
    sum += f64x2.extract_lane(total, 0) + f64x2.extract_lane(total, 1);
  }
  return sum;
}

@inline
function choose<T>(chains: i32, links: i32, x: T, y: T): f64 {
  switch (chains) {
    case 8: return run<T>(8, links, x, y);
    case 9: return run<T>(9, links, x, y);
    case 10: return run<T>(10, links, x, y);
    case 11: return run<T>(11, links, x, y);
    case 12: return run<T>(12, links, x, y);
    case 13: return run<T>(13, links, x, y);
    default: return run<T>(14, links, x, y);
  }
}

export function float32(chains: i32, links: i32, x: f32, y: f32): f64 {
  return choose<f32>(chains, links, x, y);
}

export function float64(chains: i32, links: i32, x: f64, y: f64): f64 {
  return choose<f64>(chains, links, x, y);
}
