// softmax, its loss and its gradient: they need whole rows, where other activations are elementwise.
import { Constant } from "./abi";
import { constant, expOfNegative, log } from "./exp";
import { add, firstLane, largestLane, madd, mul, splat, sub, sum, sumOfLanes } from "./lanes";

/**
 * One row z → softmax(z) = e^(z − max)/Σ, in place; padding becomes 0. `bytes` counts the row's whole vectors, `tailMask` is the
 * address of the last vector's mask of units. With targets t (whose padding is ignored; 0 for none) it returns the loss
 * −Σ t·log softmax(z) = Σt·log Σ − Σ t·(z − max) and writes delta = scale·(softmax(z)·Σt − t), the gradient by z (padding 0). Where
 * `toWeights`, the distance from `t` to a row of weights, is not 0, t is target times weight.
 * Error: softmax within (units + 4)·ε relative; the loss within that times max(loss, 1)·Σt.
 */
export function softmaxRow<T>(z: usize, t: usize, toWeights: usize, delta: usize, bytes: usize, tailMask: usize, scale: f64): f64 {
  const mask = v128.load(tailMask);
  const last = bytes - 16;
  // pmax(largest, NaN) is largest: a NaN does not reach the maximum, but the sum, through its exponential.
  let largest = v128.bitselect(v128.load(z + last), splat<T>(-Infinity), mask);
  for (let i: usize = 0; i < last; i += 16) largest = v128.pmax<T>(largest, v128.load(z + i));
  largest = largestLane<T>(largest);
  let total = splat<T>(0), targets = total, weighted = total;
  for (let i: usize = 0; i < bytes; i += 16) {
    let shifted = sub<T>(v128.load(z + i), largest);
    // Padding is masked to e^0 here and to 0 below: its own exponential would often be subnormal, which is many times slower.
    if (i == last) shifted = v128.and(shifted, mask);
    let e = expOfNegative<T>(shifted);
    if (i == last) e = v128.and(e, mask);
    v128.store(z + i, e);
    total = add<T>(total, e);
    if (t) {
      let target = v128.load(t + i);
      if (toWeights) target = mul<T>(target, v128.load(t + toWeights + i));
      if (i == last) target = v128.and(target, mask);
      targets = add<T>(targets, target);
      weighted = madd<T>(target, shifted, weighted);
    }
  }
  total = sumOfLanes<T>(total);
  targets = sumOfLanes<T>(targets);
  const share = v128.div<T>(constant(Constant.One), total), factor = splat<T>(scale);
  for (let i: usize = 0; i < bytes; i += 16) {
    const p = mul<T>(v128.load(z + i), share);
    v128.store(z + i, p);
    if (t) {
      let target = v128.load(t + i);
      if (toWeights) target = mul<T>(target, v128.load(t + toWeights + i));
      v128.store(delta + i, mul<T>(sub<T>(mul<T>(p, targets), target), factor));
    }
  }
  if (!t) return 0;
  v128.store(delta + last, v128.and(v128.load(delta + last), mask));
  return <f64>firstLane<T>(targets) * <f64>firstLane<T>(log<T>(total)) - <f64>sum<T>(weighted);
}

/** One row of delta times softmax's Jacobian: delta ← p ⊙ (delta − Σ delta·p). */
export function softmaxGradientRow<T>(p: usize, delta: usize, bytes: usize): void {
  let dot = splat<T>(0);
  for (let i: usize = 0; i < bytes; i += 16) dot = madd<T>(v128.load(p + i), v128.load(delta + i), dot);
  dot = sumOfLanes<T>(dot);
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(delta + i, mul<T>(v128.load(p + i), sub<T>(v128.load(delta + i), dot)));
  }
}
