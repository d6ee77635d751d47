// The smallest network that learns: p = σ(x·w) goes from x = 0.1 to the target 0.3, at two learning rates side by side.
import { NN } from "../../src/index.js";
import { button, card, select, slider } from "../ui/controls.js";
import { Curves } from "../ui/curves.js";
import { h, setText } from "../ui/dom.js";
import { integer, signed } from "../ui/format.js";
import { frameBudget, onFrame } from "../ui/frames.js";
import { formula } from "./formula.js";

const X = Float64Array.of(0.1);
const TARGET = Float64Array.of(0.3);
const RATES = [0.01, 0.05, 0.1, 0.5, 1, 5, 20] as const;
const ITERATIONS = [100, 1000, 10_000] as const;
/** Points of a curve. */
const SHOWN = 500;

function createNetwork(learningRate: number, weight: number): NN {
  const nn = new NN({
    layers: [1, { units: 1, activation: "sigmoid", bias: false }],
    loss: "squaredError",
    optimizer: { name: "sgd", learningRate },
    batchSize: 1,
    dtype: "float64",
    seed: 0,
  });
  nn.setWeights([{ kernel: [weight] }]);
  return nn;
}

export function createOneInput(): { element: HTMLElement; enter(): void; leave(): void } {
  let weight = 0.5;
  let iterations: number = 1000;
  const rates: number[] = [0.01, 0.5];
  let stop: (() => void) | undefined;
  let isComplete = false;
  const perRate = [
    { label: "rate A", color: "--blue" },
    { label: "rate B", color: "--orange" },
  ];
  const axes = { x: "iteration", format: (value: number) => value.toFixed(3), height: 180 };
  const predictions = new Curves({
    title: "Prediction",
    ...axes,
    curves: [...perRate, { label: "target", color: "--muted", dashed: true }],
  });
  const errors = new Curves({ title: "Error", ...axes, low: 0, curves: perRate });
  const outcome = h("p", { class: "hint", role: "status" });
  const controls = [
    ...rates.map(
      (rate, i) =>
        select({
          label: `Learning rate ${"AB"[i]}`,
          choices: RATES.map((each) => [each, String(each)]),
          value: rate,
          onChange(value) {
            rates[i] = value;
            run();
          },
        }).element,
    ),
    slider({
      label: "First weight w",
      min: -12,
      max: 12,
      step: 0.5,
      value: weight,
      format: (value) => signed(value, 1),
      onInput(value) {
        weight = value;
        run();
      },
    }).element,
    select({
      label: "Iterations",
      choices: ITERATIONS.map((each) => [each, integer(each)]),
      value: 1000,
      onChange(value) {
        iterations = value;
        run();
      },
    }).element,
  ];

  /** Trains new networks at both rates, one slice per frame, and updates the curves. */
  function run(): void {
    stop?.();
    isComplete = false;
    const networks = rates.map((rate) => createNetwork(rate, weight));
    const every = Math.max(1, iterations / SHOWN);
    const xs: number[] = [];
    const [p, e]: [number[][], number[][]] = [
      [[], [], []],
      [[], []],
    ];
    const record = (): void => {
      xs.push(xs.length * every);
      networks.forEach((nn, i) => {
        const prediction = nn.predict(X)[0];
        p[i].push(prediction);
        e[i].push((prediction - TARGET[0]) ** 2);
      });
      p[2].push(TARGET[0]);
    };
    record();
    const over = onFrame(() => {
      const start = performance.now();
      while (xs.at(-1)! < iterations && performance.now() - start < frameBudget()) {
        for (const nn of networks) nn.fit(X, TARGET, { epochs: every });
        record();
      }
      predictions.update([xs, ...p]);
      errors.update([xs, ...e]);
      if (xs.at(-1)! < iterations) return;
      over();
      stop = undefined;
      isComplete = true;
      const says = networks.map((nn, i) => {
        const ends = signed(nn.getWeights()[0].kernel[0], 3);
        return `At rate ${rates[i]} the weight ends at ${ends} and the prediction at ${p[i].at(-1)!.toFixed(4)}.`;
      });
      setText(outcome, says.join(" "));
    });
    stop = over;
  }

  return {
    element: card(
      "One input: what a learning rate does",
      { class: "one-input" },
      h(
        "p",
        { class: "hint" },
        "The smallest network that learns, ",
        formula("p = σ(x·w)"),
        ", with the error ",
        formula("(p − t)^2"),
        ", ",
        formula("x = 0.1"),
        " and the target ",
        formula("t = 0.3"),
        ". The chain rule has three links: ",
        formula("∂C/∂w = 2(p − t)·p(1 − p)·x"),
        ". The right weight is 10·ln(0.3/0.7) = −8.473.",
      ),
      h(
        "div",
        { class: "fields" },
        ...controls,
        h("div", { class: "field-button" }, button("Run again", run, { icon: "reset" })),
      ),
      h(
        "div",
        { class: "two-curves" },
        h("div", {}, h("h3", {}, "Prediction"), predictions.element),
        h("div", {}, h("h3", {}, "Error"), errors.element),
      ),
      outcome,
    ),
    enter() {
      if (!isComplete) run();
    },
    leave() {
      stop?.();
      stop = undefined;
    },
  };
}
