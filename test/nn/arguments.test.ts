// Arguments that a method would ignore are refused, and those that it takes have their effect.
import { describe, expect, test } from "vitest";
import { NN, type Matrix } from "../../src/index.js";
import { BACKENDS, BUSY, X, caught, flat, labels, table, weightsOf } from "./support.js";

const Y = table(10, 2, 2).map((row) => row.map(Math.abs));
type Method = (...args: unknown[]) => unknown;

describe.each(BACKENDS)("$name", ({ options }) => {
  const make = (): NN => new NN({ ...BUSY, epochs: 1, ...options });

  test.each<[keyof NN, unknown[], string]>([
    ["predict", [X, undefined, 1], "x, out"],
    ["forward", [X, undefined, 1], "x, out"],
    ["predictClasses", [X, Y], "x"],
    ["evaluate", [X, Y, {}], "x, y"],
    ["gradients", [X, Y, {}, 1], "x, y, options"],
    ["partialFit", [X, Y, {}, 1], "x, y, options"],
    ["backprop", [X, Y, {}, 1], "x, y, options"],
    ["fit", [X, Y, {}, 1], "x, y, options"],
  ])("%s refuses what it has no parameter for", (method, args, parameters) => {
    const nn = make();
    const before = nn.save();
    const error = caught(() => (nn[method] as Method)(...args));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toContain(`takes (${parameters}), but was called with ${args.length} arguments`);
    expect(nn.save()).toEqual(before);
  });

  test("the asynchronous methods refuse surplus arguments as well", async () => {
    const nn = make();
    const late = {} as never;
    await expect((nn.fitAsync as Method).call(nn, X, Y, {}, late)).rejects.toThrow(
      "fitAsync takes (x, y, options), but was called with 4 arguments",
    );
    await expect((nn.fitAsync as Method).call(nn, () => [[X, Y]], {}, late)).rejects.toThrow("fitAsync takes (chunks, options)");
    await expect((nn.predictAsync as Method).call(nn, X, {}, late)).rejects.toThrow("predictAsync takes (x, options)");
  });

  test("partialFit refuses unknown options", () => {
    expect(() => make().partialFit(X, Y, { epochs: 3 } as never)).toThrow(
      new TypeError('unknown option "epochs"; choose from sampleWeight, classWeight, outputWeight'),
    );
  });

  test("partialFit weights rows as fit does in one batch", () => {
    const sampleWeight = [1, 2, 0, 3, 1, 0.5, 1, 1, 4, 1];
    const [stepped, fitted] = [make(), make()];
    const { loss } = fitted.fit(X, Y, { sampleWeight, batchSize: Infinity, shuffle: false });
    expect(stepped.partialFit(X, Y, { sampleWeight })).toBe(loss[0]);
    expect(weightsOf(stepped)).toEqual(weightsOf(fitted));
    const unweighted = make();
    unweighted.partialFit(X, Y);
    expect(weightsOf(unweighted)).not.toEqual(weightsOf(stepped));
  });

  test("predict writes into a given array and returns it", () => {
    for (const dtype of ["float32", "float64"] as const) {
      const nn = new NN({ ...BUSY, ...options, dtype, targetScaling: { shift: [10, 20], scale: [2, 3] } });
      const rows = table(600, 3, 8).flat();
      const x = dtype === "float32" ? Float32Array.from(rows) : Float64Array.from(rows);
      const out = dtype === "float32" ? new Float32Array(1200) : new Float64Array(1200);
      expect(nn.predict(x, out)).toBe(out);
      expect([...out]).toEqual([...nn.predict(x)]);
      expect(nn.forward(x, out)).toBe(out);
    }
  });

  test("predict leaves the given array unchanged on an error", () => {
    const nn = make();
    const x = new Float32Array(1800);
    const out = new Float32Array(1200).fill(7);
    const call = (rows: unknown, into: unknown): Error => caught(() => (nn.predict as Method).call(nn, rows, into));
    x[1799] = NaN;
    expect(call(x, out).message).toBe("x[1799] is NaN");
    x[1799] = 0;
    expect(call([...X], out).message).toBe("predict(x, out) takes x as a flat typed array");
    expect(call(x, new Float64Array(1200)).message).toContain("it must be a Float32Array, as this network computes in float32");
    expect(call(x, undefined).message).toContain("out is undefined");
    expect(call(x, new Float32Array(3)).message).toBe("out has 3 values; 600 rows of outputs have 1200");
    expect(call(x, x.subarray(0, 1200)).message).toBe("out overlaps x in memory; use a separate array");
    expect(out.every((value) => value === 7)).toBe(true);
  });

  test("classWeight may be a Map; a Set and a Date are refused", () => {
    const classes = labels(10, 3, 6);
    const fit = (classWeight: never): number[] => {
      const nn = new NN({ layers: [3, 5, 3], loss: "categoricalCrossentropy", epochs: 3, seed: 4, ...options });
      nn.fit(X, classes, { classWeight });
      return weightsOf(nn);
    };
    expect(
      fit(
        new Map([
          [1, 0.25],
          [2, 3],
        ]) as never,
      ),
    ).toEqual(fit({ 1: 0.25, 2: 3 } as never));
    for (const wrong of [new Set([1]), new Date(), new WeakMap(), new Map([[1, 2]]).entries(), /a/, 5, "balance"])
      expect(() => fit(wrong as never)).toThrow(/^classWeight is .*; it must be an array, a Map, an object/);
    expect(() => fit(new Map([[7, 1]]) as never)).toThrow("classWeight[7] is given; this network has 3 classes");
  });

  test("balanced class weights are rows / (classes · rows of the class), over the training rows", () => {
    const y = [0, 0, 0, 0, 0, 1, 1, 2, 2, 1];
    // scikit-learn's compute_class_weight("balanced") of the first eight: 8 / (3 · [5, 2, 1]).
    const expected = { 0: 8 / 15, 1: 8 / 6, 2: 8 / 3 };
    const fit = (classWeight: "balanced" | Record<number, number>): number[] => {
      const nn = new NN({ layers: [3, 5, 4], loss: "categoricalCrossentropy", epochs: 3, seed: 4, ...options, dtype: "float64" });
      nn.fit(X, y, { classWeight, validationSplit: 0.2 });
      return weightsOf(nn);
    };
    expect(fit("balanced")).toEqual(fit(expected));
    const binary = (classWeight: "balanced" | number[]): number[] => {
      const nn = new NN({ layers: [3, 5, 1], loss: "binaryCrossentropy", epochs: 3, seed: 4, ...options });
      nn.fit(
        X,
        y.map((c) => Number(c > 0)),
        { classWeight },
      );
      return weightsOf(nn);
    };
    expect(binary("balanced")).toEqual(binary([1, 1]));
  });

  test("an invalid first row is named as others are", () => {
    const x = (first: unknown): Matrix => [first, [1, 2, 3]] as never;
    expect(() => make().predict(x(null))).toThrow(new TypeError("x[0] is null; it must be a row of 3 numbers"));
    expect(() => make().predict(x(undefined))).toThrow(new TypeError("x[0] is undefined; it must be a row of 3 numbers"));
    expect(() => make().fit(X, Y.with(0, null as never))).toThrow(new TypeError("y[0] is null; it must be a row of 2 numbers"));
    expect(() => make().predict([null, 1, 2] as never)).toThrow(new TypeError("x[0] is null; it must be a number"));
    expect(() => make().fit(X, Y, { sampleWeight: [[0, 1]] as never })).toThrow(
      "sampleWeight[0] has 2 values; a weight per row is a flat list of numbers",
    );
  });

  test.each<[string, object, string]>([
    ["loss", { loss: "mse" }, "meanSquaredError"],
    ["loss", { loss: "MAE" }, "meanAbsoluteError"],
    ["loss", { loss: "bce" }, "binaryCrossentropy"],
    ["loss", { loss: "crossEntropy" }, "categoricalCrossentropy"],
    ["loss", { loss: "cross_entropy" }, "categoricalCrossentropy"],
    ["activation", { activation: "silu" }, "swish"],
  ])("%s %j is suggested %s", (noun, wrong, right) => {
    expect(() => new NN({ layers: [1, 1], ...wrong })).toThrow(
      `unknown ${noun} "${Object.values(wrong)[0]}"; did you mean "${right}"?`,
    );
  });

  test("a value that scaling makes too large for float32 is named", () => {
    const nn = new NN({ layers: [2, 1], inputScaling: { shift: [0, 0], scale: [1, 1e-30] }, epochs: 1, ...options });
    const message = "x[1][1] is 1000000000, which scaling makes 1e+39; too large for this network's precision";
    const rows = [
      [1, 1],
      [1, 1e9],
    ];
    for (const call of [() => nn.predict(rows), () => nn.gradients(rows, [1, 1]), () => nn.fit(rows, [1, 1])])
      expect(call).toThrow(new RangeError(message));
  });

  test("a row's getter that uses the network is refused, and nothing changes", () => {
    const [nn, other] = [make(), make()];
    const before = nn.save();
    const uses: (() => unknown)[] = [
      () => nn.fit(X, Y),
      () => nn.partialFit(X, Y),
      () => nn.predict(X),
      () => nn.evaluate(X, Y),
      () => nn.gradients(X, Y),
      () => nn.predictClasses(X),
      () => nn.setWeights(nn.getWeights()),
      () => nn.inputBuffer(5),
    ];
    for (const use of uses) {
      const row = Object.defineProperty([0, 0, 0], 1, { get: use });
      for (const outer of [
        () => nn.fit([...X.slice(1), row], Y),
        () => nn.partialFit([row], [[0, 0]]),
        () => nn.predict([X[0], row]),
        () => nn.evaluate(X, Y.with(3, row as never)),
      ]) {
        expect(caught(outer).message).toMatch(/was called while this network is (reading rows|training)|has 3 values/);
      }
    }
    expect(nn.save()).toEqual(before);
    // Another network may be used, and getters that use none do no harm.
    const row = Object.defineProperty([0, 0, 0], 1, { get: () => other.predict(X[0])[0] });
    expect(flat([{ kernel: Float32Array.from(nn.predict([row])[0]) }])).toHaveLength(2);
  });
});

test("a getter that begins a run keeps another from beginning", async () => {
  const nn = new NN({ layers: [3, 4, 2], seed: 1 });
  let running: Promise<unknown> | undefined;
  const begin = (): number => {
    running ??= nn.fitAsync(X, Y, { epochs: 2 });
    return 1;
  };
  const again = "this network is already training; wait for the training to end";
  expect(() =>
    nn.fit(X, Y, {
      get epochs() {
        return begin();
      },
    }),
  ).toThrow(again);
  await running;
  running = undefined;
  await expect(
    nn.fitAsync(X, Y, {
      get epochs() {
        return begin();
      },
    }),
  ).rejects.toThrow(again);
  await running;
  expect(nn.toJSON().epoch).toBe(4);
  const weights = nn.getWeights();
  const { kernel } = weights[0];
  let refusal: unknown;
  const reading = {
    get kernel() {
      nn.fitAsync(X, Y).catch((error: unknown) => (refusal = error));
      return kernel;
    },
    bias: weights[0].bias!,
  };
  nn.setWeights([reading, weights[1]]);
  nn.applyGradients([reading, weights[1]]);
  await Promise.resolve();
  expect(refusal).toMatchObject({ message: "fitAsync was called while this network is reading rows; read them first" });
  expect(nn.toJSON().epoch).toBe(4);
});

test("inspecting a network shows its layers", () => {
  const nn = new NN(2, 3, 1, 0.1, 10, { seed: 5, backend: "js" });
  const inspect = (nn as unknown as Record<symbol, () => string>)[Symbol.for("nodejs.util.inspect.custom")];
  expect(inspect.call(nn)).toBe(
    "NN { 2 → 3 sigmoid → 1 sigmoid, loss halfSquaredError, optimizer sgd, learning rate 0.1, 13 parameters, float32, js, seed 5 }",
  );
});
