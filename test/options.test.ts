// Both constructors' defaults to the letter, and for each kind of mistake the message that its author reads.
import { describe, expect, test } from "vitest";
import { OPTIMIZERS } from "../src/model/spec.js";
import { parseFitOptions } from "../src/options/fit.js";
import { parseNetwork, rateAt } from "../src/options/network.js";

const parse = (...args: unknown[]): ReturnType<typeof parseNetwork> => parseNetwork(args, () => -1);
const layers = [3, 4, 2];
const network = (options: object): ReturnType<typeof parseNetwork> => parse({ layers, ...options });
const activations = (options: object): string[] => network(options).spec.layers.map((layer) => layer.activation);

describe("defaults", () => {
  test("the general form fills in its defaults", () => {
    const layer = { inputs: 3, units: 4, activation: "sigmoid", bias: true, dropout: 0, initializer: "fanInNormal" };
    expect(parse({ layers })).toEqual({
      spec: {
        layers: [layer, { ...layer, inputs: 4, units: 2 }],
        loss: "halfSquaredError",
        optimizer: expect.objectContaining({ name: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 }),
        reduction: "mean",
        l2: 0,
        clipNorm: Infinity,
        dtype: "float32",
        seed: 0xffffffff,
      },
      learningRate: 0.001,
      epochs: undefined,
      batchSize: 32,
      shuffle: true,
      inputScaling: "none",
      targetScaling: "none",
      backend: "auto",
      reproducible: false,
    });
  });

  test("the textbook form fills in its defaults", () => {
    const { spec, ...rest } = parse(5, 10, 1, 0.1, 1000);
    expect(rest).toEqual({
      learningRate: 0.1,
      epochs: 1000,
      batchSize: Infinity,
      shuffle: false,
      inputScaling: "none",
      targetScaling: "none",
      backend: "auto",
      reproducible: false,
    });
    expect(spec).toMatchObject({
      loss: "halfSquaredError",
      reduction: "sum",
      l2: 0,
      clipNorm: Infinity,
      dtype: "float32",
      optimizer: { name: "sgd", momentum: 0, nesterov: false },
      layers: [
        { inputs: 5, units: 10, activation: "sigmoid" },
        { inputs: 10, units: 1, activation: "sigmoid" },
      ],
    });
    expect(parse(5, [16, 8], 1, 0.1, 1).spec.layers.map((layer) => layer.units)).toEqual([16, 8, 1]);
    expect(parse(5, [], 1, 0.1, 1).spec.layers).toHaveLength(1);
  });

  test.each([
    ["sgd", 0.01, { momentum: 0, nesterov: false }],
    ["rmsprop", 0.001, { rho: 0.9, epsilon: 1e-8 }],
    ["adam", 0.001, { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }],
    ["adamw", 0.001, { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 }],
  ])("of %s", (name, learningRate, hyperparameters) => {
    for (const optimizer of [name, { name }]) {
      expect(network({ optimizer })).toMatchObject({ learningRate, spec: { optimizer: { name, ...hyperparameters } } });
    }
  });

  test.each([
    ["categoricalCrossentropy", "softmax"],
    ["binaryCrossentropy", "sigmoid"],
    ["halfSquaredError", "sigmoid"],
    ["squaredError", "sigmoid"],
    ["meanSquaredError", "linear"],
    ["meanAbsoluteError", "linear"],
    ["huber", "linear"],
  ])("the last layer of a network with %s is %s", (loss, last) => {
    expect(activations({ loss })).toEqual(["sigmoid", last]);
    expect(activations({ loss, activation: "relu" })).toEqual(["relu", last]);
    const textbook = parse(3, 4, 2, 1, 1, { loss }).spec.layers.map((layer) => layer.activation);
    expect(textbook).toEqual(["sigmoid", last === "softmax" ? "softmax" : "sigmoid"]);
  });
});

describe("options", () => {
  test("a layer's options override the network's", () => {
    const own = { units: 4, activation: "tanh", bias: false, dropout: 0.5, initializer: "zeros" };
    const list = [3, own, 5, { units: 2, activation: "gelu" }];
    const { spec } = parse({ layers: list, activation: "elu", initializer: "heNormal" });
    expect(spec.layers).toEqual([
      { inputs: 3, ...own },
      { inputs: 4, units: 5, activation: "elu", bias: true, dropout: 0, initializer: "heNormal" },
      { inputs: 5, units: 2, activation: "gelu", bias: true, dropout: 0, initializer: "heNormal" },
    ]);
  });

  test("targets scaled to mean 0 get a linear last layer unless it says otherwise", () => {
    const last = (options: object): string => parse({ layers: [2, 3, 1], ...options }).spec.layers[1].activation;
    expect(last({})).toBe("sigmoid");
    expect(last({ targetScaling: "minmax" })).toBe("sigmoid");
    expect(last({ targetScaling: "standard" })).toBe("linear");
    expect(last({ targetScaling: "standard", layers: [2, 3, { units: 1, activation: "tanh" }] })).toBe("tanh");
  });

  test("undefined options count as not given", () => {
    expect(network({ loss: undefined, optimizer: undefined, epochs: undefined })).toEqual(network({}));
    expect(network({ optimizer: { name: "sgd", momentum: undefined } })).toEqual(network({ optimizer: "sgd" }));
    expect(parse(3, 4, 2, 0.1, 1, undefined)).toEqual(parse(3, 4, 2, 0.1, 1));
  });

  test("the textbook form takes every option", () => {
    const options = {
      seed: 7,
      dtype: "float64",
      batchSize: 8,
      shuffle: true,
      reduction: "mean",
      l2: 0.1,
      clipNorm: 1,
      inputScaling: "standard",
      targetScaling: "minmax",
      backend: "js",
      reproducible: true,
      epochs: 9,
      learningRate: 0.3,
      optimizer: { name: "adamw", learningRate: 0.3, weightDecay: 0 },
    };
    const general = parse({ layers, ...options });
    expect(parse(3, 4, 2, 0.3, 9, options)).toEqual(general);
    expect(general).toMatchObject({
      epochs: 9,
      batchSize: 8,
      spec: { seed: 7, clipNorm: 1, optimizer: { name: "adamw", weightDecay: 0 } },
    });
  });

  test("values at the ends of their ranges are accepted", () => {
    const optimizer = { name: "sgd", momentum: 0, learningRate: 0, nesterov: false };
    const layers = [1, { units: 1, dropout: 0 }];
    expect(parse({ layers, l2: 0, epochs: 0, clipNorm: Infinity, optimizer })).toMatchObject({
      epochs: 0,
      learningRate: 0,
      spec: { l2: 0, layers: [{ dropout: 0 }], optimizer: { momentum: 0 } },
    });
  });

  test("seeds are 32-bit integers of either sign", () => {
    const seeds = [0, -1, -(2 ** 31), 2 ** 32 - 1].map((seed) => network({ seed }).spec.seed);
    expect(seeds).toEqual([0, 2 ** 32 - 1, 2 ** 31, 2 ** 32 - 1]);
  });

  test("the learning rate may be given in two places, also as a function, but must not differ", () => {
    const half = (epoch: number): number => 0.5 ** epoch;
    expect(network({ learningRate: half, optimizer: { name: "sgd", learningRate: half } }).learningRate).toBe(half);
    expect(network({ learningRate: 0, optimizer: "sgd" }).learningRate).toBe(0);
    expect(parse(3, 4, 2, 0.1, 1, { optimizer: "adam" }).learningRate).toBe(0.1);
    expect(rateAt(half, 2)).toBe(0.25);
    expect(rateAt(0.1, 2)).toBe(0.1);
    expect(() => rateAt(() => NaN, 2)).toThrow(new RangeError("learningRate(2) is NaN; it must be a finite number, 0 or more"));
  });
});

const type = (args: unknown[], message: string): [Error, unknown[]] => [new TypeError(message), args];
const range = (args: unknown[], message: string): [Error, unknown[]] => [new RangeError(message), args];
const general = (options: object): unknown[] => [{ layers, ...options }];
const textbook = (options: object): unknown[] => [3, 4, 2, 0.1, 10, options];

describe("mistakes", () => {
  const list =
    "layers, activation, loss, optimizer, learningRate, epochs, batchSize, shuffle, reduction, l2, " +
    "clipNorm, initializer, inputScaling, targetScaling, labels, dtype, seed, backend, reproducible";
  test.each([
    type(general({ lerningRate: 1 }), 'unknown option "lerningRate"; did you mean "learningRate"?'),
    type(general({ batch_size: 1 }), 'unknown option "batch_size"; did you mean "batchSize"?'),
    type(general({ lr: 1 }), 'unknown option "lr"; did you mean "learningRate"?'),
    type(general({ xyz: 1 }), `unknown option "xyz"; choose from ${list}`),
    type([JSON.parse('{"layers":[1,1],"__proto__":{}}')], `unknown option "__proto__"; choose from ${list}`),
    type(general({ constructor: 1 }), `unknown option "constructor"; choose from ${list}`),
    type([Object.create({ layers, sed: 1 })], 'unknown option "sed"; did you mean "seed"?'),
    type(textbook({ layers }), `unknown option "layers"; did you mean "labels"?`),
    type([{ layers: [3, { units: 4, activaton: "relu" }] }], 'layers[1]: unknown option "activaton"; did you mean "activation"?'),
    type(
      general({ optimizer: { name: "adam", momentum: 0.9 } }),
      'optimizer: unknown option "momentum"; choose from name, learningRate, beta1, beta2, epsilon',
    ),
    range(general({ activation: "rleu" }), 'unknown activation "rleu"; did you mean "relu"?'),
    range(general({ activation: "ReLU" }), 'unknown activation "ReLU"; did you mean "relu"?'),
    range([{ layers: [3, { units: 4, activation: "tahn" }] }], 'layers[1]: unknown activation "tahn"; did you mean "tanh"?'),
    range(
      general({ loss: "categorical_crossentropy" }),
      'unknown loss "categorical_crossentropy"; did you mean "categoricalCrossentropy"?',
    ),
    range(general({ optimizer: "momentum" }), 'unknown optimizer "momentum"; did you mean "sgd"?'),
    range(general({ optimizer: { name: "Adm" } }), 'unknown optimizer "Adm"; did you mean "adam"?'),
    type(general({ optimizer: { learningRate: 1 } }), `optimizer.name is undefined; it must be one of ${OPTIMIZERS.join(", ")}`),
    type(general({ optimizer: 3 }), `optimizer is 3; it must be one of ${OPTIMIZERS.join(", ")}`),
    type([], "inputs is undefined; it must be a positive integer"),
    type([null], "options is null; it must be an object"),
    type([[3, 4, 2]], "options is an array of 3; it must be an object"),
    type([{}], "layers is undefined; it must be an array: the number of inputs, then layers"),
    type([{ layers: 3 }], "layers is 3; it must be an array: the number of inputs, then layers"),
    range([{ layers: [3] }], "layers has no layer after the number of inputs"),
    type([{ layers: [{ units: 3 }, 2] }], "layers[0] is an object; it must be a positive integer"),
    type([{ layers: [3, "4", 2] }], 'layers[1] is "4"; it must be a positive integer'),
    // oxlint-disable-next-line no-sparse-arrays
    type([{ layers: [3, , 2] }], "layers[1] is undefined; it must be a positive integer"),
    type([{ layers: [3, {}] }], "layers[1].units is undefined; it must be a positive integer"),
    range([{ layers: [3, { units: 2.5 }] }], "layers[1].units is 2.5; it must be a positive integer"),
    range([{ layers: [0, 2] }], "layers[0] is 0; it must be a positive integer"),
    type([{ layers: [3, { units: 2, bias: 0 }] }], "layers[1].bias is 0; it must be true or false"),
    range([{ layers: [3, { units: 2, dropout: 1 }, 1] }], "layers[1].dropout is 1; it must be a number from 0 to below 1"),
    range([{ layers: [3, { units: 2, dropout: 0.5 }] }], "layers[1].dropout is 0.5; it must be 0 on the last layer"),
    type([5, undefined, 1, 0.1, 10], "hidden is undefined; it must be a positive integer"),
    type([5, [3, "2"], 1, 0.1, 10], 'hidden[1] is "2"; it must be a positive integer'),
    range([5, 3, -1, 0.1, 10], "outputs is -1; it must be a positive integer"),
    type([5, 3, 1], "learningRate is undefined; it must be a finite number, 0 or more"),
    type([5, 3, 1, 0.1], "epochs is undefined; it must be 0 or a positive integer"),
    type([5, 3, 1, 0.1, 1, 7], "options is 7; it must be an object"),
    type([{ layers }, {}], "NN takes (options) or (inputs, hidden, outputs, learningRate, epochs, options)"),
    type([5, 3, 1, 0.1, 1, {}, {}], "NN takes (options) or (inputs, hidden, outputs, learningRate, epochs, options)"),
    range(general({ learningRate: -1 }), "learningRate is -1; it must be a finite number, 0 or more"),
    range(general({ learningRate: Infinity }), "learningRate is Infinity; it must be a finite number, 0 or more"),
    type(general({ learningRate: "0.1" }), 'learningRate is "0.1"; it must be a finite number, 0 or more'),
    range(general({ epochs: 1.5 }), "epochs is 1.5; it must be 0 or a positive integer"),
    range(general({ batchSize: 0 }), "batchSize is 0; it must be a positive integer or Infinity"),
    type(general({ batchSize: 5n }), "batchSize is 5n; it must be a positive integer or Infinity"),
    type(general({ shuffle: () => 1 }), "shuffle is a function; it must be true or false"),
    range(general({ l2: NaN }), "l2 is NaN; it must be a finite number, 0 or more"),
    range(general({ clipNorm: 0 }), "clipNorm is 0; it must be a number above 0"),
    range(general({ seed: 2 ** 32 }), "seed is 4294967296; it must be a 32-bit integer"),
    range(general({ seed: 0.5 }), "seed is 0.5; it must be a 32-bit integer"),
    range(general({ optimizer: { name: "sgd", momentum: 1 } }), "optimizer.momentum is 1; it must be a number from 0 to below 1"),
    range(general({ optimizer: { name: "sgd", nesterov: true } }), "optimizer.momentum is 0; it must be above 0 with nesterov"),
    range(general({ optimizer: { name: "adam", epsilon: 0 } }), "optimizer.epsilon is 0; it must be a finite number above 0"),
    range(
      general({ optimizer: { name: "adam", beta2: -0.1 } }),
      "optimizer.beta2 is -0.1; it must be a number from 0 to below 1",
    ),
    range(
      general({ learningRate: 0.1, optimizer: { name: "sgd", learningRate: 0.2 } }),
      "learningRate is 0.1 but optimizer.learningRate is 0.2; give one of them",
    ),
    range(
      textbook({ optimizer: { name: "sgd", learningRate: 0.2 } }),
      "learningRate is 0.1 but optimizer.learningRate is 0.2; give one of them",
    ),
    range(textbook({ learningRate: 0.2 }), "learningRate is 0.1 but options.learningRate is 0.2; give one of them"),
    range(textbook({ epochs: 5 }), "epochs is 10 but options.epochs is 5; give one of them"),
    range(
      [{ layers: [3, { units: 4, activation: "softmax" }, 2] }],
      'layers[1].activation is "softmax"; it must be another: softmax is for the last layer only',
    ),
    range(
      [{ layers: [3, 1], loss: "categoricalCrossentropy" }],
      'layers[1].units is 1; it must be more for softmax; one unit suits loss "binaryCrossentropy"',
    ),
    range(
      [{ layers: [3, { units: 2, activation: "relu" }], loss: "binaryCrossentropy" }],
      'layers[1].activation is "relu"; it must be "sigmoid" with loss "binaryCrossentropy"',
    ),
    range(
      general({ loss: "binaryCrossentropy", targetScaling: "minmax" }),
      'targetScaling is "minmax"; it must be "none" with loss "binaryCrossentropy"',
    ),
  ])("%s", (error, args) => {
    expect(() => parse(...args)).toThrow(error);
  });
});

describe("fit", () => {
  const plain = parse({ layers, epochs: 3, batchSize: 4, shuffle: false });
  const classifier = parse({ layers, loss: "categoricalCrossentropy" });

  test("takes its defaults from the network", () => {
    const expected = {
      threads: 1,
      epochs: 3,
      batchSize: 4,
      shuffle: false,
      validationSplit: 0,
      verbose: 0,
      untilConverged: false,
      isAsync: false,
    };
    expect(parseFitOptions(undefined, plain)).toEqual(expected);
    expect(parseFitOptions({ epochs: undefined, verbose: undefined }, plain)).toEqual(expected);
  });

  test("derives the number of epochs from the rows where none is given, except for streams", () => {
    expect(parseFitOptions({}, classifier, false, 320)).toMatchObject({ epochs: 1000, untilConverged: true });
    expect(parseFitOptions({ batchSize: 1 }, classifier, true, 320)).toMatchObject({
      epochs: 32,
      untilConverged: true,
      isAsync: true,
    });
    expect(parseFitOptions({ epochs: 7 }, classifier, false, 320)).toMatchObject({ epochs: 7, untilConverged: false });
    expect(parseFitOptions({}, plain, false, 320)).toMatchObject({ epochs: 3, untilConverged: false });
    expect(parseFitOptions({}, classifier, true, undefined)).toMatchObject({ epochs: 1, untilConverged: false });
  });

  test("takes every option", () => {
    const options = {
      epochs: 0,
      batchSize: Infinity,
      shuffle: true,
      validationData: [[[1]], [[1]]],
      sampleWeight: [1],
      classWeight: { 0: 2 },
      onEpochEnd: () => false,
      onBatchEnd: () => false,
      verbose: 2,
      threads: "auto",
      targetLoss: -1,
      timeLimit: 5,
    };
    expect(parseFitOptions({ ...options, earlyStopping: { patience: 2 } }, plain)).toEqual({
      ...options,
      validationSplit: 0,
      untilConverged: false,
      isAsync: false,
      earlyStopping: { monitor: "valLoss", minDelta: 0, patience: 2, restoreBestWeights: true },
    });
    for (const verbose of [0, 1, 2]) expect(parseFitOptions({ verbose }, plain).verbose).toBe(verbose);
    const watched = { validationSplit: 0.1, earlyStopping: { monitor: "valAccuracy" }, threads: 4 };
    expect(parseFitOptions(watched, classifier)).toMatchObject(watched);
  });

  test.each<[object, Error]>([
    [{ epoch: 3 }, new TypeError('unknown option "epoch"; did you mean "epochs"?')],
    [{ earlyStopping: { patiance: 3 } }, new TypeError('earlyStopping: unknown option "patiance"; did you mean "patience"?')],
    [
      { validationSplit: 0.5, earlyStopping: { monitor: "val_loss" } },
      new RangeError('earlyStopping: unknown monitor "val_loss"; did you mean "valLoss"?'),
    ],
    [{ earlyStopping: {} }, new RangeError('earlyStopping.monitor is "valLoss", which needs validationData or validationSplit')],
    [
      { earlyStopping: { monitor: "accuracy" } },
      new RangeError('earlyStopping.monitor is "accuracy", which needs a cross-entropy loss'),
    ],
    [{ earlyStopping: true }, new TypeError("earlyStopping is true; it must be an object")],
    [{ earlyStopping: { patience: -1 } }, new RangeError("earlyStopping.patience is -1; it must be 0 or a positive integer")],
    [{ validationSplit: 1 }, new RangeError("validationSplit is 1; it must be a number from 0 to below 1")],
    [{ validationData: [[1]] }, new TypeError("validationData is an array of 1; it must be [x, y]")],
    [
      { validationData: [[1], [1]], validationSplit: 0.5 },
      new RangeError("validationData and validationSplit are both given; give one of them"),
    ],
    [{ sampleWeight: 2 }, new TypeError("sampleWeight is 2; it must be an array of numbers")],
    [
      { classWeight: "balance" },
      new TypeError('classWeight is "balance"; it must be an array, a Map, an object such as { 3: 10 }, or "balanced"'),
    ],
    [{ timeLimit: -1 }, new RangeError("timeLimit is -1; it must be a finite number above 0")],
    [{ onEpochEnd: 1 }, new TypeError("onEpochEnd is 1; it must be a function")],
    [{ verbose: 3 }, new RangeError("verbose is 3; it must be 0, 1 or 2")],
    [{ verbose: true }, new TypeError("verbose is true; it must be 0, 1 or 2")],
    [{ threads: 0 }, new RangeError('threads is 0; it must be a positive integer or "auto"')],
    [{ threads: "many" }, new TypeError('threads is "many"; it must be a positive integer or "auto"')],
  ])("refuses %j", (options, error) => {
    expect(() => parseFitOptions(options, plain)).toThrow(error);
  });

  test("refuses anything but an object", () => {
    expect(() => parseFitOptions(null, plain)).toThrow(new TypeError("options is null; it must be an object"));
  });
});
