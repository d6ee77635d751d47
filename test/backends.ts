// Every engine and build that the suites run over.
import type { NetworkOptions } from "../src/index.js";
import { supports } from "../src/wasm/instantiate.js";

export interface BackendCase {
  readonly name: string;
  readonly options: Pick<NetworkOptions, "backend" | "reproducible">;
}

/** All that this machine runs; relaxed SIMD is missing on Node 20. */
export const BACKENDS: readonly BackendCase[] = [
  { name: "js", options: { backend: "js" } },
  { name: "wasm-simd", options: { backend: "wasm", reproducible: true } },
  ...(supports("float32", "relaxed") ? [{ name: "wasm-relaxed-simd", options: { backend: "wasm" as const } }] : []),
];
