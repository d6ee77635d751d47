// Figures from samples: medians and quartiles; ratios within a round, not of medians.
import { describe, expect, it } from "vitest";
import { spread, summarize, summarizePair } from "../../bench/statistics.mjs";
import { measurement } from "./support.js";

describe("spread", () => {
  it("interpolates between the two samples around a quartile", () => {
    expect(spread([4, 1, 3, 2])).toEqual({ median: 2.5, q1: 1.75, q3: 3.25 });
    expect(spread([7])).toEqual({ median: 7, q1: 7, q3: 7 });
  });
});

describe("summarize", () => {
  it("takes ratios and fractions round by round", () => {
    // The machine slows down threefold in the second round and ninefold in the third: engines and peak alike.
    const slowing = measurement("x", { "js": [10, 30, 90], "wasm-simd": [1, 3, 9] });
    slowing.peaks["wasm-simd"] = [0.2, 0.2 / 3, 0.2 / 9];
    const [js, wasm] = summarize(slowing);
    expect(js!.rowsPerSecond.median).toBeCloseTo(1e6 / 30, 8);
    expect(wasm!.ratio).toEqual({ median: 10, q1: 10, q3: 10 });
    expect(wasm!.gflops.median).toBeCloseTo((1000 * 100) / 0.003 / 1e9, 12);
    for (const share of Object.values(wasm!.ofPeak!)) expect(share).toBeCloseTo(0.5, 12);
    expect(js).not.toHaveProperty("ofPeak");
  });

  it("compares an engine with the same engine of another build", () => {
    const two = measurement("x", { "wasm-simd": [2, 2], "wasm-relaxed-simd": [1, 1] });
    two.tracks.push(...two.tracks.map((track) => ({ ...track, build: "other", ms: track.ms.map((ms) => 3 * ms) })));
    expect(summarize(two).map(({ ratio }) => ratio?.median)).toEqual([3, 3, undefined, undefined]);
  });
});

describe("summarizePair", () => {
  it("says how many times as fast the second is", () => {
    const { usual, other, ratio } = summarizePair({
      sides: [
        { rowsPerSlice: 10, ms: [10, 40] },
        { rowsPerSlice: 20, ms: [10, 10] },
      ],
    });
    expect([usual.median, other.median, ratio.q1, ratio.q3]).toEqual([625, 2000, 3.5, 6.5]);
  });
});
