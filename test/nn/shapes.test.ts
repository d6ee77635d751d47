// The forms that rows may have: lists, typed rows, one flat array, one row. All mean the same numbers; outputs take the same form.
import { describe, expect, test } from "vitest";
import { NN, type Matrix } from "../../src/index.js";
import { CASES, X, Y, bare, labels, oneHot, table, weightsOf } from "./support.js";

describe.each(CASES)("$name", ({ options, dtype }) => {
  const Typed = dtype === "float32" ? Float32Array : Float64Array;
  const make = (): NN => new NN({ layers: [3, 5, 2], activation: "gelu", seed: 4, epochs: 3, ...options });
  const nn = make();
  const expected = nn.predict(X);

  test("predict returns a list of rows for any kind of list of rows", () => {
    expect(expected.map((row) => [Array.isArray(row), row.length])).toEqual(X.map(() => [true, 2]));
    expect(
      expected.flat().every((value) => typeof value === "number" && (dtype === "float64" || Math.fround(value) === value)),
    ).toBe(true);
    expect(nn.predict(X.map((row) => Float32Array.from(row)))).toEqual(expected);
    expect(nn.predict(X.map((row, r) => (r % 2 ? row : Float64Array.from(row))))).toEqual(expected);
    expect(nn.predict(X.slice(0, 1))).toEqual([expected[0]]);
  });

  test("predict returns a flat typed array in the network's precision for a flat typed array", () => {
    for (const kind of [Float32Array, Float64Array]) {
      const outputs = nn.predict(kind.from(X.flat()));
      expect(outputs).toEqual(Typed.from(expected.flat()));
    }
    expect(nn.predict(Float32Array.from(X[3]))).toEqual(Typed.from(expected[3]));
    const window = Float32Array.from([7, 7, ...X.flat(), 7]).subarray(2, 2 + 6);
    expect(nn.predict(window)).toEqual(Typed.from(expected.slice(0, 2).flat()));
    expect(nn.predict(new Int8Array([1, 0, -1, 0, 5, 0]))).toEqual(
      Typed.from(
        nn
          .predict([
            [1, 0, -1],
            [0, 5, 0],
          ])
          .flat(),
      ),
    );
  });

  test("predict returns a plain row for a plain row, and forward is predict", () => {
    expect(nn.predict(X[3])).toEqual(expected[3]);
    expect(nn.forward(X[3])).toEqual(expected[3]);
    expect(nn.forward(X)).toEqual(expected);
    expect(nn.forward(Float32Array.from(X.flat()))).toEqual(nn.predict(Float32Array.from(X.flat())));
  });

  test("later calls do not overwrite returned outputs", () => {
    const first = nn.predict(Float32Array.from(X.flat()));
    const copy = first.slice();
    nn.predict(Float32Array.from(table(10, 3, 9).flat()));
    expect(first).toEqual(copy);
    first.fill(NaN);
    expect(nn.predict(X)).toEqual(expected);
  });

  const forms: [string, Matrix, Matrix][] = [
    ["typed rows", X.map((row) => Float32Array.from(row)), Y.map((row) => Float64Array.from(row))],
    ["flat typed arrays", Float32Array.from(X.flat()), Float32Array.from(Y.flat())],
    ["lists and a flat typed array", X, Float64Array.from(Y.flat())],
  ];
  test.each(forms)("fit, partialFit, evaluate and gradients take %s", (_name, x, y) => {
    const [plain, other] = [make(), make()];
    expect(other.evaluate(x, y)).toEqual(plain.evaluate(X, Y));
    expect(other.gradients(x, y)).toEqual(plain.gradients(X, Y));
    expect(other.partialFit(x, y)).toBe(plain.partialFit(X, Y));
    const options = { validationData: [x, y], sampleWeight: Float32Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) } as const;
    const history = other.fit(x, y, options);
    const { loss, valLoss } = plain.fit(X, Y, { validationData: [X, Y], sampleWeight: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] });
    expect([history.loss, history.valLoss]).toEqual([loss, valLoss]);
    expect(weightsOf(other)).toEqual(weightsOf(plain));
  });

  test("backprop takes one plain row and its class", () => {
    const [one, list] = [make(), make()];
    expect(one.backprop(X[0], Y[0])).toBe(list.partialFit([X[0]], [Y[0]]));
    expect(weightsOf(one)).toEqual(weightsOf(list));
    const [index, hot] = [0, 1].map(() => new NN({ layers: [3, 4], loss: "categoricalCrossentropy", seed: 4, ...options }));
    expect(index.backprop(X[0], [2])).toBe(hot.backprop(X[0], [0, 0, 1, 0]));
    expect(weightsOf(index)).toEqual(weightsOf(hot));
  });

  test("a plain list is one target per row with one output, and one input per row with one input", () => {
    const settings = { layers: [1, 4, 1], seed: 4, ...options };
    const [plain, rows] = [new NN(settings), new NN(settings)];
    expect(plain.fit([0, 0.5, 1], [1, 0, 1]).loss).toEqual(rows.fit([[0], [0.5], [1]], [[1], [0], [1]]).loss);
    expect(weightsOf(plain)).toEqual(weightsOf(rows));
    expect(plain.predict([0, 0.5, 1])).toEqual(rows.predict([[0], [0.5], [1]]).flat());
  });

  test("class indices in a list or any typed array equal one-hot rows", () => {
    const classes = labels(10, 3, 6);
    expect(new Set(classes).size).toBe(3);
    const trained = [
      oneHot(classes, 3),
      classes,
      new Uint8Array(classes),
      new Int32Array(classes),
      new Float32Array(classes),
    ].map((y) => {
      const net = new NN({ layers: [3, 4, 3], loss: "categoricalCrossentropy", seed: 4, epochs: 3, ...options });
      const { loss, accuracy } = net.fit(X, y);
      return { loss, accuracy, weights: weightsOf(net), measured: net.evaluate(X, y), gradients: net.gradients(X, y) };
    });
    for (const each of trained) expect(each).toEqual(trained[0]);
  });

  test("predictClasses returns the index of the first largest output, or for one output whether it is above 0.5", () => {
    const three = bare(3, 3, options);
    three.setWeights([{ kernel: [1, 0, 0, 0, 1, 0, 0, 0, 1] }]);
    const x = [
      [1, 2, 3],
      [5, 5, 4],
      [-1, -3, -1],
      [0, 0, 0],
      [0, 9, 9],
    ];
    expect(three.predictClasses(x)).toEqual([2, 0, 0, 0, 1]);
    expect(three.predictClasses(Float64Array.from(x.flat()))).toEqual([2, 0, 0, 0, 1]);
    expect(three.predictClasses([1, 2, 3])).toEqual([2]);
    const one = bare(1, 1, options);
    one.setWeights([{ kernel: [1] }]);
    expect(one.predictClasses([[0.5], [0.5001], [-3], [1]])).toEqual([0, 1, 0, 1]);
  });

  test("arguments are not modified", () => {
    const x = Float64Array.from(X.flat());
    const y = Float64Array.from(Y.flat());
    const sampleWeight = Float64Array.from(X.keys());
    const net = new NN({
      layers: [3, 5, 2],
      inputScaling: "standard",
      targetScaling: "minmax",
      loss: "meanSquaredError",
      ...options,
    });
    const given = { epochs: 2, sampleWeight, validationData: [x, y], earlyStopping: { patience: 2 } } as const;
    const before = structuredClone(given);
    net.fit(x, y, given);
    net.evaluate(x, y);
    net.predict(x);
    expect([[...x], [...y]]).toEqual([X.flat(), Y.flat()]);
    expect(given).toEqual(before);
  });
});
