// A page gets the fastest engine that its browser has: the suites that say "wasm" have really run in WebAssembly.
import { expect, test } from "vitest";
import { NN } from "../../src/index.js";
import { BACKENDS } from "../backends.js";

test("networks in a page run in WebAssembly with relaxed SIMD", () => {
  expect(new NN(2, 3, 1, 0.5, 1).backend).toBe("wasm-relaxed-simd");
  expect(new NN({ layers: [2, 3, 1], dtype: "float64" }).backend).toBe("wasm-relaxed-simd");
  expect(new NN({ layers: [2, 3, 1], reproducible: true }).backend).toBe("wasm-simd");
});

test("the suites cover every backend of this browser", () => {
  expect(BACKENDS.map(({ options }) => new NN({ layers: [1, 1], ...options }).backend)).toEqual([
    "js",
    "wasm-simd",
    "wasm-relaxed-simd",
  ]);
});

test("the test page can share memory between threads", () => {
  expect(crossOriginIsolated).toBe(true);
});
