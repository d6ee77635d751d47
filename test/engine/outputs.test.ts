// A network's outputs: activations and their corners, correct predictions, losses at large inputs, and bits that do not depend on
// other rows.
import { describe, expect, test } from "vitest";
import type { Engine } from "../../src/engine/engine.js";
import { ACTIVATIONS } from "../../src/model/spec.js";
import type { Activation, Loss } from "../../src/model/spec.js";
import { ENGINES, expectClose, identity, matrix, model, predictions, randoms, type EngineCase } from "./support.js";

const values: [Activation, (z: number) => number][] = [
  ["linear", (z) => z],
  ["sigmoid", (z) => Math.exp(z) / (Math.exp(z) + 1)],
  ["tanh", (z) => (Math.exp(2 * z) - 1) / (Math.exp(2 * z) + 1)],
  ["relu", (z) => (z > 0 ? z : 0)],
  ["leakyRelu", (z) => (z > 0 ? z : 0.01 * z)],
  ["elu", (z) => (z > 0 ? z : Math.exp(z) - 1)],
  ["softplus", (z) => Math.log(1 + Math.exp(z))],
  ["swish", (z) => z / (1 + Math.exp(-z))],
  ["gelu", (z) => 0.5 * z * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (z + 0.044715 * z ** 3)))],
];

/** One layer of n units whose sums are its inputs. */
function bare(create: EngineCase["create"], activation: Activation, n: number, loss: Loss = "halfSquaredError"): Engine {
  return create(model([n, n], [activation], { loss }), identity(n));
}

/** A row's loss at the pre-activations z, and its derivatives by them. */
function measure(engine: Engine, z: number[], t: number[]): { value: number; deltas: number[] } {
  const { loss, layers } = engine.gradients(matrix(z, z.length), matrix(t, t.length));
  return { value: loss, deltas: [...layers[0].bias!] };
}

describe.each(ENGINES)("activations of $name", ({ create }) => {
  test.each(values)("%s has the expected values at every unit of every row", (name, f) => {
    const z = [-3, -1, -0.25, 0, 0.5, 2];
    expectClose(predictions(bare(create, name, 2), matrix(z, 2), 2), z.map(f), 1e-14);
    expectClose(predictions(bare(create, name, 3), matrix(z, 3), 3), z.map(f), 1e-14);
  });

  test.each([
    ["relu", 0],
    ["leakyRelu", 0.01],
    ["elu", 1],
  ] as const)("%s has the derivative %d at 0", (name, slope) => {
    expect(measure(bare(create, name, 1), [0], [-1]).deltas[0]).toBe(slope); // the loss's own derivative is 1
  });

  test.each(ACTIVATIONS)("%s is finite for large inputs, and propagates NaN", (name) => {
    const engine = bare(create, name, 1);
    for (const z of [-1e4, 1e4]) {
      expect(predictions(engine, matrix([z], 1), 1).every(Number.isFinite)).toBe(true);
      expect(measure(engine, [z], [-1]).deltas.every(Number.isFinite)).toBe(true);
    }
    engine.setParameters([{ kernel: Float64Array.of(NaN), bias: Float64Array.of(0) }]);
    expect(predictions(engine, matrix([1], 1), 1)).toEqual([NaN]);
  });

  test("softmax sums to one, also for large inputs", () => {
    const parameters = [{ kernel: Float64Array.of(-800, 800, 799), bias: new Float64Array(3) }];
    const engine = create(model([1, 3], ["softmax"]), parameters);
    const odds = Math.exp(-1);
    const expected = [0, 1 / (1 + odds), odds / (1 + odds), 1 / 3, 1 / 3, 1 / 3];
    expectClose(predictions(engine, matrix([1, 0], 1), 3), expected, 1e-15);
  });
});

describe.each(ENGINES)("losses of $name", ({ create }) => {
  test("meanAbsoluteError has derivative 0 at 0, and huber is linear from 1 on", () => {
    const p = [0, 0.5, 3, -3];
    const t = [0, 0, 0, 0];
    expect(measure(bare(create, "linear", 4, "meanAbsoluteError"), p, t)).toEqual({
      value: 6.5 / 4,
      deltas: [0, 0.25, 0.25, -0.25],
    });
    expect(measure(bare(create, "linear", 4, "huber"), p, t)).toEqual({
      value: (0.125 + 2.5 + 2.5) / 4,
      deltas: [0, 0.125, 0.25, -0.25],
    });
  });

  test("binary cross-entropy over sigmoid costs the logit for a wrong prediction", () => {
    const engine = bare(create, "sigmoid", 4, "binaryCrossentropy");
    const { value, deltas } = measure(engine, [1000, -1000, 1000, -1000], [0, 1, 1, 0]);
    expect(value).toBe(500);
    expectClose(deltas, [0.25, -0.25, 0, 0], 1e-15);
  });

  test("categorical cross-entropy over softmax costs the difference of logits for a wrong class", () => {
    const { value, deltas } = measure(bare(create, "softmax", 3, "categoricalCrossentropy"), [1000, 0, -1000], [0, 0, 1]);
    expect(value).toBe(2000);
    expectClose(deltas, [1, 0, -1], 1e-15);
  });

  test("categorical cross-entropy over sigmoid has the expected values", () => {
    const { value, deltas } = measure(bare(create, "sigmoid", 3, "categoricalCrossentropy"), [1000, -1000, 0], [1, 0.5, 1]);
    expect(value).toBeCloseTo(500 + Math.LN2, 12);
    expectClose(deltas, [0, -0.5, -0.5], 1e-15);
  });

  test("correct predictions are counted by the first largest output, or by the side of 0.5", () => {
    const x = matrix([0, 0, 1, 2, -0.2, 3], 2);
    const y = matrix([1, 0, 1, 0, 0, 1], 2);
    const categorical = bare(create, "softmax", 2, "categoricalCrossentropy");
    expect(categorical.evaluate(x, y).correct).toBe(2); // equal outputs count as class 0; the second row is wrong
    const binary = bare(create, "sigmoid", 2, "binaryCrossentropy");
    const sides = matrix([0, 0, 1, 0, 0, 1], 2); // one half is not above one half
    expect(binary.evaluate(x, sides, Float64Array.of(5, 5, 5)).correct).toBe(1 + 0.5 + 1); // unweighted
    expect(bare(create, "linear", 2).evaluate(x, y).correct).toBe(0);
  });

  test.each(["float32", "float64"] as const)(
    "correct predictions are counted for every number of outputs, including ties, %s",
    (dtype) => {
      for (const n of [1, 2, 3, 4, 5, 8, 9, 10, 17]) {
        const few = (seed: number): Float64Array => randoms(60 * n, seed).map((value) => Math.round(2 * value));
        const [x, y] = [few(n), few(n + 100)];
        const row = (values: Float64Array, r: number): number[] => [...values.subarray(r * n, (r + 1) * n)];
        const firstLargest = (values: number[]): number => values.indexOf(Math.max(...values));
        let right = 0,
          agreeing = 0;
        for (let r = 0; r < 60; r++) {
          right += Number(firstLargest(row(x, r)) === firstLargest(row(y, r)));
          agreeing += row(x, r).filter((value, i) => value > 0 === y[r * n + i] > 0.5).length / n;
        }
        const correct = (activation: Activation, loss: Loss): number =>
          create(model([n, n], [activation], { loss, dtype }), identity(n)).evaluate(matrix(x, n), matrix(y, n)).correct;
        expect(correct("softmax", "categoricalCrossentropy"), `${n} classes`).toBe(right);
        expect(correct("sigmoid", "binaryCrossentropy"), `${n} outputs`).toBeCloseTo(agreeing, 9);
      }
    },
  );

  test.each(["float32", "float64"] as const)("a single NaN input makes the loss NaN, whichever it is, %s", (dtype) => {
    for (const n of [3, 4, 10]) {
      for (let i = 0; i < n; i++) {
        const [{ kernel }] = identity(n);
        const engine = create(model([n, n], ["softmax"], { loss: "categoricalCrossentropy", dtype }), [
          { kernel, bias: Float64Array.from({ length: n }, (_, unit) => (unit === i ? NaN : -unit)) },
        ]);
        const truth = Float64Array.from({ length: n }, (_, unit) => Number(unit === 1));
        expect(engine.evaluate(matrix(new Float64Array(n), n), matrix(truth, n)).loss, `unit ${i} of ${n}`).toBeNaN();
      }
    }
  });
});

describe.each(ENGINES)("outputs of $name", ({ create }) => {
  test.each(["float32", "float64"] as const)("have the same bits for a row among any other rows, %s", (dtype) => {
    const engine = create(model([9, 7, 6, 3], ["gelu", "elu", "softmax"], { dtype }));
    const rows = randoms(301 * 9, 8);
    const together = predictions(engine, matrix(rows, 9), 3, dtype);
    for (const height of [1, 2, 5]) {
      const apart: number[] = [];
      for (let row = 0; row < 301; row += height) {
        apart.push(...predictions(engine, matrix(rows.subarray(row * 9, (row + height) * 9), 9), 3, dtype));
      }
      expect(apart).toEqual(together);
    }
  });
});
