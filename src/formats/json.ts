// A network as a plain value that JSON can hold: the description, and all numbers as lists.
import { ModelFormatError } from "../errors.js";
import { readParameters, slotCount } from "../parameters.js";
import type { LayerParameters } from "../spec.js";
import { describe, object, readDescription, type Description, type LoadedModel, type SavedModel } from "./model.js";

interface PlainParameters {
  readonly kernel: readonly number[];
  readonly bias?: readonly number[];
}

/** What `toJSON` returns. Numbers keep every digit when they are written out and read again; only −0 becomes 0. */
export interface ModelJSON extends Description {
  readonly format: "wasmlp";
  /** As `getWeights`: kernel inputs × units, row-major. */
  readonly weights: readonly PlainParameters[];
  /** The optimiser's memory: none, or one or two lists shaped as `weights`. */
  readonly slots: readonly (readonly PlainParameters[])[];
}

const plain = (block: readonly LayerParameters[]): PlainParameters[] =>
  block.map(({ kernel, bias }) => ({ kernel: [...kernel], ...(bias && { bias: [...bias] }) }));

export function toJSON(model: SavedModel): ModelJSON {
  const { parameters, slots } = model.state;
  return { format: "wasmlp", ...describe(model), weights: plain(parameters), slots: slots.map(plain) };
}

/** @throws ModelFormatError */
export function fromJSON(value: unknown): LoadedModel {
  const model = object(value, "the model") as Partial<Record<keyof ModelJSON, unknown>>;
  if (model.format !== "wasmlp") throw new ModelFormatError('format is not "wasmlp"');
  const { step, epoch, ...described } = readDescription(model);
  const { spec } = described.settings;
  const count = slotCount(spec.optimizer);
  if (!Array.isArray(model.slots) || model.slots.length !== count) throw new ModelFormatError(`slots must be a list of ${count}`);
  const parameters = readParameters(model.weights, spec);
  return { ...described, state: { parameters, slots: model.slots.map((slot) => readParameters(slot, spec)), step, epoch } };
}

