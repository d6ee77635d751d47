// Optimiser steps: two worked by hand, and each rule against its page in PyTorch's documentation, written out.
import { describe, expect, test } from "vitest";
import type { Optimizer } from "../../src/model/spec.js";
import { ENGINES, expectClose, flat, matrix, model, plainSgd, predictions, prepare, randoms, trainingSet } from "./support.js";

/** One parameter's update, as the documentation of torch.optim defines it, with its own state. */
type Formula = (w: number, g: number, t: number, state: { b: number; m: number; v: number }) => number;
const lr = 0.05;
const adamStep: Formula = (w, g, t, state) => {
  state.m = 0.8 * state.m + (1 - 0.8) * g;
  state.v = 0.95 * state.v + (1 - 0.95) * g ** 2;
  return w - ((lr / (1 - 0.8 ** t)) * state.m) / (Math.sqrt(state.v) / Math.sqrt(1 - 0.95 ** t) + 1e-3);
};
const formulas: [string, Partial<Optimizer>, Formula][] = [
  ["sgd", {}, (w, g) => w - lr * g],
  [
    "momentum",
    { momentum: 0.7 },
    (w, g, t, state) => {
      state.b = t > 1 ? 0.7 * state.b + g : g;
      return w - lr * state.b;
    },
  ],
  [
    "nesterov",
    { momentum: 0.7, nesterov: true },
    (w, g, t, state) => {
      state.b = t > 1 ? 0.7 * state.b + g : g;
      return w - lr * (g + 0.7 * state.b);
    },
  ],
  [
    "rmsprop",
    { name: "rmsprop", rho: 0.85, epsilon: 1e-3 },
    (w, g, _t, state) => {
      state.v = 0.85 * state.v + (1 - 0.85) * g ** 2;
      return w - (lr * g) / (Math.sqrt(state.v) + 1e-3);
    },
  ],
  ["adam", { name: "adam", beta1: 0.8, beta2: 0.95, epsilon: 1e-3, weightDecay: 0.5 }, adamStep],
  [
    "adamw",
    { name: "adamw", beta1: 0.8, beta2: 0.95, epsilon: 1e-3, weightDecay: 0.5 },
    (w, g, t, state) => adamStep(w * (1 - lr * 0.5), g, t, state),
  ],
];

describe.each(ENGINES)("a step of $name", ({ create }) => {
  test("updates a single linear unit as computed by hand", () => {
    // p = 2·0.5 + 0.1 = 1.1; loss ½(2 − 1.1)² = 0.405; δ = 1.1 − 2 = −0.9; ∂w = 2δ = −1.8; ∂b = δ.
    const engine = create(model([1, 1], ["linear"]), [{ kernel: Float64Array.of(0.5), bias: Float64Array.of(0.1) }]);
    prepare(engine, trainingSet(matrix([2], 1), matrix([2], 1)));
    expect(engine.step(0.1).loss).toBeCloseTo(0.405, 14);
    expectClose(flat(engine.getParameters()), [0.5 + 0.18, 0.1 + 0.09], 1e-15);
  });

  test("updates a 2-2-2 sigmoid network as computed by hand", () => {
    // Matt Mazur, "A step by step backpropagation example" (2015), prints these numbers. He does not update the biases.
    // Hidden: z = (0.3775, 0.3925), out = (0.593269992, 0.596884378).
    // Output: z = (1.105905967, 1.224921404), out = (0.75136507, 0.772928465).
    // Loss: ½(0.01 − 0.75136507)² + ½(0.99 − 0.772928465)² = 0.274811083 + 0.023560026.
    // δ of output 1: 0.74136507 · 0.186815602 = 0.138498562; ∂w5 = δ · 0.593269992 = 0.082167041.
    const engine = create(model([2, 2, 2], ["sigmoid", "sigmoid"]), [
      { kernel: Float64Array.of(0.15, 0.25, 0.2, 0.3), bias: Float64Array.of(0.35, 0.35) },
      { kernel: Float64Array.of(0.4, 0.5, 0.45, 0.55), bias: Float64Array.of(0.6, 0.6) },
    ]);
    const x = matrix([0.05, 0.1], 2);
    expectClose(predictions(engine, x, 2), [0.75136507, 0.772928465], 1e-9);
    prepare(engine, trainingSet(x, matrix([0.01, 0.99], 2)));
    expect(engine.step(0.5).loss).toBeCloseTo(0.298371109, 9);
    const [first, second] = engine.getParameters();
    expectClose(first.kernel, [0.149780716, 0.24975114, 0.19956143, 0.29950229], 5e-9);
    expectClose(second.kernel, [0.35891648, 0.51130127, 0.408666186, 0.561370121], 1e-9);
    expect(second.bias?.[0]).toBeCloseTo(0.6 - 0.5 * 0.138498562, 9);
  });

  test.each(formulas)("follows PyTorch's formula of %s", (_name, options, formula) => {
    const engine = create(model([2, 3, 1], ["tanh", "linear"], { optimizer: { ...plainSgd, ...options } }));
    const x = matrix(randoms(5 * 2, 2), 2);
    const y = matrix(randoms(5, 3), 1);
    prepare(engine, trainingSet(x, y));
    let expected = flat(engine.getParameters());
    const states = expected.map(() => ({ b: 0, m: 0, v: 0 }));
    for (let t = 1; t <= 7; t++) {
      const gradient = flat(engine.gradients(x, y).layers);
      expected = expected.map((w, i) => formula(w, gradient[i], t, states[i]));
      engine.step(lr);
      expectClose(flat(engine.getParameters()), expected, 1e-14);
    }
  });

  test.each([0.01, 1e6])("clips the gradient's norm at %d, after l2", (clipNorm) => {
    const spec = model([2, 3, 1], ["tanh", "linear"], { clipNorm, l2: 0.2 });
    const engine = create(spec);
    const x = matrix(randoms(10, 2), 2);
    const y = matrix(randoms(5, 3), 1);
    prepare(engine, trainingSet(x, y));
    const gradient = flat(engine.gradients(x, y).layers);
    const coefficient = Math.min(1, clipNorm / (Math.hypot(...gradient) + 1e-6));
    const before = flat(engine.getParameters());
    engine.step(0.1);
    expectClose(
      flat(engine.getParameters()),
      before.map((w, i) => w - 0.1 * coefficient * gradient[i]),
      1e-15,
    );
  });

  test.each([
    ["sgd", 0, 0],
    ["sgd", 0.9, 1],
    ["rmsprop", 0, 1],
    ["adam", 0, 2],
    ["adamw", 0, 2],
  ] as const)("of %s with momentum %d keeps %i slots", (name, momentum, slots) => {
    const engine = create(model([1, 1], ["linear"], { optimizer: { ...plainSgd, name, momentum } }));
    expect(engine.getState().slots.length).toBe(slots);
  });
});
