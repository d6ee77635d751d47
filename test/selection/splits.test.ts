// Divisions of rows: what they must keep, whatever the seed, and what bad arguments get.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { kFold, trainTestSplit } from "../../src/entries/selection.js";

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const ascending = (rows: readonly number[]): number[] => [...rows].sort((a, b) => a - b);
const seeds = fc.integer({ min: -(2 ** 31), max: 2 ** 32 - 1 });
const tally = (list: readonly number[], value: number): number => list.filter((each) => each === value).length;

describe("trainTestSplit", () => {
  test("puts each row, with its target, into exactly one part, of the size that scikit-learn gives it", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 60 }),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        seeds,
        (count, test, seed) => {
          const tested = Math.ceil(count * test);
          fc.pre(tested < count);
          const x = range(count).map((i) => [i, -i]),
            y = range(count);
          const { xTrain, xTest, yTrain, yTest } = trainTestSplit(x, y, { test, seed });
          expect(xTest).toHaveLength(tested);
          expect(ascending([...yTrain, ...yTest])).toEqual(y);
          expect([...xTrain, ...xTest]).toEqual([...yTrain, ...yTest].map((i) => [i, -i]));
        },
      ),
    );
  });

  test("gives each class its share of the test rows, rounded up or down", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 4, maxLength: 80 }), seeds, (y, seed) => {
        const { yTest } = trainTestSplit(y, y, { test: 0.3, seed, stratify: true });
        expect(yTest).toHaveLength(Math.ceil(y.length * 0.3));
        for (const label of new Set(y)) {
          expect(Math.abs(tally(yTest, label) - (tally(y, label) * yTest.length) / y.length)).toBeLessThan(1);
        }
      }),
    );
  });

  test("stratifies by one-hot rows, flat ones and classes given apart as it does by class indices", () => {
    const classes = range(40).map((i) => Number(i % 4 === 0));
    const oneHot = classes.map((label) => (label ? [0, 1] : [1, 0]));
    const x = range(40);
    const expected = trainTestSplit(x, classes, { seed: 5, stratify: true }).xTest;
    expect(
      tally(
        expected.map((i) => classes[i]!),
        1,
      ),
    ).toBeGreaterThanOrEqual(2);
    for (const y of [oneHot, Uint8Array.from(classes), Float32Array.from(oneHot.flat())]) {
      expect(trainTestSplit(x, y, { seed: 5, stratify: true }).xTest).toEqual(expected);
    }
    expect(trainTestSplit(x, x, { seed: 5, stratify: classes.map((label) => (label ? "yes" : "no")) }).xTest).toEqual(expected);
    expect(trainTestSplit(x, x, { seed: 5, stratify: false }).xTest).not.toEqual(expected);
  });

  test("keeps the form of flat typed arrays, their columns found from y or told", () => {
    const rows = range(8),
      x = Float32Array.from(rows.flatMap((i) => [i, i + 0.5, -i]));
    for (const [y, options] of [
      [rows, {}],
      [Int32Array.from(rows), {}],
      [Float64Array.from(rows.flatMap((i) => [i, 9])), { columns: 3 }],
    ] as const) {
      const { xTrain, xTest, yTest } = trainTestSplit(x, y, { test: 3, seed: 2, ...options });
      expect(xTrain).toBeInstanceOf(Float32Array);
      expect(xTrain).toHaveLength(15);
      const first = yTest.filter((_: number, i: number) => i % (y.length / 8) === 0);
      expect(xTest).toEqual(Float32Array.from([...first].flatMap((i) => [i, i + 0.5, -i])));
      expect(yTest.constructor).toBe(y.constructor);
    }
  });

  test("a seed gives these rows everywhere", () => {
    const { xTrain, xTest } = trainTestSplit(range(8), range(8), { seed: 1 });
    // MurmurHash3's finalizer over a counter, and Fisher and Yates, written a second time in Python.
    expect([xTrain, xTest]).toEqual([
      [6, 2, 0, 5, 4, 1],
      [7, 3],
    ]);
    expect(trainTestSplit(range(50), range(50), { seed: 1 })).not.toEqual(trainTestSplit(range(50), range(50), { seed: 2 }));
  });

  test.each<[string, unknown, unknown, object, string]>([
    ["no list", "rows", [1], {}, 'x is "rows"; it must be an array, or a flat typed array'],
    ["no targets", [[1]], undefined, {}, "y is undefined; it must be an array, or a flat typed array"],
    ["empty rows", [], [], {}, "x has no rows"],
    ["unequal lengths", [[1], [2]], [1], {}, "x has 2 rows but y has 1 row"],
    ["targets that do not divide", [[1], [2]], Float32Array.of(1, 2, 3), {}, "x has 2 rows but y has 3 values"],
    ["inputs that do not divide", Float32Array.of(1, 2, 3), [1, 2], {}, "x has 2 rows but x has 3 values"],
    [
      "columns that do not divide",
      Float32Array.of(1, 2, 3),
      [1, 2],
      { columns: 2 },
      "x has 3 values, no whole number of rows of 2",
    ],
    ["a share of 0", [1, 2], [1, 2], { test: 0 }, "test is 0; it must be a share above 0 and below 1, or a number of rows"],
    ["a share of 1.5", [1, 2], [1, 2], { test: 1.5 }, "test is 1.5; it must be"],
    ["all rows", [1, 2], [1, 2], { test: 2 }, "test is 2, which leaves none of 2 rows to train on"],
    ["a share of one row", [1], [1], {}, "test is 0.25, which leaves none of 1 row to train on"],
    ["a seed that is none", [1, 2], [1, 2], { seed: 2 ** 33 }, "seed is 8589934592; it must be a 32-bit integer"],
    ["too few classes", [1, 2], [1, 2], { stratify: [1] }, "x has 2 rows but stratify has 1 row"],
    ["classes that are no list", [1, 2], [1, 2], { stratify: "y" }, 'stratify is "y"; it must be an array'],
    ["an unknown option", [1, 2], [1, 2], { stratfy: true }, 'unknown option "stratfy"; did you mean "stratify"?'],
  ])("refuses %s", (_name, x, y, options, message) => {
    expect(() => trainTestSplit(x as number[], y as number[], options)).toThrow(message);
  });
});

describe("kFold", () => {
  test("tests each row once and trains on all others; the folds' sizes differ by at most one", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 60 }), fc.integer({ min: 2, max: 9 }), seeds, (count, folds, seed) => {
        fc.pre(folds <= count);
        const parts = kFold(count, { folds, seed });
        expect(parts).toHaveLength(folds);
        expect(ascending(parts.flatMap(({ test }) => test))).toEqual(range(count));
        for (const { train, test } of parts) {
          expect(ascending([...train, ...test])).toEqual(range(count));
          expect([train, test]).toEqual([ascending(train), ascending(test)]);
          expect([Math.floor(count / folds), Math.ceil(count / folds)]).toContain(test.length);
        }
      }),
    );
  });

  test("gives each class its share of every fold, rounded up or down", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 5, maxLength: 80 }), seeds, (y, seed) => {
        for (const { test } of kFold(y.length, { folds: 5, seed, stratify: y })) {
          for (const label of new Set(y))
            expect(
              Math.abs(
                tally(
                  test.map((row) => y[row]!),
                  label,
                ) -
                  tally(y, label) / 5,
              ),
            ).toBeLessThan(1);
        }
      }),
    );
  });

  test("the seed settles the folds, and 5 are made when nobody says how many", () => {
    expect(kFold(20, { seed: 3 })).toEqual(kFold(20, { seed: 3 }));
    expect(kFold(20, { seed: 3 })).not.toEqual(kFold(20, { seed: 4 }));
    expect(kFold(20, { seed: -1 })).toEqual(kFold(20, { seed: 2 ** 32 - 1 }));
    expect(kFold(7)).toHaveLength(5);
  });

  test.each<[string, unknown, object, string]>([
    ["no count", [[1]], {}, "count is an array of 1; it must be a positive integer"],
    ["one fold", 10, { folds: 1 }, "folds is 1; it must be an integer, 2 or more"],
    ["more folds than rows", 3, { folds: 4 }, "folds is 4; it must be at most the number of rows, which is 3"],
    ["too many classes", 3, { folds: 2, stratify: [1, 2, 3, 4] }, "x has 3 rows but stratify has 4 rows"],
    ["an unknown option", 3, { fold: 2 }, 'unknown option "fold"; did you mean "folds"?'],
  ])("refuses %s", (_name, count, options, message) => {
    expect(() => kFold(count as number, options)).toThrow(message);
  });
});
