// Operations per row, the bound set by padding, and sweeps' points by name.
import { describe, expect, it } from "vitest";
import { findWorkload, flopPerRow, paddingBound, SWEEP_POINTS, WORKLOADS } from "../../bench/workloads.mjs";

describe("flopPerRow", () => {
  it("counts the first layer twice and the others three times in training, once in prediction", () => {
    expect(flopPerRow(WORKLOADS["mnist"])).toBe(2 * (2 * 784 * 128 + 3 * 128 * 10));
    expect(flopPerRow(WORKLOADS["predict-many"])).toBe(2 * (784 * 128 + 128 * 10));
  });
});

describe("paddingBound", () => {
  it("is what is left when units are padded to whole vectors", () => {
    // 5·12 and 10·4 instead of 5·10 and 10·1, the first layer's products twice, the second's three times.
    expect(paddingBound(WORKLOADS["textbook"], 4)).toBeCloseTo((2 * 50 + 3 * 10) / (2 * 60 + 3 * 40), 12);
    expect(paddingBound(WORKLOADS["textbook"], 1)).toBe(1);
    expect(paddingBound(WORKLOADS["predict-one"], 4)).toBeCloseTo((784 * 128 + 1280) / (784 * 128 + 1536), 12);
  });
});

describe("findWorkload", () => {
  it("finds every point of every sweep", () => {
    expect(SWEEP_POINTS.length).toBeGreaterThan(20);
    for (const name of SWEEP_POINTS) expect(findWorkload(name).rows % findWorkload(name).batch).toBe(0);
    expect(findWorkload("batch=64")).toMatchObject({ sizes: [784, 128, 10], batch: 64, trains: true });
    expect(findWorkload("depth=4")).toMatchObject({
      sizes: [784, 128, 128, 128, 128, 10],
      about: "train 784-128×4-10, batch 32, 512 rows",
    });
  });

  it("refuses what there is not", () => {
    for (const name of ["minst", "batch", "batch=0", "batch=x", "toString", "toString=1"]) {
      expect(() => findWorkload(name)).toThrow(`there is no workload "${name}"`);
    }
  });
});
