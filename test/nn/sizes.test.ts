// Networks and sets of extreme sizes: memory that grows, rows beyond a tile, any tiling, layers of one unit and of hundreds.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NN, type NetworkOptions } from "../../src/index.js";
import { BACKENDS, CASES, X, Y, caught, expectClose, naiveOutputs, oneHot, labels, table, weightsOf } from "./support.js";

describe.each(CASES)("$name", ({ options, dtype }) => {
  test("growing memory for a large set leaves weights, predictions and later training unchanged", () => {
    const rows = 40_000; // 16 inputs: 2.5 MB in float32, 5 MB in float64
    const settings: NetworkOptions = {
      layers: [16, 4, 2],
      optimizer: "sgd",
      epochs: 1,
      shuffle: false,
      batchSize: 4,
      seed: 2,
      ...options,
    };
    const [nn, twin] = [(epoch: number): number => (epoch === 1 ? 0 : 0.1), 0.1].map(
      (learningRate) => new NN({ ...settings, learningRate }),
    );
    const x = table(10, 16, 3);
    for (const each of [nn, twin]) each.fit(x, Y);
    const before = { weights: weightsOf(nn), outputs: nn.predict(x) };
    const big = new Float32Array(rows * 16).map((_, i) => Math.sin(i));
    const targets = new Float32Array(rows * 2).fill(0.5);
    const { loss } = nn.fit(big, targets, { batchSize: 1000, shuffle: true });
    expect(loss[0]).toBeCloseTo(nn.evaluate(big, targets).loss, dtype === "float64" ? 10 : 6);
    expect({ weights: weightsOf(nn), outputs: nn.predict(x) }).toEqual(before);
    expect(nn.predict(big.subarray(0, 160))).toEqual(nn.predict(big).subarray(0, 20));
    expect(nn.fit(x, Y).loss).toEqual(twin.fit(x, Y).loss);
    expect(weightsOf(nn)).toEqual(weightsOf(twin));
  });

  test.each([256, 257, 600, 1000])("a batch of %i rows gives the result of the plain engine in float64", (batchSize) => {
    const x = table(1000, 3, 4);
    const y = table(1000, 2, 5);
    const sampleWeight = x.map(([a]) => 1 + a);
    const settings: NetworkOptions = {
      layers: [3, { units: 9, activation: "swish", dropout: 0.3 }, { units: 2, activation: "tanh" }],
      loss: "huber",
      optimizer: "rmsprop",
      batchSize,
      clipNorm: 0.2,
      l2: 0.01,
      epochs: 3,
      seed: 2,
    };
    const [nn, plain] = [new NN({ ...settings, ...options }), new NN({ ...settings, backend: "js", dtype: "float64" })];
    const tolerance = dtype === "float64" ? 1e-11 : 1e-4;
    expectClose(nn.fit(x, y, { sampleWeight }).loss, plain.fit(x, y, { sampleWeight }).loss, tolerance);
    expectClose(weightsOf(nn), weightsOf(plain), tolerance);
    expectClose([nn.evaluate(x, y).loss], [plain.evaluate(x, y).loss], tolerance);
  });

  test("predictions have the same bits in any tiling", () => {
    const nn = new NN({
      layers: [13, { units: 17, activation: "gelu" }, { units: 5, activation: "softplus" }, 3],
      loss: "categoricalCrossentropy",
      seed: 2,
      ...options,
    });
    const rows = 2000;
    const flat = Float32Array.from(table(rows, 13, 6).flat());
    const together = nn.predict(flat);
    const isSame = (first: number, count: number): boolean => {
      const part = nn.predict(flat.subarray(first * 13, (first + count) * 13));
      return part.length === count * 3 && part.every((value: number, i: number) => Object.is(value, together[first * 3 + i]));
    };
    expect([...Array(rows).keys()].filter((row) => !isSame(row, 1))).toEqual([]);
    const cut = fc.record({ first: fc.nat(rows - 1), count: fc.integer({ min: 1, max: rows }) });
    fc.assert(
      fc.property(cut, ({ first, count }) => isSame(first, Math.min(count, rows - first))),
      { numRuns: 30, seed: 1 },
    );
    expect(new Set(together).size).toBeGreaterThan(rows);
  });

  const extremes: [string, NetworkOptions["layers"]][] = [
    ["1-1", [1, 1]],
    ["1-1-1-1-1-1", [1, 1, 1, 1, 1, 1]],
    ["1000-1", [1000, 1]],
    ["2-300-40-1", [2, 300, 40, 1]],
    ["3-1-257-2", [3, 1, 257, 2]],
    ["20 layers", [3, ...Array<number>(19).fill(4), 2]],
  ];
  test.each(extremes)("%s predicts and learns", (_name, layers) => {
    const settings: NetworkOptions = {
      layers,
      activation: "tanh",
      loss: "meanSquaredError",
      optimizer: { name: "sgd", momentum: 0.9 },
      learningRate: 0.5 / Math.max(10, ...(layers as number[])),
      epochs: 10,
      batchSize: 4,
      initializer: "glorotNormal",
      seed: 2,
    };
    const inputs = layers[0] as number;
    const outputs = layers.at(-1) as number;
    const x = table(10, inputs, 4);
    const y = table(10, outputs, 5);
    const [nn, plain] = [new NN({ ...settings, ...options }), new NN({ ...settings, backend: "js", dtype: "float64" })];
    const tolerance = dtype === "float64" ? 1e-10 : 1e-3;
    expectClose(
      nn.predict(x).flat(),
      x.flatMap((row) => naiveOutputs(nn, row)),
      dtype === "float64" ? 1e-12 : 1e-5,
    );
    const { loss } = nn.fit(x, y);
    expectClose(loss, plain.fit(x, y).loss, tolerance);
    expectClose(weightsOf(nn), weightsOf(plain), tolerance);
    expectClose(nn.predict(x).flat(), plain.predict(x).flat(), tolerance);
    expect(loss.at(-1)).toBeLessThan(loss[0]);
  });

  test("trains on a set of one row", () => {
    const nn = new NN({ layers: [3, 4, 2], seed: 2, epochs: 1, ...options });
    const before = nn.evaluate([X[0]], [Y[0]]).loss;
    expect(nn.fit([X[0]], [Y[0]]).loss).toEqual([before]);
    expect(nn.evaluate([X[0]], [Y[0]]).loss).toBeLessThan(before);
  });
});

describe.each(BACKENDS)("$name", ({ options }) => {
  test("refuses a network that no memory can hold, with a message about memory", () => {
    const error = caught(() => new NN({ layers: [1e6, 1e6], ...options }));
    expect(error).toBeInstanceOf(RangeError);
    expect(error.message).toContain("memory");
  });

  test("permuting classes permutes outputs, before and after training", () => {
    const classes = fc.integer({ min: 2, max: 9 });
    const permutation = classes.chain((n) => fc.shuffledSubarray([...Array(n).keys()], { minLength: n }));
    fc.assert(
      fc.property(permutation, fc.nat(1000), (order, seed) => {
        const n = order.length;
        const settings: NetworkOptions = {
          layers: [4, 6, n],
          loss: "categoricalCrossentropy",
          batchSize: 5,
          epochs: 3,
          learningRate: 0.05,
          seed,
          dtype: "float64",
          ...options,
        };
        const [nn, permuted] = [new NN(settings), new NN(settings)];
        const [hidden, last] = nn.getWeights();
        // Unit j of the one is unit order[j] of the other.
        const kernel = last.kernel.slice();
        for (let i = 0; i < 6; i++) order.forEach((to, j) => (kernel[i * n + to] = last.kernel[i * n + j]));
        permuted.setWeights([hidden, { kernel, bias: last.bias! }]);
        const x = table(12, 4, seed + 1);
        const y = labels(12, n, seed + 2);
        const moved = (rows: number[][]): number[][] => rows.map((row) => order.map((to) => row[to]));
        expectClose(moved(permuted.predict(x)).flat(), nn.predict(x).flat(), 1e-13);
        const { loss, accuracy } = nn.fit(x, y);
        const other = permuted.fit(
          x,
          oneHot(
            y.map((c) => order[c]),
            n,
          ),
        );
        expectClose(other.loss, loss, 1e-12);
        expectClose(other.accuracy!, accuracy!, 1e-12);
        expectClose(moved(permuted.predict(x)).flat(), nn.predict(x).flat(), 1e-11);
      }),
      { numRuns: 25, seed: 1 },
    );
  });
});
