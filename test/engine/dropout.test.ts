// Dropout: which outputs fall is a hash of seed, step, layer and place; predictions and measurements know nothing of it.
import { describe, expect, test } from "vitest";
import { dropoutKey, fmix32 } from "../../src/model/random.js";
import type { LayerParameters } from "../../src/model/spec.js";
import { ENGINES, matrix, model, predictions, prepare, trainingSet, withLayers } from "./support.js";

const rows = 600;
const ones: LayerParameters[] = [1, 1].map(() => ({ kernel: Float64Array.of(1) }));
const base = model([1, 1, 1], ["linear", "linear"], { loss: "squaredError", seed: 77 });
const spec = withLayers(base, { dropout: 0.5, bias: false }, { bias: false });
const x = matrix(new Float64Array(rows).fill(1), 1);
const y = matrix(new Float64Array(rows), 1);

describe.each(ENGINES)("dropout of $name", ({ create }) => {
  test("masks by the hash of seed, step, layer and row in the batch, and doubles the kept outputs", () => {
    const engine = create(spec, ones);
    prepare(engine, trainingSet(x, y));
    for (let step = 0; step < 3; step++) {
      const key = dropoutKey(77, step, 0);
      let kept = 0;
      for (let row = 0; row < rows; row++) if (fmix32(Math.imul(row, 0x9e3779b1) + key) >= 2 ** 31) kept++;
      expect(engine.step(0).loss).toBe(4 * kept); // (2 − 0)² for each kept row
    }
  });

  test("does not apply to prediction, evaluation or gradients", () => {
    const engine = create(spec, ones);
    expect(predictions(engine, x, 1)).toEqual(Array(rows).fill(1));
    expect(engine.evaluate(x, y).loss).toBe(rows);
    expect(engine.gradients(x, y).layers[0].kernel[0]).toBeCloseTo(2, 12);
  });
});
