// Converts a drawing to an image like MNIST's: fitted into a box of 20 × 20 pixels, drawn with MNIST's pen and soft edges, and
// moved so that its centre of mass is that of MNIST's images of 28 × 28 pixels. It renders strokes, so nothing is resampled.

/** Lines of a pen, each a list of x, y, x, y …; in any unit, y downwards. */
export type Strokes = readonly (readonly number[])[];

const SIZE = 28;
const BOX = 20;
/** Where MNIST's images have their centre of mass, both ways: half a pixel beyond the middle. */
const CENTRE = 14.5;
/** Half the thickness of the pen in pixels, about that of MNIST's writers. */
const PEN = 1.2;
/** The minimum extent of a drawing, as a fraction of the unit, so that a dot is not enlarged to a disc. */
const LEAST = 0.12;

/** 784 numbers from 0 (paper) to 1 (ink), row by row; undefined for an empty drawing. */
export function normalise(strokes: Strokes): Float32Array<ArrayBuffer> | undefined {
  const all = strokes.flat();
  if (all.length < 2) return undefined;
  const [xs, ys] = [all.filter((_, i) => i % 2 === 0), all.filter((_, i) => i % 2 === 1)];
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const scale = (BOX - 2 * PEN) / Math.max(right - left, bottom - top, LEAST);
  /** The strokes in pixels, the middle of their box at (x, y). */
  const placeAt = (x: number, y: number): number[][] =>
    strokes.map((stroke) =>
      stroke.map((value, i) =>
        i % 2 === 0 ? (value - (left + right) / 2) * scale + x : (value - (top + bottom) / 2) * scale + y,
      ),
    );
  const [x, y] = centreOfMass(rasterise(placeAt(CENTRE, CENTRE)));
  return rasterise(placeAt(2 * CENTRE - x, 2 * CENTRE - y));
}

/** Strokes in pixels as an image: ink is how much of a pixel's width lies under the pen. */
function rasterise(strokes: readonly (readonly number[])[]): Float32Array<ArrayBuffer> {
  const image = new Float32Array(SIZE * SIZE);
  for (const stroke of strokes) {
    // A tap is a line of no length.
    for (let i = 0; i + 1 < Math.max(stroke.length - 2, 2); i += 2) {
      const [x1, y1] = [stroke[i], stroke[i + 1]];
      drawLine(image, x1, y1, stroke[i + 2] ?? x1, stroke[i + 3] ?? y1);
    }
  }
  return image;
}

function drawLine(image: Float32Array, x1: number, y1: number, x2: number, y2: number): void {
  const reach = PEN + 1;
  const [dx, dy] = [x2 - x1, y2 - y1];
  const square = dx * dx + dy * dy;
  const first = (a: number, b: number): number => Math.max(0, Math.floor(Math.min(a, b) - reach));
  const last = (a: number, b: number): number => Math.min(SIZE - 1, Math.ceil(Math.max(a, b) + reach));
  for (let row = first(y1, y2); row <= last(y1, y2); row++) {
    for (let column = first(x1, x2); column <= last(x1, x2); column++) {
      const [px, py] = [column + 0.5 - x1, row + 0.5 - y1];
      const along = square ? Math.min(Math.max((px * dx + py * dy) / square, 0), 1) : 0;
      const distance = Math.hypot(px - along * dx, py - along * dy);
      const ink = Math.min(Math.max(PEN + 0.5 - distance, 0), 1);
      const at = row * SIZE + column;
      image[at] = Math.max(image[at], ink);
    }
  }
}

/** Where an image's ink has its centre, in pixels from the upper left corner. */
export function centreOfMass(image: ArrayLike<number>): [x: number, y: number] {
  let [mass, x, y] = [0, 0, 0];
  for (let i = 0; i < image.length; i++) {
    mass += image[i];
    x += image[i] * ((i % SIZE) + 0.5);
    y += image[i] * (Math.floor(i / SIZE) + 0.5);
  }
  return mass ? [x / mass, y / mass] : [SIZE / 2, SIZE / 2];
}
