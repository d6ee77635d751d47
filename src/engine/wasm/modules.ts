// The builds that this process has as modules: those that were compiled, and those that were given instead.
import { wasm } from "../../platform.js";
import { STAMP } from "./builds.js";

/** "simd" runs wherever WebAssembly has SIMD; "relaxed" fuses multiply and add where the machine can. */
export type Build = "simd" | "relaxed";
/** The fastest first. */
export const BUILDS: readonly Build[] = ["relaxed", "simd"];

/** Null for builds that this machine refuses. Not typed as modules, since a user's program may not know the type. */
const modules = new Map<string, object | null>();
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
  for (const [name, module] of Object.entries(given) as [string, object][]) {
    // scripts/build.mjs writes an empty section into the files that are published: its name says which one it is.
    const build = BUILDS.find((each) => wasm.Module.customSections(module, `${name}-${each} ${STAMP}`).length);
    if (!build)
      throw new TypeError(`${name} must be a module of this version's wasmlp/wasm/${name}-relaxed.wasm or ${name}-simd.wasm`);
    modules.set(`float${name.slice(1)}${build}false`, module);
  }
}

/**
 * The build as a module, over shared memory or not.
 * @param compile what compiles it when it is first asked for
 * @returns null where this machine refuses it
 */
export function moduleFor(dtype: string, build: Build, shared: boolean, compile: () => object): object | null {
  used = true;
  const key = dtype + build + shared;
  let module = modules.get(key);
  if (module === undefined) {
    try {
      module = compile();
    } catch {
      // No WebAssembly, no such feature, or a content-security policy against it.
      module = null;
    }
    modules.set(key, module);
  }
  return module;
}
