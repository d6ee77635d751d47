// What has to be known of a network's options before it is trained: whether they and the rows are right, and what scores it.
import { DivergenceError, NN, type LayerOptions, type Matrix, type NetworkOptions } from "../../index.js";
import { isObject } from "../../options/checks.js";

/** What a score is: the accuracy where the loss has one, else the loss. */
export type Metric = "accuracy" | "loss";

export const metricOf = ({ loss }: NetworkOptions): Metric => (String(loss).endsWith("Crossentropy") ? "accuracy" : "loss");

/**
 * A network with the same options but one unit in each hidden layer: it checks all of them, and rows as well, and costs little.
 * @throws TypeError, RangeError for options that are wrong
 */
export function createProbe(options: NetworkOptions): NN {
  const { layers } = options;
  if (!Array.isArray(layers)) return new NN(options);
  const few = (units: number): number => (Number.isInteger(units) ? Math.min(units, 1) : units);
  const shrink = (layer: number | LayerOptions, i: number): number | LayerOptions =>
    i === 0 || i === layers.length - 1 ? layer : isObject(layer) ? { ...layer, units: few(layer.units) } : few(layer);
  return new NN({ ...options, layers: layers.map(shrink) });
}

/**
 * Checks options and all rows, so that messages give the numbers that rows have for the caller.
 * @returns how many rows there are
 * @throws TypeError, RangeError as `new NN` and `nn.fit`
 */
export function checkSamples(options: NetworkOptions, x: Matrix, y: Matrix): number {
  const probe = createProbe(options);
  try {
    probe.partialFit(x, y);
  } catch (error) {
    // Whether a network of another size diverges says nothing of this one.
    if (!(error instanceof DivergenceError)) throw error;
  }
  return Array.isArray(x) ? x.length : x.length / probe.layers[0]!.inputs;
}
