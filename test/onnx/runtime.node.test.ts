// Runs the models of toONNX in ONNX Runtime, native and as WebAssembly: results agree with `predict` and `predictClasses`.
import * as native from "onnxruntime-node";
import * as web from "onnxruntime-web";
import { describe, expect, test } from "vitest";
import { toONNX } from "../../src/entries/onnx.js";
import { NN, type FloatArray } from "../../src/index.js";
import { BACKENDS } from "../backends.js";
import { ACTIVATIONS, DTYPES, networkWith, rowsOf } from "./support.js";

const RUNTIMES = [
  ["onnxruntime-node", native],
  ["onnxruntime-web", web],
] as const;
type Runtime = (typeof RUNTIMES)[number][1];

interface Outputs {
  y: FloatArray;
  dims: readonly number[];
  classes?: number[];
}

/** Runs a model on each of some batches. */
async function run(
  { InferenceSession, Tensor }: Runtime,
  bytes: Uint8Array,
  batches: readonly FloatArray[],
  columns: number,
): Promise<Outputs[]> {
  const session = await InferenceSession.create(bytes);
  expect(session.inputNames).toEqual(["x"]);
  const results: Outputs[] = [];
  for (const data of batches) {
    const dims = [data.length / columns, columns];
    const x = data instanceof Float64Array ? new Tensor("float64", data, dims) : new Tensor("float32", data, dims);
    const { y, class: classes } = await session.run({ x });
    results.push({
      y: y.data as FloatArray,
      dims: y.dims,
      ...(classes && { classes: Array.from(classes.data as BigInt64Array, Number) }),
    });
  }
  await session.release();
  return results;
}

/** That a runtime answers as the network does, for 9 rows and for one, classes included where there are to be any. */
async function checkRun(runtime: Runtime, nn: NN, hasClasses: boolean, opset = 17): Promise<void> {
  const columns = nn.layers[0].inputs;
  const create = nn.dtype === "float64" ? Float64Array : Float32Array;
  const batches = [rowsOf(9, columns), rowsOf(1, columns)].map((rows) => create.from(rows.flat()));
  const tolerance = nn.dtype === "float64" ? 1e-12 : 1e-6;
  const results = await run(runtime, toONNX(nn, { opset }), batches, columns);
  batches.forEach((batch, b) => {
    const expected = nn.predict(batch);
    const { y, dims, classes } = results[b];
    expect(dims).toEqual([batch.length / columns, nn.layers.at(-1)!.units]);
    expect(y.constructor).toBe(create);
    expected.forEach((value, i) => expect(Math.abs(y[i] - value) / Math.max(1, Math.abs(value))).toBeLessThanOrEqual(tolerance));
    expect(classes).toEqual(hasClasses ? nn.predictClasses(batch) : undefined);
  });
}

const on = (nn: NN, options: (typeof BACKENDS)[number]["options"]): NN => {
  const { options: own, ...rest } = nn.toJSON();
  return NN.fromJSON({ ...rest, options: { ...own, reproducible: false, ...options } });
};

describe.each(RUNTIMES)("%s", (_, runtime) => {
  describe.each(DTYPES)("%s", (dtype) => {
    test.each(ACTIVATIONS)("%s", async (activation) => {
      await checkRun(runtime, networkWith(activation, dtype), activation === "softmax" || activation === "sigmoid");
    });

    test("scalers of inputs and targets", async () => {
      await checkRun(runtime, networkWith("tanh", dtype, { inputScaling: "standard", targetScaling: "minmax" }), false);
      await checkRun(runtime, networkWith("leakyRelu", dtype, { inputScaling: "minmax", targetScaling: "standard" }), false);
      await checkRun(runtime, networkWith("sigmoid", dtype, { targetScaling: "minmax" }), false);
      await checkRun(runtime, networkWith("softmax", dtype, { inputScaling: "standard" }), true);
    });

    test("inputs far from 0 keep their digits through the scaler", async () => {
      const nn = new NN({
        layers: [1, 4, { units: 1, activation: "linear" }],
        loss: "meanSquaredError",
        inputScaling: "standard",
        dtype,
        seed: 1,
      });
      nn.fit([[16_777_210], [16_777_212], [16_777_215]], [[0], [1], [2]], { epochs: 20 });
      const x = (dtype === "float64" ? Float64Array : Float32Array).of(16_777_211, 16_777_213, 16_777_214);
      const [{ y }] = await run(runtime, toONNX(nn), [x], 1);
      nn.predict(x).forEach((value, i) => expect(Math.abs(y[i] - value)).toBeLessThanOrEqual(dtype === "float64" ? 1e-12 : 1e-6));
    });

    test("one probability, and its class", async () => {
      const nn = new NN({
        layers: [2, 5, 1],
        loss: "binaryCrossentropy",
        dtype,
        seed: 4,
        optimizer: { name: "adam", learningRate: 0.1 },
      });
      const x = rowsOf(30, 2);
      nn.fit(
        x,
        x.map(([a]) => [Number(a > 1)]),
        { epochs: 30 },
      );
      const classes = nn.predictClasses(rowsOf(9, 2));
      expect(new Set(classes)).toEqual(new Set([0, 1]));
      await checkRun(runtime, nn, true);
    });

    test.each([13, 21])("opset %i", async (opset) => {
      for (const activation of ACTIVATIONS)
        await checkRun(runtime, networkWith(activation, dtype), activation === "softmax" || activation === "sigmoid", opset);
    });
  });
});

test.each(BACKENDS)("networks of any engine, $name", async ({ options }) => {
  await checkRun(native, on(networkWith("swish", "float32", { inputScaling: "standard" }), options), false);
});

test("classes of equal outputs are the first of them", async () => {
  const nn = new NN({ layers: [1, { units: 3, activation: "softmax", bias: false }], loss: "categoricalCrossentropy" });
  nn.setWeights([{ kernel: [0, 0, 0] }]);
  await checkRun(native, nn, true);
});
