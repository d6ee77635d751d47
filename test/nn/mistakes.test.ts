// Calls that must fail: each with its message, and each without a trace. The network is, to the last bit of its optimiser, one
// that never saw the call.
import { describe, expect, test } from "vitest";
import { NN, type FitOptions, type Matrix, type Weights } from "../../src/index.js";
import { BACKENDS, DTYPES, caught, labels, numbers, table, weightsOf } from "./support.js";

const x = table(10, 5, 1);
const y = labels(10, 10, 2);
const many = table(1000, 5, 3);
const manyLabels = labels(1000, 10, 4);
const replaced = <T>(list: readonly T[], at: number, value: unknown): T[] => list.with(at, value as T);

/** Each way to pass x and y. */
const METHODS: Record<string, (nn: NN, x: Matrix, y: Matrix) => unknown> = {
  fit: (nn, x, y) => nn.fit(x, y),
  partialFit: (nn, x, y) => nn.partialFit(x, y),
  backprop: (nn, x, y) => nn.backprop(x, y),
  evaluate: (nn, x, y) => nn.evaluate(x, y),
  gradients: (nn, x, y) => nn.gradients(x, y),
};
const INPUT_METHODS: Record<string, (nn: NN, x: Matrix) => unknown> = {
  predict: (nn, x) => nn.predict(x),
  forward: (nn, x) => nn.forward(x),
  predictClasses: (nn, x) => nn.predictClasses(x),
};

const badInputs: [Matrix, Error][] = [
  [replaced(x, 3, [1, 2, 3, 4]), new RangeError("x[3] has 4 values; this network takes 5 inputs")],
  [replaced(x, 3, [1, 2, NaN, 4, 5]), new RangeError("x[3][2] is NaN")],
  [replaced(many, 999, [1, 2, 3, 4, -Infinity]), new RangeError("x[999][4] is -Infinity")],
  [replaced(x, 9, [1, "2", 3, 4, 5]), new TypeError('x[9][1] is "2"; it must be a number')],
  [replaced(x, 2, null), new TypeError("x[2] is null; it must be a row of 5 numbers")],
  [Float32Array.from([...numbers(47), NaN, 1, 1]), new RangeError("x[47] is NaN")],
  [Float64Array.from([...numbers(49), Infinity]), new RangeError("x[49] is Infinity")],
  [new Float32Array(12), new RangeError("x has 12 values; this network takes 5 inputs a row")],
  [[1, 2, 3, 4], new RangeError("x has 4 values; this network takes 5 inputs")],
  [[], new RangeError("x has no rows")],
  [undefined as never, new TypeError("x is undefined; it must be an array of rows, a row of numbers, or a flat typed array")],
];
const badTargets: [Matrix, Matrix, Error][] = [
  [x, y.slice(1), new RangeError("x has 10 rows but y has 9")],
  [x, replaced(y, 7, 12), new RangeError("y[7] is 12; this network has 10 classes")],
  [x, replaced(y, 7, -1), new RangeError("y[7] is -1; this network has 10 classes")],
  [x, replaced(y, 7, 1.5), new RangeError("y[7] is 1.5; a class is an integer")],
  [many, replaced(manyLabels, 999, 10), new RangeError("y[999] is 10; this network has 10 classes")],
  [x, table(10, 9, 1), new RangeError("y[0] has 9 values; this network has 10 outputs")],
  [
    x,
    table(10, 10, 1).map((row) => row.map(() => -1)),
    new RangeError("y[0][0] is -1; categoricalCrossentropy takes targets of 0 or more"),
  ],
  [x, "labels" as never, new TypeError('y is "labels"; it must be an array of rows, a row of numbers, or a flat typed array')],
];
const badOptions: [FitOptions, Error][] = [
  [{ batchsize: 1 } as FitOptions, new TypeError('unknown option "batchsize"; did you mean "batchSize"?')],
  [{ epochs: -1 }, new RangeError("epochs is -1; it must be 0 or a positive integer")],
  [{ batchSize: 0 }, new RangeError("batchSize is 0; it must be a positive integer or Infinity")],
  [{ validationSplit: 1 }, new RangeError("validationSplit is 1; it must be a number from 0 to below 1")],
  [
    { validationSplit: 0.1, validationData: [x, y] },
    new RangeError("validationData and validationSplit are both given; give one of them"),
  ],
  [{ validationData: [x, y.slice(1)] }, new RangeError("validationData[0] has 10 rows but validationData[1] has 9")],
  [{ validationData: [replaced(many, 999, [1, 2, 3, 4, NaN]), manyLabels] }, new RangeError("validationData[0][999][4] is NaN")],
  [{ validationData: [x, replaced(y, 7, 12)] }, new RangeError("validationData[1][7] is 12; this network has 10 classes")],
  [{ sampleWeight: [1, 2, 3] }, new RangeError("x has 10 rows but sampleWeight has 3")],
  [{ sampleWeight: replaced(Array(10).fill(1), 4, -1) }, new RangeError("sampleWeight[4] is -1; a weight is 0 or more")],
  [{ classWeight: { 10: 2 } }, new RangeError("classWeight[10] is given; this network has 10 classes")],
  [{ earlyStopping: {} }, new RangeError('earlyStopping.monitor is "valLoss", which needs validationData or validationSplit')],
  [
    { earlyStopping: { monitor: "loss", patience: -1 } },
    new RangeError("earlyStopping.patience is -1; it must be 0 or a positive integer"),
  ],
  [{ onEpochEnd: 3 } as never, new TypeError("onEpochEnd is 3; it must be a function")],
  [{ verbose: 3 } as never, new RangeError("verbose is 3; it must be 0, 1 or 2")],
  [null as never, new TypeError("options is null; it must be an object")],
];
const kernels = (kernel: unknown): Weights[] => [
  { kernel: new Float32Array(30), bias: new Float32Array(6) },
  { kernel, bias: new Float32Array(10) } as Weights,
];
const badWeights: [Weights[], Error][] = [
  [[], new RangeError("weights has 0 layers; this network has 2 layers")],
  [kernels(new Float32Array(59)), new RangeError("weights[1].kernel has 59 values; it must have 60")],
  [kernels(numbers(60).with(7, NaN)), new RangeError("weights[1].kernel[7] is NaN; it must be a finite float32")],
  [kernels(undefined), new TypeError("weights[1].kernel is undefined; it must be an array of numbers")],
  [
    [{ kernel: new Float32Array(30) }, kernels(new Float32Array(60))[1]],
    new TypeError("weights[0].bias is undefined; it must be an array of numbers"),
  ],
  ["weights" as never, new TypeError('weights is "weights"; it must be an array with one entry per layer')],
];

describe.each(BACKENDS)("$name", ({ options }) => {
  const make = (): NN =>
    new NN({
      layers: [5, { units: 6, dropout: 0.2 }, 10],
      loss: "categoricalCrossentropy",
      optimizer: "adam",
      learningRate: 0.02,
      batchSize: 3,
      seed: 4,
      ...options,
    });
  const expectError = (call: () => unknown, expected: Error): void => {
    const error = caught(call);
    expect(error.message).toBe(expected.message);
    expect(error.constructor).toBe(expected.constructor);
  };

  /** Two networks that trained alike, of which one goes through failing calls; then both train on. */
  const expectNoTrace = (fail: (nn: NN) => void): void => {
    const [nn, twin] = [make(), make()];
    for (const each of [nn, twin]) each.fit(x, y, { epochs: 2 });
    const weights = weightsOf(twin);
    const outputs = twin.predict(x);
    fail(nn);
    expect(weightsOf(nn)).toEqual(weights);
    expect(nn.predict(x)).toEqual(outputs);
    expect(nn.save()).toEqual(twin.save());
    expect(nn.partialFit(x, y)).toBe(twin.partialFit(x, y));
    expect(nn.fit(x, y, { epochs: 2 }).loss).toEqual(twin.fit(x, y, { epochs: 2 }).loss);
    expect(weightsOf(nn)).toEqual(weightsOf(twin));
  };

  test.each(Object.keys(METHODS))("%s refuses bad rows and targets", (method) => {
    expectNoTrace((nn) => {
      for (const [bad, error] of badInputs) {
        const rows = bad?.length === 1000 ? manyLabels : y;
        expectError(() => METHODS[method](nn, bad, rows), error);
      }
      for (const [rows, bad, error] of badTargets) expectError(() => METHODS[method](nn, rows, bad), error);
    });
  });

  test.each(Object.keys(INPUT_METHODS))("%s refuses bad rows", (method) => {
    expectNoTrace((nn) => {
      for (const [bad, error] of badInputs) expectError(() => INPUT_METHODS[method](nn, bad), error);
    });
  });

  test("fit refuses bad options", () => {
    expectNoTrace((nn) => {
      for (const [bad, error] of badOptions) expectError(() => nn.fit(x, y, bad), error);
    });
  });

  test("setWeights refuses bad weights", () => {
    expectNoTrace((nn) => {
      for (const [bad, error] of badWeights) expectError(() => nn.setWeights(bad), error);
    });
  });

  test("setWeights refuses rows of unequal lengths whose total is right", () => {
    const nn = new NN({ layers: [2, 3], ...options });
    const before = weightsOf(nn);
    const bias = [0, 0, 0];
    for (const kernel of [
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      [[1], [2, 3, 4, 5, 6]],
      [[1, 2, 3, 4, 5, 6]],
    ]) {
      expect(() => nn.setWeights([{ kernel, bias }]), JSON.stringify(kernel)).toThrow(RangeError);
    }
    const noRow = [[1, 2, 3], { length: 3 }] as unknown as number[][];
    expectError(
      () => nn.setWeights([{ kernel: noRow, bias }]),
      new TypeError("weights[0].kernel[3] is undefined; it must be a number"),
    );
    expect(weightsOf(nn)).toEqual(before);
    nn.setWeights([
      {
        kernel: [
          [1, 2, 3],
          [4, 5, 6],
        ],
        bias,
      },
    ]);
    expect(weightsOf(nn).slice(0, 6)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test("a failing first call leaves a new network unchanged", () => {
    const [nn, fresh] = [make(), make()];
    for (const [bad, error] of badInputs) expectError(() => nn.fit(bad, bad?.length === 1000 ? manyLabels : y), error);
    expect(nn.fit(x, y).loss).toEqual(fresh.fit(x, y).loss);
    expect(weightsOf(nn)).toEqual(weightsOf(fresh));
  });

  test("an invalid last row of a set for which memory grew leaves the network unchanged", () => {
    const rows = 60_000;
    const big = new Float32Array(rows * 5).fill(0.5);
    big[rows * 5 - 1] = NaN;
    expectNoTrace((nn) => expectError(() => nn.fit(big, new Uint8Array(rows)), new RangeError(`x[${rows * 5 - 1}] is NaN`)));
  });

  test.each(DTYPES)("values too large for the precision are named, %s", (dtype) => {
    const nn = new NN({ layers: [5, 1], seed: 4, ...options, dtype });
    const large = replaced(x, 3, [1, 2, 1e39, 4, 5]);
    const call = (): unknown => nn.predict(large);
    if (dtype === "float32") expectError(call, new RangeError("x[3][2] is 1e+39, which is too large for float32"));
    else expect(call).not.toThrow();
  });
});
