// Every layout of rows against a naive conversion, and every way in which rows can be wrong against its message.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readRows, readWeights, shapeOutput, trainingRows } from "../src/data/rows.js";
import type { DataRows, Targets } from "../src/data/rows.js";
import { runToEnd, sliceRows } from "../src/engine/engine.js";
import type { FloatArray, Loss } from "../src/model/spec.js";
import type { TypedArray } from "../src/public-types.js";

const classes = (rows: number): Targets => ({ loss: "categoricalCrossentropy", rows, of: "x" });
const values = (rows: number, loss: Loss = "huber"): Targets => ({ loss, rows, of: "x" });
const written = (rows: DataRows, first = 0, count = rows.count - first): number[] => {
  const target = new Float64Array(count * rows.columns + 1).fill(77);
  rows.write(target, first, count);
  expect(target.at(-1)).toBe(77);
  return [...target.subarray(0, -1)];
};

const INTEGERS = [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array];
const TYPES = [Float32Array, Float64Array, ...INTEGERS];

/** Rows of small integers, which every type can hold, in a random layout. */
const matrix = fc.integer({ min: 1, max: 70 }).chain((columns) =>
  fc.record({
    columns: fc.constant(columns),
    rows: fc.array(fc.array(fc.nat(100), { minLength: columns, maxLength: columns }), { minLength: 1, maxLength: 9 }),
    flat: fc.boolean(),
    /** The type of each row, or of all if flat; one past the end for a plain list. */
    types: fc.array(fc.nat(TYPES.length), { minLength: 9, maxLength: 9 }),
    start: fc.nat(8),
    end: fc.nat(8),
    single: fc.boolean(),
  }),
);

describe("rows", () => {
  test("in any layout and any window equal a naive conversion", () => {
    fc.assert(
      fc.property(matrix, ({ columns, rows, flat, types, start, end, single }) => {
        const layout = flat
          ? new TYPES[types[0] % TYPES.length](rows.flat())
          : rows.map((row, r) => (types[r] < TYPES.length ? new TYPES[types[r]](row) : row));
        const data = readRows(layout, "x", columns);
        expect(data).toMatchObject({ count: rows.length, columns, like: flat ? "typed" : "rows" });
        expect(data.source).toBe(flat ? layout : undefined);
        const first = start % rows.length;
        const count = Math.min(end, rows.length - first);
        const target = new (single ? Float32Array : Float64Array)(rows.length * columns).fill(-1);
        data.write(target, first, count);
        expect([...target.subarray(0, count * columns)]).toEqual(rows.slice(first, first + count).flat());
        expect(target.subarray(count * columns).every((v) => v === -1)).toBe(true);
      }),
    );
  });

  test("that are invalid at one place are reported with the place, only in windows that contain it", () => {
    // oxlint-disable-next-line no-sparse-arrays
    const hole = [,] as unknown[];
    const bad = fc.constantFrom<[unknown, string]>(
      [NaN, "is NaN"],
      [Infinity, "is Infinity"],
      [-Infinity, "is -Infinity"],
      [1e39, "is 1e+39, which is too large for float32"],
      [-1e300, "is -1e+300, which is too large for float32"],
      ["abc", 'is "abc"; it must be a number'],
      ["5", 'is "5"; it must be a number'],
      [null, "is null; it must be a number"],
      [undefined, "is undefined; it must be a number"],
      [true, "is true; it must be a number"],
      [5n, "is 5n; it must be a number"],
      [{}, "is an object; it must be a number"],
      [[1], "is an array of 1; it must be a number"],
      [hole, "is undefined; it must be a number"],
    );
    const place = fc.record({
      rows: fc.integer({ min: 1, max: 9 }),
      columns: fc.integer({ min: 1, max: 70 }),
      r: fc.nat(),
      c: fc.nat(),
    });
    fc.assert(
      fc.property(place, bad, fc.boolean(), ({ rows, columns, ...at }, [value, message], typed) => {
        const r = at.r % rows;
        const c = at.c % columns;
        const plain = Array.from({ length: rows }, (): unknown[] => Array.from({ length: columns }, () => 1));
        if (value === hole) delete plain[r][c];
        else plain[r][c] = value;
        const target = new Float32Array(rows * columns);
        const check = (data: DataRows, name: string): void => {
          const kind = message.includes("must be") ? TypeError : RangeError;
          expect(() => data.write(target, 0, rows)).toThrow(new kind(name + " " + message));
          expect(() => data.write(target, r, 1)).toThrow(new kind(name + " " + message));
          data.write(target, 0, r);
          data.write(target, r + 1, rows - r - 1);
        };
        check(readRows(plain, "x", columns), `x[${r}][${c}]`);
        if (typeof value !== "number") return;
        check(readRows(Float64Array.from(plain.flat() as number[]), "x", columns), `x[${r * columns + c}]`);
        const rowsTyped = plain.map((row) => (typed ? Float64Array.from(row as number[]) : row));
        check(readRows(rowsTyped, "x", columns), `x[${r}][${c}]`);
      }),
    );
  });

  test("in the target's own memory are checked and not moved", () => {
    const memory = new Float32Array(10).map((_, i) => i);
    const data = readRows(memory.subarray(2, 8), "x", 2);
    data.write(memory.subarray(4), 1, 2);
    expect([...memory]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    data.write(memory.subarray(3), 0, 3);
    expect([...memory]).toEqual([0, 1, 2, 2, 3, 4, 5, 6, 7, 9]);
    memory.set([3, 4, 5, 6, 7, 8], 3);
    // Other numbers at the same place are no reason to leave them there.
    readRows(new Int32Array(memory.buffer), "x", 1).write(memory, 0, 10);
    expect(memory[1]).toBe(0x3f800000);
    memory[5] = NaN;
    expect(() => data.write(memory.subarray(4), 1, 2)).toThrow("x[3] is NaN");
  });

  test("may exceed float32 in float64, and may be shared", () => {
    // Pages that are not cross-origin isolated have no SharedArrayBuffer.
    const shared = new Float64Array(new (globalThis.SharedArrayBuffer ?? ArrayBuffer)(16)).fill(1e300);
    expect(written(readRows(shared, "x", 2))).toEqual([1e300, 1e300]);
    expect(() => readRows([[1e39]], "x", 1).write(new Float32Array(1), 0, 1)).toThrow("x[0][0] is 1e+39");
  });

  test("in one plain list are one row, or with one column one row per number", () => {
    expect(readRows([1, 2, 3], "x", 3)).toMatchObject({ count: 1, like: "plain" });
    expect(written(readRows([1, 2, 3], "x", 1), 1)).toEqual([2, 3]);
    expect(readRows([5], "x", 1)).toMatchObject({ count: 1, like: "plain" });
    expect(written(readRows([0, 1, 1, 0], "y", 1, values(4)))).toEqual([0, 1, 1, 0]);
    expect(written(readRows([3, 4], "y", 2, values(1)))).toEqual([3, 4]);
    expect(() => written(readRows([1, 2, "3"], "x", 3))).toThrow('x[2] is "3"; it must be a number');
  });

  test("that change after they were read are refused", () => {
    const rows: number[][] = [
      [1, 2],
      [3, 4],
    ];
    const data = readRows(rows, "x", 2);
    rows[1].push(5);
    expect(() => written(data)).toThrow("x[1] has 3 values; this network takes 2 inputs");
    rows.pop();
    expect(() => written(data, 0, 2)).toThrow("x had 2 entries and now has 1");
    const flat = new Float32Array(4);
    const detached = readRows(flat, "x", 2);
    structuredClone(flat, { transfer: [flat.buffer] });
    expect(() => written(detached)).toThrow("x had 4 entries and now has 0");
    expect(() => readRows(flat, "x", 2)).toThrow(new RangeError("x has no rows (it is empty, or its buffer detached)"));
  });
});

describe("class indices", () => {
  test("become one-hot rows in any list of integers", () => {
    const labels = fc.array(fc.nat(4), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(labels, fc.nat(TYPES.length), fc.nat(19), (list, type, start) => {
        const first = start % list.length;
        const y = type < TYPES.length ? new TYPES[type](list) : list;
        const data = readRows(y, "y", 5, classes(list.length));
        expect(data.source).toBe(undefined);
        const expected = list.slice(first).flatMap((label) => [0, 1, 2, 3, 4].map((c) => Number(c === label)));
        expect(written(data, first)).toEqual(expected);
      }),
    );
  });

  test("are distinguished from targets by their number", () => {
    const targets = [0, 1, 0, 0.5, 0.25, 0.25];
    expect(written(readRows(new Float32Array(targets), "y", 3, classes(2)))).toEqual(targets);
    expect(
      written(
        readRows(
          [
            [0, 1, 0],
            [0.5, 0.25, 0.25],
          ],
          "y",
          3,
          classes(2),
        ),
      ),
    ).toEqual(targets);
    expect(written(readRows([0, 0.5, 0.5], "y", 3, classes(1)))).toEqual([0, 0.5, 0.5]);
    expect(written(readRows([2], "y", 3, classes(1)))).toEqual([0, 0, 1]);
    expect(written(readRows([0, 1, 2], "y", 3, classes(3)))).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1]);
  });

  test.each<[unknown, Error]>([
    [12, new RangeError("y[1] is 12; this network has 10 classes")],
    [-1, new RangeError("y[1] is -1; this network has 10 classes")],
    [2.5, new RangeError("y[1] is 2.5; a class is an integer")],
    [NaN, new RangeError("y[1] is NaN")],
    ["cat", new TypeError('y[1] is "cat"; it must be a number')],
    [undefined, new TypeError("y[1] is undefined; it must be a number")],
  ])("refuse %s", (label, error) => {
    expect(() => written(readRows([9, label, 99], "y", 10, classes(3)))).toThrow(error);
  });
});

describe("mistakes of shape", () => {
  type Mistake = [Error, unknown, number, Targets | undefined];
  const inputs = (x: unknown, message: string, kind: ErrorConstructor = RangeError): Mistake => [
    new kind(message),
    x,
    5,
    undefined,
  ];
  const outputs = (y: unknown, columns: number, targets: Targets, message: string): Mistake => [
    new RangeError(message),
    y,
    columns,
    targets,
  ];
  const row = [1, 2, 3, 4, 5];
  test.each([
    inputs([row, row, row, [1, 2, 3, 4]], "x[3] has 4 values; this network takes 5 inputs"),
    inputs([row, new Float32Array(1)], "x[1] has 1 value; this network takes 5 inputs"),
    inputs([row, []], "x[1] has 0 values; this network takes 5 inputs"),
    inputs([1, 2, 3, 4], "x has 4 values; this network takes 5 inputs"),
    inputs([...row, ...row], "x has 10 values; this network takes 5 inputs"),
    inputs(new Float64Array(13), "x has 13 values; this network takes 5 inputs a row"),
    inputs([], "x has no rows"),
    inputs(new Float32Array(0), "x has no rows (it is empty, or its buffer detached)"),
    inputs([row, null], "x[1] is null; it must be a row of 5 numbers", TypeError),
    inputs([row, "12345"], 'x[1] is "12345"; it must be a row of 5 numbers', TypeError),
    // oxlint-disable-next-line no-sparse-arrays
    inputs([row, , row], "x[1] is undefined; it must be a row of 5 numbers", TypeError),
    inputs([row, new BigInt64Array(5)], "x[1] is an object; it must be a row of 5 numbers", TypeError),
    inputs([{ input: row }], "x[0] is an object; it must be a row of 5 numbers", TypeError),
    inputs(7, "x is 7; it must be an array of rows, a row of numbers, or a flat typed array", TypeError),
    inputs(undefined, "x is undefined; it must be an array of rows, a row of numbers, or a flat typed array", TypeError),
    inputs("12345", 'x is "12345"; it must be an array of rows, a row of numbers, or a flat typed array', TypeError),
    inputs(
      new DataView(new ArrayBuffer(5)),
      "x is an object; it must be an array of rows, a row of numbers, or a flat typed array",
      TypeError,
    ),
    inputs(
      new BigInt64Array(5),
      "x is an object; it must be an array of rows, a row of numbers, or a flat typed array",
      TypeError,
    ),
    outputs([[1], [2], [3], [4, 5]], 1, values(4), "y[3] has 2 values; this network has 1 output"),
    outputs([[1], [2]], 1, values(1), "x has 1 row but y has 2"),
    outputs(new Float32Array(18), 2, values(10), "x has 10 rows but y has 9"),
    outputs([1, 2, 3], 1, values(4), "x has 4 rows but y has 3"),
    outputs([1, 2], 2, values(4), "x has 4 rows but y has 1"),
    outputs(
      [1, 2, 3, 4],
      3,
      values(4),
      'y has 4 values; this network has 3 outputs; class indices need loss "categoricalCrossentropy"',
    ),
    outputs([1, 2, 3, 4], 3, values(5), "y has 4 values; this network has 3 outputs"),
    outputs([[2], [1]], 3, classes(2), "y[0] has 1 value; this network has 3 outputs; class indices are a flat list"),
    outputs([[2], [1]], 3, values(2), "y[0] has 1 value; this network has 3 outputs"),
    outputs(new Uint8Array(9), 10, classes(10), "x has 10 rows but y has 9"),
    outputs(new Uint8Array(60000), 10, classes(60001), "x has 60001 rows but y has 60000"),
    outputs(new Float32Array(90), 10, classes(10), "x has 10 rows but y has 9"),
    outputs([0, 1, 2], 3, classes(4), "x has 4 rows but y has 3"),
    outputs([[0, 1]], 2, { ...values(2), of: "validationData[0]" }, "validationData[0] has 2 rows but y has 1"),
  ])("%s", (error, value, columns, targets) => {
    expect(() => written(readRows(value, targets ? "y" : "x", columns, targets))).toThrow(error);
  });

  test.each<[Loss, number[][], Error]>([
    [
      "binaryCrossentropy",
      [
        [0, 1],
        [1, 1.5],
      ],
      new RangeError("y[1][1] is 1.5; binaryCrossentropy takes targets from 0 to 1"),
    ],
    ["binaryCrossentropy", [[0, NaN]], new RangeError("y[0][1] is NaN")],
    [
      "categoricalCrossentropy",
      [
        [0, 1],
        [0, 1],
        [-1, 2],
      ],
      new RangeError("y[2][0] is -1; categoricalCrossentropy takes targets of 0 or more"),
    ],
    ["categoricalCrossentropy", [[0, Infinity]], new RangeError("y[0][1] is Infinity")],
  ])("%s refuses targets %j", (loss, y, error) => {
    expect(() => written(readRows(y, "y", 2, values(y.length, loss)))).toThrow(error);
  });
});

describe("parts and weights", () => {
  test("a slice is a window of the rows, with the names of the whole", () => {
    const slice = sliceRows(readRows([[1], [2], [3], [NaN]], "x", 1), 1, 3);
    const target = new Float64Array(2);
    slice.write(target, 0, 2);
    expect([slice.count, ...target]).toEqual([3, 2, 3]);
    expect(() => slice.write(target, 2, 1)).toThrow("x[3][0] is NaN");
  });

  test("a split keeps the first rows and leaves at least one", () => {
    expect([0.1, 0.25, 0.3, 0.9, 1e-12].map((split) => trainingRows(10, split))).toEqual([9, 7, 7, 1, 9]);
    expect(() => trainingRows(1, 0.5)).toThrow(new RangeError("validationSplit is 0.5, which leaves none of 1 row to train on"));
  });

  const y = readRows([0, 1, 2, 1], "y", 3, classes(4));
  const weights = (...args: [unknown, unknown]): number[] | undefined => {
    const result: FloatArray | undefined = runToEnd(readWeights(...args, y, "float64"));
    return result && [...result];
  };
  test("row weights and class weights multiply", () => {
    expect(weights(undefined, undefined)).toBe(undefined);
    expect(weights([1, 2, 3, 0], undefined)).toEqual([1, 2, 3, 0]);
    expect(weights(new Uint8Array([1, 2, 3, 4]), { 1: 10, 2: 0.5 })).toEqual([1, 20, 1.5, 40]);
    expect(weights(undefined, [2, 3])).toEqual([2, 3, 1, 3]);
    const binary = readRows([0, 1, 1], "y", 1, values(3));
    expect(runToEnd(readWeights(undefined, { 1: 5 }, binary, "float32"))).toEqual(new Float32Array([1, 5, 5]));
    const prices = readRows([0, 1010], "y", 1, { loss: "meanSquaredError", rows: 2, of: "x" });
    expect(() => runToEnd(readWeights(undefined, { 1: 5 }, prices, "float32"))).toThrow(
      new RangeError("classWeight is given, but the target of row 1 is 1010, no class from 0 to 1"),
    );
  });

  test.each<[unknown, unknown, Error]>([
    [[1, 2, 3], undefined, new RangeError("x has 4 rows but sampleWeight has 3")],
    [[1, 2, -3, 4], undefined, new RangeError("sampleWeight[2] is -3; a weight is 0 or more")],
    [[1, 2, NaN, 4], undefined, new RangeError("sampleWeight[2] is NaN")],
    [[1, 2, "3", 4], undefined, new TypeError('sampleWeight[2] is "3"; it must be a number')],
    [undefined, { 3: 1 }, new RangeError("classWeight[3] is given; this network has 3 classes")],
    [undefined, { cat: 1 }, new RangeError("classWeight[cat] is given; this network has 3 classes")],
    [undefined, [1, 1, 1, 1], new RangeError("classWeight[3] is given; this network has 3 classes")],
    [undefined, { 0: -1 }, new RangeError("classWeight[0] is -1; it must be a finite number, 0 or more")],
    [undefined, { 0: "1" }, new TypeError('classWeight[0] is "1"; it must be a finite number, 0 or more')],
  ])("%j and %j are refused", (sample, byClass, error) => {
    expect(() => weights(sample, byClass)).toThrow(error);
  });
});

test("outputs have the shape of the inputs", () => {
  const flat: FloatArray & TypedArray = new Float32Array([1, 2, 3, 4]);
  expect(shapeOutput(flat, 2, 2, "rows")).toEqual([
    [1, 2],
    [3, 4],
  ]);
  expect(shapeOutput(flat, 1, 4, "plain")).toEqual([1, 2, 3, 4]);
  expect(shapeOutput(flat, 2, 2, "typed")).toBe(flat);
});
