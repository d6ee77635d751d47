// Draws an image of 28 × 28 numbers, with ink in the colour of the text.
import { h } from "../ui/dom.js";
import { color } from "../ui/theme.js";

const SIZE = 28;
const scratch = h("canvas", { width: SIZE, height: SIZE });

/** Draws an image into a square of a context; where `x` and `y` are its corner. */
export function drawImage(context: CanvasRenderingContext2D, image: ArrayLike<number>, x: number, y: number, side: number): void {
  const small = scratch.getContext("2d")!;
  const pixels = new ImageData(SIZE, SIZE);
  const ink = Number.parseInt(color("--ink").slice(1), 16);
  for (let i = 0; i < SIZE * SIZE; i++) {
    pixels.data[4 * i] = ink >> 16;
    pixels.data[4 * i + 1] = (ink >> 8) & 255;
    pixels.data[4 * i + 2] = ink & 255;
    pixels.data[4 * i + 3] = 255 * image[i];
  }
  small.putImageData(pixels, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(scratch, x, y, side, side);
}

/** A canvas for one image. */
export function picture(image: ArrayLike<number> | undefined): HTMLCanvasElement {
  const canvas = h("canvas", { class: "picture", width: SIZE, height: SIZE, "aria-hidden": "true" });
  repaint(canvas, image);
  return canvas;
}

/** Shows another image, or none. */
export function repaint(canvas: HTMLCanvasElement, image: ArrayLike<number> | undefined): void {
  const context = canvas.getContext("2d")!;
  context.clearRect(0, 0, SIZE, SIZE);
  if (image) drawImage(context, image, 0, 0, SIZE);
}
