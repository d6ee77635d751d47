// Networks written as ONNX and read again are unchanged, bit for bit.
import { describe, expect, test } from "vitest";
import { fromONNX, toONNX } from "../../src/entries/onnx.js";
import { NN } from "../../src/index.js";
import { LOSSES } from "../../src/model/spec.js";
import { BACKENDS } from "../backends.js";
import { weightBytes } from "../formats/support.js";
import { ACTIVATIONS, DTYPES, networkWith, rowsOf } from "./support.js";

/** Asserts that a network and its restored copy predict the same bits with the same engine. */
function checkAgain(nn: NN): NN {
  const again = fromONNX(toONNX(nn));
  expect(again.layers.map(({ inputs, units, activation, bias }) => [inputs, units, activation, bias])).toEqual(
    nn.layers.map(({ inputs, units, activation, bias }) => [inputs, units, activation, bias]),
  );
  expect(again.dtype).toBe(nn.dtype);
  expect(weightBytes(again)).toEqual(weightBytes(nn));
  const [before, after] = [nn.toJSON(), again.toJSON()];
  expect(after.options["loss"]).toBe(before.options["loss"]);
  expect(after.scalers?.input).toEqual(before.scalers?.input);
  expect(after.scalers?.target).toEqual(before.scalers?.target);
  for (const { options } of BACKENDS) {
    const here = ({ options: own, ...rest }: typeof before): NN =>
      NN.fromJSON({ ...rest, options: { ...own, reproducible: false, ...options } });
    expect(here(after).predict(rowsOf(9, nn.layers[0].inputs))).toEqual(here(before).predict(rowsOf(9, nn.layers[0].inputs)));
  }
  return again;
}

describe.each(DTYPES)("%s", (dtype) => {
  test.each(ACTIVATIONS)("%s", (activation) => {
    checkAgain(networkWith(activation, dtype));
  });

  test.each(["standard", "minmax"] as const)("%s scalers", (scaling) => {
    checkAgain(networkWith("leakyRelu", dtype, { inputScaling: scaling, targetScaling: scaling }));
    checkAgain(networkWith(scaling === "minmax" ? "elu" : "linear", dtype, { targetScaling: scaling }));
    checkAgain(networkWith("softmax", dtype, { inputScaling: scaling }));
  });
});

test("a network of one input and output, with scalers and without biases, is restored", () => {
  const nn = new NN({
    layers: [1, { units: 3, activation: "relu", bias: false }, { units: 1, activation: "linear", bias: false }],
    loss: "huber",
    seed: 2,
    inputScaling: "minmax",
    targetScaling: "standard",
  });
  nn.fit([3, 4, 6, 7], [10, 20, 25, 70], { epochs: 2 });
  checkAgain(nn);
});

test("−0, subnormal and the largest weights are kept", () => {
  const nn = new NN({ layers: [1, { units: 4, activation: "linear" }], loss: "meanSquaredError" });
  nn.setWeights([{ kernel: [-0, 2 ** -149, 3.4028234663852886e38, -(2 ** -126)], bias: [-0, 0, -(2 ** -149), 1] }]);
  checkAgain(nn);
});

test.each(LOSSES)("the loss %s", (loss) => {
  checkAgain(new NN({ layers: [3, 4, { units: 2, activation: loss.startsWith("cat") ? "softmax" : "sigmoid" }], loss, seed: 1 }));
});

test("training continues with a new optimizer", () => {
  const again = checkAgain(networkWith("tanh", "float32"));
  expect(again.toJSON()).toMatchObject({ step: 0, epoch: 0, options: { optimizer: { name: "adam" } } });
  const x = rowsOf(20, 4);
  const y = x.map(([a]) => [Math.tanh(a), -Math.tanh(a), 1]);
  expect(again.fit(x, y, { epochs: 5 }).epochs).toBe(5);
});

test("a network gives the same bytes each time, and bytes may be a part of a larger buffer", () => {
  const nn = networkWith("gelu", "float64", { inputScaling: "standard" });
  const bytes = toONNX(nn);
  expect(toONNX(nn)).toEqual(bytes);
  const wide = new Uint8Array(bytes.length + 10).fill(7);
  wide.set(bytes, 3);
  expect(weightBytes(fromONNX(wide.subarray(3, 3 + bytes.length)))).toEqual(weightBytes(nn));
});

test("a graph's name and opset, and mistakes in them", () => {
  const nn = new NN(2, 3, 1, 0.1, 1, { seed: 1 });
  expect(new TextDecoder("latin1").decode(toONNX(nn, { name: "irises" }))).toContain("irises");
  expect(toONNX(nn, {})).toEqual(toONNX(nn, { opset: 17, name: "wasmlp" }));
  expect(() => toONNX(nn, { opset: 12 })).toThrow(new RangeError("opset is 12; it must be an integer from 13 to 21"));
  expect(() => toONNX(nn, { opset: "17" as unknown as number })).toThrow(RangeError);
  expect(() => toONNX(nn, { opsets: 17 } as object)).toThrow(new TypeError('unknown option "opsets"; choose from opset, name'));
  expect(() => toONNX({} as NN)).toThrow(new TypeError("toONNX takes a network"));
  expect(() => fromONNX("x" as unknown as Uint8Array)).toThrow(
    new TypeError("fromONNX takes the bytes of a file as a Uint8Array"),
  );
});
