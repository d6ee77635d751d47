// From the inlined builds to an instance over a network's own memory.
import type { Pass } from "../../../assembly/abi.js";
import type { Dtype } from "../../model/spec.js";
import { decodeBase64, encodeUtf8, wasm } from "../../platform.js";
import { DECODER, MEMORY_FLAGS, TEMPLATES } from "./builds.js";
import { moduleFor, type Build } from "./modules.js";

export type { Build };

/** What one build exports (assembly/f32.ts, assembly/f64.ts). Addresses and sizes are in bytes. */
export interface Kernels {
  train(steps: number, epochs: number): number;
  /** 0 when a parameter is no longer finite. */
  step(first: number, rows: number): number;
  evaluate(first: number, rows: number, pass: Pass, accumulate: number, batchRows: number): void;
  decayGradients(): void;
  isFinite(block: number, bytes: number): number;
  predict(first: number, rows: number, to: number, pass: Pass): void;
  /** 0 when a parameter is no longer finite. */
  applyGradients(): number;
  inputGradients(rows: number): void;
  blend(tau: number): void;
  help(thread: number): void;
  multiply(
    rows: number, vectors: number, a: number, aRow: number, aStep: number, b: number, bRow: number, depth: number,
    start: number, startRow: number, c: number, cRow: number, rate: number,
  ): void;
  inputGradient(
    rows: number, inputs: number, dy: number, dyRow: number, w: number, wRow: number, vectors: number,
    dx: number, dxRow: number,
  ): void;
  activate(code: number, z: number, bytes: number): void;
}

/** The build's bytes, for shared memory or for a network's own, from its precision's template: scripts/templates.mjs says how that is written. */
export function buildBytes(dtype: Dtype, build: Build, shared = false): Uint8Array<ArrayBuffer> {
  const text = TEMPLATES[dtype === "float64" ? "f64" : "f32"];
  // The text is shorter than a page.
  const memory = new wasm.Memory({ initial: 1, maximum: 1 });
  const bytes = new Uint8Array(memory.buffer);
  bytes.set(encodeUtf8(text));
  const length = decoder(memory)(text.length, dtype === "float64", build === "relaxed");
  bytes[MEMORY_FLAGS] = shared ? 3 : 1;
  return bytes.subarray(0, length);
}

/** assembly/decode.ts over a memory. */
function decoder(memory: WebAssembly.Memory): (length: number, wide: boolean, fused: boolean) => number {
  const module = new wasm.Module(decodeBase64(DECODER)!);
  const { decode } = new wasm.Instance(module, { env: { memory } }).exports;
  return decode as ReturnType<typeof decoder>;
}

/** Whether this machine's WebAssembly takes the build. */
export function supports(dtype: Dtype, build: Build): boolean {
  return compile(dtype, build) !== null;
}

/** The build as a module, over shared memory or not; null where this machine refuses it. */
export const compile = (dtype: Dtype, build: Build, shared = false): WebAssembly.Module | null =>
  moduleFor(dtype, build, shared, () => new wasm.Module(buildBytes(dtype, build, shared)));

/** An instance of a supported build over `memory`, which is all that it imports. */
export function instantiate(dtype: Dtype, build: Build, memory: WebAssembly.Memory, shared = false): Kernels {
  return new wasm.Instance(compile(dtype, build, shared)!, { env: { memory } }).exports as unknown as Kernels;
}
