// Losses of the caller's own, weights of outputs and gradients by the inputs, against PyTorch's autograd (test/vectors/losses.py).
import { describe, expect, it } from "vitest";
import { NN, type LossFunction, type NetworkOptions, type Weights } from "../../src/index.js";
import { BACKENDS } from "../backends.js";
import cases from "../vectors/losses.json" with { type: "json" };
import { BUSY, caught, CASES, expectClose, flat, oneHot, table, weightsOf, X, Y } from "./support.js";

interface Parameters {
  kernel: number[];
  bias: number[];
}
interface Case {
  name: string;
  loss: keyof typeof LOSSES | "weighted";
  options: NetworkOptions;
  weights: Parameters[];
  x: number[][];
  targets: number[][];
  outputWeight?: number[][];
  steps: number;
  expected: { loss: number; gradients: Parameters[]; inputs: number[][]; losses: number[]; weights: Parameters[] };
}

/** The losses of losses.py, their derivatives derived by hand. Four outputs per row. */
const LOSSES = {
  policy:
    (a: number[]): LossFunction =>
    (p, gradient, rows) => {
      let loss = 0;
      for (let i = 0; i < p.length; i++) {
        loss += (-a[i] * Math.log(p[i]) + 0.1 * p[i] * Math.log(p[i])) / rows;
        gradient[i] = (-a[i] / p[i] + 0.1 * (Math.log(p[i]) + 1)) / rows;
      }
      return loss;
    },
  ranking: (): LossFunction => (p, gradient) => {
    let loss = 0;
    for (let i = 0; i < p.length; i++) {
      const missing = 0.5 - (p[i] - p[i + 1]);
      if (i % 4 === 3 || missing <= 0) continue;
      loss += missing;
      gradient[i] -= 1;
      gradient[i + 1] += 1;
    }
    return loss;
  },
  quantile:
    (a: number[]): LossFunction =>
    (p, gradient) => {
      let loss = 0;
      for (let i = 0; i < p.length; i++) {
        const weight = a[i] > p[i] ? 0.8 : -0.2;
        loss += (weight * (a[i] - p[i])) / p.length;
        gradient[i] = -weight / p.length;
      }
      return loss;
    },
  variance: (): LossFunction => (p, gradient, rows) => {
    let loss = 0;
    for (let j = 0; j < 4; j++) {
      const column = Array.from({ length: rows }, (_, r) => p[4 * r + j]);
      const mean = column.reduce((sum, value) => sum + value, 0) / rows;
      const variance = column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rows;
      loss += Math.log1p(variance);
      column.forEach((value, r) => (gradient[4 * r + j] = (2 * (value - mean)) / rows / (1 + variance)));
    }
    return loss;
  },
};

const TOLERANCE = { float64: 1e-10, float32: 1e-4 };

for (const backend of BACKENDS) {
  for (const dtype of ["float64", "float32"] as const) {
    describe(`${backend.name} ${dtype}`, () => {
      for (const each of cases as unknown as Case[]) {
        const close = (actual: ArrayLike<number>, expected: ArrayLike<number>): void => {
          expectClose(actual, expected, TOLERANCE[dtype] * Math.max(1, ...Array.from(expected, Math.abs)));
        };
        const { loss, weights, x, targets, outputWeight, expected } = each;
        const make = (): NN => NN.fromWeights({ ...each.options, ...backend.options, dtype, weights });

        it(`follows PyTorch's autograd: ${each.name}`, () => {
          const nn = make();
          if (loss === "weighted") {
            const losses = Array.from({ length: each.steps }, () => nn.partialFit(x, targets, { outputWeight: outputWeight! }));
            close(losses, expected.losses);
            close(weightsOf(nn), flat(expected.weights as never));
            const whole = make();
            const { loss: curve } = whole.fit(x, targets, {
              outputWeight: outputWeight!,
              epochs: each.steps,
              batchSize: Infinity,
              shuffle: false,
            });
            close(curve, expected.losses);
            close(weightsOf(whole), flat(expected.weights as never));
            return;
          }
          const own = LOSSES[loss](targets.flat());
          const found = nn.gradients(x, own, { inputs: true });
          close([found.loss], [expected.loss]);
          close(flat(found.layers), flat(expected.gradients as never));
          close(found.inputs, expected.inputs.flat());
          expect(found.inputs.length).toBe(x.length * 3);
          const losses = Array.from({ length: each.steps }, () => nn.partialFit(x, own));
          close(losses, expected.losses);
          close(weightsOf(nn), flat(expected.weights as never));
        });
      }
    });
  }
}

/** halfSquaredError with reduction mean, as a custom loss function. */
const halfSquares =
  (targets: readonly (readonly number[])[]): LossFunction =>
  (outputs, gradient, rows) => {
    let loss = 0;
    targets.flat().forEach((target, i) => {
      loss += (outputs[i] - target) ** 2 / 2 / rows;
      gradient[i] = (outputs[i] - target) / rows;
    });
    return loss;
  };

describe.each(CASES)("$name", ({ options, dtype }) => {
  const expectCloseWeights = (nn: NN, other: NN): void =>
    expectClose(weightsOf(nn), weightsOf(other), dtype === "float64" ? 1e-12 : 1e-5);

  it.each([10, 600])("a built-in loss written by hand takes the same steps, dropout included, on %i rows", (rows) => {
    const x = table(rows, 3, 1),
      y = table(rows, 2, 2).map((row) => row.map(Math.abs));
    const make = (): NN => new NN({ ...BUSY, ...options, loss: "halfSquaredError", l2: 0.01, clipNorm: 1 });
    const [own, builtIn] = [make(), make()];
    for (let step = 0; step < 3; step++) own.partialFit(x, halfSquares(y));
    for (let step = 0; step < 3; step++) builtIn.partialFit(x, y);
    expectCloseWeights(own, builtIn);
  });

  it("applyGradients of gradients is partialFit", () => {
    const make = (): NN => new NN({ ...BUSY, ...options, layers: [3, 7, 2], l2: 0.1, clipNorm: 0.05 });
    const [applied, fitted] = [make(), make()];
    for (let step = 0; step < 3; step++) {
      applied.applyGradients(applied.gradients(X, Y).layers);
      fitted.partialFit(X, Y);
    }
    expectCloseWeights(applied, fitted);
  });

  it("output weights of 1 change nothing, and of 0 mask an output", () => {
    const make = (): NN => new NN({ ...BUSY, ...options });
    const [weighted, plain, masked, changed] = [make(), make(), make(), make()];
    weighted.fit(X, Y, { outputWeight: new Float32Array(20).fill(1), epochs: 2 });
    plain.fit(X, Y, { epochs: 2 });
    expect(weightsOf(weighted)).toEqual(weightsOf(plain));
    const mask = Y.map(() => [1, 0]);
    masked.fit(X, Y, { outputWeight: mask, epochs: 2 });
    changed.fit(
      X,
      Y.map(([first]) => [first, 0.123]),
      { outputWeight: mask, epochs: 2 },
    );
    expect(weightsOf(masked)).toEqual(weightsOf(changed));
    expect(weightsOf(masked)).not.toEqual(weightsOf(plain));
  });

  it("output weights follow their rows when these are shuffled and split", () => {
    const outputWeight = table(10, 2, 9).map((row) => row.map(Math.abs));
    const make = (): NN =>
      new NN({ ...BUSY, ...options, layers: [3, 7, 2], loss: "meanSquaredError", optimizer: "sgd", learningRate: 0 });
    const { loss, valLoss } = make().fit(X, Y, { outputWeight, validationSplit: 0.2, epochs: 1 });
    const alone = make();
    const expected =
      X.slice(0, 8).reduce((sum, row, r) => sum + alone.partialFit([row], [Y[r]], { outputWeight: [outputWeight[r]] }), 0) / 8;
    expect(loss[0]).toBeCloseTo(expected, 5);
    expect(valLoss![0]).toBeCloseTo(make().evaluate(X.slice(8), Y.slice(8)).loss, 5);
  });

  it("gradients by the inputs chain two networks as one", () => {
    const whole = new NN({
      layers: [3, { units: 5, activation: "tanh" }, { units: 2, activation: "linear" }],
      ...options,
      loss: "halfSquaredError",
      seed: 3,
    });
    const [first, second] = whole.getWeights();
    const lower = NN.fromWeights({ layers: [3, { units: 5, activation: "tanh" }], ...options, weights: [first] });
    const upper = NN.fromWeights({
      layers: [5, { units: 2, activation: "linear" }],
      ...options,
      loss: "halfSquaredError",
      weights: [second],
    });
    const { layers } = whole.gradients(X, Y);
    const above = upper.gradients(lower.predict(X), Y, { inputs: true });
    const below = lower.gradients(X, (_outputs, gradient) => {
      gradient.set(above.inputs);
      return above.loss;
    });
    expectClose(flat([...below.layers, ...above.layers]), flat(layers), dtype === "float64" ? 1e-12 : 1e-6);
  });

  it("a bad loss function changes nothing", () => {
    const nn = new NN({ ...BUSY, ...options });
    nn.partialFit(X, Y);
    const before = nn.save();
    const bad: [string, LossFunction][] = [
      ["the loss function returned NaN; it must return a finite number", () => NaN],
      ["the loss function returned undefined; it must return a finite number", (() => undefined) as never],
      ["the loss function wrote NaN to gradient[3], row 1, output 1; it must be finite", (_o, g) => ((g[3] = NaN), 1)],
      [
        "enough",
        () => {
          throw new Error("enough");
        },
      ],
    ];
    for (const [message, loss] of bad) {
      expect(caught(() => nn.partialFit(X, loss)).message).toBe(message);
      expect(caught(() => nn.gradients(X, loss)).message).toBe(message);
      expect(nn.save()).toEqual(before);
    }
    expect(caught(() => (nn.partialFit as (...args: unknown[]) => unknown).call(nn, X, () => 0, {}))).toMatchObject({
      name: "TypeError",
      message: "partialFit takes (x, loss), but was called with 3 arguments",
    });
    expect(caught(() => nn.partialFit(X, () => nn.partialFit(X, Y))).message).toMatch(
      /^partialFit was called while this network is training/,
    );
    expect(nn.partialFit(X, () => nn.predict(X).length)).toBe(10);
  });

  it("a loss function of gradients cannot change the network between its outputs and their gradients", () => {
    const nn = new NN({ ...BUSY, ...options });
    const before = nn.save();
    const message = (method: string): string =>
      `${method} was called while this network is training; wait for the training to end`;
    expect(caught(() => nn.gradients(X, () => nn.partialFit(X, Y))).message).toBe(message("partialFit"));
    expect(caught(() => nn.gradients(nn.inputBuffer(1), () => nn.inputBuffer(100_000).length)).message).toBe(
      message("inputBuffer"),
    );
    expect(nn.save()).toEqual(before);
    expect(nn.gradients(X, () => nn.gradients(X, () => nn.evaluate(X, Y).loss).loss).loss).toBe(nn.evaluate(X, Y).loss);
    expect(nn.partialFit(X, Y)).toBeGreaterThan(0);
  });

  it("a gradient that is too large once it is scaled, or that has been transferred, is refused", () => {
    const nn = new NN({ ...BUSY, ...options, targetScaling: { shift: [0, 0], scale: [1, dtype === "float32" ? 1e20 : 1e200] } });
    const before = nn.save();
    const huge = dtype === "float32" ? 1e30 : 1e300;
    const bad: [string, LossFunction][] = [
      [
        `the loss function wrote ${new Float64Array([dtype === "float32" ? Math.fround(huge) : huge])[0]} to gradient[5], row 2, output 1, which targetScaling makes Infinity; it must be finite`,
        (_o, g) => ((g[5] = huge), 1),
      ],
      [
        "the loss function gave its gradient away: it has 0 of 20 values",
        (_o, g) => (structuredClone(g, { transfer: [g.buffer] }), 1),
      ],
    ];
    for (const [message, loss] of bad) {
      for (const call of [() => nn.gradients(X, loss), () => nn.partialFit(X, loss)])
        expect(caught(call)).toMatchObject({ name: "TypeError", message });
      expect(nn.save()).toEqual(before);
    }
  });

  it("a network is not blended with weights that its precision cannot represent", () => {
    const [nn, other] = [new NN({ ...BUSY, ...options }), new NN({ ...BUSY, ...options, dtype: "float64" })];
    const weights = other.getWeights();
    weights[1].kernel[3] = 1e300;
    other.setWeights(weights);
    const before = nn.save();
    if (dtype === "float64") return expect(() => nn.blend(other, 0.5)).not.toThrow();
    for (const tau of [0, 0.5])
      expect(caught(() => nn.blend(other, tau))).toMatchObject({
        name: "RangeError",
        message: "other.weights[1].kernel[3] is 1e+300; it must be a finite float32",
      });
    expect(nn.save()).toEqual(before);
  });

  it("an output of weight 0 may have any target", () => {
    const fill = dtype === "float32" ? 9.96921e36 : 1e300;
    const outputWeight = Y.map(() => [1, 0]);
    for (const loss of ["halfSquaredError", "squaredError", "meanSquaredError", "meanAbsoluteError", "huber"] as const) {
      const make = (): NN => new NN({ ...BUSY, ...options, layers: [3, { units: 2, activation: "linear" }], loss });
      const [masked, other] = [make(), make()];
      expect(
        masked.partialFit(
          X,
          Y.map(([first]) => [first, fill]),
          { outputWeight },
        ),
      ).toBe(other.partialFit(X, Y, { outputWeight }));
      expect(weightsOf(masked)).toEqual(weightsOf(other));
      // So may a row.
      const sampleWeight = Y.map((_, r) => Number(r > 0));
      expect(masked.partialFit(X, [[fill, fill], ...Y.slice(1)], { sampleWeight })).toBe(
        other.partialFit(X, Y, { sampleWeight }),
      );
      expect(weightsOf(masked)).toEqual(weightsOf(other));
    }
  });

  it("gradients that do not fit are refused, and those that overflow leave the network as it was", () => {
    const nn = new NN({ ...BUSY, ...options, optimizer: "sgd", learningRate: 1e300 });
    const before = nn.save();
    const { layers } = nn.gradients(X, Y);
    expect(caught(() => nn.applyGradients(layers.slice(1)))).toMatchObject({
      name: "RangeError",
      message: "gradients has 1 layer; this network has 2 layers",
    });
    expect(caught(() => nn.applyGradients([layers[0], { ...layers[1], bias: [1, NaN] }])).message).toBe(
      `gradients[1].bias[1] is NaN; it must be a finite ${dtype}`,
    );
    expect(nn.save()).toEqual(before);
    const huge: Weights[] = layers.map(({ kernel, bias }) => ({ kernel: kernel.map(() => 1e30), bias: bias!.map(() => 1e30) }));
    expect(caught(() => nn.applyGradients(huge))).toMatchObject({
      name: "DivergenceError",
      message: expect.stringMatching(/^training diverged: a weight is not finite/) as string,
    });
    expect(nn.save()).toEqual(before);
  });

  it("a loss function has no targets to fit targetScaling on", () => {
    const nn = new NN({ ...BUSY, ...options, inputScaling: "standard", targetScaling: "standard" });
    expect(caught(() => nn.partialFit(X, () => 0)).message).toBe(
      'targetScaling is "standard", which is fitted on targets, but a loss function has none; call fit with targets first, or give targetScaling: { shift, scale }',
    );
    nn.fit(X, Y, { epochs: 1 });
    expect(nn.partialFit(X, halfSquares(Y))).toBeGreaterThan(0);
    const inputsOnly = new NN({ ...BUSY, ...options, inputScaling: "standard" });
    const fitted = new NN({ ...BUSY, ...options, inputScaling: "standard" });
    inputsOnly.partialFit(X, () => 0);
    fitted.partialFit(X, Y);
    expect(inputsOnly.toJSON().scalers).toEqual(fitted.toJSON().scalers);
  });

  it("a clone is the same network and goes on by itself", () => {
    const nn = new NN({ ...BUSY, ...options, learningRate: (epoch) => 0.1 / (epoch + 1) });
    nn.metadata = { from: ["here"] };
    nn.fit(X, Y, { epochs: 2 });
    const before = nn.save();
    const clone = nn.clone();
    expect(clone.save()).toEqual(before);
    clone.fit(X, Y, { epochs: 2 });
    expect(nn.save()).toEqual(before);
    nn.fit(X, Y, { epochs: 2 });
    expect(nn.save()).toEqual(clone.save());
    (clone.metadata as { from: string[] }).from.push("there");
    expect(nn.metadata).toEqual({ from: ["here"] });
  });

  it("blend moves the weights, and nothing else, towards another network's", () => {
    const [nn, other] = [new NN({ ...BUSY, ...options }), new NN({ ...BUSY, ...options, seed: 9 })];
    const [own, others] = [weightsOf(nn), weightsOf(other)];
    nn.blend(other, 0);
    expect(weightsOf(nn)).toEqual(own);
    nn.blend(other, 0.25);
    expectClose(
      weightsOf(nn),
      own.map((weight, i) => 0.75 * weight + 0.25 * others[i]),
      1e-6,
    );
    nn.blend(other, 1);
    expect(weightsOf(nn)).toEqual(others);
    expect(weightsOf(other)).toEqual(others);
    expect(caught(() => nn.blend(other, 1.5)).message).toBe("tau is 1.5; it must be a number from 0 to 1");
    expect(caught(() => nn.blend({} as never, 1)).message).toBe("other is an object; it must be an NN");
    expect(caught(() => nn.blend(new NN({ layers: [3, 6, 2] }), 1)).message).toBe(
      "other has layers 3 × 6, 6 × 2; this network has 3 × 7, 7 × 2",
    );
  });
});

it("classes as targets take output weights, too", () => {
  const make = (): NN => new NN({ layers: [3, 4, 2], loss: "categoricalCrossentropy", seed: 1 });
  const classes = [0, 1, 1, 0, 1, 0, 0, 1, 1, 1];
  const outputWeight = table(10, 2, 4).map((row) => row.map(Math.abs));
  expect(make().partialFit(X, classes, { outputWeight })).toBe(make().partialFit(X, oneHot(classes, 2), { outputWeight }));
  expect(caught(() => make().partialFit(X, classes, { outputWeight: [[1, 1]] })).message).toBe(
    "x has 10 rows but outputWeight has 1",
  );
  expect(caught(() => make().partialFit(X, classes, { outputWeight: Y.map(() => [1, -1]) })).message).toBe(
    "outputWeight[0][1] is -1; a weight is 0 or more",
  );
});
