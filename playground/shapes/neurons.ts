// What each neuron sees: its outputs over the plane. Every layer is a network of its own here, one behind the other, that is
// given the weights of the network being trained.
import { NN } from "../../src/index.js";

export class NeuronMaps {
  readonly #stages: NN[];
  readonly #grid: Float32Array;

  /** @param grid places of the plane, two numbers each */
  constructor(nn: NN, grid: Float32Array) {
    this.#grid = grid;
    this.#stages = nn.layers.map(({ inputs, units, activation, bias }) =>
      new NN({ layers: [inputs, { units, activation, bias }], loss: activation === "softmax" ? "categoricalCrossentropy" : "squaredError", seed: 0 }));
  }

  /** A layer's outputs at every place of the grid: places × units. One list a layer. */
  outputs(nn: NN): Float32Array[] {
    const weights = nn.getWeights();
    let below: Float32Array = this.#grid;
    return this.#stages.map((stage, i) => {
      stage.setWeights([weights[i]!]);
      below = stage.predict(below) as Float32Array;
      return below;
    });
  }
}

/** What stretches one unit's outputs to −1 … 1: where they are of one sign around their middle, where of two around 0. */
export function stretch(values: Float32Array, unit: number, units: number, activation: string): { offset: number; stride: number; scale: number; shift: number } {
  if (activation === "sigmoid" || activation === "softmax") return { offset: unit, stride: units, scale: 2, shift: -1 };
  let most = 1e-6;
  for (let i = unit; i < values.length; i += units) most = Math.max(most, Math.abs(values[i]!));
  return { offset: unit, stride: units, scale: 1 / most, shift: 0 };
}
