// The textbook's networks against NumPy in float64 (test/vectors/textbook.py), on every engine and in both precisions;
// and every figure that docs/textbook.md prints.
/// <reference types="vite/client" />
import { describe, expect, it } from "vitest";
import page from "../docs/textbook.md?raw";
import { NN, type NetworkOptions } from "../src/index.js";
import { BACKENDS } from "./backends.js";
import { expectNear, flat } from "./support.js";
import vectors from "./vectors/textbook.json" with { type: "json" };

interface Parameters {
  kernel: number[];
  bias?: number[];
}
interface NeuronRun {
  options: NetworkOptions & { optimizer: { learningRate: number } };
  x: number[];
  target: number;
  initialWeights: [Parameters];
  iterations: number;
  predictions: number[];
  errors: number[];
  final: NeuronState;
  far?: NeuronState & { iterations: number };
}
interface NeuronState {
  weights: [Parameters];
  prediction: number;
  error: number;
}
interface Trained {
  loss: number[];
  predictions: number[][];
  weights: Parameters[];
  halfSquaredError: number;
}
type Way = "derivation" | "listing" | "binaryCrossentropy";
const { threeLayers, oneInput, twoInputs } = vectors as unknown as {
  threeLayers: Record<Way, Trained> & {
    table: { x: number[][]; y: number[][] };
    initialWeights: [Required<Parameters>, Required<Parameters>];
    seeds: Record<Way, { lowest: number[]; highest: number[] }>;
  };
  oneInput: NeuronRun[];
  twoInputs: NeuronRun[];
};
const { x, y } = threeLayers.table;

/** The rows of the page's table "One step by hand": | quantity | from | value | */
const worked = page
  .split("## One step by hand")[1]
  .split("\n## ")[0]
  .split("\n")
  .filter((line) => line.startsWith("| "))
  .slice(2);

const predictOne = (nn: NN, row: number[]): number => nn.predict([row])[0][0];

for (const backend of BACKENDS) {
  for (const [dtype, tolerance] of [
    ["float64", 1e-10],
    ["float32", 1e-5],
  ] as const) {
    describe(`${backend.name} ${dtype}`, () => {
      for (const way of ["derivation", "binaryCrossentropy"] as const) {
        it(`trains the ten rows: ${way}`, () => {
          const loss = way === "derivation" ? "halfSquaredError" : way;
          const nn = new NN(5, 10, 1, 0.1, 1000, { ...backend.options, dtype, loss });
          nn.setWeights(threeLayers.initialWeights);
          const history = nn.fit(x, y);
          const predictions = nn.predict(x).map(([p]) => p!);
          expectNear(history.loss, threeLayers[way].loss, tolerance);
          expectNear(predictions, threeLayers[way].predictions.flat(), tolerance);
          expectNear(flat(nn.getWeights()), flat(threeLayers[way].weights), tolerance);
          expect(predictions.map((p) => Number(p > 0.5))).toEqual(y.flat());
        });
      }

      for (const run of [...oneInput, ...twoInputs]) {
        const name = `${run.x.length === 1 ? "one input" : "two inputs"}, rate ${run.options.optimizer.learningRate}`;
        it(`${name}, from ${flat(run.initialWeights).join(", ")}`, () => {
          const nn = new NN({ ...run.options, ...backend.options, dtype });
          nn.setWeights(run.initialWeights);
          const predictions: number[] = [],
            errors: number[] = [];
          for (let i = 0; i < run.iterations; i++) {
            predictions.push(predictOne(nn, run.x));
            errors.push(nn.partialFit([run.x], [[run.target]]));
          }
          expectNear(predictions, run.predictions, tolerance);
          expectNear(errors, run.errors, tolerance);
          expectNear(flat(nn.getWeights()), flat(run.final.weights), tolerance);
          if (!run.far) return;
          nn.fit([run.x], [[run.target]], { epochs: run.far.iterations - run.iterations });
          const end = predictOne(nn, run.x);
          if (dtype === "float64") {
            expectNear(flat(nn.getWeights()), flat(run.far.weights), tolerance);
            expectNear([end, nn.evaluate([run.x], [[run.target]]).loss], [run.far.prediction, run.far.error], tolerance);
          } else {
            // The weight stops changing once a step is less than half the distance to the next float32.
            const [before, [gradient]] = [flat(nn.getWeights()), flat(nn.gradients([run.x], [[run.target]]).layers)];
            expect(Math.abs(0.5 * gradient!)).toBeGreaterThan(0.9 * 2 ** -21);
            expect(Math.abs(0.5 * gradient!)).toBeLessThanOrEqual(2 ** -21);
            nn.partialFit([run.x], [[run.target]]);
            expect(flat(nn.getWeights())).toEqual(before);
            expect(page).toContain(`stops at ${end.toFixed(5)}:`);
          }
        });
      }

      it("the positional form is the general form it stands for, bit for bit", () => {
        for (const hidden of [10, [7, 4]]) {
          const positional = new NN(5, hidden, 1, 0.1, 50, { ...backend.options, dtype, seed: 7 });
          const general = new NN({
            ...backend.options,
            dtype,
            seed: 7,
            layers: [5, ...[hidden, 1].flat().map((units) => ({ units, activation: "sigmoid", bias: true }) as const)],
            loss: "halfSquaredError",
            optimizer: { name: "sgd", learningRate: 0.1 },
            reduction: "sum",
            initializer: "fanInNormal",
            epochs: 50,
            batchSize: Infinity,
            shuffle: false,
          });
          expect(positional.layers).toEqual(general.layers);
          const before = positional.getWeights();
          expect(before).toEqual(general.getWeights());
          expect(positional.fit(x, y).loss).toEqual(general.fit(x, y).loss);
          expect(positional.getWeights()).toEqual(general.getWeights());
          expect(positional.getWeights()).not.toEqual(before);
        }
      });
    });
  }

  it(`${backend.name}: one step by hand`, () => {
    const nn = new NN(2, 2, 1, 0.5, 1, { ...backend.options, dtype: "float64" });
    const row = [[1, 0.5]],
      target = [[1]];
    nn.setWeights([
      { kernel: [0.2, -0.3, 0.4, 0.8], bias: [0.1, -0.1] },
      { kernel: [0.5, -0.6], bias: [0.2] },
    ]);
    // Of one row the gradient of a bias is δ, and the output kernel's is a·δ.
    const y = predictOne(nn, row[0]);
    const [hidden, output] = nn
      .gradients(row, target)
      .layers.map(({ kernel, bias }) => ({ kernel: [...kernel], bias: [...bias!] }));
    const a = output!.kernel.map((g) => g / output!.bias[0]);
    const logit = (p: number): number => Math.log(p / (1 - p));
    const cost = nn.partialFit(row, target);
    const after = nn.getWeights().map(({ kernel, bias }) => ({ kernel: [...kernel], bias: [...bias!] }));
    const steps: [quantity: string, ...values: number[]][] = [
      ["z, hidden", logit(a[0]), Math.abs(logit(a[1]))],
      ["a, hidden", ...a],
      ["z, output", logit(y)],
      ["y", y],
      ["cost", cost],
      ["δ, output", ...output!.bias],
      ["δ, hidden", ...hidden!.bias],
      ["∇ kernel, output", ...output!.kernel],
      ["∇ bias, output", ...output!.bias],
      ["∇ kernel, hidden, from input 1", ...hidden!.kernel.slice(0, 2)],
      ["∇ kernel, hidden, from input 2", ...hidden!.kernel.slice(2)],
      ["∇ bias, hidden", ...hidden!.bias],
      ["new kernel, output", ...after[1].kernel],
      ["new bias, output", ...after[1].bias],
      ["new kernel, hidden, from input 1", ...after[0].kernel.slice(0, 2)],
      ["new kernel, hidden, from input 2", ...after[0].kernel.slice(2)],
      ["new bias, hidden", ...after[0].bias],
      ["y after the step", predictOne(nn, row[0])],
      ["cost after the step", nn.evaluate(row, target).loss],
    ];
    expect(worked.map((line) => line.split(" | ").toSpliced(1, 1).join(" | "))).toEqual(
      steps.map(([quantity, ...values]) => `| ${quantity} | ${values.map((value) => value.toFixed(6)).join(", ")} |`),
    );
  });
}

describe("docs/textbook.md", () => {
  const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));
  const row = (...cells: unknown[]): string => `| ${cells.join(" | ")} |`;
  const ways = ["derivation", "listing", "binaryCrossentropy"] as const;

  it("has its arithmetic right: the formulas of the step by hand give the values beside them", () => {
    const lines = worked.filter((line) => /^\| (z|cost|new|δ)/.test(line));
    expect(lines).toHaveLength(11);
    for (const line of lines) {
      const [, , formulas, values] = line.split("|");
      const computed = formulas!.split(";").map(evaluate);
      expectNear(computed, values!.split(",").map(Number), 2e-6);
    }
  });

  it("prints the ten rows' predictions, and the extremes from twenty starts", () => {
    y.forEach(([target], i) => {
      expect(page).toContain(row(i + 1, target, ...ways.map((way) => threeLayers[way].predictions[i][0].toFixed(3))));
    });
    for (const way of ways) {
      const { lowest, highest } = threeLayers.seeds[way];
      const low = Math.min(...lowest.filter((_, i) => y[i][0] === 1));
      const high = Math.max(...highest.filter((_, i) => y[i][0] === 0));
      expect(page).toContain(row(way, low.toFixed(3), high.toFixed(3)));
    }
  });

  it("prints what each slip does", () => {
    const error = (derivativeSlip: boolean, biasSlip: boolean): number => trainWithSlips(derivativeSlip, biasSlip).error;
    expectNear(
      [error(false, false), error(true, true)],
      [threeLayers.derivation.halfSquaredError, threeLayers.listing.halfSquaredError],
      1e-10,
    );
    for (const first of [false, true]) {
      for (const second of [false, true]) {
        expect(page).toContain(
          row(first ? "slip 1" : "correct", second ? "slip 2" : "one per unit", error(first, second).toPrecision(3)),
        );
      }
    }
    expect(page).toContain(
      row("correct, binaryCrossentropy", "one per unit", threeLayers.binaryCrossentropy.halfSquaredError.toPrecision(3)),
    );
    const biases = trainWithSlips(true, true).outputBias;
    const [passed, others] = [1, 0].map((target) => biases.filter((_, i) => y[i][0] === target).sort((a, b) => a - b));
    expect(page.replace(/\s+/g, " ")).toContain(
      `between ${passed![0].toFixed(2)} and ${passed!.at(-1)!.toFixed(2)} for the rows with target 1 and ` +
        `between ${others![0].toFixed(2)} and ${others!.at(-1)!.toFixed(2)} for the others`,
    );
    const slope = (a: number): number => sigmoid(a) * (1 - sigmoid(a));
    expect(page).toContain(`between ${slope(1).toFixed(3)} and ${slope(0).toFixed(3)} for every a`);
    expect(page).toContain(`derivative is ${(0.99 * 0.01).toFixed(4)}, and the listing's is ${slope(0.99).toFixed(4)}.`);
  });

  it("prints the neurons' figures", () => {
    for (const { options, initialWeights, final } of oneInput) {
      expect(page).toContain(
        row(options.optimizer.learningRate, initialWeights[0].kernel[0], final.prediction.toFixed(6), final.error.toPrecision(3)),
      );
    }
    const { options, x, target, initialWeights, predictions } = oneInput[0];
    const nn = new NN(options);
    nn.setWeights(initialWeights);
    const gradient = nn.gradients([x], [[target]]).layers[0].kernel[0];
    expect(page).toContain(`the prediction is ${predictions[0].toFixed(6)} and the gradient ${gradient.toFixed(6)}:`);
    expect(page).toContain(`moves w by ${(0.01 * gradient).toFixed(6)}.`);
    const ends = oneInput.flatMap(({ far }) => far ?? []);
    expect(ends).toHaveLength(2);
    for (const { iterations, weights, error } of ends) {
      expect(iterations).toBe(80_000);
      expect(weights[0].kernel[0]).toBeCloseTo(10 * Math.log(0.3 / 0.7), 9);
      expect(page.replace(/\s+/g, " ")).toContain(
        `w = ${weights[0].kernel[0].toFixed(6)}, which is 10·ln(0.3/0.7), and the error is ${error.toPrecision(3)}.`,
      );
    }
    const [without, withBias] = twoInputs.map(({ final }) => final.prediction.toFixed(6));
    expect(page).toContain(`the prediction is ${without} without a bias and ${withBias} with one`);
  });

  /** Sums of products of numbers, with parentheses: "0.5 + ½·(1 - 0.6)²". NaN for anything else. */
  function evaluate(formula: string): number {
    const inner = /\(([^()]*)\)/.exec(formula);
    if (inner) return evaluate(formula.replace(inner[0], String(evaluate(inner[1]))));
    const factor = (text: string): number =>
      text.endsWith("²") ? Number(text.slice(0, -1)) ** 2 : Number(text.replace("½", "0.5"));
    const terms = formula.trim().replaceAll(" - ", " + -").split(" + ");
    return terms.reduce((sum, term) => sum + term.split("·").reduce((product, text) => product * factor(text), 1), 0);
  }

  /** The ten rows by the printed listing, or with one of its slips alone: the error at the end, and the output's biases. */
  function trainWithSlips(derivativeSlip: boolean, biasSlip: boolean): { error: number; outputBias: number[] } {
    const [first, second] = threeLayers.initialWeights.map(({ kernel }) => [...kernel]) as [number[], number[]];
    const hiddenBias = x.map(() => Array<number>(10).fill(0));
    const outputBias = x.map(() => 0);
    const slope = (a: number): number => (derivativeSlip ? sigmoid(a) * (1 - sigmoid(a)) : a * (1 - a));
    const forward = (r: number): { hidden: number[]; p: number } => {
      const hidden = hiddenBias[r].map((bias, j) =>
        sigmoid(x[r].reduce((sum, value, i) => sum + value * first[i * 10 + j], bias)),
      );
      return { hidden, p: sigmoid(hidden.reduce((sum, h, j) => sum + h * second[j], outputBias[r])) };
    };
    for (let epoch = 0; epoch < 1000; epoch++) {
      const deltas = x.map((_, r) => {
        const { hidden, p } = forward(r);
        const output = (p - y[r][0]) * slope(p);
        return { hidden, output, inner: hidden.map((h, j) => output * second[j] * slope(h)) };
      });
      deltas.forEach(({ hidden, output, inner }, r) => {
        for (let j = 0; j < 10; j++) {
          second[j] -= 0.1 * hidden[j] * output;
          for (let i = 0; i < 5; i++) first[i * 10 + j] -= 0.1 * x[r][i] * inner[j];
        }
        for (const moved of biasSlip ? [r] : x.keys()) {
          outputBias[moved] -= 0.1 * output;
          for (let j = 0; j < 10; j++) hiddenBias[moved][j] -= 0.1 * inner[j];
        }
      });
    }
    return { error: x.reduce((sum, _, r) => sum + 0.5 * (forward(r).p - y[r][0]) ** 2, 0) / x.length, outputBias };
  }
});
