// The WebAssembly interface in float32.
import { activate as activateBlock } from "./activation";
import { awaitTask as awaitTaskOf } from "./barrier";
import { inputGradient as inputGradientOf } from "./gemm/input-gradient";
import { multiply as multiplyOf } from "./gemm/multiply";
import { inputGradients as inputGradientsOf } from "./network";
import { allFinite } from "./optimizer";
import * as training from "./training";

export function train(steps: i32, epochs: i32): i32 {
  return training.train<f32>(steps, epochs);
}
export function step(first: u32, rows: i32): bool {
  training.step<f32>(first, rows);
  return training.stateIsFinite<f32>();
}
export function evaluate(first: u32, rows: i32, pass: i32, accumulate: bool, batchRows: i32): void {
  training.evaluate<f32>(first, rows, pass, accumulate, batchRows);
}
/** Whether every number of a block is finite; whole vectors are read. */
export function isFinite(block: usize, bytes: usize): bool {
  return allFinite<f32>(block, bytes);
}
export function decayGradients(): void {
  training.decayGradients<f32>();
}
export function predict(first: u32, rows: i32, to: usize, pass: i32): void {
  training.predict<f32>(first, rows, to, pass);
}
/** Returns whether all parameters are finite afterwards. */
export function applyGradients(): bool {
  training.applyGradients<f32>();
  return training.stateIsFinite<f32>();
}
export function inputGradients(rows: i32): void {
  inputGradientsOf<f32>(rows);
}
export function blend(tau: f64): void {
  training.blend<f32>(tau);
}
/** Exported so that `help` does not inline it: `help` is called once per run, and V8 replaces a function by its optimised code only between calls. */
export function awaitTask(generation: i32, skipped: i32): i32 {
  return awaitTaskOf(generation, skipped);
}
export function help(thread: u32): void {
  training.help<f32>(thread);
}

// The kernels by themselves, for tests and the roofline. Exported also so that the functions above call them and do not inline them.
export function multiply(
  rows: i32, vectors: i32, a: usize, aRow: usize, aStep: usize, b: usize, bRow: usize, depth: i32,
  start: usize, startRow: usize, c: usize, cRow: usize, rate: usize,
): void {
  multiplyOf<f32>(rows, vectors, a, aRow, aStep, b, bRow, depth, start, startRow, c, cRow, rate);
}
export function inputGradient(
  rows: i32, inputs: i32, dy: usize, dyRow: usize, w: usize, wRow: usize, vectors: i32, dx: usize, dxRow: usize,
): void {
  inputGradientOf<f32>(rows, inputs, dy, dyRow, w, wRow, vectors, dx, dxRow);
}
export function activate(code: i32, z: usize, bytes: usize): void {
  activateBlock<f32>(code, z, bytes);
}
