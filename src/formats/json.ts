// A network as a plain value that JSON can hold: the description, and all numbers as lists.
import { malformed } from "../errors.js";
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
  const { format, weights, slots } = object(value, "the model");
  if (format !== "wasmlp") malformed('format is not "wasmlp"');
  const { step, epoch, ...described } = readDescription(value);
  const { spec } = described.settings;
  const count = slotCount(spec.optimizer);
  if (!Array.isArray(slots) || slots.length !== count) malformed(`slots must be a list of ${count}`);
  const read = (block: unknown): LayerParameters[] => readParameters(block, spec);
  return { ...described, state: { parameters: read(weights), slots: slots.map(read), step, epoch } };
}
