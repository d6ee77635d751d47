// Models that other libraries exported, or that are built as their converters build them (test/vectors/onnx_models.py), predict
// here what they predict there.
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { fromONNX } from "../../src/entries/onnx.js";
import { formatError } from "../formats/support.js";
import outputs from "../vectors/onnx-models/outputs.json" with { type: "json" };

const folder = new URL("../vectors/onnx-models/", import.meta.url);
const read = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(`${name}.onnx`, folder)));
const shape = (name: string): string[] =>
  fromONNX(read(name)).layers.map(
    ({ inputs, units, activation, bias }) => `${inputs}-${units} ${activation}${bias ? "" : ", no bias"}`,
  );

test.each(Object.entries(outputs))("%s predicts the same", (name, { inputs, outputs: expected }) => {
  const nn = fromONNX(read(name));
  const tolerance = nn.dtype === "float64" ? 1e-12 : 2e-6;
  const predictions = nn.predict(inputs);
  expect(predictions).toHaveLength(12);
  predictions.forEach((row, r) => {
    expect(row).toHaveLength(expected[r].length);
    row.forEach((value, j) => {
      const error = Math.abs(value - expected[r][j]) / Math.max(1, Math.abs(expected[r][j]));
      expect(error).toBeLessThanOrEqual(tolerance);
    });
  });
});

test("every model in the folder is one of these or refused", () => {
  const files = readdirSync(folder)
    .filter((file) => file.endsWith(".onnx"))
    .map((file) => file.replace(".onnx", ""));
  expect(files.filter((file) => !file.startsWith("refused-")).toSorted()).toEqual(Object.keys(outputs).toSorted());
});

describe("what is read", () => {
  test("PyTorch's layers, with Gemm and MatMul", () => {
    expect(shape("torch-silu-gelu")).toEqual(["4-6 swish", "6-5 gelu", "5-2 linear"]);
    expect(shape("torch-elu-softplus")).toEqual(["4-6 elu", "6-5 softplus, no bias", "5-1 sigmoid"]);
    expect(shape("torch-relu-softmax")).toEqual(["4-6 relu", "6-5 leakyRelu", "5-3 softmax"]);
    expect(fromONNX(read("torch-float64")).dtype).toBe("float64");
  });

  test("a loss that suits the last layer", () => {
    const loss = (name: string): unknown => fromONNX(read(name)).toJSON().options["loss"];
    expect(loss("torch-relu-softmax")).toBe("categoricalCrossentropy");
    expect(loss("skl2onnx-like-binary")).toBe("binaryCrossentropy");
    expect(loss("skl2onnx-like-regressor")).toBe("meanSquaredError");
  });

  test("a scaler before the first layer", () => {
    for (const name of ["skl2onnx-like-classifier", "skl2onnx-like-minmax"]) {
      const { scalers, options } = fromONNX(read(name)).toJSON();
      expect(scalers?.input?.shift).toHaveLength(4);
      expect(scalers?.target).toBe(undefined);
      expect(options).toMatchObject({ inputScaling: "standard", targetScaling: "none" });
    }
  });

  test("a network that can be trained on", () => {
    const nn = fromONNX(read("skl2onnx-like-classifier"));
    const { inputs } = outputs["skl2onnx-like-classifier"];
    const { loss } = nn.fit(
      inputs,
      inputs.map((_, r) => r % 3),
      { epochs: 30 },
    );
    expect(loss.at(-1)).toBeLessThan(loss[0]);
  });
});

test("a Buffer is accepted like other bytes", () => {
  const file = readFileSync(new URL("torch-silu-gelu.onnx", folder));
  // Small files come in a part of a larger memory.
  const pooled = Buffer.concat([Buffer.alloc(3), file]).subarray(3);
  for (const bytes of [file, pooled]) expect(fromONNX(bytes).getWeights()).toEqual(fromONNX(new Uint8Array(file)).getWeights());
});

test("PyTorch's exact gelu is refused with the node's name", () => {
  const message = formatError(() => fromONNX(read("refused-torch-gelu")));
  expect(message).toMatch(/^node "[^"]*" \(Mul\) computes .*Erf.*, which is no activation of this library's$/);
});
