// The builds that are inlined, and those that are shipped as files.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Constant } from "../assembly/abi.js";
import { NN } from "../src/index.js";
import { writeConstants } from "../src/wasm/constants.js";
import { buildBytes } from "../src/wasm/instantiate.js";

test("where V8 was told to pair vectors to 256 bits, tiles are twice as wide and give the same bits", () => {
  const tileVectors = (): number => {
    const { buffer } = new WebAssembly.Memory({ initial: 1 });
    writeConstants(buffer, "float32", "simd");
    return new Uint32Array(buffer)[Constant.TileVectors / 4]!;
  };
  const trained = (): unknown => {
    const nn = new NN({ layers: [7, 21, 17], seed: 3, batchSize: 9 });
    const x = Float32Array.from({ length: 7 * 40 }, (_, i) => Math.sin(i)), y = Float32Array.from({ length: 17 * 40 }, (_, i) => Math.cos(i));
    nn.fit(x, y, { epochs: 3 });
    return nn.getWeights();
  };
  const usual = trained();
  expect(tileVectors()).toBe(2);
  process.execArgv.push("--experimental-wasm-revectorize");
  try {
    expect(tileVectors()).toBe(4);
    expect(trained()).toEqual(usual);
  } finally {
    process.execArgv.pop();
  }
});

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
