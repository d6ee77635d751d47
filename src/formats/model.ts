// What a saved network consists of, whatever the format: its options, what training made of it, and its scalers.
import type { TrainingState } from "../engine/engine.js";
import { ModelFormatError } from "../errors.js";
import { parseNetwork, rateAt, type NetworkOptions, type Settings } from "../options.js";
import type { Scaler } from "../scaling.js";
import type { Layer, LearningRate, ModelSpec } from "../spec.js";
import { show } from "../suggest.js";

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

/** Everything but numbers in bulk, as JSON: what `NN`'s constructor takes, and where training stands. */
export interface Description {
  /** The version of this description. */
  readonly version: 1;
  /** Options of the general form. A batchSize of null is Infinity; a learning rate by epoch is saved as its present value. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly step: number;
  readonly epoch: number;
  readonly scalers?: { readonly input?: ScalerDescription; readonly target?: ScalerDescription };
}

interface ScalerDescription {
  readonly shift: readonly number[];
  readonly scale: readonly number[];
}

export function describe({ settings, state, scalers }: SavedModel): Description {
  const { spec, learningRate, batchSize, ...rest } = settings;
  const { layers, optimizer, clipNorm, ...objective } = spec;
  const scaler = (each: Scaler | undefined): ScalerDescription | undefined =>
    each && { shift: [...each.shift], scale: [...each.scale] };
  return {
    version: 1,
    options: {
      layers: [layers[0]!.inputs, ...layers.map(layerOptions)],
      ...objective,
      optimizer: ownOptions(optimizer),
      learningRate: presentRate(learningRate, state.epoch),
      batchSize: batchSize === Infinity ? null : batchSize,
      ...(clipNorm < Infinity && { clipNorm }),
      ...rest,
    },
    step: state.step,
    epoch: state.epoch,
    ...(scalers && { scalers: { ...optional("input", scaler(scalers.input)), ...optional("target", scaler(scalers.target)) } }),
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

const optional = <K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } =>
  (value === undefined ? {} : { [key]: value }) as { [P in K]?: V };

/** A layer as the constructor takes it. */
function layerOptions({ units, activation, bias, dropout, initializer }: Layer): object {
  return { units, activation, bias, dropout, initializer };
}

/** An optimiser's name with the hyperparameters that it has. */
function ownOptions({ name, momentum, nesterov, rho, beta1, beta2, epsilon, weightDecay }: ModelSpec["optimizer"]): object {
  switch (name) {
    case "sgd": return { name, momentum, nesterov };
    case "rmsprop": return { name, rho, epsilon };
    case "adam": return { name, beta1, beta2, epsilon };
    case "adamw": return { name, beta1, beta2, epsilon, weightDecay };
  }
}

/**
 * A description that came from outside, checked.
 * @throws ModelFormatError
 */
export function readDescription(value: unknown): LoadedDescription {
  const description = object(value, "the description") as Partial<Record<keyof Description, unknown>>;
  if (description.version !== 1) throw new ModelFormatError(`version is ${show(description.version)}; this library reads version 1`);
  const given = object(description.options, "options") as Record<string, unknown>;
  const options = { ...given, batchSize: given["batchSize"] ?? Infinity } as unknown as NetworkOptions;
  const settings = parseNetwork([options], () => 0);
  const count = (name: "step" | "epoch"): number => {
    const number = description[name];
    if (Number.isInteger(number) && (number as number) >= 0 && (number as number) < 2 ** 32) return number as number;
    throw new ModelFormatError(`${name} is ${show(number)}; it must be a 32-bit count`);
  };
  const scalers = description.scalers === undefined ? undefined : readScalers(object(description.scalers, "scalers"), settings);
  return { options, settings, step: count("step"), epoch: count("epoch"), scalers };
}

function readScalers(value: object, { spec, inputScaling, targetScaling }: Settings): Scalers {
  const read = (name: "input" | "target", columns: number, wanted: boolean): Scaler | undefined => {
    const given = (value as Record<string, unknown>)[name];
    if (!wanted && given === undefined) return undefined;
    const { shift, scale } = object(given, `scalers.${name}`) as { shift?: unknown; scale?: unknown };
    const list = (numbers: unknown, isRight: (x: number) => boolean): Float64Array => {
      if (!Array.isArray(numbers) || numbers.length !== columns || !numbers.every((x) => Number.isFinite(x) && isRight(x))) {
        throw new ModelFormatError(`scalers.${name} must hold ${columns} finite numbers`);
      }
      return Float64Array.from(numbers as number[]);
    };
    return { shift: list(shift, () => true), scale: list(scale, (x) => x > 0) };
  };
  return {
    input: read("input", spec.layers[0]!.inputs, inputScaling !== "none"),
    target: read("target", spec.layers.at(-1)!.units, targetScaling !== "none"),
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

export function object(value: unknown, name: string): object {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new ModelFormatError(`${name} is missing or not an object`);
}
