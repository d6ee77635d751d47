// One network, every engine: at sizes that straddle vectors and tiles, in both precisions, training is the same but for rounding.
import { describe, expect, test } from "vitest";
import { JsEngine } from "../../src/engine/js/engine.js";
import { initialParameters } from "../../src/model/initializers.js";
import { LOSSES } from "../../src/model/spec.js";
import type { ModelSpec } from "../../src/model/spec.js";
import {
  type EngineCase,
  ENGINES,
  expectClose,
  flat,
  matrix,
  model,
  plainSgd,
  predictions,
  prepare,
  randoms,
  targetsFor,
  train,
  trainingSet,
  withLayers,
} from "./support.js";

const oracle = (spec: ModelSpec): ReturnType<EngineCase["create"]> =>
  new JsEngine(spec, initialParameters(spec.layers, spec.dtype, spec.seed));

/** Trains on rows × sizes[0] … for two epochs, and returns all there is to see: losses, right answers, weights, outputs. */
function follow(create: EngineCase["create"], spec: ModelSpec, rows: number, batchSize: number): number[] {
  const inputs = spec.layers[0].inputs;
  const outputs = spec.layers.at(-1)!.units;
  const engine = create(spec);
  const x = matrix(randoms(rows * inputs, 2), inputs);
  const y = matrix(targetsFor(spec.loss, rows * outputs, 3), outputs);
  const weights = randoms(rows, 4).map((weight) => 1 + weight);
  const own = spec.dtype === "float32" ? Float32Array.from(weights) : weights;
  prepare(engine, trainingSet(x, y, { batchSize, shuffle: true, weights: own }));
  const { epochs } = train(engine, { steps: Infinity, epochs: 2, learningRate: 0.02 });
  const { loss, correct, layers } = engine.gradients(x, y);
  return [
    ...epochs.flatMap((totals) => [totals.loss / rows, totals.correct / rows]),
    loss / rows,
    correct / rows,
    ...flat(layers),
    ...flat(engine.getParameters()),
    ...predictions(engine, x, outputs, spec.dtype),
  ];
}

describe.each(ENGINES)("$name", ({ create }) => {
  test.each(LOSSES)("agrees with plain loops in float64 with %s, for every size of a vector's tail", (loss) => {
    for (const units of [1, 2, 3, 4, 5, 6, 7, 8, 9]) {
      const last = loss === "categoricalCrossentropy" ? "softmax" : loss === "binaryCrossentropy" ? "sigmoid" : "linear";
      const outputs = last === "softmax" ? units + 1 : units;
      const spec = withLayers(
        model([10 - units, units, units + 2, outputs], ["tanh", "swish", last], {
          loss,
          clipNorm: units % 2 ? 0.5 : Infinity,
          l2: 0.01,
        }),
        { dropout: 0.25 },
        { bias: false },
      );
      expectClose(follow(create, spec, 13, 5), follow(oracle, spec, 13, 5), 1e-12);
    }
  });

  test.each([
    [1, 1],
    [255, 255],
    [256, 256],
    [257, 257],
    [257, 256],
    [513, 300],
  ])("follows them on %i rows in batches of %i", (rows, batchSize) => {
    for (const name of ["sgd", "adam"] as const) {
      const spec = withLayers(model([5, 6, 3], ["gelu", "softplus"], { optimizer: { ...plainSgd, name } }), { dropout: 0.5 });
      expectClose(follow(create, spec, rows, batchSize), follow(oracle, spec, rows, batchSize), 1e-11);
    }
  });

  test("agrees with plain loops where the row stride would be a multiple of 1 kB", () => {
    // In float64 127 and 128 units fill 64 vectors.
    for (const [units, outputs, name, clipNorm] of [
      [127, 128, "sgd", Infinity],
      [128, 127, "adam", Infinity],
      [128, 3, "sgd", 0.5],
      [3, 128, "rmsprop", Infinity],
    ] as const) {
      const spec = withLayers(
        model([6, units, 17, outputs], ["swish", "sigmoid", "softmax"], {
          loss: "categoricalCrossentropy",
          clipNorm,
          l2: 0.01,
          optimizer: { ...plainSgd, name },
        }),
        { dropout: 0.25 },
      );
      expectClose(follow(create, spec, 13, 5), follow(oracle, spec, 13, 5), 1e-11);
    }
  });

  test.each(LOSSES)("stays close to float64 in float32, with %s", (loss) => {
    const last = loss === "categoricalCrossentropy" ? "softmax" : loss === "binaryCrossentropy" ? "sigmoid" : "tanh";
    const optimizer = { ...plainSgd, momentum: 0.5 };
    const spec = withLayers(model([7, 9, 5, 3], ["elu", "sigmoid", last], { loss, optimizer }), { dropout: 0.2 });
    const single = follow(create, { ...spec, dtype: "float32" }, 31, 8);
    const double = follow(create, spec, 31, 8);
    expectClose(single, double, 1e-5);
    expect(single).not.toEqual(double);
  });

  test("stays close to float64 in float32 over a hundred epochs", () => {
    const losses = (["float32", "float64"] as const).map((dtype) => {
      const engine = create(model([4, 8, 2], ["tanh", "linear"], { dtype, optimizer: { ...plainSgd, name: "adam" } }));
      expect(engine.getParameters()[0].kernel).toBeInstanceOf(dtype === "float32" ? Float32Array : Float64Array);
      prepare(engine, trainingSet(matrix(randoms(160, 2), 4), matrix(randoms(80, 3), 2), { batchSize: 8, shuffle: true }));
      return train(engine, { steps: Infinity, epochs: 100, learningRate: 0.01 }).epochs.map(({ loss }) => loss);
    });
    expect(losses[1][99]).toBeLessThan(0.8 * losses[1][0]);
    expectClose(losses[0], losses[1], 1e-4);
    expect(losses[0]).not.toEqual(losses[1]);
  });
});
