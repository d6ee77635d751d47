// The shapes to be learnt: points drawn at random, the same ones for the same seed.
import { RANGE, type Point } from "./points.js";
import type { ShapesState } from "./state.js";

/** Every fourth point is kept for validation. */
const VALIDATION_EVERY = 4;

/** Uniform numbers in [0, 1) by mulberry32. */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Normal numbers by Box and Muller. */
const normal = (random: () => number) => (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

type Shape = (share: number, label: number, random: () => number, gauss: () => number, noise: number) => Point;

/** Each takes where the point stands in its class, from 0 to 1, and the class; shapes are in units of RANGE. */
const SHAPES: Record<Exclude<ShapesState["data"], "blank">, Shape> = {
  spirals(share, label, _random, gauss, noise) {
    const radius = 0.05 + 0.9 * share;
    const angle = 1.75 * 2 * Math.PI * share + label * Math.PI;
    return jitter({ x: radius * Math.sin(angle), y: radius * Math.cos(angle), target: label }, gauss, 0.1 * noise);
  },
  circles(_share, label, random, gauss, noise) {
    const radius = label ? 0.45 * Math.sqrt(random()) : 0.65 + 0.28 * random();
    const angle = 2 * Math.PI * random();
    return jitter({ x: radius * Math.cos(angle), y: radius * Math.sin(angle), target: label }, gauss, 0.25 * noise);
  },
  xor(_share, label, random, gauss, noise) {
    const [x, y] = [0.06 + 0.88 * random(), 0.06 + 0.88 * random()];
    const left = random() < 0.5 ? -1 : 1;
    return jitter({ x: left * x, y: left * (label ? 1 : -1) * y, target: label }, gauss, 0.25 * noise);
  },
  blobs(_share, label, random, gauss, noise) {
    const centres = label
      ? [
          [-0.55, 0.5],
          [0.6, -0.1],
        ]
      : [
          [0.45, 0.65],
          [-0.25, -0.5],
          [0.7, -0.75],
        ];
    const [x, y] = centres[Math.floor(random() * centres.length)] as [number, number];
    return jitter({ x, y, target: label }, gauss, 0.09 + 0.22 * noise);
  },
  surface(_share, _label, random, gauss, noise) {
    const [x, y] = [2 * random() - 1, 2 * random() - 1];
    const height = Math.sin(3.4 * x) * Math.cos(2.6 * y + 0.6);
    return { x, y, target: Math.min(Math.max(height + 0.4 * noise * gauss(), -1), 1) };
  },
};

const jitter = ({ x, y, target }: Point, gauss: () => number, deviation: number): Point => ({
  x: x + deviation * gauss(),
  y: y + deviation * gauss(),
  target,
});

/** What settles the points. */
type Settings = Pick<ShapesState, "data" | "points" | "noise" | "seed">;

/** Points for training and for validation; points outside the plane are moved to its edge. */
export function makePoints({ data, points: count, noise, seed }: Settings): { train: Point[]; validation: Point[] } {
  const train: Point[] = [];
  const validation: Point[] = [];
  if (data === "blank") return { train, validation };
  const random = uniform(seed * 7919 + 17);
  const gauss = normal(random);
  const inside = (value: number): number => Math.min(Math.max(value, -0.99), 0.99) * RANGE;
  for (let i = 0; i < count; i++) {
    const { x, y, target } = SHAPES[data](i / count, i % 2, random, gauss, noise);
    // Both classes lie at every fourth place, taken in pairs.
    ((i >> 1) % VALIDATION_EVERY === VALIDATION_EVERY - 1 ? validation : train).push({ x: inside(x), y: inside(y), target });
  }
  return { train, validation };
}
