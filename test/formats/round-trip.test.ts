// A loaded network continues as the saved one would: the same bits, in every engine and precision, with every option that has state,
// as a file and as JSON.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DivergenceError, NN, type NetworkOptions } from "../../src/index.js";
import { ACTIVATIONS, INITIALIZERS, LOSSES } from "../../src/model/spec.js";
import { CASES, labels, numbers, table } from "../nn/support.js";
import { FULL, OPTIMIZERS, X, Y, take, weightBytes } from "./support.js";

const WAYS = [
  ["save and load", (nn: NN): NN => NN.load(nn.save())],
  ["JSON", (nn: NN): NN => NN.fromJSON(JSON.parse(JSON.stringify(nn)))],
  ["toJSON and fromJSON", (nn: NN): NN => NN.fromJSON(nn.toJSON())],
] as const;

describe.each(CASES)("$name", ({ options }) => {
  describe.each(WAYS)("%s", (_way, pass) => {
    test.each(OPTIMIZERS)("training continues, $name %#", (optimizer) => {
      const settings = { ...FULL, ...options, optimizer };
      const [through, saved] = [new NN(settings), new NN(settings)];
      through.fit(X, Y, { epochs: 3 });
      saved.fit(X, Y, { epochs: 3 });
      const loaded = pass(saved);
      expect(weightBytes(loaded)).toEqual(weightBytes(through));
      expect(loaded.predict(X)).toEqual(through.predict(X));
      const history = through.fit(X, Y, { epochs: 4 });
      expect(loaded.fit(X, Y, { epochs: 4 })).toMatchObject({ loss: history.loss, epochs: history.epochs });
      expect(weightBytes(loaded)).toEqual(weightBytes(through));
      expect(loaded.partialFit(X, Y)).toBe(through.partialFit(X, Y));
      expect(weightBytes(loaded)).toEqual(weightBytes(through));
      expect(weightBytes(saved)).not.toEqual(weightBytes(through));
    });

    test("all results of the network are the same", () => {
      const nn = new NN({ ...FULL, ...options, optimizer: { name: "rmsprop", rho: 0.8 } });
      nn.fit(X, Y);
      const loaded = pass(nn);
      for (const key of ["seed", "dtype", "layers", "parameterCount", "backend"] as const) expect(loaded[key]).toEqual(nn[key]);
      expect(loaded.summary()).toBe(nn.summary());
      expect(loaded.evaluate(X, Y)).toEqual(nn.evaluate(X, Y));
      expect(loaded.gradients(X, Y)).toEqual(nn.gradients(X, Y));
      expect(loaded.save()).toEqual(nn.save());
      expect(loaded.toJSON()).toEqual(nn.toJSON());
    });

    test("an untrained network keeps its scalers unfitted", () => {
      const nn = new NN({ ...FULL, ...options });
      const loaded = pass(nn);
      expect(weightBytes(loaded)).toEqual(weightBytes(nn));
      nn.fit(X, Y);
      loaded.fit(X, Y);
      expect(weightBytes(loaded)).toEqual(weightBytes(nn));
      expect(loaded.predict(X)).toEqual(nn.predict(X));
    });

    test("the textbook form keeps its full batch and its epochs", () => {
      const nn = new NN(3, [5, 4], 2, 0.1, 6, options);
      nn.fit(X, Y);
      const loaded = pass(nn);
      expect(loaded.fit(X, Y).epochs).toBe(6);
      nn.fit(X, Y);
      expect(weightBytes(loaded)).toEqual(weightBytes(nn));
    });

    test("numbers at the ends of their range are kept", () => {
      const nn = new NN({ layers: [5, { units: 1, bias: false }], ...options });
      const extremes =
        nn.dtype === "float32"
          ? [2 ** -149, -(2 ** -126), (2 - 2 ** -23) * 2 ** 127, Math.fround(0.1), 1 + 2 ** -23]
          : [Number.MIN_VALUE, -(2 ** -1022), Number.MAX_VALUE, 0.1 + 0.2, 1 + Number.EPSILON];
      nn.setWeights([{ kernel: extremes }]);
      expect([...pass(nn).getWeights()[0].kernel]).toEqual(extremes);
    });

    test("a learning-rate function is saved as its current value", () => {
      const rate = (epoch: number): number => 0.02 / (1 + epoch);
      const settings = { ...FULL, ...options, optimizer: "adam" } as const;
      const nn = new NN({ ...settings, learningRate: rate });
      nn.fit(X, Y, { epochs: 3 });
      const loaded = pass(nn);
      expect(loaded.toJSON().options["learningRate"]).toBe(rate(3));
      const expected = new NN({ ...settings, learningRate: (epoch) => rate(Math.min(epoch, 3)) });
      expected.fit(X, Y, { epochs: 6 });
      loaded.fit(X, Y, { epochs: 3 });
      expect(weightBytes(loaded)).toEqual(weightBytes(expected));
    });
  });

  test("a learning-rate function can be passed again", () => {
    const settings = { ...FULL, ...options, learningRate: (epoch: number) => 0.02 / (1 + epoch) };
    const [through, saved] = [new NN(settings), new NN(settings)];
    saved.fit(X, Y, { epochs: 2 });
    const { options: own, ...rest } = NN.load(saved.save()).toJSON();
    const loaded = NN.fromJSON({ ...rest, options: { ...own, learningRate: settings.learningRate } });
    through.fit(X, Y, { epochs: 5 });
    loaded.fit(X, Y, { epochs: 3 });
    expect(weightBytes(loaded)).toEqual(weightBytes(through));
  });

  test("the sign of zero is kept", () => {
    const nn = new NN({ layers: [2, { units: 1, bias: false }], ...options });
    nn.setWeights([{ kernel: [-0, 0] }]);
    expect([...NN.load(nn.save()).getWeights()[0].kernel]).toEqual([-0, 0]);
  });

  test("a checkpoint from onEpochEnd continues as the original training does", () => {
    const settings = { ...FULL, ...options, optimizer: "adamw" } as const;
    const nn = new NN(settings);
    const checkpoints: Uint8Array[] = [];
    const { loss } = nn.fit(X, Y, { epochs: 6, onEpochEnd: () => void checkpoints.push(nn.save()) });
    for (const [done, checkpoint] of [...checkpoints.entries()].slice(0, 5)) {
      const loaded = NN.load(checkpoint);
      expect(loaded.fit(X, Y, { epochs: 5 - done }).loss).toEqual(loss.slice(done + 1));
      expect(weightBytes(loaded)).toEqual(weightBytes(nn));
    }
  });

  test("saving changes nothing, and returns bytes that nothing else uses", () => {
    const nn = new NN({ ...FULL, ...options });
    nn.fit(X, Y);
    const [weights, first, json] = [weightBytes(nn), nn.save(), JSON.stringify(nn)];
    const copy = first.slice();
    expect(nn.save()).toEqual(first);
    first.fill(0);
    expect(nn.save()).toEqual(copy);
    expect(JSON.stringify(nn)).toBe(json);
    expect(weightBytes(nn)).toEqual(weights);
  });

  test("random networks are restored exactly", () => {
    fc.assert(
      fc.property(networks, fc.constantFrom(...WAYS), ({ rows, before, after, settings }, [way, pass]) => {
        const all = { ...settings, ...options };
        // JSON has no −0: it becomes 0.
        const known = (value: number): number => (way === "JSON" ? value + 0 : value);
        const weightsOf = (nn: NN): number[] =>
          nn.getWeights().flatMap(({ kernel, bias = [] }) => [...kernel, ...bias].map(known));
        const outputsOf = (nn: NN): number[][] => nn.predict(x).map((row) => row.map(known));
        const { x, y } = data(all, rows);
        const [through, saved] = [new NN(all), new NN(all)];
        expect(trained(saved, x, y, before)).toEqual(trained(through, x, y, before));
        const loaded = pass(saved);
        expect(weightsOf(loaded)).toEqual(weightsOf(through));
        expect(outputsOf(loaded)).toEqual(outputsOf(through));
        expect(trained(loaded, x, y, after)).toEqual(trained(through, x, y, after));
        expect(weightsOf(loaded)).toEqual(weightsOf(through));
        expect(take(loaded.save()).metadata["wasmlp"]).toBe(take(through.save()).metadata["wasmlp"]);
      }),
      { numRuns: 60 },
    );
  });
});

test("a network can be saved although its schedule has no rate after the last epoch", () => {
  const schedule = [0.1, 0.05];
  const nn = new NN({ ...FULL, learningRate: (epoch) => schedule[epoch] });
  nn.fit(X, Y, { epochs: 2 });
  expect(NN.load(nn.save()).toJSON().options["learningRate"]).toBe(0.05);
});

/** Losses, or that the training diverged, after which a network is at its last good epoch. */
function trained(nn: NN, x: number[][], y: number[][] | number[], epochs: number): number[] | "diverged" {
  try {
    return nn.fit(x, y as number[][], { epochs }).loss;
  } catch (error) {
    if (error instanceof DivergenceError) return "diverged";
    throw error;
  }
}

const unit = fc.integer({ min: 1, max: 9 });
const fraction = fc.constantFrom(0, 0.1, 0.5, 0.9);
const positive = fc.constantFrom(1e-8, 1e-3, 0.3);
const initializer = fc.constantFrom(...INITIALIZERS);
const hidden = fc.record({
  units: unit,
  bias: fc.boolean(),
  dropout: fc.constantFrom(0, 0, 0.3, 0.7),
  initializer,
  activation: fc.constantFrom(...ACTIVATIONS.filter((name) => name !== "softmax")),
});
const optimizer = fc.oneof(
  fc.record({ name: fc.constant("sgd" as const), momentum: fraction }),
  fc.record({ name: fc.constant("sgd" as const), momentum: fc.constant(0.7), nesterov: fc.boolean() }),
  fc.record({ name: fc.constant("rmsprop" as const), rho: fraction, epsilon: positive }),
  fc.record({ name: fc.constant("adam" as const), beta1: fraction, beta2: fraction, epsilon: positive }),
  fc.record({ name: fc.constant("adamw" as const), beta1: fraction, beta2: fraction, epsilon: positive, weightDecay: fraction }),
);
const scaling = fc.constantFrom("none" as const, "standard" as const, "minmax" as const);
const networks = fc.record({
  rows: fc.integer({ min: 1, max: 12 }),
  before: fc.nat(3),
  after: fc.nat(3),
  settings: fc
    .tuple(
      unit,
      fc.array(hidden, { maxLength: 3 }),
      fc.integer({ min: 2, max: 4 }),
      fc.constantFrom(...LOSSES),
      scaling,
      fc.record({
        optimizer,
        inputScaling: scaling,
        reduction: fc.constantFrom("mean", "sum"),
        l2: fraction,
        shuffle: fc.boolean(),
        initializer,
        clipNorm: fc.constantFrom(0.01, 1, Infinity),
        batchSize: fc.constantFrom(1, 3, 32, Infinity),
        learningRate: fc.constantFrom(0, 1e-4, 0.01),
        seed: fc.integer(),
        epochs: fc.nat(9),
      }),
    )
    .map(([inputs, between, outputs, loss, targetScaling, rest]): NetworkOptions => ({
      ...rest,
      layers: [inputs, ...between, outputs],
      loss,
      targetScaling: loss.endsWith("Crossentropy") ? "none" : targetScaling,
    })),
});

function data({ layers, loss }: NetworkOptions, rows: number): { x: number[][]; y: number[][] | number[] } {
  const x = table(rows, layers[0] as number, rows);
  const outputs = layers.at(-1) as number;
  if (loss === "categoricalCrossentropy") return { x, y: labels(rows, outputs, 5) };
  const y = table(rows, outputs, 6).map((row) => row.map(Math.abs));
  return {
    x,
    y: loss === "binaryCrossentropy" ? y.map((row) => numbers(row.length, rows).map((value) => Number(value > 0))) : y,
  };
}
