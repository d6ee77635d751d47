// The builds that are inlined, and those that are shipped as files.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { buildBytes } from "../src/wasm/instantiate.js";

describe.each(["float32", "float64"] as const)("%s", (dtype) => {
  describe.each(["simd", "relaxed"] as const)("%s", (build) => {
    const file = readFileSync(new URL(`../build/${dtype.replace("loat", "")}-${build}.wasm`, import.meta.url));

    test("for shared memory, the inlined build is the file, byte for byte", () => {
      expect(file.length).toBeGreaterThan(1000);
      expect(Buffer.compare(buildBytes(dtype, build, true), file)).toBe(0);
    });

    test("for a network's own memory, one byte differs: the flags of the memory's import", () => {
      const bytes = buildBytes(dtype, build);
      const places = [...bytes.keys()].filter((i) => bytes[i] !== file[i]);
      expect(places).toEqual([file.indexOf("memory", "latin1") + 7]);
      expect([bytes[places[0]], file[places[0]]]).toEqual([1, 3]);
    });
  });
});
