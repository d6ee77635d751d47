// From the inlined builds to an instance over a network's own memory. Each build is compiled once a process.
import type { Pass } from "../../assembly/abi.js";
import type { Dtype } from "../spec.js";
import { MEMORY_FLAGS, TEMPLATES } from "./builds.js";

/** What one build exports (assembly/f32.ts, assembly/f64.ts). Addresses and sizes are in bytes. */
export interface Kernels {
  train(steps: number, epochs: number): number;
  /** 0 when a parameter is no longer finite. */
  step(first: number, rows: number): number;
  evaluate(first: number, rows: number, pass: Pass, accumulate: number, batchRows: number): void;
  decayGradients(): void;
  isFinite(block: number, bytes: number): number;
  predict(first: number, rows: number, to: number): void;
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

/** "simd" runs wherever WebAssembly has SIMD; "relaxed" fuses multiply and add where the machine can. */
export type Build = "simd" | "relaxed";

/** Compiled builds; null for those this machine refuses. */
const modules = new Map<string, WebAssembly.Module | null>();

/** Prefix of the vector instructions. */
const VECTOR = 0xfd;
/** What stands for a product, for its sum with something, and for a selection, by the stand-in's opcode. */
const STAND_INS: { readonly [B in Build]: { readonly [opcode: number]: readonly number[] } } = {
  simd: { 0x8d: [VECTOR, 0xe6, 1], 0x8e: [VECTOR, 0xe4, 1], 0x8b: [VECTOR, 0x52, 1] }, // mul, add, bitselect with a nop
  relaxed: { 0x8d: [1, 1, 1], 0x8e: [VECTOR, 0x85, 2] }, // nops, relaxed_madd
};
/** Opcodes on float32, first and last, and the distance to those on float64. */
const TO_FLOAT64 = [[0xe0, 0xeb, 12], [0xa4, 0xb1, 32], [0x41, 0x46, 6], [0x85, 0x85, 2], [0x09, 0x09, 1], [0x13, 0x13, 1]] as const;

/** The build's bytes, for shared memory or for a network's own, from its precision's template: scripts/templates.mjs says how that is written. */
export function buildBytes(dtype: Dtype, build: Build, shared = false): Uint8Array<ArrayBuffer> {
  const isDouble = dtype === "float64";
  const text = TEMPLATES[isDouble ? "f64" : "f32"];
  const bytes = new Uint8Array(text.length);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    let code = text.charCodeAt(i) - 0x20;
    if (code >= 93) code = (code - 92) * 93 + text.charCodeAt(++i) - 0x20;
    bytes[length++] = code - 8;
  }
  for (let i = bytes.indexOf(VECTOR); i >= 0; i = bytes.indexOf(VECTOR, i + 1)) {
    if (bytes[i + 2] === 2) bytes.set(STAND_INS[build][bytes[i + 1]] ?? [], i);
    const opcode = bytes[i + 1];
    const range = isDouble && TO_FLOAT64.find(([first, last]) => opcode >= first && opcode <= last);
    if (range) bytes[i + 1] += range[2];
  }
  bytes[MEMORY_FLAGS] = shared ? 3 : 1;
  return bytes.subarray(0, length);
}

/** Whether this machine's WebAssembly takes the build. */
export function supports(dtype: Dtype, build: Build): boolean {
  return compile(dtype, build) !== null;
}

/** The build as a module, over shared memory or not; null where this machine refuses it. */
export function compile(dtype: Dtype, build: Build, shared = false): WebAssembly.Module | null {
  const key = dtype + build + shared;
  let module = modules.get(key);
  if (module === undefined) {
    try {
      module = new WebAssembly.Module(buildBytes(dtype, build, shared));
    } catch {
      // No WebAssembly, no such feature, or a content-security policy against it.
      module = null;
    }
    modules.set(key, module);
  }
  return module;
}

/** An instance of a supported build over `memory`, which is all that it imports. */
export function instantiate(dtype: Dtype, build: Build, memory: WebAssembly.Memory, shared = false): Kernels {
  return new WebAssembly.Instance(compile(dtype, build, shared)!, { env: { memory } }).exports as unknown as Kernels;
}
