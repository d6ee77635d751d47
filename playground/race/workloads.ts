// What the lanes train: the same network, the same rows, the same seed for each.
import type { NetworkOptions } from "../../src/index.js";

export interface Workload {
  readonly title: string;
  readonly rows: number;
  readonly data: "digits" | "spirals" | "table";
  readonly options: NetworkOptions;
}

/** Sigmoid hidden layers and softmax, plain gradient descent: what benchmarks of small networks train. */
const classifier = (layers: number[], batchSize: number): NetworkOptions => ({
  layers,
  loss: "categoricalCrossentropy",
  optimizer: { name: "sgd", learningRate: 0.1 },
  batchSize,
  seed: 1,
});

export const WORKLOADS = {
  digits: { title: "Digits: 784-128-10, batches of 32", rows: 512, data: "digits", options: classifier([784, 128, 10], 32) },
  wide: {
    title: "Wide: 784-512-512-10, batches of 128",
    rows: 256,
    data: "digits",
    options: classifier([784, 512, 512, 10], 128),
  },
  shapes: { title: "Shapes: 2-16-16-2, batches of 16", rows: 512, data: "spirals", options: classifier([2, 16, 16, 2], 16) },
  textbook: {
    title: "Textbook: 5-10-1, all ten rows",
    rows: 10,
    data: "table",
    options: {
      layers: [5, 10, 1],
      optimizer: { name: "sgd", learningRate: 0.1 },
      reduction: "sum",
      batchSize: Infinity,
      shuffle: false,
      seed: 1,
    },
  },
} as const satisfies Record<string, Workload>;

export type WorkloadId = keyof typeof WORKLOADS;
export const WORKLOAD_IDS = Object.keys(WORKLOADS) as WorkloadId[];
