// The WebAssembly interface in float64.
import { Pass } from "./abi";
import { activate as activateBlock } from "./activation";
import { inputGradient as inputGradientOf } from "./gemm/input-gradient";
import { multiply as multiplyOf } from "./gemm/multiply";
import { forward as forwardOf } from "./network";
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
export function decayGradients(): void {
  training.decayGradients<f64>();
}
export function forward(x: usize, rows: i32): void {
  forwardOf<f64>(x, rows, Pass.Predict, 0);
}

// The kernels by themselves, for tests and the roofline; exported also so that the driver above calls them, never inlines them.
export function multiply(
  rows: i32, vectors: i32, a: usize, aRow: usize, aStep: usize, b: usize, bRow: usize, depth: i32,
  start: usize, startRow: usize, c: usize, cRow: usize,
): void {
  multiplyOf<f64>(rows, vectors, a, aRow, aStep, b, bRow, depth, start, startRow, c, cRow);
}
export function inputGradient(
  rows: i32, inputs: i32, dy: usize, dyRow: usize, w: usize, wRow: usize, vectors: i32, dx: usize, dxRow: usize,
): void {
  inputGradientOf<f64>(rows, inputs, dy, dyRow, w, wRow, vectors, dx, dxRow);
}
export function activate(code: i32, z: usize, bytes: usize): void {
  activateBlock<f64>(code, z, bytes);
}
