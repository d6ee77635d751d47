// Losses of one row and their derivatives, as tables. Cross-entropies are computed from the sums before the output
// activation (the logits), where no logarithm meets a probability rounded to 0 or 1.
import type { Activation, FloatArray, Loss } from "../../model/spec.js";
import { argmax } from "../engine.js";
import { sigmoid, softplus } from "./activations.js";

/**
 * One row's loss. The row's values begin at index `at`; p are the outputs, t the targets, z the sums.
 */
export interface OutputLoss {
  /** The variable of the derivative: the outputs, or the sums. Only losses by the sums read z. */
  readonly by: "outputs" | "sums";
  /** Whether output weights can be multiplied into the targets; otherwise they weight each output's part of the loss. */
  readonly isLinearInTargets?: true;
  /** Whether a row's loss is the mean over its outputs instead of the sum. */
  readonly averages?: true;
  value(p: FloatArray, t: FloatArray, at: number, units: number, z: FloatArray): number;
  /** deltas = scale · the derivative. */
  differentiate(p: FloatArray, t: FloatArray, at: number, units: number, z: FloatArray, scale: number, deltas: FloatArray): void;
}

/** A custom loss, whose derivatives are passed in place of the targets. */
export const givenLoss: OutputLoss = {
  by: "outputs",
  value: () => 0,
  differentiate(_p, t, at, units, _z, scale, deltas) {
    for (let i = at; i < at + units; i++) deltas[i] = t[i] * scale;
  },
};

/** A row's loss with a weight w[i] per output, for losses that are sums or means over outputs. */
export function weightedValue(
  loss: OutputLoss,
  p: FloatArray,
  t: FloatArray,
  at: number,
  units: number,
  z: FloatArray,
  w: FloatArray,
): number {
  let sum = 0;
  for (let i = at; i < at + units; i++) if (w[i] !== 0) sum += w[i] * loss.value(p, t, i, 1, z);
  return loss.averages ? sum / units : sum;
}

/** The fraction of a row's predictions that are correct, as `Totals.correct` counts them. */
export type Accuracy = (p: FloatArray, t: FloatArray, at: number, units: number) => number;

/** The loss for outputs of the given activation, which the cross-entropies are fused with. */
export function outputLoss(loss: Loss, activation: Activation): OutputLoss {
  switch (loss) {
    case "binaryCrossentropy":
      return binaryOverSigmoid;
    case "categoricalCrossentropy":
      return activation === "softmax" ? categoricalOverSoftmax : categoricalOverSigmoid;
    default:
      return errorLosses[loss];
  }
}

/** How correct predictions are counted, for losses of classifiers. */
export const accuracies: Partial<Record<Loss, Accuracy>> = {
  binaryCrossentropy(p, t, at, units) {
    let right = 0;
    for (let i = at; i < at + units; i++) if (p[i] > 0.5 === t[i] > 0.5) right++;
    return right / units;
  },
  categoricalCrossentropy(p, t, at, units) {
    return Number(argmax(p, at, units) === argmax(t, at, units));
  },
};

const errorLosses: Record<Exclude<Loss, "binaryCrossentropy" | "categoricalCrossentropy">, OutputLoss> = {
  halfSquaredError: squared(() => 0.5),
  squaredError: squared(() => 1),
  meanSquaredError: { ...squared((units) => 1 / units), averages: true },
  meanAbsoluteError: {
    by: "outputs",
    averages: true,
    value(p, t, at, units) {
      let sum = 0;
      for (let i = at; i < at + units; i++) sum += Math.abs(p[i] - t[i]);
      return sum / units;
    },
    differentiate(p, t, at, units, _z, scale, deltas) {
      for (let i = at; i < at + units; i++) deltas[i] = (Math.sign(p[i] - t[i]) / units) * scale;
    },
  },
  // Huber, "Robust estimation of a location parameter" (1964), with the corner at 1.
  huber: {
    by: "outputs",
    averages: true,
    value(p, t, at, units) {
      let sum = 0;
      for (let i = at; i < at + units; i++) {
        const error = Math.abs(p[i] - t[i]);
        sum += error < 1 ? 0.5 * error * error : error - 0.5;
      }
      return sum / units;
    },
    differentiate(p, t, at, units, _z, scale, deltas) {
      for (let i = at; i < at + units; i++) {
        deltas[i] = (Math.max(-1, Math.min(1, p[i] - t[i])) / units) * scale;
      }
    },
  },
};

/** factor · Σ (p − t)² */
function squared(factor: (units: number) => number): OutputLoss {
  return {
    by: "outputs",
    value(p, t, at, units) {
      let sum = 0;
      for (let i = at; i < at + units; i++) sum += (p[i] - t[i]) * (p[i] - t[i]);
      return factor(units) * sum;
    },
    differentiate(p, t, at, units, _z, scale, deltas) {
      const slope = 2 * factor(units) * scale;
      for (let i = at; i < at + units; i++) deltas[i] = slope * (p[i] - t[i]);
    },
  };
}

/** −t·ln σ(z) − (1−t)·ln(1−σ(z)) = softplus(z) − t·z, mean over outputs. */
const binaryOverSigmoid: OutputLoss = {
  by: "sums",
  averages: true,
  value(_p, t, at, units, z) {
    let sum = 0;
    for (let i = at; i < at + units; i++) sum += softplus(z[i]) - t[i] * z[i];
    return sum / units;
  },
  differentiate(p, t, at, units, _z, scale, deltas) {
    for (let i = at; i < at + units; i++) deltas[i] = ((p[i] - t[i]) / units) * scale;
  },
};

/** −Σ t·ln softmax(z) = Σ t·(logSumExp(z) − z) */
const categoricalOverSoftmax: OutputLoss = {
  by: "sums",
  isLinearInTargets: true,
  value(_p, t, at, units, z) {
    const max = z[at + argmax(z, at, units)];
    let exponentials = 0;
    for (let i = at; i < at + units; i++) exponentials += Math.exp(z[i] - max);
    const logSum = max + Math.log(exponentials);
    let sum = 0;
    for (let i = at; i < at + units; i++) sum += t[i] * (logSum - z[i]);
    return sum;
  },
  differentiate(p, t, at, units, _z, scale, deltas) {
    let mass = 0;
    for (let i = at; i < at + units; i++) mass += t[i];
    for (let i = at; i < at + units; i++) deltas[i] = (p[i] * mass - t[i]) * scale;
  },
};

/** −Σ t·ln σ(z) = Σ t·softplus(−z) */
const categoricalOverSigmoid: OutputLoss = {
  by: "sums",
  isLinearInTargets: true,
  value(_p, t, at, units, z) {
    let sum = 0;
    for (let i = at; i < at + units; i++) sum += t[i] * softplus(-z[i]);
    return sum;
  },
  differentiate(_p, t, at, units, z, scale, deltas) {
    for (let i = at; i < at + units; i++) deltas[i] = -t[i] * sigmoid(-z[i]) * scale;
  },
};
