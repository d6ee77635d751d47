// The network of two, two and one as a drawing with its numbers; what a step of the derivation is about stands out.
import { signed } from "../ui/format.js";
import type { Derivation } from "./derivation.js";

/** Parts of the drawing: units and the lines between them. */
export type Part = "x" | "hidden" | "out" | "t" | "w" | "v" | "b" | "c";

const SPACE = "http://www.w3.org/2000/svg";
const UNITS = { x1: [52, 84], x2: [52, 236], h1: [252, 84], h2: [252, 236], y: [436, 160] } as const;
const RADIUS = 31;

export class NetworkPicture {
  readonly element: SVGSVGElement;
  readonly #texts = new Map<string, SVGTextElement>();
  readonly #parts = new Map<Part, SVGElement[]>();

  constructor() {
    this.element = make("svg", {
      viewBox: "0 0 540 320",
      class: "network-picture",
      role: "img",
      "aria-label": "Two inputs, two hidden units and one output, each joined to all of the next layer",
    });
    const lines: [from: keyof typeof UNITS, to: keyof typeof UNITS, name: string, part: Part, along: number][] = [
      ["x1", "h1", "w11", "w", 0.5],
      ["x1", "h2", "w12", "w", 0.27],
      ["x2", "h1", "w21", "w", 0.27],
      ["x2", "h2", "w22", "w", 0.5],
      ["h1", "y", "v1", "v", 0.48],
      ["h2", "y", "v2", "v", 0.48],
    ];
    for (const [from, to, name, part, along] of lines) this.#line(from, to, name, part, along);
    this.#unit("x1", "x", "x", "1");
    this.#unit("x2", "x", "x", "2");
    this.#unit("h1", "hidden", "a", "1");
    this.#unit("h2", "hidden", "a", "2");
    this.#unit("y", "out", "y", "");
    this.#label("b1", "b", 252, 26, "middle");
    this.#label("b2", "b", 252, 304, "middle");
    this.#label("c", "c", 436, 220, "middle");
    this.#label("t", "t", 480, 165, "start");
  }

  /** Shows a derivation's numbers. */
  show({ x, t, weights: { w, b, v, c }, a, y }: Derivation): void {
    const numbers: Record<string, number> = {
      x1: x[0],
      x2: x[1],
      h1: a[0],
      h2: a[1],
      y,
      w11: w[0][0],
      w12: w[0][1],
      w21: w[1][0],
      w22: w[1][1],
      v1: v[0],
      v2: v[1],
    };
    for (const [name, value] of Object.entries(numbers)) this.#texts.get(name)!.textContent = signed(value, 2);
    const named: Record<string, [string, number]> = { b1: ["b₁", b[0]], b2: ["b₂", b[1]], c: ["c", c], t: ["t", t] };
    for (const [name, [letter, value]] of Object.entries(named))
      this.#texts.get(name)!.textContent = `${letter} = ${signed(value, 2)}`;
  }

  /** Makes some parts stand out; with none, all are alike. */
  highlight(parts: readonly Part[]): void {
    this.element.classList.toggle("is-focused", parts.length > 0);
    for (const [part, elements] of this.#parts)
      for (const element of elements) element.classList.toggle("is-lit", parts.includes(part));
  }

  #add(part: Part, element: SVGElement): void {
    this.#parts.set(part, [...(this.#parts.get(part) ?? []), element]);
    this.element.append(element);
  }

  #line(from: keyof typeof UNITS, to: keyof typeof UNITS, name: string, part: Part, along: number): void {
    const [[x1, y1], [x2, y2]] = [UNITS[from], UNITS[to]];
    const text = make("text", {
      x: x1 + along * (x2 - x1),
      y: y1 + along * (y2 - y1) + 4,
      class: "weight",
      "text-anchor": "middle",
    });
    this.#texts.set(name, text);
    const group = make("g", { class: "line" });
    group.append(make("line", { x1, y1, x2, y2 }), text);
    this.#add(part, group);
  }

  #unit(name: keyof typeof UNITS, part: Part, letter: string, index: string): void {
    const [cx, cy] = UNITS[name];
    const value = make("text", { x: cx, y: cy + 15, class: "number", "text-anchor": "middle" });
    const symbol = make("text", { x: cx, y: cy - 3, class: "symbol", "text-anchor": "middle" });
    symbol.textContent = letter;
    if (index) {
      const low = make("tspan", { dy: 4, class: "low" });
      low.textContent = index;
      symbol.append(low);
    }
    this.#texts.set(name, value);
    const group = make("g", { class: `unit ${part}` });
    group.append(make("circle", { cx, cy, r: RADIUS }), symbol, value);
    this.#add(part, group);
  }

  #label(name: string, part: Part, x: number, y: number, anchor: string): void {
    const text = make("text", { x, y, class: "weight", "text-anchor": anchor });
    this.#texts.set(name, text);
    this.#add(part, text);
  }
}

function make<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Record<string, string | number>,
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}
