// The builds that are inlined, and those that are shipped as files.
import { readFileSync } from "node:fs";
import binaryen from "binaryen";
import { describe, expect, test } from "vitest";
import { Constant } from "../assembly/abi.js";
import { checkTemplate } from "../scripts/templates.mjs";
import { writeConstants } from "../src/engine/wasm/constants.js";
import { buildBytes } from "../src/engine/wasm/instantiate.js";
import { NN } from "../src/index.js";

test("where V8 combines vectors to 256 bits, tiles are twice as wide and give the same bits", () => {
  const tileVectors = (): number => {
    const { buffer } = new WebAssembly.Memory({ initial: 1 });
    writeConstants(buffer, "float32", "simd");
    return new Uint32Array(buffer)[Constant.TileVectors / 4];
  };
  const trained = (): unknown => {
    const nn = new NN({ layers: [7, 21, 17], seed: 3, batchSize: 9 });
    const x = Float32Array.from({ length: 7 * 40 }, (_, i) => Math.sin(i)),
      y = Float32Array.from({ length: 17 * 40 }, (_, i) => Math.cos(i) ** 2);
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

/** How often each instruction on vectors, and nop, occurs in a file of build/, as Binaryen reads it. */
function instructionCounts(name: string): Record<string, number> {
  const module = binaryen.readBinary(readFileSync(new URL(`../build/${name}.wasm`, import.meta.url)));
  const counts: Record<string, number> = {};
  for (const [, instruction] of module.emitText().matchAll(/\(((?:[if]\d+x\d+|v128)\.[a-z0-9_]+|nop)\b/g)) {
    counts[instruction!] = (counts[instruction!] ?? 0) + 1;
  }
  module.dispose();
  return counts;
}

test.each([
  ["f32", "f32x4"],
  ["f64", "f64x2"],
])("the builds of %s differ from their template only in the stand-ins", (precision, lanes) => {
  const {
    "f32x4.relaxed_min": products,
    "f32x4.relaxed_max": sums,
    "i32x4.relaxed_laneselect": selections,
    ...rest
  } = instructionCounts(precision);
  expect(products).toBeGreaterThan(100);
  expect(sums).toBe(products);
  expect(selections).toBeGreaterThan(0);
  const count = (instruction: string): number => rest[instruction] ?? 0;
  expect(instructionCounts(`${precision}-simd`)).toEqual({
    ...rest,
    [`${lanes}.mul`]: count(`${lanes}.mul`) + products!,
    [`${lanes}.add`]: count(`${lanes}.add`) + sums!,
    "v128.bitselect": count("v128.bitselect") + selections!,
    nop: count("nop") + selections!,
  });
  expect(instructionCounts(`${precision}-relaxed`)).toEqual({
    ...rest,
    [`${lanes}.relaxed_madd`]: sums,
    "i32x4.relaxed_laneselect": selections,
    nop: count("nop") + 3 * products!,
  });
});

test("a template whose stand-ins are not paired is refused", () => {
  const template = readFileSync(new URL("../build/f32.wasm", import.meta.url));
  expect(() => checkTemplate(template)).not.toThrow();
  template[template.indexOf("fd8e02", 0, "hex") + 1] = 0x8d;
  expect(() => checkTemplate(template)).toThrow(/stand-ins/);
});

test.each(["fd8d020000000000", "00fd8e0200000000"])(
  "a template in which the number %s looks like a stand-in is refused",
  (number) => {
    const module = `0061736d01000000 010401600000 03020100 0a0e010c00 44${number} 1a0b`.replaceAll(" ", "");
    const template = Buffer.from(module, "hex");
    expect(WebAssembly.validate(template)).toBe(true);
    expect(() => checkTemplate(template)).toThrow(/would be replaced/);
  },
);

describe.each(["float32", "float64"] as const)("%s", (dtype) => {
  describe.each(["simd", "relaxed"] as const)("%s", (build) => {
    const file = readFileSync(new URL(`../build/${dtype.replace("loat", "")}-${build}.wasm`, import.meta.url));

    test("the inlined build for shared memory equals the file byte for byte", () => {
      expect(file.length).toBeGreaterThan(1000);
      expect(Buffer.compare(buildBytes(dtype, build, true), file)).toBe(0);
    });

    test("the build for unshared memory differs in one byte: the flags of the memory's import", () => {
      const bytes = buildBytes(dtype, build);
      const places = [...bytes.keys()].filter((i) => bytes[i] !== file[i]);
      expect(places).toEqual([file.indexOf("memory", "latin1") + 7]);
      expect([bytes[places[0]], file[places[0]]]).toEqual([1, 3]);
    });
  });
});
