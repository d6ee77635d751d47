// Compiles scripts/numerics/functions.ts to both builds, with the constants that the library writes into a network's memory.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { buildsOf, memoryFlags } from "../templates.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** For "simd" or "relaxed": what sweep.mjs instantiates. */
export async function compileFunctions(build) {
  const folder = mkdtempSync(join(tmpdir(), "wasmlp-numerics-"));
  try {
    const file = join(folder, "functions.wasm");
    const options = [
      "--optimizeLevel",
      "3",
      "--shrinkLevel",
      "1",
      "--noAssert",
      "--runtime",
      "stub",
      "--importMemory",
      "--noExportMemory",
      "--maximumMemory",
      "65536",
    ];
    const args = [
      "scripts/numerics/functions.ts",
      "-o",
      file,
      ...options,
      "--enable",
      "simd",
      "--enable",
      "relaxed-simd",
      "--sharedMemory",
      "--enable",
      "threads",
    ];
    execFileSync(process.execPath, ["node_modules/assemblyscript/bin/asc.js", ...args], {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
    });
    const template = readFileSync(file);
    const bytes = new Map(buildsOf(template, "f32")).get(`f32-${build}`);
    bytes[memoryFlags(template)] = 1;
    const contents =
      'export { writeConstants } from "./src/engine/wasm/constants.js"; export { ACTIVATION_FACTS } from "./src/model/spec.js";';
    const [{ text }] = buildSync({
      stdin: { contents, resolveDir: root, loader: "ts" },
      bundle: true,
      format: "esm",
      write: false,
    }).outputFiles;
    const { writeConstants, ACTIVATION_FACTS } = await import(`data:text/javascript,${encodeURIComponent(text)}`);
    const constants = new Uint8Array(4096);
    writeConstants(constants.buffer, "float32", build, false);
    return {
      bytes,
      constants,
      codes: Object.fromEntries(Object.entries(ACTIVATION_FACTS).map(([name, { code }]) => [name, code])),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
