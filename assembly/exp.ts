// Vectorised exp, expm1, log and log1p, built from + − × ÷ alone so that every engine computes the same bits.
// Coefficients and their errors: scripts/coefficients.py. All functions propagate NaN.
import { Constant } from "./abi";
import { add, madd, mul, select, splat, sub } from "./lanes";

@inline
export function constant(address: Constant): v128 {
  return v128.load(address);
}

/**
 * base·2^n for a base that is a power of two and the integer n in Magic + n, where the result is a normal number: n is added to the
 * exponent bits, and Magic's own bits are shifted out.
 */
@inline
function timesPowerOfTwo<T>(base: v128, magicPlusN: v128): v128 {
  if (sizeof<T>() == 4) return v128.add<i32>(v128.shl<i32>(magicPlusN, 23), base);
  return v128.add<i64>(v128.shl<i64>(magicPlusN, 52), base);
}

/** Σ c[i]·x^i, 5 terms in float32 and 10 in float64 (Horner). */
@inline
function polynomial<T>(c: Constant, x: v128): v128 {
  let q: v128;
  if (sizeof<T>() == 4) {
    q = constant(c + 4 * 16);
  } else {
    q = madd<T>(constant(c + 9 * 16), x, constant(c + 8 * 16));
    q = madd<T>(q, x, constant(c + 7 * 16));
    q = madd<T>(q, x, constant(c + 6 * 16));
    q = madd<T>(q, x, constant(c + 5 * 16));
    q = madd<T>(q, x, constant(c + 4 * 16));
  }
  q = madd<T>(q, x, constant(c + 3 * 16));
  q = madd<T>(q, x, constant(c + 2 * 16));
  q = madd<T>(q, x, constant(c + 16));
  return madd<T>(q, x, constant(c));
}

/** e^r − 1 = r + r²·Q(r) for |r| ≤ ln2/2. */
@inline
function expm1Reduced<T>(r: v128): v128 {
  return madd<T>(mul<T>(r, r), polynomial<T>(Constant.Exp, r), r);
}

/**
 * scale·e^x for a scale that is a power of two, where the result is a normal number. Range reduction x = n·ln2 + r with ln2 in two
 * parts, a polynomial, and 2^n by the exponent bits. Error: within 1.5 ulp.
 */
@inline
function scaledExp<T>(x: v128, scale: v128): v128 {
  const magic = constant(Constant.Magic);
  const shifted = madd<T>(x, constant(Constant.Log2E), magic);
  const rounded = sub<T>(shifted, magic);
  let r = madd<T>(rounded, constant(Constant.MinusLn2High), x);
  r = madd<T>(rounded, constant(Constant.MinusLn2Low), r);
  return mul<T>(add<T>(constant(Constant.One), expm1Reduced<T>(r)), timesPowerOfTwo<T>(scale, shifted));
}

/** e^x for x ≤ 0, scaled up and back down so that subnormal results are correct. Error: within 1.5 ulp; underflows to 0. */
@inline
export function expOfNegative<T>(x: v128): v128 {
  const within = v128.pmax<T>(x, constant(Constant.ExpLowest));
  return mul<T>(scaledExp<T>(within, constant(Constant.Raise)), constant(Constant.Lower));
}

/** e^−|x|, as expOfNegative. */
@inline
export function expOfMinusMagnitude<T>(x: v128): v128 {
  return expOfNegative<T>(v128.or(x, constant(Constant.Sign)));
}

/**
 * e^x − 1 for TanhLowest ≤ x ≤ 0 (smaller x are clamped), without cancellation near 0:
 * 2^n·(e^r − 1) + (2^n − 1). Error: within 2 ulp.
 */
@inline
export function expm1Negative<T>(x: v128): v128 {
  const magic = constant(Constant.Magic);
  const clamped = v128.pmax<T>(x, constant(Constant.TanhLowest));
  const shifted = madd<T>(clamped, constant(Constant.Log2E), magic);
  const rounded = sub<T>(shifted, magic);
  let r = madd<T>(rounded, constant(Constant.MinusLn2High), clamped);
  r = madd<T>(rounded, constant(Constant.MinusLn2Low), r);
  const scale = timesPowerOfTwo<T>(constant(Constant.One), shifted);
  return madd<T>(scale, expm1Reduced<T>(r), sub<T>(scale, constant(Constant.One)));
}

/** 2·atanh(s) for 0 ≤ |s| ≤ 1/3. */
@inline
function twiceAtanh<T>(s: v128): v128 {
  const u = mul<T>(s, s);
  const q = polynomial<T>(Constant.Atanh, u);
  const once = madd<T>(mul<T>(q, u), s, s);
  return add<T>(once, once);
}

/** log(1 + t) for 0 ≤ t ≤ 1, as 2·atanh(t/(2 + t)). Error: within 3 ulp. */
@inline
export function log1p<T>(t: v128): v128 {
  const one = constant(Constant.One);
  return twiceAtanh<T>(v128.div<T>(t, add<T>(t, add<T>(one, one))));
}

/**
 * The natural logarithm of normal x > 0 (smaller x are clamped to Tiny): x = 2^n·m with m in √½ … √2,
 * n·ln2 + 2·atanh((m − 1)/(m + 1)). Error: within 3 ulp of max(|log x|, 1).
 */
@inline
export function log<T>(x: v128): v128 {
  const one = constant(Constant.One);
  const normal = v128.pmax<T>(x, constant(Constant.Tiny));
  let n: v128, m: v128;
  if (sizeof<T>() == 4) {
    // Subtracting the bits of √½ leaves n in the exponent field and m − √½ in the rest.
    const bits = v128.sub<i32>(normal, i32x4.splat(0x3f3504f3));
    const exponent = v128.shr<i32>(bits, 23);
    m = v128.sub<i32>(normal, v128.shl<i32>(exponent, 23));
    n = f32x4.convert_i32x4_s(exponent);
  } else {
    const bits = v128.sub<i64>(normal, i64x2.splat(0x3fe6a09e667f3bcd));
    const exponent = v128.shr<i64>(bits, 52);
    m = v128.sub<i64>(normal, v128.shl<i64>(exponent, 52));
    const magic = constant(Constant.Magic);
    n = sub<T>(v128.add<i64>(magic, exponent), magic);
  }
  const s = v128.div<T>(sub<T>(m, one), add<T>(m, one));
  const tail = sub<T>(twiceAtanh<T>(s), mul<T>(n, constant(Constant.MinusLn2Low)));
  return sub<T>(tail, mul<T>(n, constant(Constant.MinusLn2High)));
}

/** log(1 + e^x), softplus: max(x, 0) + log1p(t), with t = e^−|x|. Error: within 4 ulp. */
@inline
export function softplus<T>(x: v128, t: v128): v128 {
  return add<T>(v128.pmax<T>(x, splat<T>(0)), log1p<T>(t));
}

/** 1/(1 + e^−x), as L/(L + L·e^−x) with L a power of two small enough to prevent overflow. Error: within 3 ulp. */
@inline
export function sigmoid<T>(x: v128): v128 {
  const small = constant(Constant.Lower);
  const minus = v128.pmax<T>(v128.xor(x, constant(Constant.Sign)), constant(Constant.SigmoidIsOne));
  const within = v128.pmin<T>(minus, constant(Constant.SigmoidIsZero));
  return v128.div<T>(small, add<T>(small, scaledExp<T>(within, small)));
}

/** The same from t = e^−|x|, where that is known already: t or 1, over 1 + t. Error: within 3 ulp. */
@inline
export function sigmoidOf<T>(x: v128, t: v128): v128 {
  const one = constant(Constant.One);
  return v128.div<T>(select(t, one, v128.lt<T>(x, splat<T>(0))), add<T>(one, t));
}

/** tanh x = −e/(2 + e) with e = e^−2|x| − 1, and the sign of x. Error: within 3 ulp. */
@inline
export function tanh<T>(x: v128, e: v128): v128 {
  const one = constant(Constant.One);
  const t = v128.div<T>(v128.neg<T>(e), add<T>(add<T>(one, one), e));
  return v128.or(t, v128.and(x, constant(Constant.Sign)));
}
