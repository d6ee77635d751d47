// Training, step by step, against PyTorch in float64 (test/vectors/trajectories.py), on every engine and in both precisions.
import { describe, expect, it } from "vitest";
import { NN, type FitOptions, type NetworkOptions } from "../src/index.js";
import { BACKENDS } from "./backends.js";
import cases from "./vectors/trajectories.json" with { type: "json" };

interface Parameters {
  kernel: number[];
  bias?: number[];
}
interface Case {
  name: string;
  options: NetworkOptions;
  weights: Parameters[];
  x: number[][];
  y: number[][] | number[];
  sampleWeight?: number[];
  classWeight?: number[];
  epochs: number;
  expected: {
    loss: number[];
    weights: Parameters[];
    predictions: number[][];
    initialLoss: number;
    initialGradients: Parameters[];
  };
}

/** Largest |a − b| / max(1, |b|). */
function distance(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i] - expected[i]) / Math.max(1, Math.abs(expected[i]));
    if (!(error <= worst)) worst = error;
  }
  return worst;
}

function parametersDistance(
  actual: readonly { kernel: ArrayLike<number>; bias?: ArrayLike<number> }[],
  expected: Parameters[],
): number {
  return Math.max(
    ...expected.flatMap(({ kernel, bias }, l) => {
      expect(actual[l].bias === undefined).toBe(bias === undefined);
      return [distance(actual[l].kernel, kernel), bias ? distance(actual[l].bias!, bias) : 0];
    }),
  );
}

const tolerances = { float64: 1e-10, float32: 1e-4 };
/** In float32, values of ±800 lose the digits that these cases test. */
const needsFloat64 = (name: string): boolean => /±800|±40/.test(name);

for (const backend of BACKENDS) {
  for (const dtype of ["float64", "float32"] as const) {
    const tolerance = tolerances[dtype];
    describe(`${backend.name} ${dtype}`, () => {
      for (const each of cases as unknown as Case[]) {
        if (dtype === "float32" && needsFloat64(each.name)) continue;
        const make = (): NN => {
          const nn = new NN({ ...each.options, ...backend.options, dtype });
          nn.setWeights(each.weights);
          return nn;
        };

        it(each.name, () => {
          const nn = make();
          if (!each.sampleWeight && !each.classWeight) {
            const { loss, layers } = nn.gradients(each.x, each.y);
            expect(distance([loss], [each.expected.initialLoss])).toBeLessThan(tolerance);
            expect(parametersDistance(layers, each.expected.initialGradients)).toBeLessThan(tolerance);
            expect(distance([nn.evaluate(each.x, each.y).loss], [each.expected.initialLoss])).toBeLessThan(tolerance);
          }
          const options: FitOptions = { epochs: each.epochs };
          if (each.sampleWeight) options.sampleWeight = each.sampleWeight;
          if (each.classWeight) options.classWeight = each.classWeight;
          const history = nn.fit(each.x, each.y, options);
          expect(distance(history.loss, each.expected.loss)).toBeLessThan(tolerance);
          expect(parametersDistance(nn.getWeights(), each.expected.weights)).toBeLessThan(tolerance);
          expect(distance((nn.predict(each.x) as number[][]).flat(), each.expected.predictions.flat())).toBeLessThan(tolerance);
        });
      }
    });
  }
}
