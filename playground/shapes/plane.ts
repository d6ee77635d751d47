// The plane: a heatmap of the network's output with its decision boundary, the points, and a cursor that adds points, moved by mouse,
// finger, pen or arrow keys.
import { onResize, sharpen } from "../ui/canvas.js";
import { h } from "../ui/dom.js";
import { paintHeat, type View } from "../ui/heat.js";
import { color, onThemeChange } from "../ui/theme.js";
import { contour } from "./contour.js";
import { RANGE, type Point } from "./points.js";

/** Cells of the heatmap along each side. */
export const CELLS = 96;
const KEY_STEP = RANGE / 20;

export interface PlaneEvents {
  /** A place was chosen by click, tap or Enter. */
  add(x: number, y: number): void;
  /** The cross stands at a place, or is gone. */
  probe(place: { x: number; y: number } | undefined): void;
}

export class Plane {
  readonly element: HTMLElement;
  readonly #heat = h("canvas", { class: "heat", width: CELLS, height: CELLS });
  readonly #lines = h("canvas", {});
  readonly #dots = h("canvas", {});
  readonly #cross = h("canvas", {});
  readonly #image = new ImageData(CELLS, CELLS);
  readonly #events: PlaneEvents;
  #values: ArrayLike<number> | undefined;
  #view: View = { offset: 0, stride: 1, scale: 1, shift: 0 };
  #train: readonly Point[] = [];
  #validation: readonly Point[] = [];
  #regression = false;
  #place: { x: number; y: number } | undefined;

  constructor(events: PlaneEvents) {
    this.#events = events;
    for (const canvas of [this.#heat, this.#lines, this.#dots, this.#cross]) canvas.setAttribute("aria-hidden", "true");
    this.element = h(
      "div",
      {
        class: "plane",
        tabindex: 0,
        role: "application",
        "aria-roledescription": "plane",
        "aria-label": "The plane: arrow keys move a cross, Enter adds a point there",
        "aria-describedby": "plane-says",
        onpointermove: (event: PointerEvent) => this.#point(event),
        onpointerleave: () => this.#move(undefined),
        onblur: () => this.#move(undefined),
        onclick: (event: MouseEvent) => this.#click(event),
        onkeydown: (event: KeyboardEvent) => this.#key(event),
      },
      this.#heat,
      this.#lines,
      this.#dots,
      this.#cross,
    );
    onResize(this.element, () => {
      this.#drawLines();
      this.#drawDots();
      this.#drawCross();
    });
    onThemeChange(() => {
      this.#drawHeat();
      this.#drawDots();
      this.#drawCross();
    });
  }

  /** Shows values over the grid of CELLS × CELLS. */
  show(values: ArrayLike<number>, view: View): void {
    this.#values = values;
    this.#view = view;
    this.#drawHeat();
  }

  showPoints(train: readonly Point[], validation: readonly Point[], regression: boolean): void {
    [this.#train, this.#validation, this.#regression] = [train, validation, regression];
    this.#drawDots();
  }

  #drawHeat(): void {
    if (!this.#values) return;
    paintHeat(this.#heat.getContext("2d")!, this.#image, this.#values, this.#view);
    this.#drawLines();
  }

  /** The line where the network is undecided. */
  #drawLines(): void {
    const { context, width } = sharpen(this.#lines);
    if (!this.#values || width === 0) return;
    const { offset, stride, scale, shift } = this.#view;
    const cell = width / CELLS;
    context.beginPath();
    contour(this.#values, CELLS, -shift / scale, offset, stride, (x1, y1, x2, y2) => {
      context.moveTo((x1 + 0.5) * cell, (y1 + 0.5) * cell);
      context.lineTo((x2 + 0.5) * cell, (y2 + 0.5) * cell);
    });
    context.strokeStyle = color("--boundary");
    context.lineWidth = 1.5;
    context.stroke();
  }

  #drawDots(): void {
    const { context, width } = sharpen(this.#dots);
    if (width === 0) return;
    const radius = Math.min(4.5, Math.max(3, width / 100));
    const toPixel = (value: number): number => ((value / RANGE + 1) / 2) * width;
    const dot = ({ x, y, target }: Point, hollow: boolean): void => {
      context.beginPath();
      context.arc(toPixel(x), toPixel(-y), radius, 0, 2 * Math.PI);
      const fill = this.#regression ? mixed(target) : color(target > 0.5 ? "--orange" : "--blue");
      context.fillStyle = hollow ? color("--dot-edge") : fill;
      context.strokeStyle = hollow ? fill : color("--dot-edge");
      context.lineWidth = hollow ? 2 : 1.25;
      context.fill();
      context.stroke();
    };
    for (const point of this.#validation) dot(point, true);
    for (const point of this.#train) dot(point, false);
  }

  #drawCross(): void {
    const { context, width } = sharpen(this.#cross);
    if (!this.#place) return;
    const x = ((this.#place.x / RANGE + 1) / 2) * width;
    const y = ((1 - this.#place.y / RANGE) / 2) * width;
    context.beginPath();
    for (const [dx, dy] of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ] as const) {
      context.moveTo(x + 5 * dx, y + 5 * dy);
      context.lineTo(x + 13 * dx, y + 13 * dy);
    }
    context.lineCap = "round";
    for (const [style, thickness] of [
      [color("--dot-edge"), 4],
      [color("--ink"), 2],
    ] as const) {
      context.strokeStyle = style;
      context.lineWidth = thickness;
      context.stroke();
    }
  }

  #move(place: { x: number; y: number } | undefined): void {
    this.#place = place;
    this.#drawCross();
    this.#events.probe(place);
  }

  #placeOf(event: MouseEvent): { x: number; y: number } {
    const { left, top, width, height } = this.element.getBoundingClientRect();
    const inside = (value: number): number => Math.min(Math.max(value, -1), 1) * RANGE;
    return { x: inside((2 * (event.clientX - left)) / width - 1), y: -inside((2 * (event.clientY - top)) / height - 1) };
  }

  #point(event: PointerEvent): void {
    // A finger that scrolls is not pointing.
    if (event.pointerType !== "touch") this.#move(this.#placeOf(event));
  }

  #click(event: MouseEvent): void {
    const place = this.#placeOf(event);
    this.#move(place);
    this.#events.add(place.x, place.y);
  }

  #key(event: KeyboardEvent): void {
    const place = this.#place ?? { x: 0, y: 0 };
    const step = event.shiftKey ? KEY_STEP / 5 : KEY_STEP;
    const inside = (value: number): number => Math.min(Math.max(value, -RANGE), RANGE);
    const moves: Record<string, [number, number]> = {
      ArrowLeft: [-step, 0],
      ArrowRight: [step, 0],
      ArrowUp: [0, step],
      ArrowDown: [0, -step],
    };
    const move = moves[event.key];
    if (move) this.#move({ x: inside(place.x + move[0]), y: inside(place.y + move[1]) });
    else if (event.key === "Enter" || event.key === " ") {
      this.#move(place);
      this.#events.add(place.x, place.y);
    } else return;
    event.preventDefault();
  }
}

/** A regression's target as a colour between the two classes'. */
function mixed(target: number): string {
  const share = Math.round(50 * (target + 1));
  return `color-mix(in srgb, ${color("--orange")} ${share}%, ${color("--blue")})`;
}
