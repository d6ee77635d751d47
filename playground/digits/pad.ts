// The drawing pad for digits: with mouse, finger or pen, or with the arrow keys and the space bar.
import { onResize, sharpen } from "../ui/canvas.js";
import { h } from "../ui/dom.js";
import { color, onThemeChange } from "../ui/theme.js";
import { normalise } from "./normalise.js";
import { drawImage } from "./picture.js";

/** Thickness of the line on the pad, as a fraction of its side. */
const PEN = 0.075;
const KEY_STEP = 0.04;

export class Pad {
  readonly element: HTMLElement;
  readonly #canvas = h("canvas", { "aria-hidden": "true" });
  readonly #changed: (image: Float32Array<ArrayBuffer> | undefined, finished: boolean) => void;
  #strokes: number[][] = [];
  /** The pointer that draws. */
  #pointer: number | undefined;
  /** An image of the data set that is shown instead of a drawing. */
  #shown: Float32Array<ArrayBuffer> | undefined;
  /** The pen of the keyboard. */
  #pen = { x: 0.5, y: 0.3, down: false, visible: false };

  /** @param changed is called with the drawing, normalised as in MNIST, and whether the pen was lifted */
  constructor(changed: (image: Float32Array<ArrayBuffer> | undefined, finished: boolean) => void) {
    this.#changed = changed;
    this.element = h(
      "div",
      {
        class: "pad",
        tabindex: 0,
        role: "application",
        "aria-roledescription": "drawing pad",
        "aria-describedby": "pad-help",
        "aria-label":
          "Draw a digit here. With the keyboard: arrow keys move the pen, space puts it down or lifts it, Delete clears",
        onpointerdown: (event: PointerEvent) => this.#begin(event),
        onpointermove: (event: PointerEvent) => this.#go(event),
        onpointerup: (event: PointerEvent) => this.#end(event),
        onpointercancel: (event: PointerEvent) => this.#end(event),
        onkeydown: (event: KeyboardEvent) => this.#key(event),
        onblur: () => this.#showPen(false),
      },
      this.#canvas,
    );
    onResize(this.element, () => this.#draw());
    onThemeChange(() => this.#draw());
  }

  clear(): void {
    this.#replace(undefined);
  }

  /** Shows an image of the data set. */
  show(image: Float32Array<ArrayBuffer>): void {
    this.#replace(image);
  }

  #replace(image: Float32Array<ArrayBuffer> | undefined): void {
    this.#strokes = [];
    this.#shown = image;
    // An unfinished stroke ends here.
    this.#pointer = undefined;
    this.#pen.down = false;
    this.#tell(true);
  }

  #startStroke(x: number, y: number): void {
    this.#shown = undefined;
    this.#strokes.push([x, y]);
    this.#tell(false);
  }

  #tell(finished: boolean): void {
    this.#draw();
    this.#changed(this.#shown ?? normalise(this.#strokes), finished);
  }

  #begin(event: PointerEvent): void {
    if (this.#pointer !== undefined || event.button !== 0) return;
    this.#pointer = event.pointerId;
    this.element.setPointerCapture(event.pointerId);
    this.#pen.visible = this.#pen.down = false;
    this.#startStroke(...this.#place(event));
  }

  #go(event: PointerEvent): void {
    if (event.pointerId !== this.#pointer) return;
    const stroke = this.#strokes.at(-1)!;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) {
      const [x, y] = this.#place(each);
      // Points closer than this change nothing.
      if (Math.hypot(x - stroke.at(-2)!, y - stroke.at(-1)!) > 0.008) stroke.push(x, y);
    }
    this.#tell(false);
  }

  #end(event: PointerEvent): void {
    if (event.pointerId !== this.#pointer) return;
    this.#pointer = undefined;
    this.#tell(true);
  }

  #place(event: PointerEvent): [x: number, y: number] {
    const { left, top, width, height } = this.element.getBoundingClientRect();
    const inside = (value: number): number => Math.min(Math.max(value, 0), 1);
    return [inside((event.clientX - left) / width), inside((event.clientY - top) / height)];
  }

  #key(event: KeyboardEvent): void {
    const pen = this.#pen;
    const moves: Record<string, [number, number]> = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, -1],
      ArrowDown: [0, 1],
    };
    const move = moves[event.key];
    if (move) {
      pen.x = Math.min(Math.max(pen.x + move[0] * KEY_STEP, PEN), 1 - PEN);
      pen.y = Math.min(Math.max(pen.y + move[1] * KEY_STEP, PEN), 1 - PEN);
      if (pen.down) {
        this.#strokes.at(-1)!.push(pen.x, pen.y);
        this.#tell(false);
      }
      this.#showPen(true);
    } else if (event.key === " " || event.key === "Enter") {
      pen.down = !pen.down;
      if (pen.down) this.#startStroke(pen.x, pen.y);
      else this.#tell(true);
      this.#showPen(true);
    } else if (event.key === "Delete" || event.key === "Backspace") this.clear();
    else return;
    event.preventDefault();
  }

  #showPen(visible: boolean): void {
    if (!visible && this.#pen.down) {
      this.#pen.down = false;
      this.#tell(true);
    }
    this.#pen.visible = visible;
    this.#draw();
  }

  #draw(): void {
    const { context, width } = sharpen(this.#canvas);
    if (width === 0) return;
    if (this.#shown) {
      drawImage(context, this.#shown, 0, 0, width);
      return;
    }
    context.lineCap = context.lineJoin = "round";
    context.strokeStyle = color("--ink");
    context.lineWidth = PEN * width;
    for (const stroke of this.#strokes) {
      context.beginPath();
      context.moveTo(stroke[0] * width, stroke[1] * width);
      for (let i = 2; i < stroke.length; i += 2) context.lineTo(stroke[i] * width, stroke[i + 1] * width);
      if (stroke.length === 2) context.lineTo(stroke[0] * width, stroke[1] * width);
      context.stroke();
    }
    const { x, y, down, visible } = this.#pen;
    if (!visible) return;
    context.beginPath();
    context.arc(x * width, y * width, (PEN * width) / 2, 0, 2 * Math.PI);
    context.lineWidth = 2;
    context.strokeStyle = color("--focus");
    context.fillStyle = color("--focus");
    context.stroke();
    if (down) context.fill();
  }
}
