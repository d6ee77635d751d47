// The functions of the kernels in float32: a sample of what scripts/numerics/run.mjs does with whole ranges, and the page that it writes.
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { compileFunctions } from "../scripts/numerics/kernels.mjs";
import { checkShortcuts, FUNCTIONS } from "../scripts/numerics/oracles.mjs";
import { replaceTable } from "../scripts/numerics/report.mjs";
import results from "../scripts/numerics/results.json" with { type: "json" };
import { instantiate, measure } from "../scripts/numerics/sweep.mjs";
import { BUILDS } from "./backends.js";
import { ENGINES, matrix, model } from "./engine/support.js";
import { tries } from "./sampling.js";

const NAMES = Object.keys(FUNCTIONS) as (keyof typeof results.simd.functions)[];
/** Of each sign and exponent: this many mantissas, at equal distances, the first and the last among them. */
const MANTISSAS = tries(2048, 64);

function sample(): Float32Array {
  const patterns = Uint32Array.from(
    { length: 512 * MANTISSAS },
    (_, i) => (Math.floor(i / MANTISSAS) << 23) | Math.floor(((i % MANTISSAS) * 0x7fffff) / (MANTISSAS - 1)),
  );
  return new Float32Array(patterns.buffer);
}

test("the oracle's short ways agree with the long ones where they meet", () => {
  expect(checkShortcuts).not.toThrow();
});

describe.each(BUILDS)("%s", (build) => {
  let kernels: ReturnType<typeof instantiate>;
  beforeAll(async () => {
    kernels = instantiate(await compileFunctions(build));
  });

  test.each(NAMES)("%s is within its bound at mantissas of every exponent, and NaN for NaN", (name) => {
    const { count, worst, wrong } = measure(kernels, name, sample());
    expect(count).toBeGreaterThan(1000);
    expect(worst).toBeGreaterThan(0);
    expect(worst).toBeLessThanOrEqual(FUNCTIONS[name]!.bound);
    // Softmax, which alone uses log, gets a NaN into its loss by another term (below).
    expect(wrong).toBe(name === "log" ? 2 * (MANTISSAS - 1) : 0);
  });

  // On every machine the same, but for fused multiply-add.
  test.each(build === "simd" ? NAMES : [])("%s has the documented error at its worst argument", (name) => {
    const { argument, worst } = results.simd.functions[name];
    expect(measure(kernels, name, new Float32Array(4).fill(argument)).worst).toBe(worst);
  });

  test("an error of one bit more than the bound is noticed", () => {
    const one = {
      ...kernels,
      apply: (name: string, size: number) => {
        kernels.apply(name, size);
        new Uint32Array(kernels.memory.buffer, 65536, 4)[2]! += 5;
      },
    };
    expect(measure(one, "sigmoid", new Float32Array(4).fill(0.3)).worst).toBeGreaterThan(FUNCTIONS["sigmoid"]!.bound);
  });
});

test.each(ENGINES)("$name: a NaN among its sums makes softmax's loss NaN, whatever the target there", ({ create }) => {
  for (let units = 2; units < 10; units++) {
    for (let at = 0; at < units; at++) {
      for (const dtype of ["float32", "float64"] as const) {
        const engine = create(model([units, units], ["softmax"], { loss: "categoricalCrossentropy", dtype }));
        const sums = Array.from({ length: units }, (_, i) => (i === at ? NaN : 1)),
          target = sums.map((_, i) => Number(i === (at + 1) % units));
        expect(engine.evaluate(matrix(sums, units), matrix(target, units)).loss).toBeNaN();
      }
    }
  }
});

test("the sweep's results are within the bounds, and docs/numerics.md shows them", () => {
  for (const { functions } of [results.simd, results.relaxed]) {
    for (const name of NAMES) {
      expect(functions[name].worst, name).toBeLessThanOrEqual(FUNCTIONS[name]!.bound);
      expect(functions[name].wrong).toBe(0);
    }
  }
  const page = readFileSync(new URL("../docs/numerics.md", import.meta.url), "utf8");
  expect(replaceTable(page, results)).toBe(page);
});
