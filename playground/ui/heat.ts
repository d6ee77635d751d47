// Numbers from −1 to 1 as colours from blue over paper to orange: a table of 256 colours, read once a theme.
import { color, onThemeChange } from "./theme.js";

const STEPS = 256;
let table: Uint32Array<ArrayBuffer> | undefined;
onThemeChange(() => {
  table = undefined;
});

/** "#rrggbb" → its three numbers. */
function channels(hex: string): [red: number, green: number, blue: number] {
  const value = Number.parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

function makeTable(): Uint32Array<ArrayBuffer> {
  const stops = [channels(color("--heat-low")), channels(color("--heat-middle")), channels(color("--heat-high"))] as const;
  const bytes = new Uint8ClampedArray(4 * STEPS);
  for (let i = 0; i < STEPS; i++) {
    const place = (2 * i) / (STEPS - 1);
    const [from, to] = place < 1 ? [stops[0], stops[1]] : [stops[1], stops[2]];
    const part = place < 1 ? place : place - 1;
    for (let c = 0; c < 3; c++) bytes[4 * i + c] = from[c] + (to[c] - from[c]) * part;
    bytes[4 * i + 3] = 255;
  }
  return new Uint32Array(bytes.buffer);
}

/** Which of a list's numbers are shown, and what makes each a number from −1 to 1: value · scale + shift. */
export interface View {
  /** The first, and how far it is from each to the next: a column of a matrix. */
  readonly offset: number;
  readonly stride: number;
  readonly scale: number;
  readonly shift: number;
}

/** Paints values, row by row, into a picture of its own size. */
export function paintHeat(
  context: CanvasRenderingContext2D,
  image: ImageData,
  values: ArrayLike<number>,
  { offset, stride, scale, shift }: View,
): void {
  table ??= makeTable();
  const pixels = new Uint32Array(image.data.buffer);
  const half = (STEPS - 1) / 2;
  for (let i = 0, v = offset; i < pixels.length; i++, v += stride) {
    const index = (values[v] * scale + shift + 1) * half;
    pixels[i] = table[index <= 0 ? 0 : index >= STEPS - 1 ? STEPS - 1 : (index + 0.5) | 0];
  }
  context.putImageData(image, 0, 0);
}
