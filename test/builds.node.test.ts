// The builds that are inlined, and those that are shipped as files.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { buildBytes } from "../src/wasm/instantiate.js";

describe.each(["float32", "float64"] as const)("%s", (dtype) => {
  test.each(["simd", "relaxed"] as const)("%s: the inlined build is the file, byte for byte", (build) => {
    const file = readFileSync(new URL(`../build/${dtype.replace("loat", "")}-${build}.wasm`, import.meta.url));
    expect(file.length).toBeGreaterThan(1000);
    expect(Buffer.compare(buildBytes(dtype, build, true), file)).toBe(0);
  });
});
