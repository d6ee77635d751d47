// predict, evaluate, gradients and the weights' way in and out, against definitions written out; none of them trains.
import { describe, expect, test } from "vitest";
import { NN, type Loss, type NetworkOptions } from "../../src/index.js";
import {
  CASES,
  LOSS_OF_ROW,
  X,
  Y,
  bare,
  expectClose,
  flat,
  labels,
  naiveLoss,
  naiveOutputs,
  oneHot,
  table,
  weightsOf,
} from "./support.js";

const HIDDEN = ["linear", "sigmoid", "tanh", "relu", "leakyRelu", "elu", "softplus", "swish", "gelu"] as const;
const ALL_LOSSES = Object.keys(LOSS_OF_ROW) as Loss[];

/** 0 … 1 where the loss wants probabilities; 300 rows are more than one tile. */
const targetsFor = (loss: Loss): number[][] => {
  if (loss === "categoricalCrossentropy") return oneHot(labels(300, 3, 8), 3);
  const values = table(300, 3, 8);
  return loss === "binaryCrossentropy" ? values.map((row) => row.map((value) => (value + 1) / 2)) : values;
};

describe.each(CASES)("$name", ({ options, dtype }) => {
  const tolerance = dtype === "float64" ? 1e-12 : 3e-6;
  const rows = table(300, 3, 7);

  test.each(HIDDEN)("predict is the definition of dense layers, %s", (activation) => {
    const nn = new NN({
      layers: [3, 5, { units: 4, activation, bias: false }, { units: 2, activation }],
      activation,
      seed: 6,
      ...options,
    });
    const weights = nn
      .getWeights()
      .map(({ kernel, bias }) => ({ kernel, ...(bias && { bias: bias.map((_, j) => j / 4 - 0.5) }) }));
    nn.setWeights(weights);
    expectClose(
      nn.predict(X).flat(),
      X.flatMap((row) => naiveOutputs(nn, row)),
      tolerance,
    );
  });

  test.each(ALL_LOSSES)("evaluate is the mean per row of %s, without dropout or l2", (loss) => {
    const nn = new NN({ layers: [3, { units: 6, dropout: 0.5 }, 3], loss, l2: 10, seed: 6, ...options });
    const targets = targetsFor(loss);
    const { loss: measured, accuracy } = nn.evaluate(rows, targets);
    const outputs = nn.predict(rows);
    const expected = naiveLoss(loss, outputs, targets);
    expect(Math.abs(measured - expected)).toBeLessThan(tolerance * 10);
    const classes = nn.predictClasses(rows);
    const right =
      loss === "categoricalCrossentropy"
        ? targets.map((t, r) => Number(t[classes[r]] === 1))
        : loss === "binaryCrossentropy"
          ? targets.flatMap((t, r) => t.map((v, j) => Number(v > 0.5 === outputs[r][j] > 0.5)))
          : [];
    if (right.length) expect(accuracy).toBeCloseTo(right.filter(Boolean).length / right.length, 12);
    else expect(accuracy).toBe(undefined);
  });

  test.each(["mean", "sum"] as const)("gradients are the slope of the objective, with l2 and reduction %s", (reduction) => {
    // In float64: differences need its digits; float32 is compared with it.
    const settings: NetworkOptions = {
      layers: [3, { units: 4, dropout: 0.5 }, { units: 2, activation: "tanh" }],
      l2: 0.2,
      reduction,
      clipNorm: 1e-3,
      seed: 6,
    };
    const exact = new NN({ ...settings, ...options, dtype: "float64" });
    const { loss, layers } = exact.gradients(X, Y);
    expect(loss).toBe(exact.evaluate(X, Y).loss);
    expect(layers.map(({ kernel, bias }) => [kernel.length, bias!.length])).toEqual([
      [12, 4],
      [8, 2],
    ]);
    const objective = (): number =>
      exact.evaluate(X, Y).loss * (reduction === "sum" ? 10 : 1) +
      0.1 *
        exact
          .getWeights()
          .flatMap(({ kernel }) => [...kernel])
          .reduce((sum, w) => sum + w * w, 0);
    const h = 1e-5;
    exact.getWeights().forEach((layer, l) => {
      for (const part of ["kernel", "bias"] as const) {
        const slopes = Array.from(layer[part]!, (_, i) => {
          const at = (shift: number): number => {
            const moved = exact.getWeights();
            moved[l][part]![i] += shift;
            exact.setWeights(moved);
            const value = objective();
            moved[l][part]![i] -= shift;
            exact.setWeights(moved);
            return value;
          };
          return (at(h) - at(-h)) / (2 * h);
        });
        expectClose(layers[l][part]!, slopes, 1e-8);
      }
    });
    const other = new NN({ ...settings, ...options });
    other.setWeights(exact.getWeights());
    expectClose(flat(other.gradients(X, Y).layers), flat(layers), dtype === "float64" ? 1e-9 : 1e-5);
  });

  test("partialFit, alias backprop, is one epoch in one batch, in order; it returns the loss before", () => {
    for (const count of [10, 600]) {
      const settings = {
        layers: [3, { units: 4, dropout: 0.3 }, 2],
        optimizer: "adam",
        epochs: 1,
        l2: 0.1,
        seed: 6,
        ...options,
      } as const;
      const [stepped, named, fitted] = [0, 1, 2].map(() => new NN(settings));
      const x = table(count, 3, 7);
      const y = table(count, 2, 8).map((row) => row.map(Math.abs));
      for (let i = 0; i < 3; i++) {
        const { loss } = fitted.fit(x, y, { batchSize: Infinity, shuffle: false });
        expect([stepped.partialFit(x, y), named.backprop(x, y)]).toEqual([loss[0], loss[0]]);
      }
      expect(weightsOf(stepped)).toEqual(weightsOf(fitted));
      expect(weightsOf(named)).toEqual(weightsOf(fitted));
    }
    const nn = new NN({ layers: [3, 4, 2], seed: 6, ...options });
    expect(nn.evaluate(X, Y).loss).toBe(nn.partialFit(X, Y));
  });

  test("measuring changes nothing", () => {
    const settings = { layers: [3, { units: 4, dropout: 0.5 }, 2], batchSize: 3, seed: 6, ...options };
    const [measured, alone] = [new NN(settings), new NN(settings)];
    for (const nn of [measured, alone]) nn.fit(X, Y);
    measured.predict(rows);
    measured.predictClasses(rows);
    measured.evaluate(rows, table(300, 2, 8));
    measured.gradients(rows, table(300, 2, 8));
    measured.summary();
    expect(weightsOf(measured)).toEqual(weightsOf(alone));
    expect(measured.fit(X, Y).loss).toEqual(alone.fit(X, Y).loss);
    expect(weightsOf(measured)).toEqual(weightsOf(alone));
  });

  test("kernels are inputs × units, row after row", () => {
    const nn = bare(2, 3, options);
    const kernel = [1, 2, 3, 10, 20, 30];
    for (const form of [
      kernel,
      Float32Array.from(kernel),
      Float64Array.from(kernel),
      [
        [1, 2, 3],
        [10, 20, 30],
      ],
    ]) {
      nn.setWeights([{ kernel: kernel.map(() => 0) }]);
      nn.setWeights([{ kernel: form }]);
      expect(nn.predict([1, 2])).toEqual([21, 42, 63]);
    }
    expect(nn.getWeights()).toEqual([{ kernel: (dtype === "float32" ? Float32Array : Float64Array).from(kernel) }]);
  });

  test("weights go in and out as copies, and putting them back changes nothing", () => {
    const settings = { layers: [3, 4, { units: 2, bias: false }], optimizer: "adam", batchSize: 3, seed: 6, ...options } as const;
    const [touched, alone] = [new NN(settings), new NN(settings)];
    for (const nn of [touched, alone]) nn.fit(X, Y);
    const weights = touched.getWeights();
    expect(weights.map((layer) => "bias" in layer)).toEqual([true, false]);
    touched.setWeights(weights);
    const before = weightsOf(touched);
    for (const { kernel } of weights) kernel.fill(9);
    for (const { kernel } of touched.getWeights()) kernel.fill(9);
    for (const { kernel } of touched.gradients(X, Y).layers) kernel.fill(9);
    expect(weightsOf(touched)).toEqual(before);
    expect([touched.fit(X, Y).loss, weightsOf(touched)]).toEqual([alone.fit(X, Y).loss, weightsOf(alone)]);
  });
});
