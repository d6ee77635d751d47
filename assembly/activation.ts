// Activation functions over a block of numbers, in place: values, and derivatives from the output or from the pre-activation z.
//
// Blocks are whole vectors, including the rows' padding; `bytes` is a positive multiple of 16.
import { Activation, Constant } from "./abi";
import { constant, expm1Negative, expOfMinusMagnitude, sigmoid, sigmoidOf, softplus, tanh } from "./exp";
import { add, madd, mul, splat, sub } from "./lanes";

/**
 * z → f(z), elementwise. softmax needs whole rows: softmax.ts.
 * Error: 3 ulp for sigmoid and tanh, 2 for elu, 4 for softplus, swish and gelu (test/kernels.test.ts defines their units). An
 * infinite z gives the limit.
 */
export function activate<T>(code: Activation, z: usize, bytes: usize): void {
  const end = z + bytes;
  const zero = splat<T>(0);
  switch (code) {
    case Activation.Sigmoid:
      for (; z < end; z += 16) v128.store(z, sigmoid<T>(v128.load(z)));
      break;
    case Activation.Tanh:
    case Activation.Elu:
      for (; z < end; z += 16) {
        const x = v128.load(z);
        const isTanh = code == Activation.Tanh;
        const minus = v128.or(x, constant(Constant.Sign));
        const e = expm1Negative<T>(isTanh ? add<T>(minus, minus) : x);
        v128.store(z, isTanh ? tanh<T>(x, e) : v128.bitselect(e, x, v128.lt<T>(x, zero)));
      }
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
    case Activation.Softplus:
    case Activation.Swish:
    case Activation.Gelu:
      activateAndDerive<T>(code, z, 0, bytes);
      break;
    case Activation.Linear:
      break;
    default:
      unreachable();
  }
}

/** Whether f′ is computed from z, by activateAndDerive, and not from the output. */
export function derivesFromInput(code: Activation): bool {
  return code == Activation.Softplus || code == Activation.Swish || code == Activation.Gelu;
}

/**
 * For softplus, swish and gelu: z → f(z) in place, and f′(z) to `derivative` (0 for none). Gelu in its tanh form
 * is x·σ(w) with w = 2√(2/π)·(x + 0.044715·x³), because ½(1 + tanh u) = σ(2u); swish is the same with w = x.
 */
export function activateAndDerive<T>(code: Activation, z: usize, derivative: usize, bytes: usize): void {
  const end = z + bytes;
  const one = constant(Constant.One);
  const d = derivative - z;
  for (; z < end; z += 16) {
    const x = v128.load(z);
    let w = x, bounded = x, within = x, dw = one;
    if (code != Activation.Softplus) {
      // Beyond these bounds σ is exactly 0 or 1; without them 0·∞ would make the limits NaN.
      bounded = v128.pmax<T>(x, constant(Constant.ExpLowest));
      w = within = v128.pmin<T>(bounded, constant(Constant.SigmoidIsZero));
      if (code == Activation.Gelu) {
        const linear = constant(Constant.GeluLinear);
        const cubic = mul<T>(mul<T>(w, w), constant(Constant.GeluCubic));
        w = mul<T>(w, add<T>(linear, cubic));
        dw = add<T>(linear, add<T>(cubic, add<T>(cubic, cubic)));
      }
    }
    const t = expOfMinusMagnitude<T>(w);
    let slope = sigmoidOf<T>(w, t);
    v128.store(z, code == Activation.Softplus ? softplus<T>(x, t) : mul<T>(bounded, slope));
    if (!derivative) continue;
    if (code != Activation.Softplus) {
      // σ + x·σ(1 − σ)·w′
      let product = mul<T>(within, slope);
      if (code == Activation.Gelu) product = mul<T>(product, dw);
      slope = madd<T>(product, sub<T>(one, slope), slope);
    }
    v128.store(z + d, slope);
  }
}

/**
 * delta ← delta · f′, with f′ from the output a = f(z); or, when `fresh`, delta ← f′.
 * For sigmoid a(1 − a), tanh 1 − a², relu [a > 0], leakyRelu [a > 0] or 0.01, elu 1 or a + 1, linear 1.
 */
export function multiplyByDerivative<T>(code: Activation, a: usize, delta: usize, bytes: usize, fresh: bool): void {
  switch (code) {
    case Activation.Linear:
    case Activation.Sigmoid:
    case Activation.Tanh:
    case Activation.Relu:
    case Activation.LeakyRelu:
    case Activation.Elu:
      break;
    default:
      unreachable();
  }
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

