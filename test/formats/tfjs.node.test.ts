// Layers models: TensorFlow.js 4.22 itself loads, runs, trains and saves them; its predictions are the oracle.
import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import { fromTFJS, toTFJS, type TFJSModel } from "../../src/entries/tfjs.js";
import { NN, type NetworkOptions } from "../../src/index.js";
import { table } from "../nn/support.js";
import { expectNear } from "../support.js";
import { formatError } from "./support.js";

/** The part of TensorFlow.js that these tests use. Its own types require those of the DOM and WebGPU. */
interface Tensor {
  dataSync(): Float32Array;
}
interface LayersModel {
  predict(x: Tensor): Tensor;
  fit(x: Tensor, y: Tensor, options: object): Promise<{ history: { loss: number[] } }>;
  compile(options: object): void;
  save(handler: object): Promise<unknown>;
  getWeights(): Tensor[];
  loss: string;
  optimizer: { getClassName(): string; learningRate: number } | undefined;
}
interface Artifacts {
  modelTopology: object;
  weightSpecs: object[];
  weightData: ArrayBuffer;
  trainingConfig?: object;
}
type LayerFunction = (options: object) => { apply(to: unknown): unknown };
const require = createRequire(import.meta.url);
const tf = require("@tensorflow/tfjs-core") as {
  setBackend(name: string): Promise<boolean>;
  tensor2d(rows: number[][]): Tensor;
  io: { fromMemory(artifacts: object): object; withSaveHandler(save: (artifacts: Artifacts) => Promise<object>): object };
};
const { loadLayersModel, sequential, layers, input, model } = require("@tensorflow/tfjs-layers") as {
  loadLayersModel(handler: object): Promise<LayersModel>;
  sequential(options: object): LayersModel;
  layers: Record<"dense" | "dropout" | "activation" | "leakyReLU" | "elu" | "reLU" | "softmax", LayerFunction>;
  input(options: object): unknown;
  model(options: object): LayersModel;
};
const { MathBackendCPU } = require("@tensorflow/tfjs-backend-cpu") as { MathBackendCPU: unknown };
if (!MathBackendCPU || !(await tf.setBackend("cpu"))) throw new Error("TensorFlow.js has no cpu back end");

/** As it is read from model.json: nothing may depend on the objects that were written. */
const parsed = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

function load({ model, weights }: { model: TFJSModel; weights: Uint8Array<ArrayBuffer> }): Promise<LayersModel> {
  const { modelTopology, weightsManifest, trainingConfig } = parsed(model);
  return loadLayersModel(
    tf.io.fromMemory({
      modelTopology,
      weightSpecs: weightsManifest[0].weights,
      weightData: weights.buffer,
      ...(trainingConfig && { trainingConfig }),
    }),
  );
}

/** The contents of model.json and the weights file as TensorFlow.js writes them. */
async function saved(
  net: LayersModel,
): Promise<{ model: { modelTopology: unknown; weightsManifest: unknown; trainingConfig?: unknown }; weights: Uint8Array }> {
  let artifacts: Artifacts | undefined;
  await net.save(
    tf.io.withSaveHandler((given) => {
      artifacts = given;
      return Promise.resolve({ modelArtifactsInfo: {} });
    }),
  );
  const { modelTopology, weightSpecs, weightData, trainingConfig } = artifacts!;
  return {
    model: parsed({ modelTopology, weightsManifest: [{ paths: ["weights.bin"], weights: weightSpecs }], trainingConfig }),
    weights: new Uint8Array(weightData),
  };
}

const predictThere = (net: LayersModel, x: number[][]): number[] => [...net.predict(tf.tensor2d(x)).dataSync()];

const X = table(9, 5, 1).map((row) => row.map((value) => 4 * value - 1));
const Y = table(9, 3, 2);
const flat = (rows: number[][]): number[] => rows.flat();

/** Close as float32 is: relative to max(1, |expected|). */
const expectClose = (actual: readonly number[], expected: readonly number[], tolerance = 1e-6): void =>
  expectNear(actual, expected, tolerance);

describe("toTFJS", () => {
  const activations = ["linear", "sigmoid", "tanh", "relu", "leakyRelu", "elu", "softplus", "swish"] as const;
  test.each(activations)("%s: TensorFlow.js predicts the same, hidden and last", async (activation) => {
    const nn = new NN({
      layers: [5, { units: 7, activation }, { units: 3, activation }],
      loss: "meanSquaredError",
      initializer: "glorotUniform",
      seed: 3,
    });
    const out = toTFJS(nn);
    expectClose(predictThere(await load(out), X), flat(nn.predict(X)));
    const back = fromTFJS(parsed(out.model), out.weights);
    expect(back.predict(X)).toEqual(nn.predict(X));
    expect(back.layers.map(({ units, activation, bias }) => [units, activation, bias])).toEqual([
      [7, activation, true],
      [3, activation, true],
    ]);
  });

  test.each<[string, NetworkOptions]>([
    [
      "softmax, dropout, layers without bias",
      {
        layers: [
          5,
          { units: 6, activation: "relu", dropout: 0.25, bias: false },
          { units: 4, activation: "leakyRelu", dropout: 0.5 },
          { units: 3, bias: false },
        ],
        loss: "categoricalCrossentropy",
        optimizer: { name: "sgd", momentum: 0.9, nesterov: true },
      },
    ],
    ["binary crossentropy, rmsprop", { layers: [5, 4, 3], loss: "binaryCrossentropy", optimizer: "rmsprop" }],
    ["one layer", { layers: [5, 3], loss: "meanAbsoluteError", optimizer: "sgd" }],
    ["float64, rounded", { layers: [5, 4, 3], dtype: "float64", loss: "meanSquaredError" }],
  ])("%s: predicted the same, read back with the same loss and dropout", async (_name, options) => {
    const nn = new NN({ ...options, seed: 1 });
    const out = toTFJS(nn);
    const there = await load(out);
    expectClose(predictThere(there, X), flat(nn.predict(X)));
    const back = fromTFJS(out.model, out.weights);
    expectClose(flat(back.predict(X)), flat(nn.predict(X)));
    expect(back.layers.map(({ dropout, bias }) => [dropout, bias])).toEqual(
      nn.layers.map(({ dropout, bias }) => [dropout, bias]),
    );
    expect(back.toJSON().options["loss"]).toBe(options.loss);
    expect(there.loss.toLowerCase()).toBe(options.loss!.toLowerCase());
  });

  test.each(["standard", "minmax"] as const)("%s scaling of inputs and targets is in the weights", async (scaling) => {
    for (const bias of [true, false]) {
      const nn = new NN({
        layers: [5, { units: 6, activation: "tanh", bias }, { units: 3, activation: "linear", bias }],
        loss: "meanSquaredError",
        inputScaling: scaling,
        targetScaling: scaling,
        seed: 5,
      });
      const x = X.map((row) => row.map((value, c) => 10 ** (c - 2) * (value + 2)));
      const y = Y.map((row) => row.map((value, c) => 10 ** c * (value - 3)));
      nn.fit(x, y, { epochs: 20 });
      const out = toTFJS(nn);
      expectClose(predictThere(await load(out), x), flat(nn.predict(x)), 2e-6);
      expectClose(flat(fromTFJS(out.model, out.weights).predict(x)), flat(nn.predict(x)), 2e-6);
    }
  });

  test("scalers that have not been fitted change nothing", async () => {
    const nn = new NN({ layers: [5, 4, 3], inputScaling: "standard", targetScaling: "standard", seed: 2 });
    expectClose(predictThere(await load(toTFJS(nn)), X), flat(nn.predict(X)));
  });

  test("the loaded model is compiled, and trains there as here", async () => {
    const nn = new NN({
      layers: [5, { units: 6, activation: "tanh" }, 3],
      loss: "meanSquaredError",
      optimizer: { name: "sgd", learningRate: 0.05 },
      batchSize: 9,
      shuffle: false,
      seed: 4,
    });
    const there = await load(toTFJS(nn));
    expect(there.optimizer!.getClassName()).toBe("SGD");
    const { history } = await there.fit(tf.tensor2d(X), tf.tensor2d(Y), { epochs: 5, batchSize: 9, shuffle: false, verbose: 0 });
    expectClose(history.loss, nn.fit(X, Y, { epochs: 5 }).loss);
    const { model, weights } = await saved(there);
    expectClose(flat(fromTFJS(model, weights).predict(X)), flat(nn.predict(X)));
  });

  test("what TensorFlow.js has no optimizer or loss for is written without", async () => {
    for (const options of [
      { optimizer: "adamw", loss: "meanSquaredError" },
      { optimizer: "adam", loss: "halfSquaredError" },
    ] as const) {
      const out = toTFJS(new NN({ layers: [5, 3], ...options }));
      expect(out.model).not.toHaveProperty("trainingConfig");
      expect((await load(out)).optimizer).toBeUndefined();
    }
  });

  test("refuses gelu, scaled targets after another activation than linear, and numbers beyond float32", () => {
    expect(() => toTFJS(new NN({ layers: [5, { units: 4, activation: "gelu" }, 3] }))).toThrow(/layers\[1\]\.activation is gelu/);
    const scaled = new NN({ layers: [5, { units: 3, activation: "tanh" }], loss: "meanSquaredError", targetScaling: "minmax" });
    scaled.fit(X, Y);
    expect(() => toTFJS(scaled)).toThrow(/targetScaling after the activation tanh.*"linear" on the last layer/);
    const large = new NN({ layers: [1, 1], dtype: "float64" });
    large.setWeights([{ kernel: [1e39], bias: [0] }]);
    expect(() => toTFJS(large)).toThrow(/dense_1\/kernel has 1e\+39/);
  });

  test("TensorFlow.js still cannot load gelu_new from a file, and its gelu is not the tanh form", async () => {
    const out = toTFJS(new NN({ layers: [5, { units: 3, activation: "relu" }], loss: "meanSquaredError", seed: 1 }));
    const as = (activation: string): Promise<LayersModel> =>
      load({ ...out, model: JSON.parse(JSON.stringify(out.model).replace('"relu"', JSON.stringify(activation))) as TFJSModel });
    await expect(as("gelu_new")).rejects.toThrow(/geluNew/);
    const nn = new NN({ layers: [5, { units: 3, activation: "gelu" }], loss: "meanSquaredError" });
    nn.setWeights(fromTFJS(out.model, out.weights).getWeights());
    const difference = predictThere(await as("gelu"), X).map((value, i) => Math.abs(value - flat(nn.predict(X))[i]));
    expect(Math.max(...difference)).toBeGreaterThan(1e-5);
  });
});

describe("fromTFJS", () => {
  test("a Sequential model that was compiled, trained and saved there, as ml5 does", async () => {
    const net = sequential({
      layers: [
        layers.dense({ units: 16, inputShape: [5], activation: "relu" }),
        layers.dropout({ rate: 0.2 }),
        layers.dense({ units: 3, activation: "softmax" }),
      ],
    });
    net.compile({ loss: "categoricalCrossentropy", optimizer: "adam", metrics: ["accuracy"] });
    await net.fit(tf.tensor2d(X), tf.tensor2d(X.map((_, i) => [0, 1, 2].map((c) => +(c === i % 3)))), { epochs: 3, verbose: 0 });
    const { model, weights } = await saved(net);
    const nn = fromTFJS(model, weights);
    expectClose(flat(nn.predict(X)), predictThere(net, X));
    expect(nn.layers.map(({ units, activation, dropout }) => [units, activation, dropout])).toEqual([
      [16, "relu", 0.2],
      [3, "softmax", 0],
    ]);
    expect(nn.toJSON().options["loss"]).toBe("categoricalCrossentropy");
  });

  test("a functional model with every layer that is read", async () => {
    const start = input({ shape: [5], name: "start" });
    const chain = [
      layers.dropout({ rate: 0.1 }),
      layers.dense({ units: 6, useBias: false }),
      layers.reLU({}),
      layers.dropout({ rate: 0.5 }),
      layers.dropout({ rate: 0.2 }),
      layers.dense({ units: 5, activation: "linear" }),
      layers.leakyReLU({ alpha: 0.01 }),
      layers.dense({ units: 4 }),
      layers.elu({}),
      layers.dense({ units: 4 }),
      layers.activation({ activation: "swish" }),
      layers.dense({ units: 3 }),
      layers.softmax({ axis: -1 }),
      layers.dropout({ rate: 0.5 }),
    ];
    const net = model({ inputs: start, outputs: chain.reduce((below, layer) => layer.apply(below), start) });
    const { model: json, weights } = await saved(net);
    const nn = fromTFJS(json, weights);
    expectClose(flat(nn.predict(X)), predictThere(net, X));
    expect(nn.layers.map(({ activation }) => activation)).toEqual(["relu", "leakyRelu", "elu", "swish", "softmax"]);
    expectClose(
      nn.layers.map(({ dropout }) => dropout),
      [0.6, 0, 0, 0, 0],
    );
    // The order in which layers are listed says nothing.
    const { config } = json.modelTopology as { config: { layers: unknown[] } };
    config.layers.reverse();
    expect(fromTFJS(json, weights).predict(X)).toEqual(nn.predict(X));
  });

  test("gelu_new, which TensorFlow.js can save but not load", async () => {
    const net = sequential({ layers: [layers.dense({ units: 3, inputShape: [5], activation: "gelu_new" })] });
    const { model, weights } = await saved(net);
    expectClose(flat(fromTFJS(model, weights).predict(X)), predictThere(net, X));
  });
});

describe("what fromTFJS refuses", () => {
  const { model, weights } = toTFJS(
    new NN({
      layers: [2, { units: 3, activation: "relu", dropout: 0.1 }, { units: 2, activation: "tanh" }],
      loss: "meanSquaredError",
      seed: 1,
    }),
  );
  interface Parts {
    layers: { class_name: string; config: Record<string, unknown> }[];
    weights: Record<string, unknown>[];
    model: Record<string, unknown>;
  }
  /** The message of the model after a change. */
  function message(change: (parts: Parts) => void, bytes: Uint8Array = weights): string {
    const copy = parsed(model) as unknown as Record<string, unknown>;
    const { config } = copy["modelTopology"] as { config: Pick<Parts, "layers"> };
    change({ ...config, weights: (copy["weightsManifest"] as Parts[])[0].weights, model: copy });
    return formatError(() => fromTFJS(copy, bytes));
  }
  const functional = (inbound: unknown[][], ends: object = {}): unknown => ({
    class_name: "Model",
    config: {
      layers: inbound.map((nodes, i) => ({
        class_name: i ? "Dense" : "InputLayer",
        name: `l${i}`,
        config: i ? { units: 2 } : { batch_input_shape: [null, 2] },
        inbound_nodes: nodes,
      })),
      input_layers: [["l0", 0, 0]],
      output_layers: [[`l${inbound.length - 1}`, 0, 0]],
      ...ends,
    },
  });
  const to = (...names: string[]): unknown[] => [names.map((name) => [name, 0, 0, {}])];

  test.each<[string, (parts: Parts) => void, string]>([
    ["a graph model", ({ model }) => (model["modelTopology"] = { node: [] }), "class_name of the model is undefined"],
    ["no topology", ({ model }) => delete model["modelTopology"], "modelTopology is undefined"],
    ["a layer of another class", ({ layers }) => (layers[1].class_name = "Conv2D"), 'layer "dropout_1" (Conv2D)'],
    ["no Dense layer", ({ layers }) => layers.splice(0, 3), "no Dense layer"],
    ["selu", ({ layers }) => (layers[0].config["activation"] = "selu"), 'layer "dense_1" (Dense) has the activation "selu"'],
    ["gelu by erf", ({ layers }) => (layers[0].config["activation"] = "gelu"), 'has the activation "gelu"'],
    ["an activation that is an object", ({ layers }) => (layers[0].config["activation"] = {}), "has the activation an object"],
    ["softmax on a hidden layer", ({ layers }) => (layers[0].config["activation"] = "softmax"), "softmax"],
    [
      "two activations",
      ({ layers }) => layers.push({ class_name: "ReLU", config: { name: "again" } }),
      'layer "again" (ReLU) follows the activation tanh',
    ],
    [
      "an activation first",
      ({ layers }) => layers.unshift({ class_name: "ReLU", config: { name: "first" } }),
      'layer "first" (ReLU) comes before',
    ],
    [
      "leaky ReLU by its default slope",
      ({ layers }) => (layers[1] = { class_name: "LeakyReLU", config: { name: "leaky" } }),
      "slope 0.3",
    ],
    [
      "a ReLU with a ceiling",
      ({ layers }) => (layers[1] = { class_name: "ReLU", config: { name: "six", max_value: 6 } }),
      "max_value 6",
    ],
    ["another ELU", ({ layers }) => (layers[1] = { class_name: "ELU", config: { name: "elu", alpha: 2 } }), "alpha 2"],
    ["softmax along rows", ({ layers }) => layers.push({ class_name: "Softmax", config: { name: "s", axis: 0 } }), "axis 0"],
    ["a dropout of all", ({ layers }) => (layers[1].config["rate"] = 1), "rate 1"],
    ["inputs of three dimensions", ({ layers }) => (layers[0].config["batch_input_shape"] = [null, 2, 2]), "3 dimensions"],
    [
      "another number of inputs",
      ({ layers }) => (layers[0].config["batch_input_shape"] = [null, 4]),
      'weight "dense_1/kernel" has the shape [2, 3]; it must be [4, 3]',
    ],
    ["1e9 units that are only claimed", ({ layers }) => (layers[0].config["units"] = 1e9), "[2, 1000000000]"],
    [
      "quantized weights",
      ({ weights }) => (weights[0]["quantization"] = { dtype: "uint8", scale: 1, min: 0 }),
      'weight "dense_1/kernel" is quantized',
    ],
    ["another dtype", ({ weights }) => (weights[0]["dtype"] = "int32"), "dtype int32; it must be float32"],
    ["texts", ({ weights }) => (weights[0]["dtype"] = "string"), 'dtype "string"'],
    ["a weight that is missing", ({ weights }) => (weights[0]["name"] = "other/kernel"), 'no weight "dense_1/kernel"'],
    ["two layers that share a weight", ({ layers }) => layers.splice(1, 1, layers[0]), "two layers have one name"],
    ["two weights of one name", ({ weights }) => (weights[2]["name"] = "dense_1/kernel"), 'two weights "dense_1/kernel"'],
    ["a shape that is too large", ({ weights }) => (weights[0]["shape"] = [2 ** 52, 2 ** 52]), "weights has 68 bytes"],
    [
      "a shape with a 0 after all",
      ({ weights }) => (weights[0]["shape"] = [...Array.from({ length: 7 }, () => 2 ** 53 - 1), 0]),
      "weights has 68 bytes",
    ],
    [
      "a shape that is only long",
      ({ weights }) => (weights[0]["shape"] = Object.assign([], { length: 2 ** 32 - 1 })),
      'the shape of weight "dense_1/kernel"',
    ],
    ["no manifest", ({ model }) => delete model["weightsManifest"], "weightsManifest is undefined"],
    [
      "two outputs",
      ({ model }) =>
        (model["modelTopology"] = functional([[], to("l0"), to("l0")], {
          output_layers: [
            ["l1", 0, 0],
            ["l2", 0, 0],
          ],
        })),
      "output_layers has 2",
    ],
    ["a branch", ({ model }) => (model["modelTopology"] = functional([[], to("l0"), to("l0")])), 'layer "l1" is not on the way'],
    [
      "a layer with two before it",
      ({ model }) => (model["modelTopology"] = functional([[], to("l0"), to("l0", "l1")])),
      'layer "l2" follows 2 layers',
    ],
    [
      "a shared layer",
      ({ model }) => (model["modelTopology"] = functional([[], [...to("l0"), ...to("l0")]])),
      'layer "l1" is used 2 times',
    ],
    ["a circle", ({ model }) => (model["modelTopology"] = functional([[], to("l2"), to("l1")])), "follows itself"],
    [
      "Keras 3's form",
      ({ model }) => (model["modelTopology"] = functional([[], [{ args: [], kwargs: {} }]])),
      'inbound_nodes of "l1"',
    ],
  ])("%s", (_name, change, text) => {
    expect(message(change)).toContain(text);
  });

  test("bytes that are too few, too many, not finite, or no bytes", () => {
    expect(message(() => {}, weights.subarray(4))).toContain("weights has 64 bytes");
    expect(message(() => {}, new Uint8Array(72))).toContain("weights has 72 bytes; weightsManifest describes 68");
    expect(message(() => {}, weights.slice().fill(255))).toContain("NaN");
    for (const bytes of [null, "text", [1, 2], new Float32Array(17)])
      formatError(() => fromTFJS(model, bytes as unknown as Uint8Array));
  });

  test("groups of weights lie one after another, an ArrayBuffer or a part of one, names with scopes", () => {
    const {
      weightsManifest: [{ weights: specs }],
    } = parsed(model);
    const groups = [specs.slice(0, 1), specs.slice(1)].map((weights) => ({
      paths: ["x"],
      weights: weights.map((each) => ({ ...each, name: `model/${each.name}:0` })),
    }));
    const nn = fromTFJS({ ...model, weightsManifest: groups }, weights.buffer);
    const shifted = new Uint8Array(weights.length + 3);
    shifted.set(weights, 3);
    expect(fromTFJS(model, shifted.subarray(3)).getWeights()).toEqual(nn.getWeights());
    expect(nn.getWeights()).toEqual(fromTFJS(model, weights).getWeights());
    // readFile gives Buffers, whose slice does not copy.
    expect(fromTFJS(model, Buffer.concat([new Uint8Array(4), weights]).subarray(4)).getWeights()).toEqual(nn.getWeights());
  });

  test("weights of optimizers, after the layers' own, are left out", () => {
    const {
      weightsManifest: [{ weights: specs }],
    } = parsed(model);
    const extra = { name: "training/Adam/iter", shape: [], dtype: "int32" };
    const bytes = new Uint8Array([...weights, 1, 2, 3, 4]);
    expect(fromTFJS({ ...model, weightsManifest: [{ paths: ["x"], weights: [...specs, extra] }] }, bytes).getWeights()).toEqual(
      fromTFJS(model, weights).getWeights(),
    );
  });
});
