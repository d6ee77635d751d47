// Activations and their derivatives at infinite sums, on every engine: each has its limit, never the NaN of 0·∞.
import { describe, expect, it } from "vitest";
import type { Activation } from "../../src/model/spec.js";
import { ENGINES, matrix, model, predictions } from "./support.js";

/** f and f′ at −∞ and at +∞. */
const LIMITS: Partial<Record<Activation, [low: number, slopeLow: number, high: number, slopeHigh: number]>> = {
  linear: [-Infinity, 1, Infinity, 1],
  sigmoid: [0, 0, 1, 0],
  tanh: [-1, 0, 1, 0],
  relu: [0, 0, Infinity, 1],
  leakyRelu: [-Infinity, 0.01, Infinity, 1],
  elu: [-1, 0, Infinity, 1],
  softplus: [0, 0, Infinity, 1],
  swish: [0, 0, Infinity, 1],
  gelu: [0, 0, Infinity, 1],
};

/** Its square overflows; and a sum that stays finite where gelu's cube does not. */
const HUGE = { float32: 3e38, float64: 1e300 } as const;
const LARGE = { float32: 1e20, float64: 1e120 } as const;

for (const { name, create } of ENGINES) {
  describe.each(["float32", "float64"] as const)(`${name} %s`, (dtype) => {
    /** f(x·weight) and f′(x·weight). */
    const valueAndSlope = (activation: Activation, x: number, weight: number): [value: number, slope: number] => {
      const spec = model([1, 1], [activation], { dtype, loss: "meanAbsoluteError", reduction: "sum" });
      const engine = create(spec, [{ kernel: Float64Array.of(weight), bias: Float64Array.of(0) }]);
      const rows = matrix([x], 1);
      const value = predictions(engine, rows, 1, dtype)[0];
      // |f − t| has the slope ±1 at any distance, so the bias's gradient is ±f′.
      const target = value < 0 ? -1000 : 1000;
      const { layers } = engine.gradients(rows, matrix([target], 1));
      return [value, Math.sign(value - target) * layers[0].bias![0]];
    };

    it.each(Object.entries(LIMITS) as [Activation, number[]][])("%s has its limits at ±∞", (activation, limits) => {
      [-1, 1].forEach((sign, side) => {
        const [limit, limitOfSlope] = limits.slice(2 * side);
        const [value, slope] = valueAndSlope(activation, sign * HUGE[dtype], HUGE[dtype]);
        // Adding 0 makes −0 the same as 0.
        expect(value + 0).toBe(limit);
        expect(slope).toBeCloseTo(limitOfSlope!, 6);
        expect(valueAndSlope(activation, sign * LARGE[dtype], 1)[1]).toBeCloseTo(limitOfSlope!, 6);
      });
    });
  });
}
