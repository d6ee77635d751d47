// Any number of threads makes the same bits: engines whose memory workers share, beside one that computes alone.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rowsOf, type Engine } from "../../src/engine/engine.js";
import { WasmEngine } from "../../src/engine/wasm/engine.js";
import { supports } from "../../src/engine/wasm/instantiate.js";
import { initialParameters } from "../../src/model/initializers.js";
import type { Activation, Dtype, FloatArray, ModelSpec, Optimizer } from "../../src/model/spec.js";
import { WorkerGroup } from "../../src/threads/worker-group.js";
import { model, plainSgd, prepare, randoms, targetsFor, train, trainingSet, withLayers } from "../engine/support.js";
import { isTried, tries } from "../sampling.js";
import { expectSameLayers, expectSameNumbers, expectSameState } from "./support.js";

const THREADS = [1, 2, 3, 4, 7].filter((_, i) => isTried(i, 2));
const BUILDS = (["simd", "relaxed"] as const).filter((build) => supports("float64", build));
const DTYPES: Dtype[] = ["float32", "float64"];
const OPTIMIZERS: Record<string, Partial<Optimizer>> = {
  "plain sgd": {},
  momentum: { momentum: 0.9 },
  nesterov: { momentum: 0.9, nesterov: true },
  rmsprop: { name: "rmsprop" },
  adam: { name: "adam" },
  adamw: { name: "adamw" },
};

const dense = (dtype: Dtype, values: Float64Array): FloatArray => (dtype === "float32" ? Float32Array.from(values) : values);

interface Case {
  readonly spec: ModelSpec;
  readonly build: (typeof BUILDS)[number];
  readonly rows: number;
  readonly batchSize: number;
  readonly shuffle?: boolean;
  readonly weighted?: boolean;
}

const engineFor = ({ spec, build }: Case): WasmEngine =>
  new WasmEngine(spec, initialParameters(spec.layers, spec.dtype, spec.seed), build);

function prepareCase(engine: Engine, { spec, rows, batchSize, shuffle = false, weighted = false }: Case): void {
  const { dtype, loss } = spec;
  const inputs = spec.layers[0].inputs,
    outputs = spec.layers.at(-1)!.units;
  const pair = (count: number, seed: number) => ({
    x: rowsOf(dense(dtype, randoms(count * inputs, seed)), inputs),
    y: rowsOf(dense(dtype, targetsFor(loss, count * outputs, seed + 1)), outputs),
  });
  prepare(
    engine,
    trainingSet(pair(rows, 10).x, pair(rows, 10).y, {
      batchSize,
      shuffle,
      validation: pair(Math.ceil(rows / 3), 20),
      ...(weighted && { weights: dense(dtype, randoms(rows, 30).map(Math.abs)) }),
    }),
  );
}

const slice = { steps: Infinity, epochs: 1, learningRate: 0.01 };

/** The results of two epochs, evaluate and predict on one thread. */
function alone(each: Case) {
  const engine = engineFor(each);
  prepareCase(engine, each);
  const reports = [train(engine, slice), train(engine, { ...slice, steps: 1 }), train(engine, slice)];
  const validation = engine.validate(0, Math.ceil(each.rows / 3));
  const totals = validation.finish(validation.runLocally());
  const state = engine.getState();
  const predictions = engine.predictions();
  return { reports, totals, state, outputs: predictions.finish(predictions.runLocally()).slice() };
}

async function expectSameBits(each: Case, threads: number, expected = alone(each)): Promise<void> {
  const engine = engineFor(each).replica(threads);
  const workers = await WorkerGroup.start(engine, "pooled");
  try {
    prepareCase(engine, each);
    const reports = [];
    for (const part of [slice, { ...slice, steps: 1 }, slice]) {
      const call = engine.train(part);
      reports.push(call.finish(await workers.call(call.kernel!)));
    }
    expect(reports).toEqual(expected.reports);
    // In two pieces: totals go on from one to the next.
    const validated = Math.ceil(each.rows / 3),
      first = validated >> 1;
    if (first) await workers.call(engine.validate(0, first).kernel!);
    const validation = engine.validate(first, validated - first);
    expect(validation.finish(await workers.call(validation.kernel!))).toEqual(expected.totals);
    expectSameState(engine.getState(), expected.state);
    const predictions = engine.predictions();
    expectSameNumbers(predictions.finish(await workers.call(predictions.kernel!)), expected.outputs, "outputs");
  } finally {
    workers.end();
  }
}

describe.each(BUILDS)("%s", (build) => {
  describe.each(DTYPES)("%s", (dtype) => {
    // Narrow and wide layers; sizes that fill no vector, no tile of the kernels and no share of the threads.
    const sizes = [13, 37, 5, 131, 3];
    const activations: Activation[] = ["tanh", "gelu", "relu", "softmax"];
    const base = model(sizes, activations, { loss: "categoricalCrossentropy", dtype, optimizer: { ...plainSgd, name: "adam" } });

    test.each(Object.keys(OPTIMIZERS))("%s", async (name) => {
      const spec = withLayers(
        { ...base, l2: 0.01, optimizer: { ...plainSgd, ...OPTIMIZERS[name] } },
        { dropout: 0.2 },
        {},
        { dropout: 0.5 },
      );
      const each = { spec, build, rows: 101, batchSize: 30, shuffle: true, weighted: true };
      const expected = alone(each);
      for (const threads of THREADS) await expectSameBits(each, threads, expected);
    });

    const cases: [string, Omit<Case, "build">][] = [
      ["batches of more rows than a tile", { spec: base, rows: 700, batchSize: 600 }],
      [
        "batches of more rows than a tile, all on",
        {
          spec: withLayers({ ...base, l2: 0.1, clipNorm: 0.05 }, { dropout: 0.3 }),
          rows: 701,
          batchSize: Infinity,
          shuffle: true,
          weighted: true,
        },
      ],
      ["clipping", { spec: { ...base, clipNorm: 0.01 }, rows: 64, batchSize: 16 }],
      [
        "plain sgd, clipped, with l2",
        { spec: { ...base, optimizer: plainSgd, clipNorm: 0.5, l2: 0.1 }, rows: 64, batchSize: 16 },
      ],
      ["fewer rows than threads", { spec: base, rows: 3, batchSize: 2 }],
      [
        "layers without biases, sums for means",
        {
          spec: withLayers({ ...base, reduction: "sum" }, { bias: false }, {}, { bias: false }),
          rows: 50,
          batchSize: 50,
        },
      ],
      ["one layer", { spec: model([300, 1], ["sigmoid"], { dtype, loss: "binaryCrossentropy" }), rows: 40, batchSize: 17 }],
      [
        "a single unit between wide layers",
        { spec: model([6, 260, 1, 70, 2], ["relu", "elu", "swish", "linear"], { dtype }), rows: 90, batchSize: 90 },
      ],
    ];
    test.each(cases)("%s", async (_title, each) => {
      const expected = alone({ ...each, build });
      for (const threads of THREADS) await expectSameBits({ ...each, build }, threads, expected);
    });
  });
});

test("any network gives the same bits on any rows with any number of threads", async () => {
  const hidden = fc.record({
    units: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 30, max: 150 })),
    activation: fc.constantFrom<Activation>("sigmoid", "tanh", "relu", "leakyRelu", "elu", "softplus", "swish", "gelu"),
    dropout: fc.constantFrom(0, 0, 0.4),
  });
  const anyCase = fc.record({
    layers: fc.array(hidden, { minLength: 1, maxLength: 4 }),
    inputs: fc.integer({ min: 1, max: 60 }),
    outputs: fc.integer({ min: 1, max: 20 }),
    optimizer: fc.constantFrom(...Object.values(OPTIMIZERS)),
    l2: fc.constantFrom(0, 0.01),
    clipNorm: fc.constantFrom(Infinity, 0.1),
    dtype: fc.constantFrom(...DTYPES),
    build: fc.constantFrom(...BUILDS),
    rows: fc.integer({ min: 1, max: 600 }),
    batchSize: fc.oneof(fc.integer({ min: 20, max: 600 }), fc.constant(Infinity)),
    shuffle: fc.boolean(),
    weighted: fc.boolean(),
    threads: fc.integer({ min: 2, max: 9 }),
  });
  await fc.assert(
    fc.asyncProperty(anyCase, async ({ layers, inputs, outputs, optimizer, l2, clipNorm, dtype, threads, ...rest }) => {
      const spec = withLayers(
        model([inputs, ...layers.map(({ units }) => units), outputs], [...layers.map(({ activation }) => activation), "linear"], {
          dtype,
          l2,
          clipNorm,
          loss: "huber",
          optimizer: { ...plainSgd, ...optimizer },
        }),
        ...layers.map(({ dropout }) => ({ dropout })),
      );
      await expectSameBits({ spec, ...rest }, threads);
    }),
    { numRuns: tries(40, 15), seed: 5 },
  );
});

test("a worker with its own memory gives the same bits", async () => {
  for (const dtype of DTYPES) {
    const spec = withLayers(model([13, 37, 5, 3], ["tanh", "gelu", "softmax"], { loss: "categoricalCrossentropy", dtype }), {
      dropout: 0.2,
    });
    await expectSameBits({ spec, build: BUILDS[0], rows: 300, batchSize: 40, shuffle: true, weighted: true }, 0);
  }
});

test("the comparison detects another seed and another number of rows", () => {
  const spec = model([13, 37, 3], ["tanh", "linear"]);
  const each: Case = { spec, build: BUILDS[0], rows: 30, batchSize: 10 };
  const { state } = alone(each);
  expect(() => expectSameState(alone({ ...each, rows: 31 }).state, state)).toThrow("parameters[0].kernel");
  const other = initialParameters(spec.layers, spec.dtype, 99);
  expect(() => expectSameLayers(other, state.parameters)).toThrow("layers[0].kernel");
});
