// Shapes without a page: links, points, the boundary's line, curves that grow for ever.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { contour } from "../../playground/shapes/contour.js";
import { makePoints } from "../../playground/shapes/datasets.js";
import { MOST_ADDED, RANGE, decodePoints, encodePoints, snap } from "../../playground/shapes/points.js";
import {
  ACTIVATIONS,
  BATCHES,
  DATA,
  DECAYS,
  LOSSES,
  OPTIMIZERS,
  RATES,
  SPEEDS,
  defaults,
  format,
  parse,
  suits,
} from "../../playground/shapes/state.js";
import { Series } from "../../playground/ui/series.js";

const coordinate = fc.double({ min: -RANGE, max: RANGE, noNaN: true });
const point = fc.record({ x: coordinate, y: coordinate, target: fc.double({ min: -1, max: 1, noNaN: true }) }).map(snap);

describe("links", () => {
  test("any state comes back from its link", () => {
    fc.assert(
      fc.property(
        fc
          .record({
            data: fc.constantFrom(...DATA),
            points: fc.integer({ min: 40, max: 500 }),
            noise: fc.integer({ min: 0, max: 20 }).map((n) => n / 20),
            hidden: fc.array(fc.integer({ min: 1, max: 8 }), { maxLength: 4 }),
            activation: fc.constantFrom(...ACTIVATIONS),
            loss: fc.constantFrom(...LOSSES),
            optimizer: fc.constantFrom(...OPTIMIZERS),
            rate: fc.constantFrom(...RATES),
            batch: fc.constantFrom(...BATCHES),
            l2: fc.constantFrom(...DECAYS),
            dropout: fc.integer({ min: 0, max: 16 }).map((n) => n / 20),
            seed: fc.nat(1_000_000),
            speed: fc.constantFrom(...SPEEDS),
            added: fc.array(point, { maxLength: 30 }),
          })
          .filter(({ loss, data }) => suits(loss, data)),
        (state) => {
          expect(parse(new URLSearchParams(format(state).toString()))).toEqual(state);
        },
      ),
    );
  });

  test("the usual state has an empty link", () => {
    expect(format(defaults()).toString()).toBe("");
    expect(parse(new URLSearchParams())).toEqual(defaults());
  });

  test("nothing in a link breaks it", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...Object.keys(defaults())), fc.string()), (query) => {
        const state = parse(new URLSearchParams(query));
        expect(Number.isFinite(state.noise + state.points + state.seed + state.dropout)).toBe(true);
        expect(state.added.every(({ x, y }) => Math.abs(x) <= RANGE && Math.abs(y) <= RANGE)).toBe(true);
      }),
    );
  });

  test("points are no more than a link can hold", () => {
    const text = encodePoints(Array.from({ length: MOST_ADDED + 50 }, () => ({ x: 1, y: 2, target: 0 })));
    expect(decodePoints(text)).toHaveLength(MOST_ADDED);
  });
});

describe("data", () => {
  test.each(DATA.filter((data) => data !== "blank"))(
    "%s: all points inside, both classes, a quarter for validation, the same for the same seed",
    (data) => {
      const settings = { ...defaults(), data, points: 200, noise: 1 };
      const { train, validation } = makePoints(settings);
      expect(train.length + validation.length).toBe(200);
      expect(validation).toHaveLength(50);
      for (const { x, y, target } of [...train, ...validation]) {
        expect(Math.max(Math.abs(x), Math.abs(y))).toBeLessThan(RANGE);
        expect(Math.abs(target)).toBeLessThanOrEqual(1);
      }
      if (data !== "surface")
        for (const part of [train, validation]) expect(part.filter(({ target }) => target === 1)).toHaveLength(part.length / 2);
      expect(makePoints(settings)).toEqual({ train, validation });
      expect(makePoints({ ...settings, seed: 2 })).not.toEqual({ train, validation });
    },
  );

  test("the circles' classes are as far from the middle as they should be", () => {
    const { train } = makePoints({ ...defaults(), data: "circles", noise: 0 });
    for (const { x, y, target } of train) {
      const radius = Math.hypot(x, y) / RANGE;
      expect(target ? radius : 1 - radius).toBeLessThan(target ? 0.46 : 0.36);
    }
  });
});

describe("the boundary", () => {
  test("of a plane is a straight line where the plane is at the level", () => {
    const size = 10;
    // Twice as many numbers: the second of each pair counts.
    const values = Array.from({ length: size * size }, (_, i) => [Number.NaN, (i % size) - 3.25]).flat();
    const segments: number[][] = [];
    contour(values, size, 1, 1, 2, (...segment) => segments.push(segment));
    expect(segments).toHaveLength(size - 1);
    for (const [x1, , x2] of segments) {
      expect(x1).toBeCloseTo(4.25);
      expect(x2).toBeCloseTo(4.25);
    }
  });

  test("of a hill is a closed ring", () => {
    const size = 21;
    const values = Array.from(
      { length: size * size },
      (_, i) => 50.5 - ((i % size) - 10) ** 2 - (Math.floor(i / size) - 10) ** 2,
    );
    const ends = new Map<string, number>();
    contour(values, size, 0, 0, 1, (x1, y1, x2, y2) => {
      for (const [x, y] of [
        [x1, y1],
        [x2, y2],
      ] as const) {
        expect(Math.hypot(x - 10, y - 10)).toBeCloseTo(Math.sqrt(50.5), 0);
        const key = `${x.toFixed(6)},${y.toFixed(6)}`;
        ends.set(key, (ends.get(key) ?? 0) + 1);
      }
    });
    expect(ends.size).toBeGreaterThan(20);
    expect([...ends.values()].every((count) => count === 2)).toBe(true);
  });
});

describe("a curve that grows", () => {
  test("keeps its first and its newest point, stays in order, and stays short", () => {
    const series = new Series(2);
    for (let x = 1; x <= 50_000; x++) {
      series.push(x, x * 2, x % 2 ? x : undefined);
      const xs = series.columns[0];
      if (xs[0] !== 1 || xs.at(-1) !== x || xs.length > 1201)
        throw new Error(`at ${x}: ${xs[0]} … ${xs.at(-1)}, ${xs.length} points`);
    }
    const [xs, twice] = series.columns as [number[], number[], (number | null)[]];
    expect(xs.length).toBeGreaterThan(500);
    expect(twice).toEqual(xs.map((x) => 2 * x));
    expect(xs.every((x, i) => i === 0 || x > xs[i - 1])).toBe(true);
    // Evenly spread: no gap is much larger than another.
    const gaps = xs.slice(1, -1).map((x, i) => x - xs[i]);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(2 * Math.min(...gaps));
    series.clear();
    expect(series.length).toBe(0);
  });
});
