// The contents of a saved network, independent of the format: options, training state, scalers and metadata.
import type { Scalers } from "../data/scalers.js";
import type { Scaler } from "../data/scaling.js";
import type { TrainingState } from "../engine/engine.js";
import { malformed, ModelFormatError } from "../errors.js";
import { randomSeed } from "../model/random.js";
import { inputsOf, outputsOf, type LearningRate, type Scaling } from "../model/spec.js";
import { number, show } from "../options/checks.js";
import { hyperparametersOf, parseNetwork, rateAt } from "../options/network.js";
import type { ColumnScaling, Settings } from "../options/network-types.js";
import type { Description, ScalerDescription } from "../public-types.js";
import { object, parseBounded, scanJson } from "./bounded-json.js";

export interface SavedModel {
  readonly settings: Settings;
  readonly state: TrainingState;
  /** Undefined until the first training. */
  readonly scalers: Scalers | undefined;
  /** The JSON value of `nn.metadata`. */
  readonly metadata?: unknown;
}

/** The maximum depth of the user's metadata. */
const DEEPEST_METADATA = 1000;
/** The maximum length of metadata as JSON; of an object, the maximum number of lists and objects in it. */
const MOST_METADATA = 65_536;
const MOST_OBJECT = 2 ** 22;

/** The metadata as JSON; undefined if there is none. */
export function metadataText(metadata: unknown): string | undefined {
  const text = JSON.stringify(metadata) as string | undefined;
  if (text === undefined && metadata !== undefined) throw new TypeError("nn.metadata cannot be converted to JSON");
  if (text) {
    // The reader must accept everything that is written.
    try {
      readMetadata(text);
    } catch (error) {
      throw new RangeError(`nn.metadata has ${text.length} characters as JSON: ${(error as Error).message}`);
    }
  }
  return text;
}

/** A deep copy of the value. */
export const copyMetadata = (metadata: unknown): unknown => readMetadata(metadataText(metadata));

/** @throws ModelFormatError */
export function readMetadata(text: unknown): unknown {
  if (text === undefined) return undefined;
  if (typeof text !== "string" || text.length > MOST_OBJECT)
    malformed(`metadata must be a text of at most ${MOST_OBJECT} characters`);
  if (text.length > MOST_METADATA) {
    if (text[0] !== "{") malformed(`metadata of more than ${MOST_METADATA} characters must be an object`);
    return parseBounded(text, "metadata", { containers: MOST_METADATA, commas: MOST_OBJECT });
  }
  // The same limit everywhere: how deep JSON.parse and JSON.stringify go depends on the platform.
  scanJson(text, "metadata", DEEPEST_METADATA);
  try {
    return JSON.parse(text);
  } catch {
    malformed("metadata is not JSON");
  }
}

/** The checked contents of a description. */
export interface LoadedDescription extends Omit<SavedModel, "state"> {
  readonly step: number;
  readonly epoch: number;
}

export function describe({ settings, state, scalers }: SavedModel): Description {
  const { spec, learningRate, batchSize, ...rest } = settings;
  const { layers, optimizer, clipNorm, ...objective } = spec;
  const scaler = (each: Scaler | undefined): ScalerDescription | undefined =>
    each && { shift: [...each.shift], scale: [...each.scale] };
  return {
    version: 1,
    options: {
      layers: [inputsOf(spec), ...layers.map(({ inputs, ...layer }) => layer)],
      ...objective,
      optimizer: Object.fromEntries(
        (["name", ...hyperparametersOf(optimizer.name)] as const).map((key) => [key, optimizer[key]]),
      ),
      learningRate: presentRate(learningRate, state.epoch),
      batchSize: batchSize === Infinity ? null : batchSize,
      ...(clipNorm < Infinity && { clipNorm }),
      ...rest,
    },
    step: state.step,
    epoch: state.epoch,
    ...(scalers && { scalers: { input: scaler(scalers.input), target: scaler(scalers.target) } }),
  };
}

/** The learning rate of the next epoch or, if a schedule throws for it, of the last one. */
function presentRate(learningRate: LearningRate, epoch: number): number {
  try {
    return rateAt(learningRate, epoch);
  } catch {
    return rateAt(learningRate, Math.max(epoch - 1, 0));
  }
}

/**
 * Reads and checks an untrusted description.
 * @param mostLayers the number of layers that the file can have weights for; a description with more is refused before anything is allocated
 * @throws ModelFormatError
 */
export function readDescription(value: Record<string, unknown>, mostLayers: number): LoadedDescription {
  const { version, options: given, step, epoch, scalers } = value;
  if (version !== 1) malformed(`version is ${show(version)}; this library reads version 1`);
  const { batchSize, layers, ...rest } = object(given, "options");
  const options = { ...rest, layers: readLayers(layers, mostLayers), batchSize: batchSize ?? Infinity };
  const settings = parseNetwork([options], randomSeed);
  return {
    settings,
    step: uint32(step, "step"),
    epoch: uint32(epoch, "epoch"),
    scalers: scalers === undefined ? undefined : readScalers(object(scalers, "scalers"), settings),
  };
}

/** Reads the list of layers. Its length may be forged, so no entry may be missing, and the file must have enough weights. */
function readLayers(list: unknown, most: number): unknown[] {
  if (!Array.isArray(list)) malformed("options.layers is missing or not an array");
  if (list.length > most + 1) malformed(`options.layers has ${list.length - 1} layers; there are weights for at most ${most}`);
  const layers: unknown[] = [];
  for (const item of list as unknown[]) {
    if (item === undefined) malformed(`options.layers[${layers.length}] is missing`);
    layers.push(item);
  }
  return layers;
}

const uint32 = number((value) => value === value >>> 0, "a 32-bit count");

function readScalers(given: Record<string, unknown>, { spec, inputScaling, targetScaling }: Settings): Scalers {
  const read = (name: "input" | "target", columns: number, scaling: Scaling | ColumnScaling): Scaler | undefined => {
    if (scaling === "none") {
      if (given[name] !== undefined) malformed(`scalers.${name} is given, but ${name}Scaling is "none"`);
      return undefined;
    }
    const { shift, scale } = object(given[name], `scalers.${name}`);
    const list = (numbers: unknown, lowest: number): Float64Array => {
      if (Array.isArray(numbers) && numbers.length === columns) {
        // Copied first: `every` skips holes.
        const list = [...(numbers as number[])];
        if (list.every((x) => Number.isFinite(x) && x >= lowest)) return Float64Array.from(list);
      }
      malformed(`scalers.${name} must hold ${columns} finite numbers`);
    };
    return { shift: list(shift, -Infinity), scale: list(scale, Number.MIN_VALUE) };
  };
  return {
    input: read("input", inputsOf(spec), inputScaling),
    target: read("target", outputsOf(spec), targetScaling),
  };
}

/** Turns every error of reading an untrusted value, also those of its getters, into a ModelFormatError. */
export function asFormatErrors<T>(read: () => T): T {
  let message = "the value cannot be read";
  try {
    return read();
  } catch (error) {
    try {
      if (error instanceof Error) message = String(error.message).slice(0, 500);
    } catch {
      // The thrown value cannot be converted to a text.
    }
  }
  throw new ModelFormatError(message);
}
