// The WebAssembly interface in float64.
import { activate as activateBlock } from "./activation";
import { awaitTask as awaitTaskOf } from "./barrier";
import { inputGradient as inputGradientOf } from "./gemm/input-gradient";
import { multiply as multiplyOf } from "./gemm/multiply";
import { inputGradients as inputGradientsOf } from "./network";
import { allFinite } from "./optimizer";
import * as training from "./training";

export function train(steps: i32, epochs: i32): i32 {
  return training.train<f64>(steps, epochs);
}
export function step(first: u32, rows: i32): bool {
  training.step<f64>(first, rows);
  return training.stateIsFinite<f64>();
}
export function evaluate(first: u32, rows: i32, pass: i32, accumulate: bool, batchRows: i32): void {
  training.evaluate<f64>(first, rows, pass, accumulate, batchRows);
}
/** Whether every number of a block is finite; whole vectors are read. */
export function isFinite(block: usize, bytes: usize): bool {
  return allFinite<f64>(block, bytes);
}
export function decayGradients(): void {
  training.decayGradients<f64>();
}
export function predict(first: u32, rows: i32, to: usize, pass: i32): void {
  training.predict<f64>(first, rows, to, pass);
}
/** Returns whether all parameters are finite afterwards. */
export function applyGradients(): bool {
  training.applyGradients<f64>();
  return training.stateIsFinite<f64>();
}
export function inputGradients(rows: i32): void {
  inputGradientsOf<f64>(rows);
}
export function blend(tau: f64): void {
  training.blend<f64>(tau);
}
/** Exported for the same reason as the kernels below: `help` is called once a run, and V8 optimises a function only between two calls. */
export function awaitTask(generation: i32, skipped: i32): i32 {
  return awaitTaskOf(generation, skipped);
}
export function help(thread: u32): void {
  training.help<f64>(thread);
}

// The kernels by themselves, for tests and the roofline; exported also so that the driver above calls them, never inlines them.
export function multiply(
  rows: i32, vectors: i32, a: usize, aRow: usize, aStep: usize, b: usize, bRow: usize, depth: i32,
  start: usize, startRow: usize, c: usize, cRow: usize, rate: usize,
): void {
  multiplyOf<f64>(rows, vectors, a, aRow, aStep, b, bRow, depth, start, startRow, c, cRow, rate);
}
export function inputGradient(
  rows: i32, inputs: i32, dy: usize, dyRow: usize, w: usize, wRow: usize, vectors: i32, dx: usize, dxRow: usize,
): void {
  inputGradientOf<f64>(rows, inputs, dy, dyRow, w, wRow, vectors, dx, dxRow);
}
export function activate(code: i32, z: usize, bytes: usize): void {
  activateBlock<f64>(code, z, bytes);
}
