// From the room's state to a network and to rows for it.
import { NN, type Activation } from "../../src/index.js";
import type { View } from "../ui/heat.js";
import type { Point } from "./points.js";
import { isRegression, type ShapesState } from "./state.js";

/** Weights that suit the activation's slope: He's where half of it is flat, else Glorot's. */
const initializerFor = (activation: Activation) =>
  activation === "tanh" || activation === "sigmoid" || activation === "linear"
    ? ("glorotNormal" as const)
    : ("heNormal" as const);

export function createNetwork(state: ShapesState): NN {
  const { activation, dropout, loss, optimizer, rate, l2, seed } = state;
  const outputs = loss === "categoricalCrossentropy" ? 2 : 1;
  return new NN({
    layers: [
      2,
      ...state.hidden.map((units) => ({ units, activation, dropout })),
      // Targets from −1 to 1 are out of a sigmoid's reach.
      { units: outputs, ...(isRegression(state) && { activation: "linear" as const }) },
    ],
    initializer: initializerFor(activation),
    loss,
    optimizer: { name: optimizer, learningRate: rate },
    l2,
    seed,
  });
}

export interface Rows {
  readonly x: Float32Array<ArrayBuffer>;
  /** A number per row: a target, or with categoricalCrossentropy the class. */
  readonly y: Float32Array<ArrayBuffer>;
}

export const toRows = (points: readonly Point[]): Rows => ({
  x: Float32Array.from(points.flatMap(({ x, y }) => [x, y])),
  y: Float32Array.from(points, ({ target }) => target),
});

/**
 * How a network's output becomes a number from −1 to 1: of two classes' probabilities the second, and 0 … 1 is stretched; a
 * regression's value stays.
 */
export const outputView = (nn: NN, regression: boolean): View => {
  const { units } = nn.layers.at(-1)!;
  return { offset: units - 1, stride: units, ...(regression ? { scale: 1, shift: 0 } : { scale: 2, shift: -1 }) };
};

/** The centres of a grid over the plane, row by row from the top, as inputs. */
export function gridOver(range: number, size: number): Float32Array<ArrayBuffer> {
  const grid = new Float32Array(2 * size * size);
  for (let row = 0, i = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      grid[i++] = range * ((2 * column + 1) / size - 1);
      grid[i++] = -range * ((2 * row + 1) / size - 1);
    }
  }
  return grid;
}
