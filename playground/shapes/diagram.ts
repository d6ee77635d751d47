// The network as a picture: columns of neurons, each showing what it sees, and between them the weights, thick when they are
// large, orange above zero and blue below.
import type { LayerWeights, NN } from "../../src/index.js";
import { onResize, sharpen } from "../ui/canvas.js";
import { button } from "../ui/controls.js";
import { fill, h } from "../ui/dom.js";
import { signed } from "../ui/format.js";
import { paintHeat } from "../ui/heat.js";
import { color, onThemeChange } from "../ui/theme.js";
import { gridOver } from "./network.js";
import { stretch } from "./neurons.js";
import { RANGE } from "./points.js";
import { MOST_LAYERS, MOST_NEURONS } from "./state.js";

/** Cells of a neuron's picture along each side. */
const THUMB = 28;
export const THUMB_GRID = gridOver(RANGE, THUMB);

/** Which neuron: `layer` counts the layers that have weights, from 0. */
export interface Neuron {
  readonly layer: number;
  readonly unit: number;
}

export interface DiagramEvents {
  /** Neurons of a hidden layer, or their number, were changed. */
  resize(hidden: number[]): void;
  /** A neuron is pointed at, or none any more. */
  look(neuron: Neuron | undefined): void;
}

interface Node {
  readonly element: HTMLElement;
  readonly context: CanvasRenderingContext2D;
  /** The middle of its picture, in pixels of the diagram. */
  x: number;
  y: number;
}

export class Diagram {
  readonly element: HTMLElement;
  readonly #links = h("canvas", { class: "links", "aria-hidden": "true" });
  readonly #columns = h("div", { class: "columns" });
  readonly #events: DiagramEvents;
  readonly #image = new ImageData(THUMB, THUMB);
  /** The inputs, then a list for each layer. */
  #nodes: Node[][] = [];
  #weights: readonly LayerWeights[] = [];

  constructor(events: DiagramEvents) {
    this.#events = events;
    this.element = h("div", { class: "diagram" }, this.#links, this.#columns);
    onResize(this.element, () => {
      this.#measure();
      this.#drawLinks();
    });
    onThemeChange(() => this.#drawInputs());
  }

  /** Builds the columns for a network's shape. */
  build(hidden: readonly number[], outputs: number): void {
    const focused = this.element.contains(document.activeElement)
      ? (document.activeElement as HTMLElement).dataset["key"]
      : undefined;
    this.#nodes = [];
    const inputs = this.#column(
      "Inputs",
      ["x", "y"].map((name) => this.#input(name)),
    );
    const layers = hidden.map((units, layer) => {
      const title = `Layer ${layer + 1}`;
      const nodes = Array.from({ length: units }, (_, unit) => this.#neuron({ layer, unit }, `${title}, neuron ${unit + 1}`));
      return this.#column(title, nodes, this.#stepper(hidden, layer));
    });
    const output = this.#column(
      "Output",
      Array.from({ length: outputs }, (_, unit) =>
        this.#neuron({ layer: hidden.length, unit }, outputs > 1 ? `Output, class ${unit + 1}` : "Output"),
      ),
    );
    fill(this.#columns, inputs, ...layers, output);
    this.#drawInputs();
    this.#measure();
    // The pressed button has been replaced; restore the focus.
    if (focused) this.element.querySelector<HTMLElement>(`[data-key="${focused}"]:not(:disabled)`)?.focus();
  }

  /** Shows the weights and, for each layer, its neurons' outputs over THUMB_GRID. */
  show(nn: NN, outputs: readonly Float32Array[], weights: readonly LayerWeights[]): void {
    nn.layers.forEach(({ units, activation }, layer) => {
      for (let unit = 0; unit < units; unit++) {
        const node = this.#nodes[layer + 1][unit];
        paintHeat(node.context, this.#image, outputs[layer], stretch(outputs[layer], unit, units, activation));
      }
    });
    this.#weights = weights;
    this.#drawLinks();
  }

  #column(title: string, nodes: Node[], stepper?: HTMLElement): HTMLElement {
    this.#nodes.push(nodes);
    return h(
      "div",
      { class: "column", role: "group", "aria-label": title },
      h("div", { class: "column-head" }, h("span", {}, title), stepper),
      h("div", { class: "nodes" }, ...nodes.map(({ element }) => element)),
    );
  }

  #input(name: string): Node {
    const canvas = thumb();
    return node(
      h("div", { class: "node", role: "img", "aria-label": `Input ${name}` }, canvas, h("span", { "aria-hidden": "true" }, name)),
      canvas,
    );
  }

  #neuron(neuron: Neuron, name: string): Node {
    const canvas = thumb();
    const [look, away] = [() => this.#events.look(neuron), () => this.#events.look(undefined)];
    return node(
      h(
        "button",
        {
          type: "button",
          class: "node",
          "aria-label": `${name}: show on the plane`,
          "data-key": `${neuron.layer}.${neuron.unit}`,
          onpointerenter: look,
          onpointerleave: away,
          onfocus: look,
          onblur: away,
          onclick: look,
        },
        canvas,
      ),
      canvas,
    );
  }

  #stepper(hidden: readonly number[], layer: number): HTMLElement {
    const units = hidden[layer];
    const change = (by: number): HTMLButtonElement => {
      const name = by > 0 ? `Add a neuron to layer ${layer + 1}` : `Remove a neuron from layer ${layer + 1}`;
      const resize = (): void => this.#events.resize(hidden.map((each, i) => (i === layer ? each + by : each)));
      const control = button(name, resize, { kind: "icon", icon: by > 0 ? "plus" : "minus" });
      control.disabled = units + by < 1 || units + by > MOST_NEURONS;
      control.dataset["key"] = `${by > 0 ? "more" : "less"}-${layer}`;
      return control;
    };
    return h("span", { class: "stepper" }, change(-1), h("b", {}, units), change(1));
  }

  #drawInputs(): void {
    this.#nodes[0]?.forEach(({ context }, axis) =>
      paintHeat(context, this.#image, THUMB_GRID, { offset: axis, stride: 2, scale: 1 / RANGE, shift: 0 }),
    );
  }

  #measure(): void {
    const origin = this.element.getBoundingClientRect();
    for (const nodes of this.#nodes) {
      for (const each of nodes) {
        const { left, top, width, height } = each.element.querySelector("canvas")!.getBoundingClientRect();
        [each.x, each.y] = [left - origin.left + width / 2, top - origin.top + height / 2];
      }
    }
  }

  #drawLinks(): void {
    const { context } = sharpen(this.#links);
    const [positive, negative] = [color("--orange"), color("--blue")];
    this.#weights.forEach(({ kernel }, layer) => {
      // Strong is what is strong beside the others of its layer.
      const strongest = Math.max(1, ...Array.from(kernel, Math.abs));
      const [from, to] = [this.#nodes[layer], this.#nodes[layer + 1]];
      from.forEach((a, i) => {
        to.forEach((b, j) => {
          const weight = kernel[i * to.length + j];
          const share = Math.abs(weight) / strongest;
          const middle = (a.x + b.x) / 2;
          context.beginPath();
          context.moveTo(a.x, a.y);
          context.bezierCurveTo(middle, a.y, middle, b.y, b.x, b.y);
          context.strokeStyle = weight > 0 ? positive : negative;
          context.globalAlpha = 0.12 + 0.78 * share;
          context.lineWidth = 0.4 + 5 * share * share;
          context.stroke();
        });
      });
    });
    context.globalAlpha = 1;
  }
}

const thumb = (): HTMLCanvasElement => h("canvas", { width: THUMB, height: THUMB, "aria-hidden": "true" });
const node = (element: HTMLElement, canvas: HTMLCanvasElement): Node => ({
  element,
  context: canvas.getContext("2d")!,
  x: 0,
  y: 0,
});

/** "+ layer" and "− layer" for the card's head. */
export function layerButtons(
  hidden: () => readonly number[],
  resize: (hidden: number[]) => void,
): { element: HTMLElement; refresh(): void } {
  const more = button("Add layer", () => resize([...hidden(), hidden().at(-1) ?? 4]), { icon: "plus", kind: "quiet" });
  const less = button("Remove layer", () => resize(hidden().slice(0, -1)), { icon: "minus", kind: "quiet" });
  const refresh = (): void => {
    more.disabled = hidden().length >= MOST_LAYERS;
    less.disabled = hidden().length === 0;
  };
  refresh();
  return { element: h("div", { class: "row" }, less, more), refresh };
}

/** A neuron in words: its bias and the weights that lead to it. */
export function describeNeuron({ layer, unit }: Neuron, weights: readonly LayerWeights[]): string {
  const { kernel, bias } = weights[layer];
  const units = bias!.length;
  const inputs = kernel.length / units;
  const incoming = Array.from({ length: inputs }, (_, i) => {
    const name = layer === 0 ? ["x", "y"][i] : `neuron ${i + 1}`;
    return `${name} ${signed(kernel[i * units + unit], 2)}`;
  });
  return `bias ${signed(bias![unit], 2)}; weights from ${incoming.join(", ")}`;
}
