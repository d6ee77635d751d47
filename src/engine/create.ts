// Chooses a network's engine: the fastest that this machine supports and the options allow.
import type { LayerParameters } from "../model/spec.js";
import type { Settings } from "../options/network-types.js";
import type { Engine } from "./engine.js";
import { JsEngine } from "./js/engine.js";
import { WasmEngine } from "./wasm/engine.js";
import { supports } from "./wasm/instantiate.js";
import { BUILDS, type Build } from "./wasm/modules.js";

export function createEngine({ spec, backend, reproducible }: Settings, parameters: readonly LayerParameters[]): Engine {
  if (backend === "js") return new JsEngine(spec, parameters);
  // Relaxed multiply-add may be fused or not, depending on the machine, so reproducible results need the plain build.
  const builds: readonly Build[] = reproducible ? ["simd"] : BUILDS;
  const build = builds.find((each) => supports(spec.dtype, each));
  if (build) return new WasmEngine(spec, parameters, build);
  if (backend === "auto") return new JsEngine(spec, parameters);
  throw new Error('backend is "wasm", but WebAssembly with SIMD is missing or forbidden here; "auto" falls back to JavaScript');
}
