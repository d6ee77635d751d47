// From the inlined builds, or modules that were given instead, to an instance over a network's own memory. Each build is compiled
// once a process.
import type { Pass } from "../../../assembly/abi.js";
import type { Dtype } from "../../model/spec.js";
import { decodeBase64, encodeUtf8, wasm } from "../../platform.js";
import { DECODER, MEMORY_FLAGS, STAMP, TEMPLATES } from "./builds.js";

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
/** The fastest first. */
export const BUILDS: readonly Build[] = ["relaxed", "simd"];

/** Compiled builds, by `keyOf`; null for those this machine refuses. */
const modules = new Map<string, WebAssembly.Module | null>();
const keyOf = (dtype: string, build: Build, shared: boolean): string => dtype + build + shared;
/** Whether a network has looked for its build. */
let used = false;

/** Compiled builds, one for each precision: `WebAssembly.Module`s. */
export interface Modules {
  /** `wasmlp/wasm/f32-relaxed.wasm` or `f32-simd.wasm`, for networks in float32. */
  readonly f32?: object;
  /** `wasmlp/wasm/f64-relaxed.wasm` or `f64-simd.wasm`, for networks in float64. */
  readonly f64?: object;
}

/**
 * Takes the WebAssembly builds as compiled modules, for platforms that forbid compiling at run time. The relaxed builds are the faster
 * ones; networks with `reproducible: true` need the others. Call it twice to give both.
 * @throws Error after the first network was made
 * @throws TypeError for anything but the modules of this version of the library
 * @example
 * import f32 from "wasmlp/wasm/f32-relaxed.wasm";
 * setModules({ f32 });
 */
export function setModules(given: Modules): void {
  if (used) throw new Error("setModules must be called before the first network is made");
  for (const [name, module] of Object.entries(given) as [string, WebAssembly.Module][]) {
    // scripts/build.mjs writes an empty section into the files that are published: its name says which one it is.
    const build = BUILDS.find((each) => wasm.Module.customSections(module, `${name}-${each} ${STAMP}`).length);
    if (!build) throw new TypeError(`${name} must be a module of this version's wasmlp/wasm/${name}-relaxed.wasm or ${name}-simd.wasm`);
    modules.set(keyOf(`float${name.slice(1)}`, build, false), module);
  }
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
export function compile(dtype: Dtype, build: Build, shared = false): WebAssembly.Module | null {
  used = true;
  const key = keyOf(dtype, build, shared);
  let module = modules.get(key);
  if (module === undefined) {
    try {
      module = new wasm.Module(buildBytes(dtype, build, shared));
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
  return new wasm.Instance(compile(dtype, build, shared)!, { env: { memory } }).exports as unknown as Kernels;
}
