// The codes of activations, losses and optimisers: fixed numbers on both sides, and kernels that trap on any other.
import { describe, expect, it } from "vitest";
import { Address, Field, Header } from "../assembly/abi.js";
import { WasmEngine } from "../src/engine/wasm/engine.js";
import { initialParameters } from "../src/model/initializers.js";
import { ACTIVATION_FACTS, LOSS_FACTS, OPTIMIZER_FACTS, OPTIMIZERS, type Activation } from "../src/model/spec.js";
import { BUILDS } from "./backends.js";
import { matrix, model, plainSgd, predictions, prepare, train, trainingSet } from "./engine/support.js";

const UNKNOWN = [-1, 10, 11, 255];

const codesOf = (facts: Record<string, { code: number }>): Record<string, number> =>
  Object.fromEntries(Object.entries(facts).map(([name, { code }]) => [name, code]));

it("codes keep their numbers", () => {
  expect(codesOf(ACTIVATION_FACTS)).toEqual({
    linear: 0,
    sigmoid: 1,
    tanh: 2,
    relu: 3,
    leakyRelu: 4,
    elu: 5,
    softplus: 6,
    swish: 7,
    gelu: 8,
    softmax: 9,
  });
  expect(codesOf(LOSS_FACTS)).toEqual({
    halfSquaredError: 0,
    squaredError: 1,
    meanSquaredError: 2,
    meanAbsoluteError: 3,
    huber: 4,
    binaryCrossentropy: 5,
    categoricalCrossentropy: 6,
  });
  const codes = OPTIMIZERS.map((name) => [name, OPTIMIZER_FACTS[name].code({ ...plainSgd, name, momentum: 0 })]);
  expect(Object.fromEntries(codes)).toEqual({ sgd: 0, rmsprop: 3, adam: 4, adamw: 5 });
  expect(OPTIMIZER_FACTS.sgd.code({ ...plainSgd, momentum: 0.9 })).toBe(1);
  expect(OPTIMIZER_FACTS.sgd.code({ ...plainSgd, momentum: 0.9, nesterov: true })).toBe(2);
});

it("every name has a unique code", () => {
  for (const codes of [codesOf(ACTIVATION_FACTS), codesOf(LOSS_FACTS)]) {
    expect(new Set(Object.values(codes)).size).toBe(Object.keys(codes).length);
  }
});

describe.each(BUILDS)("%s", (build) => {
  /** An engine over a prepared set, one word of whose memory is then overwritten. */
  const engineWith = (address: number, code: number, hidden: Activation = "tanh", dropout = 0): WasmEngine => {
    const spec = model([3, 4, 2], [hidden, "sigmoid"]);
    const layers = spec.layers.map((layer, l) => ({ ...layer, dropout: l === 0 ? dropout : 0 }));
    const engine = new WasmEngine({ ...spec, layers }, initialParameters(layers, "float64", 1), build);
    prepare(engine, trainingSet(matrix([1, 2, 3], 3), matrix([0, 1], 2)));
    new Int32Array(engine.memory.buffer)[address / 4] = code;
    return engine;
  };
  const slice = { steps: 1, epochs: 1, learningRate: 0.1 };

  it.each(UNKNOWN)("training traps on the optimiser code %i", (code) => {
    expect(() => train(engineWith(Header.OptimizerCode, code), slice)).toThrow(WebAssembly.RuntimeError);
  });

  it.each(UNKNOWN)("training traps on the loss code %i", (code) => {
    expect(() => train(engineWith(Header.LossCode, code), slice)).toThrow(WebAssembly.RuntimeError);
  });

  it.each(UNKNOWN)("training and predicting trap on the activation code %i", (code) => {
    for (const dropout of [0, 0.5]) {
      const engine = engineWith(Address.Layers + Field.Activation, code, "tanh", dropout);
      expect(() => train(engine, slice)).toThrow(WebAssembly.RuntimeError);
      expect(() => predictions(engine, matrix([1, 2, 3], 3), 2)).toThrow(WebAssembly.RuntimeError);
    }
  });

  it("known codes do not trap", () => {
    const engine = engineWith(Header.OptimizerCode, 0);
    expect(train(engine, slice).diverged).toBe(false);
  });
});
