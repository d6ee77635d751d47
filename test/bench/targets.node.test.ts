// Targets: compared with their figure, as a minimum or a maximum, and left open where nothing was measured.
import { describe, expect, it } from "vitest";
import { judge, TARGETS } from "../../bench/targets.mjs";
import { comparison, MACHINE, measurement, peerResults, results } from "./support.js";

const judged = (id: string, sources: Parameters<typeof judge>[0]) => {
  const { value, reached } = judge(sources).find((target) => target.id === id)!;
  return { value, reached };
};

describe("judge", () => {
  it("leaves targets open that were not measured", () => {
    for (const { value, reached } of judge({})) expect([value, reached]).toEqual([undefined, undefined]);
    expect(new Set(TARGETS.map(({ id }) => id)).size).toBe(TARGETS.length);
  });

  it("takes the best engine's share of the peak", () => {
    // 1,000 rows of 100 operations in 1 ms are 0.1 GFLOP/s.
    const float32 = results([
      measurement("mnist", { "js": [35, 35], "wasm-simd": [2, 2], "wasm-relaxed-simd": [1, 1] }, 0.1 / 0.85),
    ]);
    expect(judged("mnist-peak", { float32 }).value).toBeCloseTo(0.85, 12);
    expect(judged("mnist-plain", { float32 })).toEqual({ value: 35, reached: true });
    expect(judged("mnist-plain", { float32: results([measurement("mnist", { "js": [34.9], "wasm-simd": [1] })]) }).reached).toBe(
      false,
    );
  });

  it("takes the slowest of three products, for each engine", () => {
    const gemm = results([
      measurement("forward", { "wasm-relaxed-simd": [1], "wasm-simd": [2] }, 0.105),
      measurement("input gradient", { "wasm-relaxed-simd": [1.1], "wasm-simd": [1.2] }, 0.105),
    ]);
    expect(judged("gemm-wasm-relaxed-simd", { gemm }).value).toBeCloseTo(0.1 / 1.1 / 0.105, 12);
    expect(judged("gemm-wasm-simd", { gemm })).toEqual({ value: expect.closeTo(0.05 / 0.105, 12), reached: false });
  });

  it("takes the ratio to a library from common rounds", () => {
    const peers = peerResults("textbook", [comparison("NumPy", [50, 500], [1, 10]), comparison("PyTorch", [299], [1])]);
    expect(judged("textbook-numpy", { peers })).toEqual({ value: 50, reached: true });
    expect(judged("textbook-pytorch", { peers })).toEqual({ value: 299, reached: false });
    expect(judged("textbook-brain-2", { peers }).reached).toBe(undefined);
  });

  it("computes the share of the peak that a target needs", () => {
    // 25,000 rows a second, 1.1 times as many, of 409,088 operations: 11.25 GFLOP/s.
    const peers = peerResults("mnist", [comparison("NumPy", [4], [5])]);
    const float32 = results([measurement("mnist", { "js": [35], "wasm-simd": [2], "wasm-relaxed-simd": [1] }, 9)]);
    const share = (id: string) => judge({ peers, float32 }).find((target) => target.id === id)!.share;
    expect(share("mnist-numpy")).toBeCloseTo((1.1 * 25_000 * 409_088) / 9e9, 12);
    expect(share("mnist-pytorch")).toBe(undefined);
    expect(share("mnist-peak")).toBe(0.85);
  });

  it("treats milliseconds as a maximum", () => {
    const startup = (total: number) => ({
      machine: MACHINE,
      backend: "wasm-simd",
      processes: 1,
      networks: 1,
      residentMegabytes: [1],
      milliseconds: { "5-10-1": { total: { median: total, q1: total, q3: total } } },
    });
    expect(judged("startup", { startup: startup(5) }).reached).toBe(true);
    expect(judged("startup", { startup: startup(5.1) }).reached).toBe(false);
  });
});
