// docs/performance.md from results: its sections, what is left out, and the notes on missed targets.
import { describe, expect, it } from "vitest";
import { boundOf, performancePage } from "../../bench/performance.mjs";
import { comparison, measurement, peerResults, results } from "./support.js";

const NOTES = `Ignored.

**mnist-peak** Loads and
stores ([why](../docs/decisions/0001.md)).

**mnist-plain** The plain engine is fast.

## Kernels that were slower

- 8×8: registers spill.
`;
/** 80 % of the peak, 40 times the plain engine. */
const float32 = results([measurement("mnist", { "js": [40], "wasm-simd": [1] }, 0.125)]);
const saved = (all: object[]) => all.map((results, i) => ({ source: `bench/results/${i}.json`, results }));

describe("performancePage", () => {
  it("explains missed targets and not reached ones", () => {
    const { page } = performancePage(saved([float32]), NOTES);
    expect(page).toContain("| train 784-128-10, batch 32: of the machine's wasm peak | ≥ 85 % | 80 % | no | 85 % |");
    expect(page).toContain(
      "- train 784-128-10, batch 32, of the machine's wasm peak: Loads and stores ([why](decisions/0001.md)).",
    );
    expect(page).toContain("× the plain JavaScript engine | ≥ 35 | 40 | yes |");
    expect(page).not.toContain("The plain engine is fast");
    expect(page).toContain("## Kernels that were slower\n\n- 8×8: registers spill.\n");
  });

  it("shows the products of either precision, and judges those of float32", () => {
    const gemm = (dtype: string, ms: number) => ({
      ...results([measurement("forward", { "wasm-relaxed-simd": [ms] }, 0.1)], {}, dtype),
      kind: "gemm",
    });
    const { page } = performancePage(saved([gemm("float64", 4), gemm("float32", 1)]), NOTES);
    expect(page).toContain("| forward: about forward | wasm-relaxed-simd | 0.1 (0.1…0.1) | 100 % |");
    expect(page).toContain("| forward: about forward | wasm-relaxed-simd | 0.025 (0.025…0.025) | 25 % |");
    expect(page).toContain("wasm-relaxed-simd, the slowest of the three: of the machine's wasm peak | ≥ 90 % | 100 % | yes |");
  });

  it("has sections and charts only for what was measured", () => {
    const without = performancePage(saved([float32]), NOTES);
    expect(without.charts).toEqual({});
    expect(without.page).not.toContain("## Comparison with other libraries");
    const sweep = {
      ...results([measurement("batch=1", { "wasm-simd": [8] }), measurement("batch=256", { "wasm-simd": [1] })]),
      kind: "sweep",
    };
    const { page, charts } = performancePage(
      saved([float32, peerResults("mnist", [comparison("NumPy", [1], [2])]), sweep]),
      NOTES,
    );
    expect(page).toContain("| NumPy | 0.500 × (100,000) |");
    expect(page).not.toContain("### On Node 20");
    expect(page).toContain("(performance/batch.svg)");
    expect(charts).toHaveProperty(["peers.svg"], expect.stringContaining("NumPy"));
    expect(charts).toHaveProperty(["batch.svg"], expect.stringContaining("microseconds per row"));
  });

  it("shows other libraries on Node 20 too, and compares targets with the default Node", () => {
    const [usual, older] = [
      peerResults("mnist", [comparison("brain.js", [50], [1])]),
      peerResults("mnist", [comparison("brain.js", [100], [1])]),
    ];
    const { page } = performancePage(saved([{ ...older, machine: { ...older.machine, node: "20.1.0" } }, usual]), NOTES);
    expect(page).toContain("train 784-128-10, batch 32: × brain.js | ≥ 100 | 50 | no |");
    expect(page).toMatch(/\| brain\.js \| 50 × .*### On Node 20.*\| brain\.js \| 100 × .*### Training accuracy/s);
  });
});

describe("boundOf", () => {
  it("finds a target's own paragraph", () => {
    expect(boundOf(NOTES, "mnist-peak")).toBe("Loads and stores ([why](../docs/decisions/0001.md)).");
    expect(boundOf(NOTES, "mnist")).toBe(undefined);
  });
});
