// Gradients against central differences of the loss: every activation, every loss, and all that an objective is made of.
import { describe, expect, test } from "vitest";
import type { Engine } from "../../src/engine/engine.js";
import { ACTIVATIONS, LOSSES } from "../../src/model/spec.js";
import type { Activation, Loss } from "../../src/model/spec.js";
import {
  ENGINES,
  expectClose,
  flat,
  matrix,
  model,
  prepare,
  randoms,
  targetsFor,
  trainingSet,
  unflat,
  withLayers,
} from "./support.js";

/** Central differences of `objective` around the engine's parameters, which are put back. */
function differences(engine: Engine, objective: () => number, h = 1e-5): number[] {
  const parameters = engine.getParameters();
  const values = flat(parameters);
  const derivatives = values.map((value, i) => {
    const at = (shift: number): number => {
      engine.setParameters(unflat(parameters, values.with(i, value + shift)));
      return objective();
    };
    return (at(h) - at(-h)) / (2 * h);
  });
  engine.setParameters(parameters);
  return derivatives;
}

function kernelSquares(engine: Engine): number {
  return engine
    .getParameters()
    .flatMap(({ kernel }) => [...kernel])
    .reduce((sum, w) => sum + w * w, 0);
}

/** Every loss with every output activation that it may stand over, and two hidden activations that take turns. */
const hidden = ACTIVATIONS.filter((activation) => activation !== "softmax");
const overProbabilities: Partial<Record<Loss, Activation[]>> = {
  binaryCrossentropy: ["sigmoid"],
  categoricalCrossentropy: ["softmax", "sigmoid"],
};
const cases = LOSSES.flatMap((loss) =>
  (overProbabilities[loss] ?? ACTIVATIONS).map((activation): [Loss, Activation] => [loss, activation]),
).map(([loss, last], i): [Loss, Activation, Activation, Activation] => [
  loss,
  last,
  hidden[i % hidden.length],
  hidden[(4 * i + 2) % hidden.length],
]);

describe.each(ENGINES)("gradients of $name are the central differences", ({ create }) => {
  test.each(cases)("%s over %s after %s and %s", (loss, last, first, second) => {
    const engine = create(model([3, 5, 4, 3], [first, second, last], { loss }));
    // Biases too, so that a dead layer does not put the next one's z on a corner of its activation.
    const like = engine.getParameters();
    engine.setParameters(unflat(like, [...randoms(flat(like).length, 4)]));
    const x = matrix(randoms(7 * 3, 2), 3);
    const y = matrix(targetsFor(loss, 7 * 3, 3), 3);
    const expected = differences(engine, () => engine.evaluate(x, y).loss / 7);
    const { loss: total, layers } = engine.gradients(x, y);
    expectClose(flat(layers), expected, 1e-8);
    expect(Math.max(...expected.map(Math.abs))).toBeGreaterThan(1e-3);
    expect(total).toBe(engine.evaluate(x, y).loss);
  });

  test.each(["sum", "mean"] as const)("with reduction %s, row weights, l2 and a layer without bias", (reduction) => {
    const spec = model([3, 5, 2], ["tanh", "softmax"], { loss: "categoricalCrossentropy", reduction, l2: 0.3 });
    const engine = create(withLayers(spec, { bias: false }));
    const x = matrix(randoms(5 * 3, 2), 3);
    const y = matrix(targetsFor(spec.loss, 5 * 2, 3), 2);
    const weights = Float64Array.of(1, 0, 2.5, 0.5, 3);
    const scale = reduction === "mean" ? 1 / 5 : 1;
    const objective = (): number => scale * engine.evaluate(x, y, weights).loss + 0.15 * kernelSquares(engine);
    expectClose(flat(engine.gradients(x, y, { weights }).layers), differences(engine, objective), 1e-8);
  });

  test.each([4, 300])("of a step with dropout on %i rows, and l2", (rows) => {
    const spec = model([3, 6, 5, 2], ["swish", "sigmoid", "linear"], { reduction: "sum", l2: 0.1 });
    const engine = create(withLayers(spec, { dropout: 0.4 }, { dropout: 0.25 }));
    const state = { ...engine.getState(), step: 17 };
    const x = matrix(randoms(rows * 3, 2), 3);
    const y = matrix(randoms(rows * 2, 3), 2);
    prepare(engine, trainingSet(x, y));
    // A step of rate 0 measures the loss under the mask of step 17, which setState restores.
    const objective = (): number => {
      engine.setState({ ...state, parameters: engine.getParameters() });
      return engine.step(0).loss + 0.05 * kernelSquares(engine);
    };
    const expected = differences(engine, objective);
    expect(objective()).not.toBeCloseTo(engine.evaluate(x, y).loss + 0.05 * kernelSquares(engine), 6);
    engine.setState(state);
    const before = flat(engine.getParameters());
    engine.step(1);
    const after = flat(engine.getParameters());
    expectClose(
      before.map((value, i) => value - after[i]),
      expected,
      1e-8 * rows,
    );
  });

  test("over more rows than one tile, as the sum over parts", () => {
    const spec = model([3, 4, 2], ["tanh", "sigmoid"], { loss: "binaryCrossentropy", reduction: "sum" });
    const engine = create(spec);
    const x = randoms(600 * 3, 2);
    const y = targetsFor(spec.loss, 600 * 2, 3);
    const weights = randoms(600, 4).map(Math.abs);
    const whole = engine.gradients(matrix(x, 3), matrix(y, 2), { weights });
    const parts = [0, 1, 2, 3, 4, 5].map((i) => {
      const part = (values: Float64Array, columns: number): Float64Array =>
        values.subarray(i * 100 * columns, (i + 1) * 100 * columns);
      return engine.gradients(matrix(part(x, 3), 3), matrix(part(y, 2), 2), { weights: part(weights, 1) });
    });
    const sum = parts.map(({ layers }) => flat(layers)).reduce((a, b) => a.map((value, i) => value + b[i]));
    expectClose(flat(whole.layers), sum, 1e-11);
    expect(whole.loss).toBeCloseTo(
      parts.reduce((total, { loss }) => total + loss, 0),
      9,
    );
    expect(whole.correct).toBe(parts.reduce((total, { correct }) => total + correct, 0));
  });

  test("evaluate and gradients update nothing", () => {
    const spec = model([3, 4, 2], ["tanh", "linear"], { l2: 0.5, clipNorm: 0.1 });
    const engine = create(spec);
    const before = engine.getState();
    const x = matrix(randoms(300 * 3, 2), 3);
    const y = matrix(randoms(300 * 2, 3), 2);
    const first = engine.gradients(x, y);
    engine.evaluate(x, y);
    engine.predict(x, new Float64Array(600));
    expect(engine.getState()).toEqual(before);
    expect(engine.gradients(x, y)).toEqual(first);
  });
});
