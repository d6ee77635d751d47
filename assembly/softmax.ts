// softmax and its relations: they need whole rows, where other activations need single numbers.
import { Constant } from "./abi";
import { constant, exp, log } from "./exp";
import { add, firstLane, largest, madd, mul, splat, sub, sum } from "./lanes";

/**
 * One row z → softmax(z) = e^(z − max)/Σ, in place; padding becomes 0. `bytes` are the row's whole vectors, `tailMask` the
 * address of the last one's mask of units. Returns the loss −Σ t·log softmax(z) = Σt·log Σ − Σ t·(z − max) against targets t (padding ignored), and
 * leaves delta = scale·(softmax(z)·Σt − t), the gradient by z (padding 0); neither when t is 0.
 * Error: softmax within (units + 4)·ε relative; loss within that of max(loss, 1)·Σt.
 */
export function softmaxRow<T>(z: usize, t: usize, delta: usize, bytes: usize, tailMask: usize, scale: f64): f64 {
  const mask = v128.load(tailMask);
  const last = bytes - 16;
  const lowest = splat<T>(-Infinity);
  const zero = splat<T>(0);
  v128.store(z + last, v128.bitselect(v128.load(z + last), lowest, mask));
  let most = lowest;
  for (let i: usize = 0; i < bytes; i += 16) most = v128.max<T>(most, v128.load(z + i));
  most = v128.splat<T>(largest<T>(most));
  let total = zero, targets = zero, weighted = zero;
  for (let i: usize = 0; i < bytes; i += 16) {
    const shifted = sub<T>(v128.load(z + i), most);
    const e = exp<T>(shifted);
    v128.store(z + i, e);
    total = add<T>(total, e);
    if (t) {
      let target = v128.load(t + i), product = mul<T>(target, shifted);
      if (i == last) {
        target = v128.and(target, mask);
        product = v128.and(product, mask);
      }
      targets = add<T>(targets, target);
      weighted = add<T>(weighted, product);
    }
  }
  const all = v128.splat<T>(sum<T>(total));
  const share = v128.div<T>(constant(Constant.One), all);
  for (let i: usize = 0; i < bytes; i += 16) v128.store(z + i, mul<T>(v128.load(z + i), share));
  if (!t) return 0;
  const targetSum = sum<T>(targets);
  const ones = v128.splat<T>(targetSum), factor = splat<T>(scale);
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(delta + i, mul<T>(sub<T>(mul<T>(v128.load(z + i), ones), v128.load(t + i)), factor));
  }
  v128.store(delta + last, v128.and(v128.load(delta + last), mask));
  return <f64>targetSum * <f64>firstLane<T>(log<T>(all)) - <f64>sum<T>(weighted);
}

/** Through softmax's Jacobian, one row: delta ← p ⊙ (delta − Σ delta·p). */
export function softmaxGradientRow<T>(p: usize, delta: usize, bytes: usize): void {
  let dot = splat<T>(0);
  for (let i: usize = 0; i < bytes; i += 16) dot = madd<T>(v128.load(p + i), v128.load(delta + i), dot);
  dot = v128.splat<T>(sum<T>(dot));
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(delta + i, mul<T>(v128.load(p + i), sub<T>(v128.load(delta + i), dot)));
  }
}
