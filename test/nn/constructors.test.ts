// Both constructors: the short form is the general form it stands for, and a new network tells the truth about itself.
import { describe, expect, test } from "vitest";
import { NN, type NetworkOptions } from "../../src/index.js";
import { BACKENDS, CASES, DTYPES, X, caught, table, weightsOf } from "./support.js";

const y = table(10, 1, 3).map(([value]) => [(value + 1) / 2]);

describe.each(CASES)("$name", ({ options, dtype }) => {
  test("new NN(3, 4, 1, 0.5, 6) equals its general form bit for bit", () => {
    const short = new NN(3, 4, 1, 0.5, 6, { ...options, seed: 9 });
    const long = new NN({
      layers: [
        3,
        { units: 4, activation: "sigmoid", bias: true, dropout: 0, initializer: "fanInNormal" },
        { units: 1, activation: "sigmoid", bias: true, initializer: "fanInNormal" },
      ],
      loss: "halfSquaredError",
      optimizer: { name: "sgd", learningRate: 0.5, momentum: 0, nesterov: false },
      reduction: "sum",
      epochs: 6,
      batchSize: Infinity,
      shuffle: false,
      l2: 0,
      clipNorm: Infinity,
      inputScaling: "none",
      targetScaling: "none",
      ...options,
      seed: 9,
    });
    expect(weightsOf(short)).toEqual(weightsOf(long));
    expect(short.layers).toEqual(long.layers);
    const { loss, epochs } = short.fit(X, y);
    expect(epochs).toBe(6);
    expect(long.fit(X, y).loss).toEqual(loss);
    expect(weightsOf(short)).toEqual(weightsOf(long));
    expect(short.summary()).toBe(long.summary());
  });

  test("hidden may be a list, and the sixth argument takes any option and overrides the others", () => {
    const short = new NN(3, [5, 4], 2, 0.5, 6, {
      ...options,
      seed: 9,
      loss: "categoricalCrossentropy",
      optimizer: "adam",
      batchSize: 4,
      shuffle: true,
      reduction: "mean",
      activation: "relu",
    });
    const long = new NN({
      layers: [3, 5, 4, 2],
      ...options,
      seed: 9,
      loss: "categoricalCrossentropy",
      optimizer: { name: "adam", learningRate: 0.5 },
      activation: "relu",
      epochs: 6,
      batchSize: 4,
      shuffle: true,
    });
    expect(short.layers.map(({ units, activation }) => [units, activation])).toEqual([
      [5, "relu"],
      [4, "relu"],
      [2, "softmax"],
    ]);
    const classes = [0, 1, 1, 0, 1, 0, 0, 1, 1, 0];
    expect(short.fit(X, classes).loss).toEqual(long.fit(X, classes).loss);
    expect(weightsOf(short)).toEqual(weightsOf(long));
  });

  test("the general form's defaults are adam at 0.001, shuffled batches of 32, and the mean loss", () => {
    const rows = table(70, 3, 4);
    const targets = table(70, 2, 5).map((row) => row.map(Math.abs));
    const given = { layers: [3, 4, 2], seed: 2, ...options };
    const [implicit, explicit] = [
      given,
      {
        ...given,
        loss: "halfSquaredError",
        activation: "sigmoid",
        epochs: 1,
        batchSize: 32,
        shuffle: true,
        reduction: "mean",
        initializer: "fanInNormal",
        optimizer: { name: "adam", learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
      } satisfies NetworkOptions,
    ].map((each) => new NN(each));
    let batches = 0;
    implicit.fit(rows, targets, { epochs: 1, onBatchEnd: () => void batches++ });
    expect(batches).toBe(3);
    explicit.fit(rows, targets);
    expect(weightsOf(implicit)).toEqual(weightsOf(explicit));
    const inOrder = new NN({ ...given, shuffle: false });
    inOrder.fit(rows, targets, { epochs: 1 });
    expect(weightsOf(inOrder)).not.toEqual(weightsOf(implicit));
  });

  test("a new network has normal weights with standard deviation inputs^-1/2 and zero biases, in its precision", () => {
    const [{ kernel, bias }] = new NN(400, 100, 1, 0.1, 1, { ...options, seed: 3 }).getWeights();
    expect(kernel).toBeInstanceOf(dtype === "float32" ? Float32Array : Float64Array);
    expect([...bias!]).toEqual(Array(100).fill(0));
    const values = [...kernel];
    const variance = values.reduce((sum, w) => sum + w * w, 0) / 40_000;
    expect(Math.abs(variance * 400 - 1)).toBeLessThan(0.03); // 4 deviations of a variance of 40,000 samples
    expect(Math.abs(values.reduce((sum, w) => sum + w, 0) / 40_000)).toBeLessThan((4 * 0.05) / 200);
  });
});

describe("a network's properties", () => {
  test.each(BACKENDS)("$name: backend, dtype, layers and parameterCount describe the network", ({ name, options }) => {
    const nn = new NN({ layers: [3, { units: 5, bias: false }, { units: 2, activation: "gelu" }], ...options });
    expect([nn.backend, nn.dtype, nn.parameterCount]).toEqual([name, "float32", 15 + 10 + 2]);
    expect(nn.layers).toEqual([
      { inputs: 3, units: 5, activation: "sigmoid", bias: false, dropout: 0, initializer: "fanInNormal" },
      { inputs: 5, units: 2, activation: "gelu", bias: true, dropout: 0, initializer: "fanInNormal" },
    ]);
    (nn.layers as unknown[]).pop();
    Object.assign(nn.layers[0], { units: 1 });
    expect(nn.layers.map(({ units }) => units)).toEqual([5, 2]);
    for (const words of ["15", "12", "27", "gelu", "no bias", "adam", "0.001", "halfSquaredError", "float32", name]) {
      expect(nn.summary()).toContain(words);
    }
  });

  test("a summary says that the learning rate depends on the epoch", () => {
    expect(new NN(2, 2, 1, () => 0.1, 1).summary()).toContain("learning rate by epoch");
  });

  test("the fastest engine is the default, and reproducible uses the build without fused multiply-add", () => {
    const names = BACKENDS.map(({ name }) => name);
    expect(new NN(2, 2, 1, 0.1, 1).backend).toBe(names.at(-1));
    expect(new NN(2, 2, 1, 0.1, 1, { reproducible: true }).backend).toBe("wasm-simd");
    expect(new NN(2, 2, 1, 0.1, 1, { backend: "js", reproducible: true }).backend).toBe("js");
  });

  test.each(DTYPES)("every initializer gives the same weights in every engine, %s", (dtype) => {
    for (const initializer of ["fanInNormal", "glorotUniform", "heNormal", "uniform"] as const) {
      const all = BACKENDS.map(({ options }) =>
        weightsOf(new NN({ layers: [5, 6, 3], initializer, dtype, seed: 8, ...options })),
      );
      for (const each of all) expect(each).toEqual(all[0]);
      expect(new Set(all[0]).size).toBeGreaterThan(40);
    }
  });
});

describe("mistakes", () => {
  test.each<[() => NN, string]>([
    [
      () => new NN({ layers: [5, 10], lerningRate: 0.1 } as NetworkOptions),
      'unknown option "lerningRate"; did you mean "learningRate"?',
    ],
    [
      () => new NN(5, 10, 1, 0.1, 10, { lerningRate: 0.1 } as object),
      'unknown option "lerningRate"; did you mean "learningRate"?',
    ],
  ])("%s", (make, message) => {
    const error = caught(make);
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toBe(message);
  });
});
