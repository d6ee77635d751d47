// Every engine and build that the suites run over.
import { supports, type Build } from "../src/engine/wasm/instantiate.js";
import type { NetworkOptions } from "../src/index.js";

export interface BackendCase {
  readonly name: string;
  readonly options: Pick<NetworkOptions, "backend" | "reproducible">;
}

/** Relaxed SIMD came with V8 11.4: Chromium 114, Node 21. Node 20 has V8 11.3. The suites run in no other engines. */
function hasRelaxedSimd(): boolean {
  const { process, navigator } = globalThis as { process?: { versions?: { v8?: string } }; navigator?: { userAgent?: string } };
  const v8 = process?.versions?.v8;
  if (v8) {
    const [major, minor] = v8.split(".").map(Number);
    return major! > 11 || (major === 11 && minor! >= 4);
  }
  const version = /Chrome\/(\d+)/.exec(navigator?.userAgent ?? "")?.[1];
  if (!version) throw new Error(`test/backends.ts does not know whether ${navigator?.userAgent} has relaxed SIMD`);
  return Number(version) >= 114;
}

/** The builds that this engine must compile: its version decides, so that a broken build fails instead of being left out. */
export const BUILDS: readonly Build[] = hasRelaxedSimd() ? ["simd", "relaxed"] : ["simd"];

for (const dtype of ["float32", "float64"] as const) {
  for (const build of ["simd", "relaxed"] as const) {
    if (supports(dtype, build) !== BUILDS.includes(build)) {
      throw new Error(
        `this engine ${BUILDS.includes(build) ? "refuses" : "compiles"} the ${build} build for ${dtype}, which its version should not`,
      );
    }
  }
}

export const BACKENDS: readonly BackendCase[] = [
  { name: "js", options: { backend: "js" } },
  { name: "wasm-simd", options: { backend: "wasm", reproducible: true } },
  ...(BUILDS.includes("relaxed") ? [{ name: "wasm-relaxed-simd", options: { backend: "wasm" as const } }] : []),
];
