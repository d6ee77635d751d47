// A network as a JSON value: its description, and all numbers in lists.
import { malformed } from "../errors.js";
import { checkSize, readParameters, slotCount } from "../model/parameters.js";
import type { LayerParameters } from "../model/spec.js";
import type { ModelJSON, PlainParameters } from "../public-types.js";
import { object } from "./bounded-json.js";
import { describe, metadataText, readDescription, readMetadata, type SavedModel } from "./model.js";

const plain = (block: readonly LayerParameters[]): PlainParameters[] =>
  block.map(({ kernel, bias }) => ({ kernel: [...kernel], ...(bias && { bias: [...bias] }) }));

export function toJSON(model: SavedModel): ModelJSON {
  const { parameters, slots } = model.state;
  const metadata = metadataText(model.metadata);
  return {
    format: "wasmlp",
    ...describe(model),
    ...(metadata !== undefined && { metadata: JSON.parse(metadata) as unknown }),
    weights: plain(parameters),
    slots: slots.map(plain),
  };
}

/** @throws ModelFormatError */
export function fromJSON(value: unknown): SavedModel {
  const model = object(value, "the model");
  const { format, weights, slots } = model;
  if (format !== "wasmlp") malformed('format is not "wasmlp"');
  if (!Array.isArray(weights)) malformed("weights is missing or not an array");
  const { step, epoch, ...described } = readDescription(model, weights.length);
  const { spec } = described.settings;
  checkSize(spec);
  const count = slotCount(spec.optimizer);
  if (!Array.isArray(slots) || slots.length !== count) malformed(`slots must be a list of ${count}`);
  const read = (block: unknown): LayerParameters[] => readParameters(block, spec);
  // Array.from, because map skips holes.
  return {
    ...described,
    metadata: readMetadata(metadataText(model["metadata"])),
    state: { parameters: read(weights), slots: Array.from(slots, read), step, epoch },
  };
}
