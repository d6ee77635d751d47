// The WebAssembly builds without the library: one dense layer, Y = relu(X·W + b), called directly. What these files export may
// change between versions; assembly/gemm/multiply.ts and assembly/activation.ts document it.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { instantiate } from "@assemblyscript/loader";

const ROWS = 6,
  INPUTS = 5,
  UNITS = 8;
const RELU = 3; // Activation.Relu in assembly/abi.ts
const FLOAT = 4,
  VECTOR = 16; // bytes

// The kernels import a memory and have no allocator: the caller decides what is where. Their constants and the zeros that sums start
// from are in the first kilobytes; from there on, every matrix begins at a multiple of 16.
const memory = new WebAssembly.Memory({ initial: 1, maximum: 65_536 });
const file = fileURLToPath(import.meta.resolve("wasmlp/wasm/f32-simd.wasm"));
const { exports: kernels } = await instantiate(readFileSync(file), { env: { memory } });

let free = 4096;
function matrix(rows, columns, fill = () => 0) {
  const address = free;
  free += Math.ceil((rows * columns * FLOAT) / VECTOR) * VECTOR;
  const values = new Float32Array(memory.buffer, address, rows * columns);
  for (let i = 0; i < values.length; i++) values[i] = fill(i);
  return { address, values, stride: columns * FLOAT };
}
const x = matrix(ROWS, INPUTS, (i) => Math.sin(i));
const w = matrix(INPUTS, UNITS, (i) => Math.cos(i));
const b = matrix(1, UNITS, (i) => i / 10);
const y = matrix(ROWS, UNITS);

// Rows of W, b and Y are whole vectors of 4 numbers. Every row of Y starts from b: the stride of the starting values is 0.
const vectors = (UNITS * FLOAT) / VECTOR;
kernels.multiply(ROWS, vectors, x.address, x.stride, FLOAT, w.address, w.stride, INPUTS, b.address, 0, y.address, y.stride, 0);
kernels.activate(RELU, y.address, y.values.byteLength);

let largest = 0;
for (let row = 0; row < ROWS; row++) {
  for (let unit = 0; unit < UNITS; unit++) {
    let sum = b.values[unit];
    for (let i = 0; i < INPUTS; i++) sum += x.values[row * INPUTS + i] * w.values[i * UNITS + unit];
    largest = Math.max(largest, Math.abs(y.values[row * UNITS + unit] - Math.max(sum, 0)));
  }
}
for (let row = 0; row < ROWS; row++) {
  console.log([...y.values.subarray(row * UNITS, (row + 1) * UNITS)].map((value) => value.toFixed(4)).join("  "));
}
console.log(`largest difference from the same layer in JavaScript: ${largest.toExponential(1)}`);
