// From the inlined builds to an instance over a network's own memory. Each build is compiled once a process.
import type { Pass } from "../../assembly/abi.js";
import type { Dtype } from "../spec.js";
import { BUILDS } from "./builds.js";

/** What one build exports (assembly/f32.ts, assembly/f64.ts). Addresses and sizes are in bytes. */
export interface Kernels {
  train(steps: number, epochs: number): number;
  /** 0 when a parameter is no longer finite. */
  step(first: number, rows: number): number;
  evaluate(first: number, rows: number, pass: Pass, accumulate: number, batchRows: number): void;
  decayGradients(): void;
  forward(x: number, rows: number): void;
  multiply(
    rows: number, vectors: number, a: number, aRow: number, aStep: number, b: number, bRow: number, depth: number,
    start: number, startRow: number, c: number, cRow: number,
  ): void;
  inputGradient(
    rows: number, inputs: number, dy: number, dyRow: number, w: number, wRow: number, vectors: number,
    dx: number, dxRow: number,
  ): void;
  activate(code: number, z: number, bytes: number): void;
}

/** "simd" runs wherever WebAssembly has SIMD; "relaxed" fuses multiply and add where the machine can. */
export type Build = "simd" | "relaxed";

/** Compiled builds; null for those this machine refuses. */
const modules = new Map<string, WebAssembly.Module | null>();

/** The build's bytes: one character a byte in builds.ts, 40 added modulo 256 (scripts/build.mjs says why). */
export function buildBytes(dtype: Dtype, build: Build): Uint8Array<ArrayBuffer> {
  const text = BUILDS[`${dtype === "float32" ? "f32" : "f64"}-${build}`];
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i) - 40;
  return bytes;
}

/** Whether this machine's WebAssembly takes the build. */
export function supports(dtype: Dtype, build: Build): boolean {
  return compiled(dtype, build) !== null;
}

function compiled(dtype: Dtype, build: Build): WebAssembly.Module | null {
  const key = dtype + build;
  let module = modules.get(key);
  if (module === undefined) {
    try {
      module = new WebAssembly.Module(buildBytes(dtype, build));
    } catch {
      // No WebAssembly, no such feature, or a content-security policy against it.
      module = null;
    }
    modules.set(key, module);
  }
  return module;
}

/** An instance of a supported build over `memory`, which is all that it imports. */
export function instantiate(dtype: Dtype, build: Build, memory: WebAssembly.Memory): Kernels {
  return new WebAssembly.Instance(compiled(dtype, build)!, { env: { memory } }).exports as unknown as Kernels;
}
