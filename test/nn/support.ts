// Shared by the suites of the class NN: every engine in both precisions, seeded data, a network in which everything that
// has a state is on, and a second, naive way to compute outputs and losses.
import { expect } from "vitest";
import { NN, type Loss, type NetworkOptions } from "../../src/index.js";
import { uniform, xoshiro128 } from "../../src/model/random.js";
import { BACKENDS } from "../backends.js";
import { expectClose, flat } from "../support.js";

export { BACKENDS, expectClose, flat };
export const DTYPES = ["float32", "float64"] as const;

/** Every engine and build in both precisions. */
export const CASES = BACKENDS.flatMap(({ name, options }) =>
  DTYPES.map((dtype) => ({ name: `${name} ${dtype}`, dtype, options: { ...options, dtype } })),
);

/** `length` numbers in −1 … 1 that float32 holds exactly. */
export function numbers(length: number, seed = 1): number[] {
  const random = xoshiro128(seed);
  return Array.from({ length }, () => Math.fround(2 * uniform(random) - 1));
}

export function table(rows: number, columns: number, seed = 1): number[][] {
  const all = numbers(rows * columns, seed);
  return Array.from({ length: rows }, (_, r) => all.slice(r * columns, (r + 1) * columns));
}

/** One class index per row. */
export const labels = (rows: number, classes: number, seed = 1): number[] =>
  numbers(rows, seed).map((value) => Math.floor(((value + 1) / 2) * classes));

export const oneHot = (list: readonly number[], classes: number): number[][] =>
  list.map((label) => Array.from({ length: classes }, (_, c) => Number(c === label)));

/** Shuffling, dropout, momenta and step counts: whatever training remembers, this network has. 3 inputs, 2 outputs. */
export const BUSY = {
  layers: [3, { units: 7, activation: "tanh", dropout: 0.3 }, 2],
  loss: "meanSquaredError",
  optimizer: "adam",
  learningRate: 0.01,
  epochs: 1,
  batchSize: 4,
  shuffle: true,
  seed: 5,
} as const satisfies NetworkOptions;
export const X = table(10, 3, 1);
/** Targets from 0 to 1, which every last layer of these suites can output. */
export const Y = table(10, 2, 2).map((row) => row.map(Math.abs));

/** One linear unit per column, no biases, weights 0, plain gradient descent: training can be computed by hand. */
export const bare = (inputs: number, outputs = 1, options: Partial<NetworkOptions> = {}): NN =>
  new NN({
    layers: [inputs, { units: outputs, activation: "linear", bias: false, initializer: "zeros" }],
    optimizer: "sgd",
    learningRate: 1,
    reduction: "sum",
    batchSize: Infinity,
    shuffle: false,
    ...options,
  });

export const weightsOf = (nn: NN): number[] => flat(nn.getWeights());

/** The error that a call throws. */
export function caught(call: () => unknown): Error {
  try {
    call();
  } catch (error) {
    return error as Error;
  }
  return expect.unreachable("nothing was thrown");
}

const FUNCTIONS: Record<string, (z: number) => number> = {
  linear: (z) => z,
  sigmoid: (z) => 1 / (1 + Math.exp(-z)),
  tanh: Math.tanh,
  relu: (z) => Math.max(z, 0),
  leakyRelu: (z) => (z > 0 ? z : 0.01 * z),
  elu: (z) => (z > 0 ? z : Math.exp(z) - 1),
  softplus: (z) => Math.log(1 + Math.exp(z)),
  swish: (z) => z / (1 + Math.exp(-z)),
  gelu: (z) => 0.5 * z * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (z + 0.044715 * z ** 3))),
};

/** A row's outputs by the definition of a dense layer, from the network's layers and weights. */
export function naiveOutputs(nn: NN, row: readonly number[]): number[] {
  const weights = nn.getWeights();
  return nn.layers.reduce((values: readonly number[], { inputs, units, activation }, l) => {
    const { kernel, bias } = weights[l];
    const sums = Array.from({ length: units }, (_, j) => {
      let sum = bias ? bias[j] : 0;
      for (let i = 0; i < inputs; i++) sum += values[i] * kernel[i * units + j];
      return sum;
    });
    if (activation !== "softmax") return sums.map(FUNCTIONS[activation]);
    const total = sums.reduce((sum, z) => sum + Math.exp(z), 0);
    return sums.map((z) => Math.exp(z) / total);
  }, row) as number[];
}

const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const sum = (values: number[]): number => values.reduce((a, b) => a + b, 0);

/** A row's loss as the interface defines it: p predictions, t targets. */
export const LOSS_OF_ROW: Record<Loss, (p: number[], t: number[]) => number> = {
  halfSquaredError: (p, t) => sum(p.map((v, j) => (t[j] - v) ** 2)) / 2,
  squaredError: (p, t) => sum(p.map((v, j) => (v - t[j]) ** 2)),
  meanSquaredError: (p, t) => mean(p.map((v, j) => (v - t[j]) ** 2)),
  meanAbsoluteError: (p, t) => mean(p.map((v, j) => Math.abs(v - t[j]))),
  huber: (p, t) => mean(p.map((v, j) => (Math.abs(v - t[j]) <= 1 ? (v - t[j]) ** 2 / 2 : Math.abs(v - t[j]) - 0.5))),
  binaryCrossentropy: (p, t) => mean(p.map((v, j) => -t[j] * Math.log(v) - (1 - t[j]) * Math.log(1 - v))),
  categoricalCrossentropy: (p, t) => -sum(p.map((v, j) => t[j] * Math.log(v))),
};

/** Mean over rows of the loss, from predictions. */
export const naiveLoss = (loss: Loss, predictions: number[][], targets: number[][]): number =>
  mean(predictions.map((p, r) => LOSS_OF_ROW[loss](p, targets[r])));
