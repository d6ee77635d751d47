// One row, step by step: the drawing, the sliders, the derivation, and the step itself.
import { NN } from "../../src/index.js";
import { button, card, figure, slider } from "../ui/controls.js";
import { fill, h, setText } from "../ui/dom.js";
import { integer, signed } from "../ui/format.js";
import {
  START,
  WEIGHT_NAMES,
  costOf,
  derive,
  flatten,
  forward,
  type Derivation,
  type Setup,
  type TinyWeights,
} from "./derivation.js";
import { formula, pieces } from "./formula.js";
import { NetworkPicture } from "./network-picture.js";
import { STEPS } from "./steps.js";

/** The same network in the library. */
function inLibrary({ w, b, v, c }: TinyWeights): NN {
  const nn = new NN(2, 2, 1, 0.5, 1, { dtype: "float64", seed: 0 });
  nn.setWeights([
    { kernel: [...w[0], ...w[1]], bias: [...b] },
    { kernel: [...v], bias: [c] },
  ]);
  return nn;
}

/** How far the formulas' gradient is from the library's, at most. */
function largestDifference({ x, t, weights, gradient }: Derivation): number {
  const { layers } = inLibrary(weights).gradients([[...x]], [[t]]);
  const library = layers.flatMap(({ kernel, bias }) => [...kernel, ...bias!]);
  return Math.max(...flatten(gradient).map((slope, i) => Math.abs(slope - library[i])));
}

export function createOneRow(): HTMLElement {
  let setup: Setup = START;
  let taken = 0;
  let chosen = 0;
  const drawing = new NetworkPicture();
  const steps = figure("Steps taken", "0");
  const prediction = figure("Prediction y");
  const cost = figure("Cost C");
  const agreement = h("p", { class: "hint agreement" });
  const after = h("p", { class: "after", role: "status" });
  const table = h("tbody", {});

  const items = STEPS.map((step, i) => {
    const lines = h("div", { class: "lines" });
    const element = h(
      "li",
      { class: "step", onclick: () => choose(i) },
      h(
        "h3",
        {},
        h(
          "button",
          { type: "button", "aria-pressed": "false" },
          h("span", { class: "step-number", "aria-hidden": "true" }, i + 1),
          step.title,
        ),
      ),
      h("p", { class: "why" }, step.why),
      lines,
      step.table &&
        h(
          "div",
          { class: "table-scroll", tabindex: 0, role: "group", "aria-label": "All nine weights" },
          h(
            "table",
            { class: "weights" },
            h("thead", {}, h("tr", {}, ...["weight", "now", "slope", "new"].map((title) => h("th", { scope: "col" }, title)))),
            table,
          ),
        ),
    );
    return { element, lines, button: element.querySelector("button")! };
  });
  const previous = button("Back", () => choose(chosen - 1), { icon: "back", kind: "quiet" });
  const next = button("Next", () => choose(chosen + 1), { icon: "next", kind: "quiet" });
  const sliders = [
    number("Input x₁", -1, 1, 0.05, START.x[0], (value) => ({ x: [value, setup.x[1]] })),
    number("Input x₂", -1, 1, 0.05, START.x[1], (value) => ({ x: [setup.x[0], value] })),
    number("Target t", 0, 1, 0.05, START.t, (value) => ({ t: value })),
    number("Learning rate η", 0, 5, 0.1, START.rate, (value) => ({ rate: value })),
  ];

  function number(
    label: string,
    min: number,
    max: number,
    step: number,
    value: number,
    change: (value: number) => Partial<Setup>,
  ) {
    return {
      start: value,
      control: slider({
        label,
        min,
        max,
        step,
        value,
        format: (each) => signed(each, 2),
        onInput(each) {
          setup = { ...setup, ...change(each) };
          show();
        },
      }),
    };
  }

  function choose(index: number): void {
    chosen = Math.min(Math.max(index, 0), STEPS.length - 1);
    items.forEach(({ element, button }, i) => {
      element.classList.toggle("is-chosen", i === chosen);
      button.setAttribute("aria-pressed", String(i === chosen));
    });
    previous.disabled = chosen === 0;
    next.disabled = chosen === STEPS.length - 1;
    drawing.highlight(STEPS[chosen].parts);
  }

  function go(count: number): void {
    const before = forward(setup).y;
    for (let i = 0; i < count; i++) setup = { ...setup, weights: derive(setup).next };
    taken += count;
    show();
    const { y } = forward(setup);
    setText(
      after,
      `The prediction went from ${signed(before, 6)} to ${signed(y, 6)}, the cost to ${costOf(y, setup.t).toExponential(2)}.`,
    );
  }

  function show(): void {
    const d = derive(setup);
    drawing.show(d);
    items.forEach(({ lines }, i) => fill(lines, ...STEPS[i].lines(d).map((line) => h("p", {}, formula(line)))));
    const [now, slope, then] = [flatten(d.weights), flatten(d.gradient), flatten(d.next)];
    fill(
      table,
      ...WEIGHT_NAMES.map((name, i) =>
        h(
          "tr",
          {},
          h("th", { scope: "row" }, ...pieces(name)),
          ...[now[i], slope[i], then[i]].map((value) => h("td", {}, signed(value, 6))),
        ),
      ),
    );
    steps.set(integer(taken));
    prediction.set(signed(d.y, 6));
    cost.set(d.cost < 1e-4 ? d.cost.toExponential(2) : signed(d.cost, 6));
    const difference = largestDifference(d);
    const shown = difference === 0 ? "0" : difference.toExponential(0);
    setText(agreement, `The library’s nn.gradients gives the same nine slopes; the largest difference is ${shown}.`);
  }

  function startOver(): void {
    setup = START;
    taken = 0;
    for (const { start, control } of sliders) control.set(start);
    setText(after, "");
    show();
  }

  choose(0);
  show();
  return card(
    "One row, step by step",
    { class: "one-row" },
    h(
      "p",
      { class: "hint" },
      "Two inputs, two hidden units, one output. Move a slider and every number follows; take the step and the weights move.",
    ),
    h(
      "div",
      { class: "one-row-grid" },
      h(
        "div",
        { class: "one-row-left" },
        drawing.element,
        h("div", { class: "fields two" }, ...sliders.map(({ control }) => control.element)),
        h(
          "div",
          { class: "row" },
          button("Take the step", () => go(1), { kind: "primary" }),
          button("100 steps", () => go(100)),
          button("Start over", startOver, { icon: "reset" }),
        ),
        h("dl", { class: "figures" }, steps.element, prediction.element, cost.element),
        after,
        agreement,
      ),
      h(
        "div",
        {},
        h("div", { class: "row step-buttons", role: "group", "aria-label": "Steps of the derivation" }, previous, next),
        h("ol", { class: "steps" }, ...items.map(({ element }) => element)),
      ),
    ),
  );
}
