// A point of the plane with its target, and a compact text for a list of them: three bytes a point, in base64url.

/** The plane goes from −RANGE to RANGE in both directions. */
export const RANGE = 6;
/** A link has to stay a link. */
export const MOST_ADDED = 400;

export interface Point {
  readonly x: number;
  readonly y: number;
  /** A class, 0 or 1; in a regression a number from −1 to 1. */
  readonly target: number;
}

const STEPS = 127;

/** Where a point ends up after its way through a link: points added by hand are put there from the start. */
export const snap = ({ x, y, target }: Point): Point => fromBytes(toByte(x / RANGE), toByte(y / RANGE), toByte(target));

// Adding 0 makes −0 an ordinary 0.
const toByte = (value: number): number => Math.round(Math.min(Math.max(value, -1), 1) * STEPS) + 0;
const fromBytes = (x: number, y: number, target: number): Point => ({
  x: (x * RANGE) / STEPS,
  y: (y * RANGE) / STEPS,
  target: target / STEPS,
});

export function encodePoints(points: readonly Point[]): string {
  const bytes = points.flatMap(({ x, y, target }) => [toByte(x / RANGE), toByte(y / RANGE), toByte(target)]);
  return btoa(String.fromCharCode(...bytes.map((byte) => byte + 128)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/** Returns no points for an invalid text. */
export function decodePoints(text: string): Point[] {
  let binary: string;
  try {
    binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    return [];
  }
  const points: Point[] = [];
  for (let i = 0; i + 2 < binary.length && points.length < MOST_ADDED; i += 3) {
    const [x, y, target] = [0, 1, 2].map((k) => Math.max(-STEPS, binary.charCodeAt(i + k) - 128)) as [number, number, number];
    points.push(fromBytes(x, y, target));
  }
  return points;
}
