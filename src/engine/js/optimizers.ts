// The update rules, by the formulas of PyTorch's torch.optim. They know flat arrays of parameters, not networks.
import type { FloatArray, Optimizer, OptimizerName } from "../../model/spec.js";

/** One optimiser step. `step` counts from 1; `slots` are `slotCount` arrays of the rule's state, initially zeros. */
export type UpdateRule = (
  parameters: FloatArray,
  gradients: FloatArray,
  slots: readonly FloatArray[],
  learningRate: number,
  step: number,
) => void;

export const updateRules: Record<OptimizerName, (optimizer: Optimizer) => UpdateRule> = {
  sgd:
    ({ momentum, nesterov }) =>
    (w, g, slots, learningRate) => {
      if (!momentum) {
        for (let i = 0; i < w.length; i++) w[i] -= learningRate * g[i];
        return;
      }
      const [velocity] = slots;
      for (let i = 0; i < w.length; i++) {
        const v = momentum * velocity[i] + g[i];
        velocity[i] = v;
        w[i] -= learningRate * (nesterov ? g[i] + momentum * v : v);
      }
    },
  rmsprop:
    ({ rho, epsilon }) =>
    (w, g, [square], learningRate) => {
      for (let i = 0; i < w.length; i++) {
        const v = rho * square[i] + (1 - rho) * g[i] * g[i];
        square[i] = v;
        w[i] -= (learningRate * g[i]) / (Math.sqrt(v) + epsilon);
      }
    },
  adam: (optimizer) => adam(optimizer, 0),
  adamw: (optimizer) => adam(optimizer, optimizer.weightDecay),
};

/** Kingma & Ba (2015); with `decay`, Loshchilov & Hutter's AdamW (2019), applied to weights and biases. */
function adam({ beta1, beta2, epsilon }: Optimizer, decay: number): UpdateRule {
  return (w, g, [first, second], learningRate, step) => {
    const rate = learningRate / (1 - integerPower(beta1, step));
    const correction = 1 / Math.sqrt(1 - integerPower(beta2, step));
    const keep = 1 - learningRate * decay;
    for (let i = 0; i < w.length; i++) {
      const m = beta1 * first[i] + (1 - beta1) * g[i];
      const v = beta2 * second[i] + (1 - beta2) * g[i] * g[i];
      first[i] = m;
      second[i] = v;
      w[i] = keep * w[i] - (rate * m) / (Math.sqrt(v) * correction + epsilon);
    }
  };
}

/** Scales gradients whose Euclidean norm exceeds `ceiling`, as PyTorch's clip_grad_norm_. */
export function clipNorm(gradients: FloatArray, ceiling: number): void {
  let squares = 0;
  for (let i = 0; i < gradients.length; i++) squares += gradients[i] * gradients[i];
  const coefficient = ceiling / (Math.sqrt(squares) + 1e-6);
  if (coefficient < 1) for (let i = 0; i < gradients.length; i++) gradients[i] *= coefficient;
}

/** base^exponent by repeated squaring: `Math.pow` differs between engines. */
function integerPower(base: number, exponent: number): number {
  let power = 1;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) power *= base;
    base *= base;
  }
  return power;
}
