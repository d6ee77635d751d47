// Dropout through the public API: it applies only in training, drops the requested share, and scales the rest.
import { describe, expect, test } from "vitest";
import { NN } from "../../src/index.js";
import { CASES, X, Y, weightsOf } from "./support.js";

const UNITS = 400;
const EPOCHS = 50;

/** The mean of `UNITS` ones, of which some are dropped: its square is the loss of a training epoch at rate 0. */
const meanOfOnes = (dropout: number, options: object): NN => {
  const nn = new NN({
    layers: [1, { units: UNITS, activation: "linear", bias: false, dropout }, { units: 1, activation: "linear", bias: false }],
    loss: "squaredError",
    optimizer: { name: "sgd", learningRate: 0 },
    seed: 8,
    ...options,
  });
  nn.setWeights([{ kernel: Array(UNITS).fill(1) }, { kernel: Array(UNITS).fill(1 / UNITS) }]);
  return nn;
};

describe.each(CASES)("$name", ({ options }) => {
  test.each([0.1, 0.5, 0.9])("a dropout of %d keeps the expected value and drops that share", (dropout) => {
    const nn = meanOfOnes(dropout, options);
    const { loss } = nn.fit([[1]], [[0]], { epochs: EPOCHS });
    const means = loss.map(Math.sqrt);
    const mean = means.reduce((a, b) => a + b) / EPOCHS;
    const deviation = Math.sqrt(dropout / (1 - dropout) / UNITS); // of one epoch's mean
    expect(Math.abs(mean - 1)).toBeLessThan((4 * deviation) / Math.sqrt(EPOCHS));
    expect(new Set(means).size).toBeGreaterThan(10); // other units in each step
    // A whole number of units is kept, each grown by 1/(1 − dropout).
    for (const each of means) {
      const kept = each * UNITS * (1 - dropout);
      expect(Math.abs(kept - Math.round(kept))).toBeLessThan(1e-2);
    }
    const spread = Math.sqrt(means.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (EPOCHS - 1));
    expect(spread / deviation).toBeGreaterThan(0.6);
    expect(spread / deviation).toBeLessThan(1.4);
  });

  test("dropout applies only in training", () => {
    const nn = meanOfOnes(0.5, options);
    const [output] = nn.predict([1]);
    expect(output).toBeCloseTo(1, 5);
    expect(nn.evaluate([[1]], [[0]]).loss).toBeCloseTo(1, 5);
    expect(nn.gradients([[1]], [[0]]).loss).toBeCloseTo(1, 5);
    expect(nn.fit([[1]], [[0]], { validationData: [[[1]], [[0]]] }).valLoss![0]).toBeCloseTo(1, 5);
    expect(nn.partialFit([[1]], [[0]])).not.toBeCloseTo(1, 5);
  });

  test("a dropped unit learns nothing in that step, while the others do", () => {
    const nn = new NN({
      layers: [
        1,
        { units: UNITS, activation: "linear", bias: false, dropout: 0.5 },
        { units: 1, activation: "linear", bias: false },
      ],
      optimizer: { name: "sgd", learningRate: 0.1 },
      reduction: "sum",
      seed: 8,
      ...options,
    });
    const before = nn.getWeights();
    nn.partialFit([[1]], [[100]]);
    const after = nn.getWeights();
    const moved = before.map(({ kernel }, l) => [...kernel.keys()].filter((i) => kernel[i] !== after[l].kernel[i]));
    expect(moved[0]).toEqual(moved[1]);
    expect(Math.abs(moved[0].length - UNITS / 2)).toBeLessThan((4 * Math.sqrt(UNITS)) / 2);
  });

  test("a dropout of 0 drops nothing", () => {
    const layers = (dropout: object): [number, object & { units: number }, number] => [3, { units: 5, ...dropout }, 2];
    const [none, zero] = [{}, { dropout: 0 }].map((dropout) => new NN({ layers: layers(dropout), seed: 2, ...options }));
    expect(zero.fit(X, Y).loss).toEqual(none.fit(X, Y).loss);
    expect(weightsOf(zero)).toEqual(weightsOf(none));
  });
});
