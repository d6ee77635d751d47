// Derives the room's settings from a saved network, or the reason why it cannot be shown here.
import type { ModelJSON } from "../../src/index.js";
import {
  ACTIVATIONS,
  BATCHES,
  DECAYS,
  LOSSES,
  MOST_LAYERS,
  MOST_NEURONS,
  OPTIMIZERS,
  RATES,
  isRegression,
  suits,
  usualLoss,
  type ShapesState,
} from "./state.js";

interface SavedLayer {
  readonly units: number;
  readonly activation: string;
  readonly dropout: number;
}

/** Settings that a network brings along; what it does not settle, such as the data, stays as it is in `state`. */
export function readModel({ options }: ModelJSON, state: ShapesState): { changes: Partial<ShapesState>; refusal?: string } {
  const {
    layers: [inputs, ...all],
    loss,
    optimizer,
    learningRate,
    batchSize,
    l2,
  } = options as {
    layers: [number, ...SavedLayer[]];
    loss: string;
    optimizer: { name: string };
    learningRate: number;
    batchSize: number | null;
    l2: number;
  };
  const hidden = all.slice(0, -1);
  const output = all.at(-1)!;
  const known = <T extends string | number>(choices: readonly T[], value: unknown): T | undefined =>
    choices.find((choice) => choice === value);
  const name = known(LOSSES, loss);
  const outputs = loss === "categoricalCrossentropy" ? 2 : 1;
  const refusal =
    inputs !== 2
      ? `it has ${inputs} inputs, not 2`
      : output.units !== outputs
        ? `it has ${output.units} outputs, not ${outputs}`
        : hidden.length > MOST_LAYERS
          ? `it has ${hidden.length} hidden layers, more than ${MOST_LAYERS}`
          : hidden.some(({ units }) => units > MOST_NEURONS)
            ? `a layer has more than ${MOST_NEURONS} neurons`
            : undefined;
  if (refusal !== undefined) return { changes: {}, refusal };
  // A linear output under a squared loss may go below 0, as the surface does.
  const changes: Partial<ShapesState> = { hidden: hidden.map(({ units }) => units) };
  const set = <K extends keyof ShapesState>(key: K, value: ShapesState[K] | undefined): void => {
    if (value !== undefined) changes[key] = value;
  };
  set("activation", known(ACTIVATIONS, hidden[0]?.activation));
  set("optimizer", known(OPTIMIZERS, optimizer.name));
  set("rate", known(RATES, learningRate));
  set("batch", known(BATCHES, batchSize));
  set("l2", known(DECAYS, l2));
  set("dropout", hidden[0]?.dropout);
  if (name && !suits(name, state.data)) set("data", "spirals");
  set("loss", name ?? usualLoss(changes.data ?? state.data));
  if (changes.data && isRegression(state)) set("added", []);
  return { changes };
}
