// Drawings made to look like MNIST's images, and what is learnt from the formulas of the textbook's room.
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { findMistakes } from "../../playground/digits/mistakes.js";
import { pack } from "../../playground/digits/mnist-plugin.js";
import { centreOfMass, normalise } from "../../playground/digits/normalise.js";
import { START, derive, flatten, forward } from "../../playground/textbook/derivation.js";

const rowsOf = (image: Float32Array): number[] =>
  Array.from({ length: 28 }, (_, r) => Math.max(...image.subarray(28 * r, 28 * r + 28)));
const columnsOf = (image: Float32Array): number[] =>
  Array.from({ length: 28 }, (_, c) => Math.max(...Array.from({ length: 28 }, (_, r) => image[28 * r + c])));
const extent = (lines: number[]): number => lines.filter((ink) => ink > 0.02).length;
const SEVEN = [[0.3, 0.2, 0.7, 0.2, 0.45, 0.8]];

describe("a drawing", () => {
  test("is as large and lies as MNIST's images do", () => {
    const count = 1000;
    const bytes = gunzipSync(
      pack(
        "t10k",
        Array.from({ length: count }, (_, i) => 10 * i),
      ),
    );
    expect(bytes).toHaveLength(count * 785);
    // The first images of the test set show these.
    expect([...gunzipSync(pack("t10k", [0, 1, 2, 3, 4])).subarray(5 * 784)]).toEqual([7, 2, 1, 0, 4]);
    const images = Array.from({ length: count }, (_, i) =>
      Float32Array.from(bytes.subarray(784 * i, 784 * (i + 1)), (byte) => byte / 255),
    );
    const centres = images.map(centreOfMass);
    const image = normalise(SEVEN)!;
    for (const axis of [0, 1] as const) {
      const mean = centres.reduce((sum, centre) => sum + centre[axis], 0) / centres.length;
      expect(Math.abs(centreOfMass(image)[axis] - mean)).toBeLessThan(0.1);
    }
    expect(extent(rowsOf(image))).toBeGreaterThanOrEqual(20);
    expect(extent(rowsOf(image))).toBeLessThanOrEqual(22);
    // As much ink as people use.
    const ink = (of: Float32Array): number => of.reduce((sum, value) => sum + value, 0);
    const usual = images.map(ink).sort((a, b) => a - b);
    expect(ink(image)).toBeGreaterThan(usual[count * 0.02]);
    expect(ink(image)).toBeLessThan(usual[count * 0.98]);
  });

  test("looks the same wherever it is drawn and however large", () => {
    const moved = SEVEN.map((stroke) => stroke.map((value) => 0.5 * value + 0.4));
    const [a, b] = [normalise(SEVEN)!, normalise(moved)!];
    for (let i = 0; i < 784; i++) expect(b[i]).toBeCloseTo(a[i], 5);
  });

  test("has soft edges, and no ink outside of 0 … 1", () => {
    const image = normalise(SEVEN)!;
    expect(image.every((value) => value >= 0 && value <= 1)).toBe(true);
    expect(image.filter((value) => value > 0 && value < 1).length).toBeGreaterThan(20);
    expect(image.filter((value) => value === 1).length).toBeGreaterThan(20);
  });

  test("a tall one fills the height, a wide one the width, a tap neither", () => {
    const tall = normalise([[0.5, 0.1, 0.5, 0.9]])!;
    expect(extent(rowsOf(tall))).toBeGreaterThan(18);
    expect(extent(columnsOf(tall))).toBeLessThan(6);
    const wide = normalise([[0.1, 0.5, 0.9, 0.5]])!;
    expect(extent(columnsOf(wide))).toBeGreaterThan(18);
    const tap = normalise([[0.2, 0.2]])!;
    expect(extent(rowsOf(tap))).toBeLessThan(6);
    expect(Math.max(...tap)).toBeCloseTo(1, 5);
  });

  test("without a stroke there is none", () => {
    expect(normalise([])).toBeUndefined();
    expect(normalise([[]])).toBeUndefined();
  });
});

test("mistakes are listed from the worst on", () => {
  const row = (digit: number, p: number, rest: number): number[] =>
    Array.from({ length: 10 }, (_, d) => (d === digit ? p : d === rest ? 1 - p : 0));
  const { predicted, mistakes } = findMistakes(
    [...row(3, 0.9, 5), ...row(3, 0.6, 5), ...row(2, 1, 0), ...row(3, 0.99, 5)],
    Uint8Array.of(3, 5, 2, 5),
  );
  expect(predicted).toEqual([3, 3, 2, 3]);
  expect(mistakes.map(({ row: each, actual, predicted: read }) => [each, actual, read])).toEqual([
    [3, 5, 3],
    [1, 5, 3],
  ]);
});

describe("the derivation", () => {
  // docs/textbook.md, "One step by hand".
  test("gives the docs' numbers", () => {
    const d = derive(START);
    expect(d.z.map((value) => value.toFixed(6))).toEqual(["0.500000", "0.000000"]);
    expect(d.a.map((value) => value.toFixed(6))).toEqual(["0.622459", "0.500000"]);
    expect([d.zOut, d.y, d.cost, d.deltaOut].map((value) => value.toFixed(6))).toEqual([
      "0.211230",
      "0.552612",
      "0.100078",
      "-0.110609",
    ]);
    expect(d.delta.map((value) => value.toFixed(6))).toEqual(["-0.012997", "0.016591"]);
    expect(flatten(d.next).map((value) => value.toFixed(6))).toEqual([
      "0.206498",
      "-0.308296",
      "0.403249",
      "0.795852",
      "0.106498",
      "-0.108296",
      "0.534425",
      "-0.572348",
      "0.255304",
    ]);
    expect(forward({ ...START, weights: d.next }).y.toFixed(6)).toBe("0.575980");
  });
});
