// The builds as modules that somebody else compiled, where compiling is forbidden. Each test has a library of its own, which has made no
// network yet.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createContext, runInContext, Script } from "node:vm";
import { buildSync } from "esbuild";
import { expect, test } from "vitest";
import type { NN as Network, setModules as give } from "../src/index.js";
import { BUILDS } from "./backends.js";

const file = (name: string): Buffer<ArrayBuffer> => readFileSync(new URL(`../dist/wasm/${name}.wasm`, import.meta.url));
const compiled = (name: string): WebAssembly.Module => new WebAssembly.Module(file(name));

const { outputFiles } = buildSync({
  entryPoints: [fileURLToPath(new URL("../src/index.ts", import.meta.url))],
  bundle: true,
  write: false,
  format: "iife",
  globalName: "library",
  target: "es2022",
});
const script = new Script(outputFiles[0]!.text);

/** A new copy of the library, by default where no code may be compiled, as in a request on workerd. */
function library(wasm = false): { NN: typeof Network; setModules: typeof give } {
  const context = createContext({}, { codeGeneration: { strings: false, wasm } });
  script.runInContext(context);
  return runInContext("library", context) as { NN: typeof Network; setModules: typeof give };
}

const weights = (NN: typeof Network, options: object): { backend: string; kernel: number[] } => {
  const nn = new NN({ layers: [2, 9, 1], seed: 1, epochs: 20, ...options });
  nn.fit(
    [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ],
    [[0], [1], [1], [0]],
  );
  return { backend: nn.backend, kernel: [...nn.getWeights()[0]!.kernel] };
};

test("where nothing may be compiled and no module is given, the plain engine computes", () => {
  expect(weights(library().NN, {}).backend).toBe("js");
});

test.each([
  ["f32", "float32"],
  ["f64", "float64"],
])("modules of %s serve networks in %s, and those alone", (name, dtype) => {
  const { NN, setModules } = library();
  setModules({ [name]: compiled(`${name}-simd`) });
  const { backend, kernel } = weights(NN, { dtype });
  expect(backend).toBe("wasm-simd");
  expect(kernel).toEqual(weights(library(true).NN, { dtype, reproducible: true }).kernel);
  expect(weights(NN, { dtype: dtype === "float32" ? "float64" : "float32" }).backend).toBe("js");
});

test("of both builds the relaxed one is preferred, where the engine has it, and `reproducible` takes the other", () => {
  const { NN, setModules } = library();
  for (const build of BUILDS) setModules({ f32: compiled(`f32-${build}`) });
  expect(weights(NN, {}).backend).toBe(BUILDS.includes("relaxed") ? "wasm-relaxed-simd" : "wasm-simd");
  expect(weights(NN, { reproducible: true }).backend).toBe("wasm-simd");
});

test("after the first network it is too late", () => {
  const { NN, setModules } = library();
  void new NN(2, 3, 1, 0.1, 1);
  expect(() => setModules({ f32: compiled("f32-simd") })).toThrow("setModules must be called before the first network is made");
});

test("a module of another precision, of another version, or of something else is refused", () => {
  const { setModules } = library();
  const refused = /f32 must be a module of this version's wasmlp\/wasm\/f32-relaxed\.wasm or f32-simd\.wasm/;
  expect(() => setModules({ f32: compiled("f64-simd") })).toThrow(refused);
  const other = file("f32-simd");
  other[other.length - 1]! ^= 1; // in the stamp
  expect(() => setModules({ f32: new WebAssembly.Module(other) })).toThrow(refused);
  expect(() => setModules({ f32: new WebAssembly.Module(Buffer.from("0061736d01000000", "hex")) })).toThrow(refused);
  expect(() => setModules({ f32: file("f32-simd") })).toThrow(/WebAssembly\.Module/);
});
