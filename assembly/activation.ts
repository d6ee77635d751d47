// Activation functions over a block of numbers: values, and derivatives from the output or from the sum.
//
// Blocks are whole vectors, rows and their padding alike; `bytes` is a positive multiple of 16. In place.
import { Activation, Constant } from "./abi";
import { constant, sigmoid, softplus, tanh } from "./exp";
import { add, madd, mul, splat, sub } from "./lanes";

/** √(2/π)·(x + 0.044715·x³): the argument of GELU's tanh. */
@inline
function geluArgument<T>(x: v128): v128 {
  const cubic = madd<T>(mul<T>(x, x), constant(Constant.GeluCubic), constant(Constant.GeluLinear));
  return mul<T>(x, cubic);
}

/**
 * z → f(z), elementwise. softmax is not here: it needs whole rows (softmax.ts).
 * Error: 3 ulp for sigmoid and tanh, 4 ulp for the others.
 */
export function activate<T>(code: Activation, z: usize, bytes: usize): void {
  const end = z + bytes;
  const zero = splat<T>(0);
  const one = constant(Constant.One);
  switch (code) {
    case Activation.Sigmoid:
      for (; z < end; z += 16) v128.store(z, sigmoid<T>(v128.load(z)));
      break;
    case Activation.Tanh:
      for (; z < end; z += 16) v128.store(z, tanh<T>(v128.load(z)));
      break;
    case Activation.Relu:
      // pmax(x, 0) is one instruction and keeps NaN.
      for (; z < end; z += 16) v128.store(z, v128.pmax<T>(v128.load(z), zero));
      break;
    case Activation.LeakyRelu: {
      const slope = constant(Constant.LeakySlope);
      for (; z < end; z += 16) {
        const x = v128.load(z);
        v128.store(z, v128.pmax<T>(x, mul<T>(x, slope)));
      }
      break;
    }
    case Activation.Elu:
      for (; z < end; z += 16) {
        const x = v128.load(z);
        const below = expm1<T>(x);
        v128.store(z, v128.bitselect(below, x, v128.lt<T>(x, zero)));
      }
      break;
    default:
      break;
    case Activation.Softplus:
    case Activation.Swish:
    case Activation.Gelu:
      activateAndDerive<T>(code, z, 0, bytes);
  }
}

/** e^x − 1 for x ≤ 0, from tanh's half angle: 2T/(1 − T) with T = tanh(x/2). Error: within 6 ulp. */
@inline
function expm1<T>(x: v128): v128 {
  const t = tanh<T>(mul<T>(x, constant(Constant.Half)));
  return v128.div<T>(add<T>(t, t), sub<T>(constant(Constant.One), t));
}

/** For softplus, swish and gelu: z → f(z) in place, and f′(z) to `derivative` (0 when it is not wanted). */
export function activateAndDerive<T>(code: Activation, z: usize, derivative: usize, bytes: usize): void {
  const end = z + bytes;
  const one = constant(Constant.One);
  const half = constant(Constant.Half);
  const d = derivative - z;
  for (; z < end; z += 16) {
    const x = v128.load(z);
    let value: v128, slope: v128;
    if (code == Activation.Gelu) {
      // ½x(1 + tanh u); f′ = ½(1 + tanh u) + ½x(1 − tanh² u)·u′
      const t = tanh<T>(geluArgument<T>(x));
      const left = madd<T>(half, t, half);
      value = mul<T>(x, left);
      const cubic = constant(Constant.GeluCubic);
      const inner = madd<T>(mul<T>(mul<T>(x, x), add<T>(cubic, add<T>(cubic, cubic))), one, constant(Constant.GeluLinear));
      slope = madd<T>(mul<T>(mul<T>(half, x), sub<T>(one, mul<T>(t, t))), inner, left);
    } else {
      const s = sigmoid<T>(x);
      if (code == Activation.Swish) {
        // x·σ; f′ = σ + x·σ(1 − σ)
        value = mul<T>(x, s);
        slope = madd<T>(value, sub<T>(one, s), s);
      } else {
        value = softplus<T>(x);
        slope = s;
      }
    }
    v128.store(z, value);
    if (derivative) v128.store(z + d, slope);
  }
}

/**
 * delta ← delta · f′, f′ from the output a = f(z); or, with `fresh`, delta ← f′.
 * For sigmoid a(1 − a), tanh 1 − a², relu [a > 0], leakyRelu [a > 0] or 0.01, elu 1 or a + 1, linear 1.
 */
export function multiplyByDerivative<T>(code: Activation, a: usize, delta: usize, bytes: usize, fresh: bool): void {
  const end = a + bytes;
  const zero = splat<T>(0);
  const one = constant(Constant.One);
  const d = delta - a;
  for (; a < end; a += 16) {
    const y = v128.load(a);
    const factor = fresh ? one : v128.load(a + d);
    let result = factor;
    if (code == Activation.Sigmoid) {
      result = mul<T>(factor, mul<T>(y, sub<T>(one, y)));
    } else if (code == Activation.Tanh) {
      result = mul<T>(factor, sub<T>(one, mul<T>(y, y)));
    } else if (code != Activation.Linear) {
      const positive = v128.gt<T>(y, zero);
      let below = zero;
      if (code == Activation.LeakyRelu) below = mul<T>(factor, constant(Constant.LeakySlope));
      else if (code == Activation.Elu) below = mul<T>(factor, add<T>(y, one));
      result = v128.bitselect(factor, below, positive);
    }
    v128.store(a + d, result);
  }
}

/** a ← a·b over a block. */
export function multiplyBlocks<T>(a: usize, b: usize, bytes: usize): void {
  const end = a + bytes;
  const d = b - a;
  for (; a < end; a += 16) v128.store(a, mul<T>(v128.load(a), v128.load(a + d)));
}

