// The outputs of each neuron over the plane. Every layer is a separate network here, with the weights of the network being trained; each
// takes the outputs of the one before.
import { NN } from "../../src/index.js";
import type { View } from "../ui/heat.js";

export class NeuronMaps {
  readonly #stages: NN[];
  readonly #grid: Float32Array;

  /** @param grid places of the plane, two numbers each */
  constructor(nn: NN, grid: Float32Array) {
    this.#grid = grid;
    this.#stages = nn.layers.map(
      ({ inputs, units, activation, bias }) => new NN({ layers: [inputs, { units, activation, bias }], seed: 0 }),
    );
  }

  /** A layer's outputs at every place of the grid: places × units. One list per layer. */
  outputs(nn: NN): Float32Array[] {
    const weights = nn.getWeights();
    let below: Float32Array = this.#grid;
    return this.#stages.map((stage, i) => {
      stage.setWeights([weights[i]]);
      below = stage.predict(below) as Float32Array;
      return below;
    });
  }
}

/** Numbers of this many times the usual size have the full colour. */
const FULL = 1.6;

/** What stretches one unit's outputs to −1 … 1: around ½ where they lie between 0 and 1, else around 0, by their usual size. */
export function stretch(values: Float32Array, unit: number, units: number, activation: string): View {
  if (activation === "sigmoid" || activation === "softmax") return { offset: unit, stride: units, scale: 2, shift: -1 };
  let squares = 0;
  for (let i = unit; i < values.length; i += units) squares += values[i] ** 2;
  const size = Math.sqrt((squares * units) / values.length);
  return { offset: unit, stride: units, scale: 1 / Math.max(FULL * size, 1e-6), shift: 0 };
}
