// The settings of the Shapes room, and their encoding in a link.
import type { Activation, Loss, OptimizerName } from "../../src/index.js";
import { decodePoints, encodePoints, type Point } from "./points.js";

export const DATA = ["spirals", "circles", "xor", "blobs", "surface", "blank"] as const;
export const ACTIVATIONS = [
  "tanh",
  "relu",
  "sigmoid",
  "leakyRelu",
  "elu",
  "softplus",
  "swish",
  "gelu",
  "linear",
] as const satisfies readonly Activation[];
export const LOSSES = [
  "binaryCrossentropy",
  "categoricalCrossentropy",
  "halfSquaredError",
  "squaredError",
  "meanSquaredError",
  "meanAbsoluteError",
  "huber",
] as const satisfies readonly Loss[];
export const OPTIMIZERS = ["adam", "adamw", "rmsprop", "sgd"] as const satisfies readonly OptimizerName[];
export const RATES = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3] as const;
export const BATCHES = [1, 4, 8, 16, 32, 64, 128, 512] as const;
export const DECAYS = [0, 0.0001, 0.001, 0.003, 0.01, 0.03, 0.1] as const;
export const SPEEDS = ["slow", "1", "5", "max"] as const;
/** More would not fit beside each other on a phone. */
export const MOST_LAYERS = 4;
export const MOST_NEURONS = 8;
export const POINTS = { min: 40, max: 500, step: 20 } as const;

export interface ShapesState {
  data: (typeof DATA)[number];
  /** The number of generated points, not counting those added by hand. */
  points: number;
  /** From 0 to 1. */
  noise: number;
  /** Neurons of each hidden layer. */
  hidden: number[];
  activation: (typeof ACTIVATIONS)[number];
  loss: (typeof LOSSES)[number];
  optimizer: (typeof OPTIMIZERS)[number];
  rate: number;
  batch: number;
  l2: number;
  dropout: number;
  /** Determines the points, the initial weights and the order of rows. */
  seed: number;
  speed: (typeof SPEEDS)[number];
  /** Points that the visitor added. */
  added: Point[];
}

export const defaults = (): ShapesState => ({
  data: "spirals",
  points: 300,
  noise: 0.1,
  hidden: [8, 8],
  activation: "gelu",
  loss: "binaryCrossentropy",
  optimizer: "adam",
  rate: 0.01,
  batch: 16,
  l2: 0,
  dropout: 0,
  seed: 1,
  speed: "1",
  added: [],
});

/** Whether the targets are numbers instead of two classes. */
export const isRegression = ({ data }: Pick<ShapesState, "data">): boolean => data === "surface";

/** A cross-entropy needs classes. */
export const suits = (loss: ShapesState["loss"], data: ShapesState["data"]): boolean =>
  !(data === "surface" && loss.endsWith("Crossentropy"));

/** The losses that are taken up when the present one does not suit new data. */
export const usualLoss = (data: ShapesState["data"]): ShapesState["loss"] =>
  data === "surface" ? "meanSquaredError" : "binaryCrossentropy";

/** What differs from the defaults, as a query. */
export function format(state: ShapesState): URLSearchParams {
  const query = new URLSearchParams();
  const usual = defaults();
  for (const key of Object.keys(usual) as (keyof ShapesState)[]) {
    const value = key === "added" ? encodePoints(state.added) : String(state[key]);
    if (value !== (key === "added" ? "" : String(usual[key]))) query.set(key, value);
  }
  // A list without entries is a network without hidden layers, not a missing list.
  if (state.hidden.length === 0) query.set("hidden", "none");
  return query;
}

/** Reads a state from a query; missing and invalid settings keep their defaults. */
export function parse(query: URLSearchParams): ShapesState {
  const state = defaults();
  const oneOf = <T extends string | number>(key: string, choices: readonly T[], usual: T): T =>
    choices.find((choice) => String(choice) === query.get(key)) ?? usual;
  const between = (key: string, low: number, high: number, usual: number): number => {
    const value = query.get(key);
    const number = Number(value);
    return value === null || value === "" || !Number.isFinite(number) ? usual : Math.min(Math.max(number, low), high);
  };
  state.data = oneOf("data", DATA, state.data);
  state.points = Math.round(between("points", POINTS.min, POINTS.max, state.points));
  state.noise = between("noise", 0, 1, state.noise);
  state.hidden = parseHidden(query.get("hidden")) ?? state.hidden;
  state.activation = oneOf("activation", ACTIVATIONS, state.activation);
  state.loss = oneOf("loss", LOSSES, usualLoss(state.data));
  if (!suits(state.loss, state.data)) state.loss = usualLoss(state.data);
  state.optimizer = oneOf("optimizer", OPTIMIZERS, state.optimizer);
  state.rate = oneOf("rate", RATES, state.rate);
  state.batch = oneOf("batch", BATCHES, state.batch);
  state.l2 = oneOf("l2", DECAYS, state.l2);
  state.dropout = between("dropout", 0, 0.8, state.dropout);
  state.seed = Math.round(between("seed", 0, 2 ** 31 - 1, state.seed));
  state.speed = oneOf("speed", SPEEDS, state.speed);
  state.added = decodePoints(query.get("added") ?? "");
  return state;
}

function parseHidden(text: string | null): number[] | undefined {
  if (text === "none") return [];
  const sizes = text?.split(",").map(Number) ?? [];
  const fits =
    sizes.length > 0 &&
    sizes.length <= MOST_LAYERS &&
    sizes.every((size) => Number.isInteger(size) && size >= 1 && size <= MOST_NEURONS);
  return fits ? sizes : undefined;
}
