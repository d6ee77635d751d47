// The named workloads: what each computes, on which rows, and how many floating-point operations a row takes.
import { blobs, mnist, tenRows } from "./data.mjs";

/**
 * @typedef {import("./data.mjs").Data} Data
 * @typedef {import("./data.mjs").Dtype} Dtype
 * @typedef {typeof import("../src/index.js").NN} NNClass
 * @typedef {import("../src/index.js").NN} NN
 */

/**
 * @typedef {object} Workload
 * @property {string} about one line for people
 * @property {number[]} sizes inputs, then the units of each layer
 * @property {boolean} trains whether a turn is an epoch of training; else it is a prediction
 * @property {number} batch rows an optimiser step or a call
 * @property {number} rows rows a turn
 * @property {(dtype: Dtype) => Data} data
 * @property {(Class: NNClass, options: object) => NN} create `options`: dtype, seed, backend, reproducible
 */

/**
 * Sigmoid hidden layers and softmax cross-entropy, plain sgd. No relu: where a sum is almost 0, a rounding decides its slope,
 * and engines that are both right drift apart.
 * @type {(layers: number[], batchSize: number) => (Class: NNClass, options: object) => NN}
 */
const classifier = (layers, batchSize) => (Class, options) => new Class({
  layers, loss: "categoricalCrossentropy", optimizer: { name: "sgd", learningRate: 0.1 }, batchSize, ...options,
});

/** @type {Record<string, Workload>} */
export const WORKLOADS = {
  "textbook": {
    about: "train 5-10-1, sigmoid, half squared error, all 10 rows a step",
    sizes: [5, 10, 1], trains: true, batch: 10, rows: 10,
    data: tenRows,
    create: (Class, options) => new Class(5, 10, 1, 0.1, 1000, options),
  },
  "digits": {
    about: "train 64-32-10, sigmoid + softmax cross-entropy, batch 16",
    sizes: [64, 32, 10], trains: true, batch: 16, rows: 1797,
    data: (dtype) => blobs(dtype, 1797, 64),
    create: classifier([64, 32, 10], 16),
  },
  "mnist": {
    about: "train 784-128-10, sigmoid + softmax cross-entropy, batch 32",
    sizes: [784, 128, 10], trains: true, batch: 32, rows: 1024,
    data: (dtype) => mnist(dtype, 1024, "train"),
    create: classifier([784, 128, 10], 32),
  },
  "wide": {
    about: "train 784-512-512-10, sigmoid + softmax cross-entropy, batch 128",
    sizes: [784, 512, 512, 10], trains: true, batch: 128, rows: 512,
    data: (dtype) => mnist(dtype, 512, "train"),
    create: classifier([784, 512, 512, 10], 128),
  },
  "predict-one": {
    about: "predict 784-128-10, one row a call",
    sizes: [784, 128, 10], trains: false, batch: 1, rows: 64,
    data: (dtype) => mnist(dtype, 64, "t10k"),
    create: classifier([784, 128, 10], 32),
  },
  "predict-many": {
    about: "predict 784-128-10, 10,000 rows a call",
    sizes: [784, 128, 10], trains: false, batch: 10_000, rows: 10_000,
    data: (dtype) => mnist(dtype, 10_000, "t10k"),
    create: classifier([784, 128, 10], 32),
  },
};

/**
 * Floating-point operations a row, a multiply-add counting as two, of the dense layers' products alone: for each layer of
 * m inputs and n units 2·m·n forward; in training 2·m·n more for the kernel's gradient and, except for the first layer,
 * which has nobody to pass it to, 2·m·n for the input's gradient.
 * @param {Workload} workload
 */
export function flopPerRow({ sizes, trains }) {
  let multiplyAdds = 0;
  for (let l = 1; l < sizes.length; l++) multiplyAdds += sizes[l - 1] * sizes[l] * (!trains ? 1 : l === 1 ? 2 : 3);
  return 2 * multiplyAdds;
}

/**
 * A function that does `turns` turns of a workload. It starts from the same weights every time, so every slice is the same
 * work; putting them back is not part of what is timed.
 * @param {Workload} workload @param {NN} nn @param {Data} data
 * @returns {{ reset(): void, run(turns: number): void }}
 */
export function runner(workload, nn, { x, y }) {
  if (workload.trains) {
    const start = nn.getWeights();
    return { reset: () => nn.setWeights(start), run: (turns) => void nn.fit(x, y, { epochs: turns }) };
  }
  const inputs = workload.sizes[0] * workload.batch;
  const calls = Array.from({ length: x.length / inputs }, (_, i) => x.subarray(i * inputs, (i + 1) * inputs));
  return {
    reset() {},
    run(turns) {
      for (; turns > 0; turns--) for (const rows of calls) nn.predict(rows);
    },
  };
}
