// Measures the three matrix products of a dense layer, each 512 × 512 × 512, by calling the kernels directly: how close to the peak
// they are when nothing else is timed.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { instantiateSync } from "@assemblyscript/loader";
import { uniform } from "./data.mjs";
import { alternate } from "./measure.mjs";

/**
 * @typedef {import("./data.mjs").Dtype} Dtype
 * @typedef {import("../src/engine/wasm/instantiate.js").Kernels} Kernels
 * @typedef {import("../src/engine/wasm/instantiate.js").Build} Build
 * A process's job.
 * @typedef {{ product: string, dtype: Dtype, seconds: number }} ProductJob
 */
/**
 * A layer with `size` rows, inputs and units: the addresses of its matrices, the bytes of a row stride and of a number, and the
 * vectors per row.
 * @typedef {object} Layer
 * @property {number} size
 * @property {number} x
 * @property {number} kernel
 * @property {number} bias
 * @property {number} delta
 * @property {number} result
 * @property {number} stride
 * @property {number} item
 * @property {number} vectors
 */
/**
 * @typedef {object} Product
 * @property {string} about
 * @property {{ of: "x" | "kernel" | "delta", transposed: boolean }[]} factors the left one, then the right one
 * @property {boolean} biased whether the sums start from the bias
 * @property {(kernels: Pick<Kernels, "multiply" | "inputGradient">, layer: Layer) => void} run
 */

/** Rows of the batch, inputs and units. */
export const SIZE = 512;
const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** Each engine's build. @type {Record<string, Build>} */
const BUILDS = { "wasm-simd": "simd", "wasm-relaxed-simd": "relaxed" };
/** The unit roundoff: half the distance from 1 to the next number. */
const UNIT_ROUNDOFF = { float32: 2 ** -24, float64: 2 ** -53 };

/** @type {Record<string, Product>} */
export const PRODUCTS = {
  "forward": {
    about: "Y = X·W + b",
    factors: [
      { of: "x", transposed: false },
      { of: "kernel", transposed: false },
    ],
    biased: true,
    run: ({ multiply }, { size, x, kernel, bias, result, stride, item, vectors }) =>
      multiply(size, vectors, x, stride, item, kernel, stride, size, bias, 0, result, stride, 0),
  },
  "weight gradient": {
    about: "Xᵀ·δ",
    factors: [
      { of: "x", transposed: true },
      { of: "delta", transposed: false },
    ],
    biased: false,
    run: ({ multiply }, { size, x, delta, result, stride, item, vectors }) =>
      multiply(size, vectors, x, item, stride, delta, stride, size, 0, 0, result, stride, 0),
  },
  "input gradient": {
    about: "δ·Wᵀ",
    factors: [
      { of: "delta", transposed: false },
      { of: "kernel", transposed: true },
    ],
    biased: false,
    run: ({ inputGradient }, { size, kernel, delta, result, stride, vectors }) =>
      inputGradient(size, size, delta, stride, kernel, stride, vectors, result, stride),
  },
};

/**
 * Checks one product on every build that this machine runs, then measures the builds in alternation.
 * @param {ProductJob} job @param {Pick<import("./measure.mjs").Platform, "openPeak" | "processorTime">} platform
 * @returns {Promise<import("./statistics.mjs").Measurement>}
 */
export async function measureProduct({ product: name, dtype, seconds }, platform) {
  const product = PRODUCTS[name];
  const library = await openLibrary();
  const works = [];
  for (const [engine, build] of Object.entries(BUILDS)) {
    const bytes = readFileSync(`${ROOT}/dist/wasm/f${dtype.slice(5)}-${build}.wasm`);
    if (!WebAssembly.validate(bytes)) continue;
    const { numbers, layer, kernels } = openLayer(library, new WebAssembly.Module(bytes), dtype, build);
    product.run(kernels, layer);
    const worst = worstError(product, numbers, layer, UNIT_ROUNDOFF[dtype]);
    if (!(worst <= 1)) throw new Error(`${name}: ${engine} is ${worst} times as far from the exact product as its bound allows`);
    works.push({
      engine,
      reset() {},
      run(/** @type {number} */ iterations) {
        for (; iterations > 0; iterations--) product.run(kernels, layer);
      },
    });
  }
  if (!works.length) throw new Error("this machine runs none of the builds");
  const { iterations, ms, peaks } = await alternate(works, dtype, seconds, platform);
  return {
    name,
    about: product.about,
    data: "generated",
    flopPerRow: 2 * SIZE * SIZE,
    peaks,
    tracks: works.map(({ engine }, i) => ({ engine, build: "this", rowsPerSlice: iterations[i] * SIZE, ms: ms[i] })),
  };
}

/**
 * The library's internal functions that lay out a network's memory and write the kernels' constants.
 * @returns {Promise<typeof import("../src/engine/wasm/layout.js") & typeof import("../src/engine/wasm/constants.js")>}
 */
async function openLibrary() {
  const { build } = await import("esbuild");
  const contents = `export { networkLayout } from "./src/engine/wasm/layout.ts"; export { writeConstants } from "./src/engine/wasm/constants.ts";`;
  const { outputFiles } = await build({ stdin: { contents, resolveDir: ROOT }, bundle: true, format: "esm", write: false });
  return import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
}

/**
 * A memory with one layer's matrices of numbers from −1 to 1, with the library's row stride, each aligned to a cache line.
 * @param {Awaited<ReturnType<typeof openLibrary>>} library @param {WebAssembly.Module} module @param {Dtype} dtype @param {Build} build
 */
function openLayer({ networkLayout, writeConstants }, module, dtype, build) {
  const {
    itemBytes: item,
    layers: [{ stride: numbersApart, vectors }],
    end,
  } = networkLayout(oneLayer(dtype));
  const stride = numbersApart * item;
  const matrix = SIZE * stride;
  const [x, kernel, delta, result, bias] = [0, 1, 2, 3, 4].map((count) => end + count * matrix);
  const pages = Math.ceil((bias + stride) / 65536);
  // The files are compiled for memory that threads share.
  const memory = new WebAssembly.Memory({ initial: pages, maximum: 65536, shared: true });
  const numbers = dtype === "float32" ? new Float32Array(memory.buffer) : new Float64Array(memory.buffer);
  const random = uniform(SIZE);
  for (const start of [x, kernel, delta, bias]) {
    for (let row = 0; row < (start === bias ? 1 : SIZE); row++) {
      const at = (start + row * stride) / item;
      for (let i = 0; i < SIZE; i++) numbers[at + i] = 2 * random() - 1;
    }
  }
  writeConstants(memory.buffer, dtype, build);
  /** @type {{ exports: Pick<Kernels, "multiply" | "inputGradient"> }} */
  const { exports: kernels } = instantiateSync(module, { env: { memory } });
  return { numbers, kernels, layer: { size: SIZE, x, kernel, bias, delta, result, stride, item, vectors } };
}

/** @param {Dtype} dtype @returns {import("../src/model/spec.js").ModelSpec} */
const oneLayer = (dtype) => ({
  layers: [{ inputs: SIZE, units: SIZE, activation: "sigmoid", bias: true, dropout: 0, initializer: "zeros" }],
  loss: "halfSquaredError",
  reduction: "mean",
  l2: 0,
  clipNorm: Infinity,
  dtype,
  seed: 1,
  optimizer: { name: "sgd", momentum: 0, nesterov: false, rho: 0, beta1: 0, beta2: 0, epsilon: 0, weightDecay: 0 },
});

/**
 * The largest error of the result, compared with a product in float64, as a multiple of its bound: for each element
 * (size + 1)·ε·Σ|terms|.
 * @param {Pick<Product, "factors" | "biased">} product @param {Float32Array | Float64Array} numbers the whole memory @param {Layer} layer
 * @param {number} epsilon
 */
export function worstError({ factors, biased }, numbers, layer, epsilon) {
  const { size, item } = layer;
  const apart = layer.stride / item;
  // Index of a factor's first number, and the distances to the next row's and the next column's.
  const [left, right] = factors.map(({ of, transposed }) => ({
    start: layer[of] / item,
    row: transposed ? 1 : apart,
    column: transposed ? apart : 1,
  }));
  let worst = 0;
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      let sum = biased ? numbers[layer.bias / item + column] : 0;
      let magnitude = Math.abs(sum);
      for (let k = 0; k < size; k++) {
        const term =
          numbers[left.start + row * left.row + k * left.column] * numbers[right.start + k * right.row + column * right.column];
        sum += term;
        magnitude += Math.abs(term);
      }
      const error =
        Math.abs(numbers[layer.result / item + row * apart + column] - sum) / ((size + 1) * (epsilon + 2 ** -53) * magnitude);
      // Written so that NaN counts as an error, and persists.
      if (!(error <= worst) && !Number.isNaN(worst)) worst = error;
    }
  }
  return worst;
}
