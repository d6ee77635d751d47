// The library where compiling WebAssembly at run time is forbidden (conditions `workerd` and `edge-light`): as src/index.ts, with the builds
// as modules that the platform compiled beforehand. scripts/build.mjs leaves the inlined builds out of this bundle.
// @ts-expect-error A file that the platform turns into a module.
import f32 from "wasmlp/wasm/f32-relaxed.wasm";
// @ts-expect-error As above.
import f32simd from "wasmlp/wasm/f32-simd.wasm";
// @ts-expect-error As above.
import f64 from "wasmlp/wasm/f64-relaxed.wasm";
// @ts-expect-error As above.
import f64simd from "wasmlp/wasm/f64-simd.wasm";
import { setModules } from "./index.js";

setModules({ f32, f64 });
setModules({ f32: f32simd, f64: f64simd });

export * from "./index.js";
