// Files saved once and kept (test/vectors/saved.mjs), which PyTorch has opened by docs/load_in_pytorch.py: today's library still
// loads them, computes what PyTorch computed, and would save the same tensors.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { NN } from "../../src/index.js";
import { BACKENDS } from "../backends.js";
import float64 from "../vectors/saved-float64.json" with { type: "json" };
import float32 from "../vectors/saved.json" with { type: "json" };
import { take, weightBytes } from "./support.js";

describe.each([
  ["saved.safetensors", "float32", 1e-6, float32],
  ["saved-float64.safetensors", "float64", 1e-12, float64],
] as const)("%s", (name, dtype, tolerance, { inputs, outputs }) => {
  const file = new Uint8Array(readFileSync(new URL(`../vectors/${name}`, import.meta.url)));
  const nn = NN.load(file);

  test("the file loads as a trained network", () => {
    expect(nn.dtype).toBe(dtype);
    expect(nn.toJSON()).toMatchObject({ epoch: 30, slots: { length: dtype === "float32" ? 2 : 1 } });
  });

  test.each(BACKENDS)("predictions agree with PyTorch, $name", ({ options }) => {
    const { options: own, ...rest } = nn.toJSON();
    const here = NN.fromJSON({ ...rest, options: { ...own, reproducible: false, ...options } });
    expect(weightBytes(here)).toEqual(weightBytes(nn));
    const predictions = here.predict(inputs);
    expect(predictions.length).toBe(20);
    predictions.forEach((row, r) => {
      expect(row.length).toBe(outputs[r].length);
      row.forEach((value, j) =>
        expect(Math.abs(value - outputs[r][j]) / Math.max(1, Math.abs(outputs[r][j]))).toBeLessThanOrEqual(tolerance),
      );
    });
  });

  test("saving it again gives the same tensors and optimizer state", () => {
    const [before, after] = [take(file), take(nn.save())];
    expect(after.data).toEqual(before.data);
    expect(after.tensors).toEqual(before.tensors);
    expect(after.metadata["optimizer"]).toBe(before.metadata["optimizer"]);
    expect(JSON.parse(after.metadata["wasmlp"])).toMatchObject(JSON.parse(before.metadata["wasmlp"]) as object);
  });
});
