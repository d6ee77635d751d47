// Losses of a tile of rows: their values, their correct answers, and the output layer's delta = ∂(objective)/∂z.
import { Activation, Constant, Field, Header, Loss } from "./abi";
import { multiplyBlocks, multiplyByDerivative } from "./activation";
import { constant, expOfMinusMagnitude, log1p, sigmoid } from "./exp";
import { add, mul, splat, sub, sum } from "./lanes";
import { softmaxGradientRow, softmaxRow } from "./softmax";

/** Whether the loss takes the last layer's sums, not its activations: the cross-entropies that are computed from logits. */
export function fromLogits(): bool {
  return load<i32>(Header.LossCode) >= Loss.BinaryCrossentropy;
}

/**
 * Compares the last layer's output with the tile's targets. Adds each row's weighted loss to Header.BatchLoss and its
 * correct answers to Header.BatchCorrect (float64, in row order), turns logits into activations, and writes
 * delta = weight·scale·∂loss/∂z, padding 0. `scale` is 1, or 1/rows of the whole batch for the mean.
 */
export function compare<T>(layer: usize, rows: i32, scale: f64): void {
  const bytes = load<usize>(layer, Field.Stride) * sizeof<T>();
  const units = load<i32>(layer, Field.Units);
  const activation = load<Activation>(layer, Field.Activation);
  const loss = load<Loss>(Header.LossCode);
  const mask = load<usize>(layer, Field.TailMask);
  const output = load<usize>(layer, Field.Output), delta = load<usize>(layer, Field.Delta);
  let valueScale = 1.0;
  if (loss == Loss.HalfSquaredError) valueScale = 0.5;
  else if (loss != Loss.SquaredError && loss != Loss.CategoricalCrossentropy) valueScale = 1 / <f64>units;
  // The slope of d² is 2d; elsewhere slopes are whole.
  const slopeScale = loss <= Loss.MeanSquaredError ? 2 * valueScale : valueScale;
  let weights = load<usize>(Header.TileWeights);
  let p = output, d = delta, t = load<usize>(Header.TileY);
  let lossSum = load<f64>(Header.BatchLoss), correctSum = load<f64>(Header.BatchCorrect);
  for (let row = 0; row < rows; ++row) {
    const weight = <f64>load<T>(weights);
    if (loss == Loss.CategoricalCrossentropy && activation == Activation.Softmax) {
      lossSum += weight * softmaxRow<T>(p, t, d, bytes, mask, weight * scale);
    } else {
      lossSum += weight * valueScale * elementsRow<T>(loss, p, t, d, bytes, mask, weight * scale * slopeScale);
      if (activation == Activation.Softmax) softmaxGradientRow<T>(p, d, bytes);
    }
    if (loss >= Loss.BinaryCrossentropy) correctSum += correct<T>(loss, p, t, units);
    p += bytes;
    d += bytes;
    t += bytes;
    weights += sizeof<T>();
  }
  store<f64>(Header.BatchLoss, lossSum);
  store<f64>(Header.BatchCorrect, correctSum);
  if (fromLogits() || activation == Activation.Softmax) return;
  const derivative = load<usize>(layer, Field.Derivative);
  if (derivative) multiplyBlocks<T>(delta, derivative, <usize>rows * bytes);
  else multiplyByDerivative<T>(activation, output, delta, <usize>rows * bytes, false);
}

/** One row of a loss that is a sum over outputs: returns the unscaled sum, leaves scale · its slopes in `d`. */
@inline
function elementsRow<T>(
  loss: Loss, p: usize, t: usize, d: usize, bytes: usize, tailMask: usize, scale: f64,
): f64 {
  const factor = splat<T>(scale);
  const mask = v128.load(tailMask);
  const zero = splat<T>(0), one = constant(Constant.One);
  let total = zero;
  for (let i: usize = 0; i < bytes; i += 16) {
    const x = v128.load(p + i), target = v128.load(t + i);
    const difference = sub<T>(x, target);
    let value = mul<T>(difference, difference), slope = difference;
    if (loss == Loss.MeanAbsoluteError) {
      value = v128.abs<T>(difference);
      // The sign, and 0 at 0.
      slope = v128.or(v128.and(difference, constant(Constant.Sign)), v128.and(one, v128.ne<T>(difference, zero)));
    } else if (loss == Loss.Huber) {
      // c = d cut to −1 … 1: ½d² within, |d| − ½ beyond, is c·(d − ½c).
      slope = v128.pmin<T>(v128.pmax<T>(difference, splat<T>(-1)), one);
      value = mul<T>(slope, sub<T>(difference, mul<T>(slope, constant(Constant.Half))));
    } else if (loss >= Loss.BinaryCrossentropy) {
      const t = expOfMinusMagnitude<T>(x);
      const y = sigmoid<T>(x, t);
      const tail = log1p<T>(t);
      if (loss == Loss.BinaryCrossentropy) {
        // max(z, 0) − z·t + log1p(e^−|z|)
        value = add<T>(sub<T>(v128.pmax<T>(x, zero), mul<T>(x, target)), tail);
        slope = sub<T>(y, target);
      } else {
        // −t·log σ(z) = t·(max(−z, 0) + log1p(e^−|z|))
        value = mul<T>(target, add<T>(v128.pmax<T>(v128.neg<T>(x), zero), tail));
        slope = mul<T>(target, sub<T>(y, one));
      }
      v128.store(p + i, y);
    }
    if (i == bytes - 16) {
      value = v128.and(value, mask);
      slope = v128.and(slope, mask);
    }
    total = add<T>(total, value);
    v128.store(d + i, mul<T>(slope, factor));
  }
  return <f64>sum<T>(total);
}

/** 1 where prediction and target have their (first) largest at the same place; binary: the fraction on the same side of ½. */
function correct<T>(loss: Loss, p: usize, t: usize, units: i32): f64 {
  let place = 0, wanted = 0, agreeing = 0;
  let most = <f64>load<T>(p), target = <f64>load<T>(t);
  for (let i = 0; i < units; ++i) {
    const x = <f64>load<T>(p), y = <f64>load<T>(t);
    agreeing += i32(x > 0.5 == y > 0.5);
    if (x > most) {
      most = x;
      place = i;
    }
    if (y > target) {
      target = y;
      wanted = i;
    }
    p += sizeof<T>();
    t += sizeof<T>();
  }
  return loss == Loss.BinaryCrossentropy ? <f64>agreeing / <f64>units : <f64>(place == wanted);
}
