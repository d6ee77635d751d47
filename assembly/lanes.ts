// Vector operations over T = f32 or f64, in which every kernel is written. The only source file of the kernels that uses relaxed SIMD.

/** Lanes of T in a vector. */
@inline
export function lanes<T>(): i32 {
  return 16 / sizeof<T>();
}

@inline
export function splat<T>(x: f64): v128 {
  return v128.splat<T>(<T>x);
}

@inline
export function add<T>(a: v128, b: v128): v128 {
  return v128.add<T>(a, b);
}

@inline
export function sub<T>(a: v128, b: v128): v128 {
  return v128.sub<T>(a, b);
}

@inline
export function mul<T>(a: v128, b: v128): v128 {
  return v128.mul<T>(a, b);
}

/**
 * a·b + c: one rounding in the relaxed builds (where the machine fuses), otherwise two. The compiler sees two stand-ins,
 * instructions that nothing else uses: relaxed_min for the product, relaxed_max for the sum. Both builds are made from this one
 * template by replacing them (scripts/templates.mjs).
 */
@inline
export function madd<T>(a: v128, b: v128, c: v128): v128 {
  return v128.relaxed_max<f32>(v128.relaxed_min<f32>(a, b), c);
}

/** a where the mask's lanes are all ones, b where they are all zeros; other masks are not allowed. bitselect without relaxed SIMD. */
@inline
export function select(a: v128, b: v128, mask: v128): v128 {
  return v128.relaxed_laneselect<i32>(a, b, mask);
}

/** The sum of all lanes, in every lane, in one fixed order: (0+2)+(1+3) for f32, 0+1 for f64. */
@inline
export function sumOfLanes<T>(a: v128): v128 {
  if (sizeof<T>() == 4) {
    const b = v128.add<f32>(a, v128.shuffle<f32>(a, a, 2, 3, 0, 1));
    return v128.add<f32>(b, v128.shuffle<f32>(b, b, 1, 0, 3, 2));
  }
  return v128.add<f64>(a, v128.shuffle<f64>(a, a, 1, 0));
}

/** The sum of all lanes, as sumOfLanes. */
@inline
export function sum<T>(a: v128): T {
  return firstLane<T>(sumOfLanes<T>(a));
}

/** The largest lane, in every lane. Lanes of NaN are ignored, or remain NaN. */
@inline
export function largestLane<T>(a: v128): v128 {
  if (sizeof<T>() == 4) {
    const b = v128.pmax<f32>(a, v128.shuffle<f32>(a, a, 2, 3, 0, 1));
    return v128.pmax<f32>(b, v128.shuffle<f32>(b, b, 1, 0, 3, 2));
  }
  return v128.pmax<f64>(a, v128.shuffle<f64>(a, a, 1, 0));
}

/** A comparison's result as one bit per lane, the first lane's the lowest. */
@inline
export function bits<T>(mask: v128): i32 {
  return sizeof<T>() == 4 ? i32x4.bitmask(mask) : i64x2.bitmask(mask);
}

@inline
export function firstLane<T>(a: v128): T {
  if (sizeof<T>() == 4) return <T>f32x4.extract_lane(a, 0);
  return <T>f64x2.extract_lane(a, 0);
}
