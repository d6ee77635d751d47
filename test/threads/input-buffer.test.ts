// inputBuffer: rows in the network's own memory are used in place, and give the same bits as copies of them.
import { describe, expect, test } from "vitest";
import { NN, type FloatArray, type NetworkOptions } from "../../src/index.js";
import { BUSY, CASES, caught, numbers } from "../nn/support.js";
import { expectSameNetwork, rejection, untimed } from "./support.js";

const ROWS = 37;
const VALUES = numbers(ROWS * 3, 1);
const TARGETS = Float32Array.from(numbers(ROWS * 2, 2), Math.abs);

describe.each(CASES)("$name", ({ dtype, options }) => {
  const settings: NetworkOptions = { ...BUSY, ...options };
  const make = (more: Partial<NetworkOptions> = {}): NN => new NN({ ...settings, ...more });
  /** A buffer of all rows, filled. */
  const filled = (nn: NN, values: readonly number[] = VALUES): FloatArray => {
    const buffer = nn.inputBuffer(values.length / 3);
    buffer.set(values);
    return buffer;
  };
  const copy = (): FloatArray => (dtype === "float32" ? Float32Array.from(VALUES) : Float64Array.from(VALUES));

  test("has the network's precision and capacity for the rows", () => {
    const nn = make();
    const buffer = nn.inputBuffer(ROWS);
    expect(buffer).toBeInstanceOf(dtype === "float32" ? Float32Array : Float64Array);
    expect(buffer).toHaveLength(ROWS * 3);
    expect([...buffer].every((value) => value === 0)).toBe(true);
  });

  test.each<Partial<NetworkOptions>>([{}, { inputScaling: "standard" }])(
    "training on many of its rows, some for validation, leaves it where it is: %j",
    (more) => {
      const rows = 30_000;
      const [nn, other] = [make(more), make(more)];
      const values = Array.from({ length: rows * 3 }, (_, i) => VALUES[i % VALUES.length]);
      const x = filled(nn, values),
        targets = Float32Array.from({ length: rows * 2 }, (_, i) => TARGETS[i % TARGETS.length]);
      const fit = { epochs: 1, batchSize: 1000, validationSplit: 0.5, sampleWeight: new Float32Array(rows).fill(0.5) };
      expect(untimed(nn.fit(x, targets, fit))).toEqual(untimed(other.fit(x.slice(), targets, fit)));
      expect(x).toHaveLength(rows * 3);
      expectSameNetwork(nn, other);
    },
  );

  test.each<Partial<NetworkOptions>>([{}, { shuffle: false }, { inputScaling: "standard", targetScaling: "minmax" }])(
    "all methods give what they give for a copy: %j",
    async (more) => {
      const [nn, other] = [make(more), make(more)];
      const x = filled(nn),
        y = copy();
      const expectSame = (): void => {
        expect(nn.predict(x)).toEqual(other.predict(y));
        expect(nn.predictClasses(x)).toEqual(other.predictClasses(y));
        expect(nn.evaluate(x, TARGETS)).toEqual(other.evaluate(y, TARGETS));
        expect(nn.gradients(x, TARGETS)).toEqual(other.gradients(y, TARGETS));
        expectSameNetwork(nn, other);
      };
      expectSame();
      const fits = [
        { epochs: 3 },
        { epochs: 3, batchSize: Infinity },
        { epochs: 3, validationSplit: 0.3 },
        { sampleWeight: numbers(ROWS, 5).map(Math.abs) },
      ];
      for (const fit of fits) {
        expect(untimed(nn.fit(x, TARGETS, fit))).toEqual(untimed(other.fit(y, TARGETS, fit)));
        expectSame();
        expect(untimed(await nn.fitAsync(x, TARGETS, fit))).toEqual(untimed(other.fit(y, TARGETS, fit)));
        expectSame();
      }
      expect(nn.partialFit(x, TARGETS)).toBe(other.partialFit(y, TARGETS));
      expect(nn.fit(y, TARGETS, { validationData: [x, TARGETS] }).valLoss).toEqual(
        other.fit(y, TARGETS, { validationData: [y, TARGETS] }).valLoss,
      );
      expect(await nn.predictAsync(x)).toEqual(other.predict(y));
      expectSame();
      expect([...x]).toEqual(VALUES);
    },
  );

  test("parts of it can be passed as rows", () => {
    const [nn, other] = [make(), make()];
    const x = filled(nn),
      y = copy();
    for (const [first, count] of [
      [0, 1],
      [1, 1],
      [5, 7],
      [36, 1],
      [3, 34],
    ]) {
      const part = [first * 3, (first + count) * 3];
      expect(nn.predict(x.subarray(part[0], part[1]))).toEqual(other.predict(y.subarray(part[0], part[1])));
      const targets = TARGETS.subarray(first * 2, (first + count) * 2);
      expect(nn.fit(x.subarray(part[0], part[1]), targets).loss).toEqual(other.fit(y.subarray(part[0], part[1]), targets).loss);
    }
    expectSameNetwork(nn, other);
  });

  test("changes between predictions take effect", () => {
    const [nn, other] = [make(), make()];
    const x = filled(nn),
      y = copy();
    for (let i = 0; i < 20; i++) {
      x[i * 5] = y[i * 5] = i / 10;
      expect(nn.predict(x)).toEqual(other.predict(y));
    }
  });

  test("a non-finite value is named, wherever it is, and nothing changes", async () => {
    const nn = make();
    const x = filled(nn);
    const before = nn.save();
    for (const [at, value] of [
      [0, NaN],
      [50, Infinity],
      [ROWS * 3 - 1, -Infinity],
    ]) {
      const kept = x[at];
      x[at] = value;
      const message = `x[${at}] is ${value}`;
      expect(caught(() => nn.predict(x))).toEqual(new RangeError(message));
      expect(caught(() => nn.fit(x, TARGETS))).toEqual(new RangeError(message));
      expect(caught(() => nn.partialFit(x, TARGETS))).toEqual(new RangeError(message));
      expect(caught(() => nn.evaluate(x, TARGETS))).toEqual(new RangeError(message));
      expect(await rejection(nn.fitAsync(x, TARGETS))).toEqual(new RangeError(message));
      expect(nn.save()).toEqual(before);
      x[at] = kept;
    }
    // The contents after the given rows do not matter.
    x[6] = NaN;
    expect(nn.predict(x.subarray(0, 6))).toEqual(make().predict(copy().subarray(0, 6)));
    expect(nn.predict(x.subarray(9))).toEqual(make().predict(copy().subarray(9)));
  });

  test("a second call returns the same memory, and a larger one may move it", () => {
    const nn = make();
    const x = filled(nn);
    const again = nn.inputBuffer(5);
    expect(again).toHaveLength(15);
    expect([...again]).toEqual(VALUES.slice(0, 15));
    again[0] = 0.5;
    expect(x[0]).toBe(0.5);
    const more = nn.inputBuffer(200_000);
    expect(more).toHaveLength(600_000);
    more.set(VALUES);
    const y = copy();
    expect(nn.predict(more.subarray(0, ROWS * 3))).toEqual(make().predict(y));
    if (nn.backend !== "js")
      expect(caught(() => nn.predict(x)).message).toBe("x has no rows (it is empty, or its buffer detached)");
    expect(nn.fit(more.subarray(0, ROWS * 3), TARGETS).loss).toEqual(make().fit(y, TARGETS).loss);
  });

  test("training on other rows, few or many, leaves its values alone", async () => {
    const nn = make();
    let x = filled(nn);
    for (const rows of [5, 37, 100, 70_000]) {
      nn.fit(Float32Array.from(numbers(rows * 3, 7)), Float32Array.from(numbers(rows * 2, 8), Math.abs), { batchSize: 1000 });
      // Rows for which the memory had to grow have moved it.
      if (x.length === 0) x = nn.inputBuffer(ROWS);
      expect([...x]).toEqual(VALUES);
    }
    await nn.fitAsync(Float32Array.from(numbers(300, 7)), Float32Array.from(numbers(200, 8)));
    expect([...x]).toEqual(VALUES);
    const loaded = NN.load(nn.save());
    expect(nn.predict(x)).toEqual(loaded.predict(copy()));
  });

  test("training on as many rows as it has does not move it", () => {
    const nn = make();
    const x = nn.inputBuffer(60_000);
    x.set(VALUES);
    nn.fit(x, new Float32Array(120_000), { batchSize: 10_000, shuffle: true, sampleWeight: new Float32Array(60_000).fill(1) });
    expect(x).toHaveLength(180_000);
    expect([...x.subarray(0, VALUES.length)]).toEqual(VALUES);
  });

  test("another network's buffer is treated as an ordinary array", () => {
    const [nn, other] = [make(), make({ seed: 9 })];
    const x = filled(nn);
    expect(other.predict(x)).toEqual(make({ seed: 9 }).predict(copy()));
    expect(other.fit(x, TARGETS).loss).toEqual(make({ seed: 9 }).fit(copy(), TARGETS).loss);
  });

  test("a number of rows that is not a positive integer is refused", () => {
    for (const rows of [0, -1, 1.5, NaN, Infinity]) {
      expect(caught(() => make().inputBuffer(rows))).toEqual(new RangeError(`rows is ${rows}; it must be a positive integer`));
    }
    expect(caught(() => make().inputBuffer("3" as unknown as number))).toBeInstanceOf(TypeError);
  });
});
