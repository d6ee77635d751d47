// Runs that blow up: a DivergenceError with the epochs that went well, and a network at the end of the last of them.
import { describe, expect, test } from "vitest";
import { DivergenceError, NN, type FitOptions, type LearningRate, type NetworkOptions } from "../../src/index.js";
import { BACKENDS, BUSY, CASES, DTYPES, X, Y, bare, caught, expectClose, weightsOf } from "./support.js";

function diverge(nn: NN, options?: FitOptions, x = X, y = Y): DivergenceError {
  const error = caught(() => nn.fit(x, y, options));
  expect(error).toBeInstanceOf(DivergenceError);
  return error as DivergenceError;
}

const one = [[1]];

/** w moves away from 1 by a factor of −3 in each epoch, until numbers end. */
const slow = (learningRate: LearningRate, options: Partial<NetworkOptions>): NN =>
  bare(1, 1, { loss: "squaredError", learningRate, ...options });

describe.each(CASES)("$name", ({ options, dtype }) => {
  test.each<[string, FitOptions]>([
    ["a callback", { onBatchEnd: () => false }],
    ["timeLimit", { timeLimit: Number.MIN_VALUE }],
  ])("weights that overflow in the batch after which %s ends the run are rolled back", (_name, fit) => {
    const nn = bare(1, 1, {
      learningRate: (epoch) => (epoch === 0 ? 0.1 : dtype === "float32" ? 1e37 : 1e307),
      batchSize: 1,
      ...options,
    });
    nn.fit(one, one, { epochs: 1 });
    const before = weightsOf(nn);
    const error = diverge(nn, { epochs: 1, ...fit }, [[1], [1]], [[1000], [1]]);
    expect(error.message).toContain("a weight is not finite in epoch 1; the weights are those from before it");
    expect([error.history.epochs, weightsOf(nn)]).toEqual([0, before]);
    expect(nn.fit(one, one, { epochs: 0 }).epochs).toBe(0);
  });

  test.each(["sgd", "adam"] as const)("throws at an absurd learning rate and keeps the weights finite, with %s", (optimizer) => {
    const settings: NetworkOptions = {
      layers: [3, { units: 5, activation: "linear" }, { units: 2, activation: "linear" }],
      optimizer,
      learningRate: dtype === "float32" ? 1e30 : 1e250,
      seed: 3,
      ...options,
    };
    const [nn, twin] = [new NN(settings), new NN(settings)];
    const error = diverge(nn, { epochs: 99 });
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe("DivergenceError");
    expect(error.message).toMatch(/learningRate \(now 1e\+\d+\).*[sS]caling/);
    expect(error.history.epochs).toBeLessThan(5);
    expect(weightsOf(nn).every(Number.isFinite)).toBe(true);
    expect(twin.fit(X, Y, { epochs: error.history.epochs }).loss).toEqual(error.history.loss);
    expect(weightsOf(nn)).toEqual(weightsOf(twin));
  });

  const watchers: [string, FitOptions][] = [
    ["nobody watching", {}],
    ["onEpochEnd", { onEpochEnd: () => {} }],
    ["onBatchEnd", { onBatchEnd: () => {} }],
    ["validation", { validationData: [one, one] }],
    ["early stopping", { earlyStopping: { monitor: "loss", patience: 1e6 } }],
  ];
  test.each(watchers)(
    "history has every finite epoch, and the network is in the state after the last of them, with %s",
    (_name, watch) => {
      const nn = slow(2, options);
      const { history, message } = diverge(nn, { epochs: 10_000, ...watch }, one, one);
      expect(history.epochs).toBeGreaterThan(20);
      expect(history.loss).toHaveLength(history.epochs);
      expect(history.loss.every(Number.isFinite)).toBe(true);
      expect(history.samplesPerSecond).toBeGreaterThan(0);
      expect(message).toContain(`the weights are those of epoch ${history.epochs};`);
      const twin = slow(2, options);
      const { loss } = twin.fit(one, one, { epochs: history.epochs });
      expect(history.loss).toEqual(loss);
      expect(weightsOf(nn)).toEqual(weightsOf(twin));
      expect(nn.evaluate(one, one).loss).toBeLessThan(Infinity);
    },
  );

  test.each(watchers)("repeated divergence returns to the same state, with %s", (_name, watch) => {
    const nn = slow(2, options);
    diverge(nn, { epochs: 10_000, ...watch }, one, one);
    const before = weightsOf(nn);
    for (let i = 0; i < 3; i++) {
      const { history, message } = diverge(nn, { epochs: 10_000, ...watch }, one, one);
      expect([history.epochs, history.loss, weightsOf(nn)]).toEqual([0, [], before]);
      expect(message).toContain("the weights are those from before it;");
    }
  });

  test("the network can be used, and trained further at another rate, as if nothing had happened", () => {
    let rate = 2;
    const [nn, twin] = [slow(() => rate, options), slow(() => rate, options)];
    const { history } = diverge(nn, { epochs: 10_000 }, one, one);
    twin.fit(one, one, { epochs: history.epochs });
    expect(nn.predict([1])).toEqual(twin.predict([1]));
    expect(nn.predict([1]).every(Number.isFinite)).toBe(true);
    expect(nn.evaluate(one, one).loss).toBeLessThan(Infinity);
    rate = 0.25;
    const { loss } = nn.fit(one, one, { epochs: 1500 });
    expect(loss).toEqual(twin.fit(one, one, { epochs: 1500 }).loss);
    expect(loss.at(-1)).toBeLessThan(1e-6);
  });

  test("the optimiser's state and the epoch number are restored too", () => {
    let rate = 0.01;
    const settings: NetworkOptions = { ...BUSY, optimizer: { name: "sgd", momentum: 0.9 }, ...options, learningRate: () => rate };
    const [nn, twin] = [new NN(settings), new NN(settings)];
    for (const each of [nn, twin]) each.fit(X, Y, { epochs: 3 });
    // Of a later batch, so that no epoch is completed.
    rate = dtype === "float32" ? 1e38 : 1e308;
    expect(diverge(nn, { epochs: 50 }).history.epochs).toBe(0);
    rate = 0.01;
    expect(weightsOf(nn)).toEqual(weightsOf(twin));
    expect(nn.fit(X, Y, { epochs: 3 }).loss).toEqual(twin.fit(X, Y, { epochs: 3 }).loss);
    expect(weightsOf(nn)).toEqual(weightsOf(twin));
  });

  test("a weight that overflows while the loss is finite counts as divergence", () => {
    const huge = [[dtype === "float32" ? 1e15 : 1e150]];
    const nn = bare(1, 1, { loss: "huber", learningRate: dtype === "float32" ? 1e38 : 1e308, ...options });
    const error = diverge(nn, { epochs: 3 }, huge, huge);
    expect(error.history.epochs).toBe(0);
    expect(weightsOf(nn)).toEqual([0]);
  });

  test("partialFit throws when the loss is not finite", () => {
    const nn = bare(1, 1, { loss: "squaredError", learningRate: 0.1, ...options });
    const huge = [[dtype === "float32" ? 1e30 : 1e200]];
    nn.partialFit(one, one);
    nn.setWeights([{ kernel: huge }]);
    expect(caught(() => nn.partialFit(huge, one))).toBeInstanceOf(DivergenceError);
    expect(weightsOf(nn)[0]).toBe(dtype === "float32" ? Math.fround(1e30) : 1e200);
    nn.setWeights([{ kernel: [0] }]);
    expect(nn.partialFit(one, one)).toBe(1);
    expectClose(weightsOf(nn), [0.2], 1e-7);
  });

  test("partialFit throws when a weight is not finite", () => {
    const nn = bare(1, 1, { loss: "huber", learningRate: dtype === "float32" ? 1e38 : 1e308, ...options });
    const huge = [[dtype === "float32" ? 1e15 : 1e150]];
    expect(caught(() => nn.partialFit(huge, huge))).toBeInstanceOf(DivergenceError);
    expect(weightsOf(nn)).toEqual([0]);
  });
});

describe("all engines diverge in the same epoch", () => {
  test.each([
    ["sgd", 5],
    ["adam", 1e100],
  ] as const)("in a few epochs, with %s at %d", (optimizer, learningRate) => {
    const runs = BACKENDS.map(({ options }) => {
      const nn = new NN({
        layers: [3, { units: 4, activation: "linear" }, { units: 2, activation: "linear" }],
        loss: "squaredError",
        optimizer,
        learningRate,
        seed: 3,
        ...options,
        dtype: "float64",
      });
      const { history, message } = diverge(nn, { epochs: 10_000 });
      return { epochs: history.epochs, message: message.replace(/NaN|Infinity/, "?"), first: history.loss.slice(0, 3) };
    });
    for (const { epochs, message, first } of runs) {
      expect([epochs, message]).toEqual([runs[0].epochs, runs[0].message]);
      expectClose(
        first.map((value, i) => value / runs[0].first[i]),
        first.map(() => 1),
        1e-9,
      );
    }
  });

  test.each(DTYPES)("step by step, in %s", (dtype) => {
    const epochs = BACKENDS.map(
      ({ options }) => diverge(slow(2, { ...options, dtype }), { epochs: 10_000 }, one, one).history.epochs,
    );
    expect(epochs).toEqual(epochs.map(() => epochs[0]));
    expect(epochs[0]).toBeGreaterThan(20);
  });
});
