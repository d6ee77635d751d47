// The loss of a tile of rows: values, correct predictions, and the output layer's delta = ∂(objective)/∂z.
import { Activation, Constant, Field, Header, Loss } from "./abi";
import { multiplyBlocks, multiplyByDerivative } from "./activation";
import { constant, expOfMinusMagnitude, log1p, sigmoidOf } from "./exp";
import { add, bits, largestLane, mul, splat, sub, sum } from "./lanes";
import { softmaxGradientRow, softmaxRow } from "./softmax";

/** Whether the loss is computed from logits, the last layer's z, not from its outputs: the cross-entropies. */
export function fromLogits(): bool {
  const loss = load<Loss>(Header.LossCode);
  return loss == Loss.BinaryCrossentropy || loss == Loss.CategoricalCrossentropy;
}

/**
 * Compares the last layer's output with the tile's targets, for `rows` rows from row `at` on. Writes each row's weighted loss and
 * its correct predictions to the tile's totals (float64), replaces logits by outputs, and writes
 * delta = weight·scale·∂loss/∂z, with padding 0. `scale` is 1, or 1/rows of the whole batch for the mean.
 */
export function compare<T>(layer: usize, at: i32, rows: i32, scale: f64): void {
  const stride = load<usize>(layer, Field.Stride) * sizeof<T>();
  const bytes = load<usize>(layer, Field.Vectors) << 4;
  const units = load<i32>(layer, Field.Units);
  const activation = load<Activation>(layer, Field.Activation);
  const loss = load<Loss>(Header.LossCode);
  const mask = load<usize>(layer, Field.TailMask);
  const skipped = <usize>at * stride;
  const output = load<usize>(layer, Field.Output) + skipped, delta = load<usize>(layer, Field.Delta) + skipped;
  const logits = fromLogits();
  // elementsRow uses d as the slope of d²: the factor 2 is in slopeScale.
  let valueScale = 1.0, slopeScale = 1.0;
  switch (loss) {
    case Loss.HalfSquaredError:
      valueScale = 0.5;
      break;
    case Loss.SquaredError:
      slopeScale = 2;
      break;
    case Loss.MeanSquaredError:
      valueScale = 1 / <f64>units;
      slopeScale = 2 * valueScale;
      break;
    case Loss.MeanAbsoluteError:
    case Loss.Huber:
    case Loss.BinaryCrossentropy:
      valueScale = slopeScale = 1 / <f64>units;
      break;
    case Loss.CategoricalCrossentropy:
    case Loss.Given:
      break;
    default:
      unreachable();
  }
  let weights = load<usize>(Header.TileWeights) + <usize>at * sizeof<T>();
  let totals = load<usize>(Header.TileTotals) + <usize>at * 16;
  let p = output, d = delta, t = load<usize>(Header.TileY) + skipped;
  // From a row's targets to its outputs' weights; 0 where those are all 1.
  const toWeights = load<usize>(Header.OutputWeights) ? load<usize>(Header.TileOutputWeights) - load<usize>(Header.TileY) : 0;
  for (let row = 0; row < rows; ++row) {
    const weight = <f64>load<T>(weights);
    let value: f64;
    if (loss == Loss.CategoricalCrossentropy && activation == Activation.Softmax) {
      value = weight * softmaxRow<T>(p, t, toWeights, d, bytes, mask, weight * scale);
    } else {
      value = weight * valueScale * elementsRow<T>(loss, logits, p, t, toWeights, d, bytes, mask, weight * scale * slopeScale);
      if (activation == Activation.Softmax) softmaxGradientRow<T>(p, d, bytes);
    }
    // A weight of 0 masks also what overflows, here and for an output.
    store<f64>(totals, weight == 0 ? 0 : value);
    store<f64>(totals, logits ? correct<T>(loss, p, t, bytes, mask, units) : 0, 8);
    p += stride;
    d += stride;
    t += stride;
    weights += sizeof<T>();
    totals += 16;
  }
  if (logits || activation == Activation.Softmax) return;
  const derivative = load<usize>(layer, Field.Derivative);
  if (derivative) multiplyBlocks<T>(delta, derivative + skipped, <usize>rows * stride);
  else multiplyByDerivative<T>(activation, output, delta, <usize>rows * stride, false);
}

/** Adds the losses and correct predictions of the tile's rows to the batch's, in row order, whichever thread computed them. */
export function addTotals(rows: i32): void {
  let totals = load<usize>(Header.TileTotals);
  let loss = load<f64>(Header.BatchLoss), correct = load<f64>(Header.BatchCorrect);
  for (const end = totals + <usize>rows * 16; totals < end; totals += 16) {
    loss += load<f64>(totals);
    correct += load<f64>(totals, 8);
  }
  store<f64>(Header.BatchLoss, loss);
  store<f64>(Header.BatchCorrect, correct);
}

/**
 * One row of a loss that is a sum over outputs: returns the unscaled sum and writes scale · slope to `d`. Where `toWeights`, the
 * distance from `t` to a row of weights, is not 0, each output is multiplied by its weight.
 */
@inline
function elementsRow<T>(
  loss: Loss, logits: bool, p: usize, t: usize, toWeights: usize, d: usize, bytes: usize, tailMask: usize, scale: f64,
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
      // With c = d clamped to −1 … 1, ½d² inside and |d| − ½ outside are both c·(d − ½c).
      slope = v128.pmin<T>(v128.pmax<T>(difference, splat<T>(-1)), one);
      value = mul<T>(slope, sub<T>(difference, mul<T>(slope, constant(Constant.Half))));
    } else if (logits) {
      const t = expOfMinusMagnitude<T>(x);
      const y = sigmoidOf<T>(x, t);
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
    } else if (loss == Loss.Given) {
      value = zero;
      slope = target;
    }
    if (toWeights) {
      const weight = v128.load(t + toWeights + i);
      value = v128.and(mul<T>(value, weight), v128.ne<T>(weight, zero));
      slope = mul<T>(slope, weight);
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

/**
 * 1 where prediction and target have their (first) largest value at the same index; for binary cross-entropy the fraction of outputs
 * on the same side of ½.
 */
function correct<T>(loss: Loss, p: usize, t: usize, bytes: usize, tailMask: usize, units: i32): f64 {
  const last = bytes - 16;
  const mask = v128.load(tailMask), lowest = splat<T>(-Infinity);
  let x = v128.load(p + last), y = v128.load(t + last);
  if (loss == Loss.BinaryCrossentropy) {
    const half = constant(Constant.Half);
    let differing = popcnt(bits<T>(v128.and(v128.xor(v128.gt<T>(x, half), v128.gt<T>(y, half)), mask)));
    for (let i: usize = 0; i < last; i += 16) {
      x = v128.gt<T>(v128.load(p + i), half);
      y = v128.gt<T>(v128.load(t + i), half);
      differing += popcnt(bits<T>(v128.xor(x, y)));
    }
    return <f64>(units - differing) / <f64>units;
  }
  x = v128.bitselect(x, lowest, mask);
  y = v128.bitselect(y, lowest, mask);
  for (let i: usize = 0; i < last; i += 16) {
    x = v128.pmax<T>(x, v128.load(p + i));
    y = v128.pmax<T>(y, v128.load(t + i));
  }
  return <f64>(firstEqual<T>(p, largestLane<T>(x), bytes) == firstEqual<T>(t, largestLane<T>(y), bytes));
}

/** The byte offset of the first number of a row that equals `value`, which is the same in all lanes. */
@inline
function firstEqual<T>(row: usize, value: v128, bytes: usize): usize {
  let place: usize = 0;
  // Backwards, so that the first one remains, and without a branch, which would be unpredictable.
  for (let i = bytes; i > 0; ) {
    i -= 16;
    const equal = bits<T>(v128.eq<T>(v128.load(row + i), value));
    place = select<usize>(i + ctz(equal) * sizeof<T>(), place, equal != 0);
  }
  return place;
}
