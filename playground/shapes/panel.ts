// The panel with the settings of the Shapes room.
import { button, card, segmented, select, slider } from "../ui/controls.js";
import { fill, h, setText, uniqueId } from "../ui/dom.js";
import { percent, plural, signed } from "../ui/format.js";
import { icon } from "../ui/icons.js";
import {
  ACTIVATIONS,
  BATCHES,
  DATA,
  DECAYS,
  LOSSES,
  OPTIMIZERS,
  POINTS,
  RATES,
  isRegression,
  suits,
  type ShapesState,
} from "./state.js";

const DATA_NAMES: Record<ShapesState["data"], string> = {
  spirals: "Spirals",
  circles: "Circles",
  xor: "XOR",
  blobs: "Blobs",
  surface: "Surface",
  blank: "Blank",
};
const LOSS_NAMES: Record<ShapesState["loss"], string> = {
  binaryCrossentropy: "Binary cross-entropy",
  categoricalCrossentropy: "Categorical cross-entropy",
  halfSquaredError: "Half squared error",
  squaredError: "Squared error",
  meanSquaredError: "Mean squared error",
  meanAbsoluteError: "Mean absolute error",
  huber: "Huber",
};
const ACTIVATION_NAMES: Record<ShapesState["activation"], string> = {
  tanh: "Tanh",
  relu: "ReLU",
  sigmoid: "Sigmoid",
  leakyRelu: "Leaky ReLU",
  elu: "ELU",
  softplus: "Softplus",
  swish: "Swish",
  gelu: "GELU",
  linear: "Linear",
};
const OPTIMIZER_NAMES: Record<ShapesState["optimizer"], string> = {
  adam: "Adam",
  adamw: "AdamW",
  rmsprop: "RMSprop",
  sgd: "SGD",
};

export interface PanelEvents {
  /** Some settings were changed by the visitor. */
  change(changes: Partial<ShapesState>): void;
  /** The value that new points get was changed. */
  brush(target: number): void;
  undoPoint(): void;
  clearPoints(): void;
}

export interface Panel {
  readonly data: HTMLElement;
  readonly training: HTMLElement;
  /** Chooses what a click on the plane adds. */
  readonly brush: HTMLElement;
  /** Shows a state. */
  show(state: ShapesState): void;
}

const entries = <K extends string>(keys: readonly K[], names: Record<K, string>): [K, string][] =>
  keys.map((key) => [key, names[key]]);
const numbers = (values: readonly number[]): [number, string][] => values.map((value) => [value, String(value)]);

export function createPanel(state: ShapesState, events: PanelEvents): Panel {
  const { change } = events;
  /** A list to choose one setting from. */
  const choice = <K extends "activation" | "loss" | "optimizer" | "rate" | "batch" | "l2">(
    key: K,
    label: string,
    choices: [ShapesState[K], string][],
  ) => select({ label, choices, value: state[key], onChange: (value) => change({ [key]: value }) });
  /** A slider for one setting. */
  const range = (
    key: "points" | "noise" | "dropout",
    label: string,
    ends: { min: number; max: number; step: number },
    format: (value: number) => string,
  ) => slider({ label, ...ends, value: state[key], format, onInput: (value) => change({ [key]: value }) });
  const share = (value: number): string => percent(value, 0);
  const controls = {
    data: segmented({
      legend: "What to learn",
      hideLegend: true,
      choices: DATA.map((id) => [id, h("span", {}, preview(id), DATA_NAMES[id])]),
      value: state.data,
      onChange: (data) => change({ data }),
    }),
    points: range("points", "Points", POINTS, String),
    noise: range("noise", "Noise", { min: 0, max: 1, step: 0.05 }, share),
    activation: choice("activation", "Activation", entries(ACTIVATIONS, ACTIVATION_NAMES)),
    loss: choice("loss", "Loss", entries(LOSSES, LOSS_NAMES)),
    optimizer: choice("optimizer", "Optimiser", entries(OPTIMIZERS, OPTIMIZER_NAMES)),
    rate: choice("rate", "Learning rate", numbers(RATES)),
    batch: choice("batch", "Batch size", numbers(BATCHES)),
    l2: choice("l2", "L2 penalty", numbers(DECAYS)),
    dropout: range("dropout", "Dropout", { min: 0, max: 0.8, step: 0.05 }, share),
  };
  const brush = createBrush(events);
  return {
    data: card("Data", {}, controls.data.element, controls.points.element, controls.noise.element),
    training: card(
      "Training",
      { class: "training" },
      controls.activation.element,
      controls.loss.element,
      controls.optimizer.element,
      controls.rate.element,
      controls.batch.element,
      controls.l2.element,
      controls.dropout.element,
    ),
    brush: brush.element,
    show(state) {
      controls.data.set(state.data);
      controls.points.set(state.points);
      controls.noise.set(state.noise);
      controls.activation.set(state.activation);
      controls.loss.set(state.loss);
      controls.loss.limit((loss) => suits(loss, state.data));
      controls.optimizer.set(state.optimizer);
      controls.rate.set(state.rate);
      controls.batch.set(state.batch);
      controls.l2.set(state.l2);
      controls.dropout.set(state.dropout);
      brush.show(state);
    },
  };
}

function createBrush(events: PanelEvents): { element: HTMLElement; show(state: ShapesState): void } {
  const swatch = (name: string): HTMLElement => h("span", { class: `swatch ${name}` });
  const classes = segmented<"1" | "0">({
    legend: "A click adds",
    choices: [
      ["1", h("span", {}, swatch("warm"), "orange")],
      ["0", h("span", {}, swatch("cold"), "blue")],
    ],
    value: "1",
    onChange: (value) => events.brush(Number(value)),
  });
  const height = slider({
    label: "A click adds a point of height",
    min: -1,
    max: 1,
    step: 0.1,
    value: 1,
    format: (value) => signed(value, 1),
    onInput: events.brush,
  });
  const undo = button("Undo", events.undoPoint, { icon: "back", kind: "quiet", title: "Remove the point added last" });
  const clear = button("Clear", events.clearPoints, { icon: "close", kind: "quiet", title: "Remove all points added by hand" });
  const count = h("span", { class: "hint", id: uniqueId("added"), role: "status" });
  const choice = h("div", { class: "brush-choice" });
  let regression: boolean | undefined;
  return {
    element: h("div", { class: "brush" }, choice, h("div", { class: "row" }, undo, clear, count)),
    show(state) {
      if (regression !== isRegression(state)) {
        regression = isRegression(state);
        fill(choice, regression ? height.element : classes.element);
        // What is shown is what a click adds.
        (regression ? height : (classes as { set(value: number | string): void })).set(regression ? 1 : "1");
        events.brush(1);
      }
      undo.disabled = clear.disabled = state.added.length === 0;
      setText(count, state.added.length ? `${plural(state.added.length, "point")} added` : "");
    },
  };
}

/** A small drawing of each shape. */
function preview(data: ShapesState["data"]): SVGSVGElement {
  if (data === "blank") return icon("plus");
  const dots: Record<Exclude<ShapesState["data"], "blank">, [warm: string, cold: string]> = {
    spirals: ["M12 12q4-4 6 1t-4 7", "M12 12q-4 4-6-1t4-7"],
    circles: ["M12 11.9v.2", "M12 4.500a7.500 7.500 0 1 0 .1 0"],
    xor: ["M6.500 17.500h.1M17.500 6.500h.1", "M6.500 6.500h.1M17.500 17.500h.1"],
    blobs: ["M7 7h.1M18 13h.1", "M16.500 5.500h.1M9 16.500h.1"],
    surface: ["M3 15q4.500-12 9 0", "M12 15q4.500 10 9-3"],
  };
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon preview ${data}`);
  svg.setAttribute("aria-hidden", "true");
  dots[data].forEach((d, i) => {
    const path = document.createElementNS(space, "path");
    path.setAttribute("d", d);
    path.setAttribute("class", i === 0 ? "warm" : "cold");
    svg.append(path);
  });
  return svg;
}
