// The optimisers' update rules, by PyTorch's formulas, over ranges of parameters.
import { Header, Optimizer, State } from "./abi";
import { add, madd, mul, splat, sub } from "./lanes";

/** base^exponent by repeated squaring: the same bits on every machine, unlike pow. */
function power(base: f64, exponent: u32): f64 {
  let result = 1.0;
  for (; exponent; exponent >>= 1) {
    if (exponent & 1) result *= base;
    base *= base;
  }
  return result;
}

/** A counter's next value; the largest stays. */
@inline
export function increased(counter: u32): u32 {
  return counter + u32(counter != u32.MAX_VALUE);
}

/** Counts an optimiser step and computes what depends on its number, before the step's updates. */
export function beginStep<T>(): void {
  const state = load<usize>(Header.Parameters) - State.Bytes;
  const step = increased(load<u32>(state, State.Step));
  store<u32>(state, step, State.Step);
  let rate = load<f64>(Header.LearningRate);
  let correction = 1.0;
  const code = load<Optimizer>(Header.OptimizerCode);
  if (code == Optimizer.Adam || code == Optimizer.AdamW) {
    rate /= 1 - power(load<f64>(Header.Beta1), step);
    correction = 1 / sqrt(1 - power(load<f64>(Header.Beta2), step));
  }
  v128.store(Header.MinusStepSize, splat<T>(-rate));
  store<f64>(Header.SecondCorrection, correction);
}

/**
 * w ← w − step(g + l2·w) over `bytes` (a positive multiple of 16) of parameters; the slots are one and two parameter blocks further.
 *
 *   sgd       w −= lr·g
 *   momentum  m = β·m + g;  w −= lr·m             nesterov  w −= lr·(g + β·m)
 *   rmsprop   v = ρ·v + (1−ρ)·g²;  w −= lr·g / (√v + ε)
 *   adam      m = β1·m + (1−β1)·g;  v = β2·v + (1−β2)·g²;  w −= lr/(1−β1^t) · m / (√v/√(1−β2^t) + ε)
 *   adamw     w −= lr·weightDecay·w first
 */
export function update<T>(w: usize, gradient: usize, bytes: usize, l2: f64): void {
  const code = load<i32>(Header.OptimizerCode);
  const end = w + bytes;
  const g = gradient - w;
  const slot = load<usize>(Header.ParameterBytes);
  const minusRate = v128.load(Header.MinusStepSize);
  const decay = splat<T>(l2);
  const beta1 = load<f64>(Header.Beta1);
  const beta2 = load<f64>(Header.Beta2);
  const first = splat<T>(beta1), firstNew = splat<T>(1 - beta1);
  const second = splat<T>(beta2), secondNew = splat<T>(1 - beta2);
  const epsilon = splat<T>(load<f64>(Header.Epsilon));
  switch (code) {
    case Optimizer.Sgd:
      for (; w < end; w += 16) {
        const x = v128.load(w);
        v128.store(w, madd<T>(minusRate, madd<T>(decay, x, v128.load(w + g)), x));
      }
      break;
    case Optimizer.Momentum:
    case Optimizer.Nesterov:
      for (; w < end; w += 16) {
        const x = v128.load(w);
        const slope = madd<T>(decay, x, v128.load(w + g));
        const velocity = madd<T>(first, v128.load(w + slot), slope);
        v128.store(w + slot, velocity);
        const direction = code == Optimizer.Nesterov ? madd<T>(first, velocity, slope) : velocity;
        v128.store(w, madd<T>(minusRate, direction, x));
      }
      break;
    case Optimizer.RmsProp:
      for (; w < end; w += 16) {
        const x = v128.load(w);
        const slope = madd<T>(decay, x, v128.load(w + g));
        const square = madd<T>(firstNew, mul<T>(slope, slope), mul<T>(first, v128.load(w + slot)));
        v128.store(w + slot, square);
        const quotient = v128.div<T>(slope, add<T>(v128.sqrt<T>(square), epsilon));
        v128.store(w, madd<T>(minusRate, quotient, x));
      }
      break;
    case Optimizer.Adam:
    case Optimizer.AdamW: {
      const correction = splat<T>(load<f64>(Header.SecondCorrection));
      const shrink = splat<T>(1 - load<f64>(Header.LearningRate) * load<f64>(Header.WeightDecay));
      for (; w < end; w += 16) {
        let x = v128.load(w);
        const slope = madd<T>(decay, x, v128.load(w + g));
        const moment = madd<T>(firstNew, slope, mul<T>(first, v128.load(w + slot)));
        v128.store(w + slot, moment);
        const square = madd<T>(secondNew, mul<T>(slope, slope), mul<T>(second, v128.load(w + 2 * slot)));
        v128.store(w + 2 * slot, square);
        const quotient = v128.div<T>(moment, madd<T>(v128.sqrt<T>(square), correction, epsilon));
        x = mul<T>(x, shrink);
        v128.store(w, madd<T>(minusRate, quotient, x));
      }
      break;
    }
    default:
      unreachable();
  }
}

/** g ← g + l2·w over a block, for the whole gradient. */
export function addDecay<T>(w: usize, gradient: usize, bytes: usize, l2: f64): void {
  const end = w + bytes;
  const g = gradient - w;
  const decay = splat<T>(l2);
  for (; w < end; w += 16) v128.store(w + g, madd<T>(decay, v128.load(w), v128.load(w + g)));
}

/** w ← (1 − τ)·w + τ·v over a block: exactly v for τ = 1, and w for τ = 0. */
export function interpolate<T>(w: usize, other: usize, bytes: usize, tau: f64): void {
  const end = w + bytes;
  const toOther = other - w;
  const own = splat<T>(1 - tau), others = splat<T>(tau);
  for (; w < end; w += 16) v128.store(w, madd<T>(own, v128.load(w), mul<T>(others, v128.load(w + toOther))));
}

/** Scales the whole gradient so that its norm is at most clipNorm: × min(1, clipNorm / (norm + 1e-6)). */
export function clip<T>(gradient: usize, bytes: usize): void {
  const end = gradient + bytes;
  let squares = 0.0;
  for (let p = gradient; p < end; p += sizeof<T>()) {
    const x = <f64>load<T>(p);
    squares += x * x;
  }
  const coefficient = load<f64>(Header.ClipNorm) / (sqrt(squares) + 1e-6);
  if (coefficient >= 1) return;
  const scale = splat<T>(coefficient);
  for (let p = gradient; p < end; p += 16) v128.store(p, mul<T>(v128.load(p), scale));
}

/** Whether every number of a block is finite: x − x is +0, all bits zero, for finite x and NaN for others. */
export function allFinite<T>(block: usize, bytes: usize): bool {
  const end = block + bytes;
  let differences = splat<T>(0);
  // Four vectors at a time: with one, the loop overhead would exceed the work.
  for (const unrolledEnd = end - (bytes & 63); block < unrolledEnd; block += 64) {
    const a = v128.load(block), b = v128.load(block, 16), c = v128.load(block, 32), d = v128.load(block, 48);
    differences = v128.or(differences, v128.or(v128.or(sub<T>(a, a), sub<T>(b, b)), v128.or(sub<T>(c, c), sub<T>(d, d))));
  }
  for (; block < end; block += 16) {
    const x = v128.load(block);
    differences = v128.or(differences, sub<T>(x, x));
  }
  return !v128.any_true(differences);
}
