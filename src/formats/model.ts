// What a saved network consists of, whatever the format: its options, what training made of it, and its scalers.
import type { TrainingState } from "../engine/engine.js";
import { malformed, ModelFormatError } from "../errors.js";
import type { Description, ScalerDescription } from "../interface.js";
import { hyperparametersOf, parseNetwork, rateAt, type ColumnScaling, type NetworkOptions, type Settings } from "../options.js";
import type { Scaler } from "../scaling.js";
import { inputsOf, outputsOf, type LearningRate, type Scaling } from "../spec.js";
import { isObject, number, show } from "../suggest.js";

export interface Scalers {
  readonly input: Scaler | undefined;
  readonly target: Scaler | undefined;
}

export interface SavedModel {
  readonly settings: Settings;
  readonly state: TrainingState;
  /** Undefined until the first training. */
  readonly scalers: Scalers | undefined;
}

/** What a format reads back: the options, checked, and what they mean. */
export interface LoadedDescription extends Omit<SavedModel, "state"> {
  readonly options: NetworkOptions;
  readonly step: number;
  readonly epoch: number;
}

export interface LoadedModel extends SavedModel {
  readonly options: NetworkOptions;
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
      optimizer: Object.fromEntries((["name", ...hyperparametersOf(optimizer.name)] as const).map((key) => [key, optimizer[key]])),
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

/** The rate of the coming epoch, or where a schedule has none for it, that of the last. */
function presentRate(learningRate: LearningRate, epoch: number): number {
  try {
    return rateAt(learningRate, epoch);
  } catch {
    return rateAt(learningRate, Math.max(epoch - 1, 0));
  }
}

/**
 * A description that came from outside, checked.
 * @throws ModelFormatError
 */
export function readDescription(value: unknown): LoadedDescription {
  const { version, options: given, step, epoch, scalers } = object(value, "the description");
  if (version !== 1) malformed(`version is ${show(version)}; this library reads version 1`);
  const { batchSize, ...rest } = object(given, "options");
  const options = { ...rest, batchSize: batchSize ?? Infinity } as unknown as NetworkOptions;
  const settings = parseNetwork([options], () => 0);
  return {
    options, settings, step: uint32(step, "step"), epoch: uint32(epoch, "epoch"),
    scalers: scalers === undefined ? undefined : readScalers(object(scalers, "scalers"), settings),
  };
}

const uint32 = number((value) => value === value >>> 0, "a 32-bit count");

function readScalers(given: Record<string, unknown>, { spec, inputScaling, targetScaling }: Settings): Scalers {
  const read = (name: "input" | "target", columns: number, scaling: Scaling | ColumnScaling): Scaler | undefined => {
    if (scaling === "none" && given[name] === undefined) return undefined;
    const { shift, scale } = object(given[name], `scalers.${name}`);
    const list = (numbers: unknown, lowest: number): Float64Array => {
      if (Array.isArray(numbers) && numbers.length === columns && numbers.every((x) => Number.isFinite(x) && x >= lowest)) {
        return Float64Array.from(numbers as number[]);
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

/** Whatever a hostile value makes the reading trip over is that value's fault. */
export function asFormatErrors<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof ModelFormatError ? error : new ModelFormatError((error as Error).message);
  }
}

export function object(value: unknown, name: string): Record<string, unknown> {
  if (isObject(value) && !Array.isArray(value)) return value as Record<string, unknown>;
  malformed(`${name} is missing or not an object`);
}
