// Compiles the inlined builds of the kernels, and instantiates them on a network's memory.
import type { Pass } from "../../../assembly/abi.js";
import type { Dtype } from "../../model/spec.js";
import { decodeBase64, encodeUtf8, wasm } from "../../platform.js";
import { DECODER, MEMORY_FLAGS, TEMPLATES } from "./builds.js";
import { moduleFor, type Build } from "./modules.js";

export type { Build };

/** The exports of a build (assembly/f32.ts, assembly/f64.ts). Addresses and sizes are in bytes. */
export interface Kernels {
  train(steps: number, epochs: number): number;
  /** Returns 0 if a parameter is not finite. */
  step(first: number, rows: number): number;
  evaluate(first: number, rows: number, pass: Pass, accumulate: number, batchRows: number): void;
  decayGradients(): void;
  isFinite(block: number, bytes: number): number;
  predict(first: number, rows: number, to: number, pass: Pass): void;
  /** Returns 0 if a parameter is not finite. */
  applyGradients(): number;
  inputGradients(rows: number): void;
  blend(tau: number): void;
  help(thread: number): void;
  multiply(
    rows: number,
    vectors: number,
    a: number,
    aRow: number,
    aStep: number,
    b: number,
    bRow: number,
    depth: number,
    start: number,
    startRow: number,
    c: number,
    cRow: number,
    rate: number,
  ): void;
  inputGradient(
    rows: number,
    inputs: number,
    dy: number,
    dyRow: number,
    w: number,
    wRow: number,
    vectors: number,
    dx: number,
    dxRow: number,
  ): void;
  activate(code: number, z: number, bytes: number): void;
}

/** The bytes of a build for shared or unshared memory, from the template of its precision (scripts/templates.mjs). */
export function buildBytes(dtype: Dtype, build: Build, shared = false): Uint8Array<ArrayBuffer> {
  const text = TEMPLATES[dtype === "float64" ? "f64" : "f32"];
  // The template's text fits into one page.
  const memory = new wasm.Memory({ initial: 1, maximum: 1 });
  const bytes = new Uint8Array(memory.buffer);
  bytes.set(encodeUtf8(text));
  const length = decoder(memory)(text.length, dtype === "float64", build === "relaxed");
  bytes[MEMORY_FLAGS] = shared ? 3 : 1;
  return bytes.subarray(0, length);
}

/** Instantiates assembly/decode.ts on a memory. */
function decoder(memory: WebAssembly.Memory): (length: number, wide: boolean, fused: boolean) => number {
  const module = new wasm.Module(decodeBase64(DECODER)!);
  const { decode } = new wasm.Instance(module, { env: { memory } }).exports;
  return decode as ReturnType<typeof decoder>;
}

/** Whether this machine supports the build. */
export function supports(dtype: Dtype, build: Build): boolean {
  return compile(dtype, build) !== null;
}

/** The compiled build, for shared or unshared memory; null where this machine does not support it. */
export const compile = (dtype: Dtype, build: Build, shared = false): WebAssembly.Module | null =>
  moduleFor(dtype, build, shared, () => new wasm.Module(buildBytes(dtype, build, shared)));

/** Instantiates a supported build on `memory`, its only import. */
export function instantiate(dtype: Dtype, build: Build, memory: WebAssembly.Memory, shared = false): Kernels {
  return new wasm.Instance(compile(dtype, build, shared)!, { env: { memory } }).exports as unknown as Kernels;
}
