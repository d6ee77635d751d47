// The named workloads: what each computes, on which rows, and how many floating-point operations a row takes. The points of a sweep
// are workloads too, named by the parameter and its value: `batch=32`.

/**
 * @typedef {import("./data.mjs").Data} Data
 * @typedef {import("./data.mjs").Source} Source
 * @typedef {import("./data.mjs").Dtype} Dtype
 * @typedef {typeof import("../src/index.js").NN} NNClass
 * @typedef {import("../src/index.js").NN} NN
 */

/**
 * @typedef {object} Workload
 * @property {string} about a one-line description
 * @property {number[]} sizes inputs, then the units of each layer
 * @property {boolean} trains whether an iteration is an epoch of training; otherwise it is a prediction of all rows
 * @property {number} batch rows per optimiser step or call
 * @property {number} rows rows per iteration
 * @property {Source} data
 * @property {(Class: NNClass, options: object) => NN} create `options`: dtype, seed, backend, reproducible
 */

/**
 * Sigmoid hidden layers and softmax cross-entropy, plain sgd. No relu: where z is almost 0, rounding decides the derivative, and
 * two correct engines diverge.
 * @type {(layers: number[], batchSize: number, learningRate?: number) => (Class: NNClass, options: object) => NN}
 */
const classifier =
  (layers, batchSize, learningRate = 0.1) =>
  (Class, options) =>
    new Class({
      layers,
      loss: "categoricalCrossentropy",
      optimizer: { name: "sgd", learningRate },
      batchSize,
      ...options,
    });

/** @type {Record<string, Workload>} */
export const WORKLOADS = {
  "textbook": {
    about: "train 5-10-1, sigmoid, half squared error, one batch of 10 rows",
    sizes: [5, 10, 1],
    trains: true,
    batch: 10,
    rows: 10,
    data: { of: "tenRows" },
    create: (Class, options) => new Class(5, 10, 1, 0.1, 1000, options),
  },
  "iris": {
    about: "train 4-16-3, sigmoid + softmax cross-entropy, batch 8",
    sizes: [4, 16, 3],
    trains: true,
    batch: 8,
    rows: 150,
    data: { of: "iris" },
    create: classifier([4, 16, 3], 8),
  },
  "digits": {
    about: "train 64-32-10, sigmoid + softmax cross-entropy, batch 16",
    sizes: [64, 32, 10],
    trains: true,
    batch: 16,
    rows: 1797,
    data: { of: "blobs", rows: 1797, columns: 64 },
    create: classifier([64, 32, 10], 16),
  },
  "mnist": {
    about: "train 784-128-10, sigmoid + softmax cross-entropy, batch 32",
    sizes: [784, 128, 10],
    trains: true,
    batch: 32,
    rows: 1024,
    data: { of: "mnist", rows: 1024, set: "train" },
    create: classifier([784, 128, 10], 32),
  },
  "wide": {
    about: "train 784-512-512-10, sigmoid + softmax cross-entropy, batch 128",
    sizes: [784, 512, 512, 10],
    trains: true,
    batch: 128,
    rows: 512,
    data: { of: "mnist", rows: 512, set: "train" },
    create: classifier([784, 512, 512, 10], 128),
  },
  "predict-one": {
    about: "predict 784-128-10, one row per call",
    sizes: [784, 128, 10],
    trains: false,
    batch: 1,
    rows: 64,
    data: { of: "mnist", rows: 64, set: "t10k" },
    create: classifier([784, 128, 10], 32),
  },
  "predict-many": {
    about: "predict 784-128-10, 10,000 rows per call",
    sizes: [784, 128, 10],
    trains: false,
    batch: 10_000,
    rows: 10_000,
    data: { of: "mnist", rows: 10_000, set: "t10k" },
    create: classifier([784, 128, 10], 32),
  },
};

/** @param {number} rows @returns {Source} */
const mnistRows = (rows) => ({ of: "mnist", rows, set: "train" });

/** Trains in batches, with a learning rate low enough for a thousand units. @param {number[]} sizes @param {number} batch @param {number} rows @returns {Workload} */
const training = (sizes, batch, rows) => ({
  about: `train ${shape(sizes)}, batch ${batch}, ${rows} rows`,
  sizes,
  trains: true,
  batch,
  rows,
  data: mnistRows(rows),
  create: classifier(sizes, batch, 0.01),
});

/** `784-128-10`; three or more equal hidden layers are counted: `784-128×4-10`. @param {number[]} sizes */
function shape(sizes) {
  const [inputs, ...units] = sizes;
  const middle = units.slice(0, -1);
  return middle.length > 2 ? `${inputs}-${middle[0]}×${middle.length}-${units.at(-1)}` : sizes.join("-");
}

/**
 * The parameters that are varied, and their values; everything else stays at 784-128-10, batch 32.
 * @type {Record<string, { about: string, values: number[], workload: (value: number) => Workload }>}
 */
export const SWEEPS = {
  "batch": {
    about: "rows per batch, training 784-128-10",
    values: [1, 2, 4, 8, 16, 32, 64, 128, 256],
    workload: (batch) => training([784, 128, 10], batch, 1024),
  },
  "width": {
    about: "units of the hidden layer, training 784-n-10, batch 32",
    values: [8, 16, 32, 64, 128, 256, 512, 1024],
    workload: (width) => training([784, width, 10], 32, 512),
  },
  "depth": {
    about: "hidden layers of 128 units, training 784-128×n-10, batch 32",
    values: [1, 2, 4, 8, 16],
    workload: (depth) => training([784, ...Array.from({ length: depth }, () => 128), 10], 32, 512),
  },
  "rows": {
    about: "rows of the training set, training 784-128-10, batch 32",
    values: [32, 128, 512, 2048, 8192, 32_768],
    workload: (rows) => training([784, 128, 10], 32, rows),
  },
  "predict": {
    about: "rows per call, predicting 784-128-10",
    values: [1, 4, 16, 64, 256, 1024, 4096, 16_384],
    workload: (rows) => ({
      about: `predict 784-128-10, ${rows} rows per call`,
      // At least 64 rows, so that an iteration of small calls outweighs its overhead.
      sizes: [784, 128, 10],
      trains: false,
      batch: rows,
      rows: Math.max(rows, 64),
      data: mnistRows(Math.max(rows, 64)),
      create: classifier([784, 128, 10], 32),
    }),
  },
};

/** The name of every point of every sweep. */
export const SWEEP_POINTS = Object.entries(SWEEPS).flatMap(([sweep, { values }]) => values.map((value) => `${sweep}=${value}`));

/** A workload by its name, including a sweep's points. @param {string} name @returns {Workload} */
export function findWorkload(name) {
  if (Object.hasOwn(WORKLOADS, name)) return WORKLOADS[name];
  const [sweep, value] = name.split("=");
  if (!Object.hasOwn(SWEEPS, sweep) || !(Number(value) >= 1)) throw new Error(`there is no workload "${name}"`);
  return SWEEPS[sweep].workload(Number(value));
}

/**
 * Floating-point operations per row of the dense layers' products alone, a multiply-add counting as two: for each layer of
 * m inputs and n units 2·m·n forward; in training 2·m·n more for the kernel's gradient and, except in the first layer, 2·m·n for
 * the input's gradient.
 * @param {Workload} workload
 */
export function flopPerRow({ sizes, trains }) {
  let multiplyAdds = 0;
  for (let l = 1; l < sizes.length; l++) multiplyAdds += sizes[l - 1] * sizes[l] * (!trains ? 1 : l === 1 ? 2 : 3);
  return 2 * multiplyAdds;
}

/**
 * The share of useful arithmetic if padding units to whole vectors were the only overhead.
 * @param {Workload} workload @param {number} lanes of a vector
 */
export function paddingBound(workload, lanes) {
  const [inputs, ...units] = workload.sizes;
  const padded = units.map((n) => Math.ceil(n / lanes) * lanes);
  // A layer's inputs are not padded.
  let useful = 0,
    spent = 0;
  for (const [l, n] of units.entries()) {
    const products = (l === 0 ? inputs : units[l - 1]) * (!workload.trains ? 1 : l === 0 ? 2 : 3);
    useful += products * n;
    spent += products * padded[l];
  }
  return useful / spent;
}

/**
 * Runs iterations of a workload. `reset`, which is not timed, restores the initial weights, so that every slice is the same work.
 * @param {Workload} workload @param {NN} nn @param {Data} data
 * @returns {{ reset(): void, run(iterations: number): void }}
 */
export function runner(workload, nn, { x, y }) {
  if (workload.trains) {
    const start = nn.getWeights();
    return { reset: () => nn.setWeights(start), run: (iterations) => void nn.fit(x, y, { epochs: iterations }) };
  }
  const inputs = workload.sizes[0] * workload.batch;
  const calls = Array.from({ length: x.length / inputs }, (_, i) => x.subarray(i * inputs, (i + 1) * inputs));
  return {
    reset() {},
    run(iterations) {
      for (; iterations > 0; iterations--) for (const rows of calls) nn.predict(rows);
    },
  };
}
