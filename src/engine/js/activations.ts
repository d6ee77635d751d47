// Activation functions and their derivatives, as one table over blocks of rows.
import type { Activation, FloatArray } from "../../model/spec.js";

export interface ActivationFunction {
  /** Whether the derivative needs the sums, which `outputs` must not overwrite then. */
  readonly needsSums?: boolean;
  /** outputs = f(sums) for `rows` rows of `units`. NaN stays NaN. */
  apply(sums: FloatArray, outputs: FloatArray, rows: number, units: number): void;
  /** Applies the chain rule in place: derivatives of the loss with respect to outputs become derivatives with respect to sums. */
  chain(deltas: FloatArray, outputs: FloatArray, sums: FloatArray, rows: number, units: number): void;
}

const LEAK = 0.01;
const GELU_SCALE = Math.sqrt(2 / Math.PI);
const GELU_CUBIC = 0.044715;
/** Beyond ± this, the sigmoid of swish and gelu is exactly 0 or 1. Sums are clamped to it where infinite ones would give 0·∞. */
const SATURATED = 746;

export const activationFunctions: Record<Activation, ActivationFunction> = {
  linear: {
    apply(z, y, rows, units) {
      if (y !== z) for (let i = 0; i < rows * units; i++) y[i] = z[i];
    },
    chain() {},
  },
  sigmoid: {
    apply(z, y, rows, units) {
      for (let i = 0; i < rows * units; i++) y[i] = sigmoid(z[i]);
    },
    chain(d, y, _z, rows, units) {
      for (let i = 0; i < rows * units; i++) d[i] *= y[i] * (1 - y[i]);
    },
  },
  tanh: {
    apply(z, y, rows, units) {
      for (let i = 0; i < rows * units; i++) y[i] = Math.tanh(z[i]);
    },
    chain(d, y, _z, rows, units) {
      for (let i = 0; i < rows * units; i++) d[i] *= (1 - y[i]) * (1 + y[i]);
    },
  },
  relu: {
    apply(z, y, rows, units) {
      for (let i = 0; i < rows * units; i++) y[i] = z[i] < 0 ? 0 : z[i];
    },
    chain(d, y, _z, rows, units) {
      for (let i = 0; i < rows * units; i++) d[i] = y[i] > 0 ? d[i] : 0;
    },
  },
  leakyRelu: {
    apply(z, y, rows, units) {
      for (let i = 0; i < rows * units; i++) y[i] = z[i] < 0 ? LEAK * z[i] : z[i];
    },
    chain(d, y, _z, rows, units) {
      for (let i = 0; i < rows * units; i++) d[i] *= y[i] > 0 ? 1 : LEAK;
    },
  },
  elu: {
    apply(z, y, rows, units) {
      for (let i = 0; i < rows * units; i++) y[i] = z[i] < 0 ? Math.expm1(z[i]) : z[i];
    },
    chain(d, y, _z, rows, units) {
      for (let i = 0; i < rows * units; i++) d[i] *= y[i] > 0 ? 1 : y[i] + 1;
    },
  },
  softplus: {
    apply(z, y, rows, units) {
      for (let i = 0; i < rows * units; i++) y[i] = softplus(z[i]);
    },
    // f′ = σ(z) = 1 − e^−f(z)
    chain(d, y, _z, rows, units) {
      for (let i = 0; i < rows * units; i++) d[i] *= -Math.expm1(-y[i]);
    },
  },
  swish: {
    needsSums: true,
    apply(z, y, rows, units) {
      for (let i = 0; i < rows * units; i++) y[i] = Math.max(z[i], -SATURATED) * sigmoid(z[i]);
    },
    chain(d, y, z, rows, units) {
      for (let i = 0; i < rows * units; i++) {
        const s = sigmoid(z[i]);
        d[i] *= s + Math.min(y[i], SATURATED) * (1 - s);
      }
    },
  },
  // The tanh approximation: Hendrycks & Gimpel, "Gaussian error linear units" (2016), §2.
  gelu: {
    needsSums: true,
    apply(z, y, rows, units) {
      for (let i = 0; i < rows * units; i++) y[i] = 0.5 * Math.max(z[i], -SATURATED) * (1 + geluTanh(z[i]));
    },
    chain(d, _y, z, rows, units) {
      for (let i = 0; i < rows * units; i++) {
        const x = Math.min(Math.max(z[i], -SATURATED), SATURATED);
        const t = geluTanh(x);
        d[i] *= 0.5 * (1 + t) + 0.5 * x * (1 - t) * (1 + t) * GELU_SCALE * (1 + 3 * GELU_CUBIC * x * x);
      }
    },
  },
  softmax: {
    apply(z, y, rows, units) {
      for (let at = 0; at < rows * units; at += units) {
        let max = z[at];
        for (let i = at + 1; i < at + units; i++) if (z[i] > max) max = z[i];
        let sum = 0;
        for (let i = at; i < at + units; i++) sum += y[i] = Math.exp(z[i] - max);
        for (let i = at; i < at + units; i++) y[i] /= sum;
      }
    },
    // ∂y_i/∂z_j = y_i ([i = j] − y_j)
    chain(d, y, _z, rows, units) {
      for (let at = 0; at < rows * units; at += units) {
        let mean = 0;
        for (let i = at; i < at + units; i++) mean += d[i] * y[i];
        for (let i = at; i < at + units; i++) d[i] = y[i] * (d[i] - mean);
      }
    },
  },
};

/** 1 / (1 + e^−z). Stable: where e^−z overflows to Infinity, the quotient is 0. */
export function sigmoid(z: number): number {
  return 1 / (1 + Math.exp(-z));
}

/** ln(1 + e^z), in a form whose exponential cannot overflow. */
export function softplus(z: number): number {
  return (z < 0 ? 0 : z) + Math.log1p(Math.exp(-Math.abs(z)));
}

function geluTanh(z: number): number {
  return Math.tanh(GELU_SCALE * (z + GELU_CUBIC * z * z * z));
}
