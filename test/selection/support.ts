// Rows that the suites of selection share.
import type { NetworkSpace } from "../../src/entries/selection.js";

/** A fraction in [0, 1) for each integer, with no pattern that a small network could use. */
const noise = (i: number): number => {
  const value = Math.sin(i * 12.9898) * 43758.5453;
  return value - Math.floor(value);
};

/** Points of three clouds that overlap a little. */
export const COUNT = 60;
export const Y = Array.from({ length: COUNT }, (_, i) => i % 3);
export const X = Y.map((label, i) => [Math.cos(2 * label) + noise(i), Math.sin(2 * label) + noise(i + 1000)]);
/** A number to predict from each. */
export const TARGETS = X.map(([a, b]) => [a! - 2 * b!]);

/** A space in which trials are quick and differ. */
export const SPACE: NetworkSpace = {
  layers: [2, { units: { integer: [2, 6] }, activation: { oneOf: ["tanh", "relu"] } }, 3],
  loss: "categoricalCrossentropy",
  learningRate: { logUniform: [1e-3, 1e-1] },
  epochs: 5,
};
