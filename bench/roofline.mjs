// Compiles roofline.ts when the build is missing or stale, and instantiates it in Node.
import { readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { instantiateSync } from "@assemblyscript/loader";
import { measurePeak } from "./peak.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SOURCE = join(ROOT, "bench/roofline.ts");
/** One build per WebAssembly engine, with the features of that engine's build. */
const BUILDS = { "wasm-simd": ["simd"], "wasm-relaxed-simd": ["simd", "relaxed-simd"] };

/** @typedef {import("./data.mjs").Dtype} Dtype */
/** The path of an engine's compiled roofline. @param {string} engine */
export const wasmFile = (engine) => join(ROOT, `build/roofline-${engine.replace("wasm-", "")}.wasm`);

/** Compiles builds that are missing or older than their source. */
export async function buildRooflines() {
  for (const [engine, features] of Object.entries(BUILDS)) {
    const built = statSync(wasmFile(engine), { throwIfNoEntry: false });
    if (built && built.mtimeMs > statSync(SOURCE).mtimeMs) continue;
    const { main } = await import("assemblyscript/asc");
    const enable = features.flatMap((feature) => ["--enable", feature]);
    const { error, stderr } = await main([
      relative(ROOT, SOURCE),
      "--baseDir",
      ROOT,
      "--outFile",
      relative(ROOT, wasmFile(engine)),
      "-O3",
      "--noAssert",
      "--runtime",
      "stub",
      ...enable,
    ]);
    if (error) throw new Error(`${SOURCE} does not compile:\n${stderr}`);
  }
}

/**
 * The peak of an engine's build, ready to be sampled; undefined where this machine does not run it.
 * @param {string} engine @param {Dtype} dtype
 */
export function openPeak(engine, dtype) {
  if (!(engine in BUILDS)) return undefined;
  const bytes = readFileSync(wasmFile(engine));
  if (!WebAssembly.validate(bytes)) return undefined;
  /** @type {{ exports: import("./peak.mjs").Roofline }} */
  const { exports } = instantiateSync(bytes);
  return measurePeak(exports, engine, dtype);
}
