// What a training takes of a user's rows: paired, split, weighted and scaled, ready for an engine.
import { readRows, readWeights, sliceData, trainingRows, type DataRows } from "./rows.js";
import type { Engine, Samples, Cooperative, Rows } from "../engine/engine.js";
import type { FitSettings } from "../options/fit.js";
import type { Scalers } from "../formats/model.js";
import type { ColumnScaling, Settings } from "../options/network.js";
import { scaledRows, ScalerFit, type Limits, type Scaler } from "./scaling.js";
import { ACTIVATION_FACTS, inputsOf, isCrossentropy, outputsOf, type FloatArray, type Scaling } from "../model/spec.js";

/** What a training knows of a network, and changes of it. */
export interface NetworkState {
  readonly settings: Settings;
  readonly engine: Engine;
  /** Complete from the first training on; before it those that the options give, or undefined. */
  scalers: Scalers | undefined;
  /** Whether a training is under way, and with how many threads that one, or the last, computes. */
  training: boolean;
  threads: number;
  /** Whether a caller's rows are being read, whose getters must not use the network meanwhile. */
  readonly reading: { active: boolean };
}

type Reader = Pick<NetworkState, "settings" | "reading">;

/** Does what may run a caller's getters; they cannot use this network. */
function whileReading<T>({ reading }: Reader, work: () => T): T {
  const { active } = reading;
  reading.active = true;
  try {
    return work();
  } finally {
    reading.active = active;
  }
}

/** The same for work with pauses, between which the network may be used. */
function* stepsWhileReading<R>(network: Reader, work: Cooperative<R>): Cooperative<R> {
  for (;;) {
    const step = whileReading(network, () => work.next());
    if (step.done) return step.value;
    yield undefined;
  }
}

/** What says how much each row counts. */
export type RowWeights = Pick<FitSettings, "sampleWeight" | "classWeight">;

/** A weight for each of the first `count` rows, or undefined where all are 1. */
export function readRowWeights(
  network: Reader, { sampleWeight, classWeight }: RowWeights, y: Rows, count = y.count,
): Cooperative<FloatArray | undefined> {
  return stepsWhileReading(network, readWeights(sampleWeight, classWeight, y, network.settings.spec.dtype, count));
}

function read(network: Reader, ...args: Parameters<typeof readRows>): DataRows {
  const rows = whileReading(network, () => readRows(...args));
  // A typed array has no getters.
  if (rows.like === "typed") return rows;
  return { ...rows, write: (target, first, count) => whileReading(network, () => rows.write(target, first, count)) };
}

/** Rows of as many columns as the network has inputs; what is not checked yet is as they are written. */
export function readInputs(network: Reader, x: unknown, name = "x"): DataRows {
  return read(network, x, name, inputsOf(network.settings.spec));
}

/** Rows and as many targets; what is not checked yet is as they are written. */
export function readSamples(network: Reader, x: unknown, y: unknown, xName = "x", yName = "y", limits?: Limits): Samples<DataRows> {
  const { spec } = network.settings;
  const inputs = readInputs(network, x, xName);
  const targets = read(network, y, yName, outputsOf(spec), { loss: spec.loss, rows: inputs.count, of: xName, limits });
  return { x: inputs, y: targets };
}

/** Rows to train on: as `readSamples`, and their targets are such as the last layer can output. */
export function readTrainingSamples(network: Reader, x: unknown, y: unknown, xName?: string, yName?: string): Samples<DataRows> {
  const { targetScaling } = network.settings;
  return readSamples(network, x, y, xName, yName, targetScaling === "none" ? outputLimits(network.settings) : undefined);
}

/** What the last layer can output, where that has limits. A cross-entropy has its own. */
function outputLimits({ spec, targetScaling }: Settings): Limits | undefined {
  const { activation } = spec.layers.at(-1)!;
  const [low, high] = ACTIVATION_FACTS[activation].range;
  if (isCrossentropy(spec.loss) || (low === -Infinity && high === Infinity)) return undefined;
  const range = high === Infinity ? `${low} and more` : `${low} to ${high}`;
  const remedy = targetScaling === "none" ? `targetScaling: "minmax"` : `targetScaling "minmax" instead`;
  return {
    low, high,
    why: `the last layer's ${activation} outputs ${range}: use ${remedy}, or a last layer that reaches it, `
      + `as activation "linear" does, or loss "meanSquaredError" where that layer names none`,
  };
}

/** Whether a scaling takes statistics of rows. */
export const isFitted = (scaling: Scaling | ColumnScaling): scaling is "standard" | "minmax" => scaling === "standard" || scaling === "minmax";

/** The scalers that the options give in numbers; undefined where some must first be fitted, or there are none. */
export function givenScalers({ inputScaling, targetScaling }: Settings): Scalers | undefined {
  if (isFitted(inputScaling) || isFitted(targetScaling)) return undefined;
  const [input, target] = [inputScaling, targetScaling].map(scalerOf);
  return input || target ? { input, target } : undefined;
}

const scalerOf = (scaling: Scaling | ColumnScaling): Scaler | undefined =>
  typeof scaling === "object" ? { shift: Float64Array.from(scaling.shift), scale: Float64Array.from(scaling.scale) } : undefined;

/** Fits scalers on rows that come in one piece or several. */
export class ScalersFit {
  readonly #settings: Settings;
  readonly #input: ScalerFit | undefined;
  readonly #target: ScalerFit | undefined;

  constructor(settings: Settings) {
    const { inputScaling, targetScaling, spec } = settings;
    this.#settings = settings;
    this.#input = isFitted(inputScaling) ? new ScalerFit(inputScaling, inputsOf(spec)) : undefined;
    this.#target = isFitted(targetScaling) ? new ScalerFit(targetScaling, outputsOf(spec)) : undefined;
  }

  *add({ x, y }: Samples): Cooperative<void> {
    if (this.#input) yield* this.#input.add(x);
    if (this.#target) yield* this.#target.add(y);
  }

  finish(): Scalers {
    const { inputScaling, targetScaling } = this.#settings;
    return { input: this.#input?.finish() ?? scalerOf(inputScaling), target: this.#target?.finish() ?? scalerOf(targetScaling) };
  }
}

/** Scalers fitted on these rows. */
export function* fitScalers(settings: Settings, pair: Samples): Cooperative<Scalers> {
  const fit = new ScalersFit(settings);
  yield* fit.add(pair);
  return fit.finish();
}

/** Rows and targets as the network sees them. */
export function scaleSamples({ x, y }: Samples<DataRows>, scalers: Scalers, limits?: Limits): Samples {
  return { x: scaledRows(x, scalers.input), y: scaledRows(y, scalers.target, limits) };
}

/**
 * Rows to train on as the network sees them. Targets that scaling itself was to bring into reach are not limited: with `minmax`
 * those of later rows may lie a little beyond those that it was fitted on.
 */
export function scaleTrainingSamples(settings: Settings, pair: Samples<DataRows>, scalers: Scalers): Samples {
  const { targetScaling } = settings;
  return scaleSamples(pair, scalers, targetScaling === "minmax" ? undefined : outputLimits(settings));
}

export interface FitData extends Samples {
  /** A weight a row, or undefined for 1. */
  readonly weights: FloatArray | undefined;
  readonly validation: Samples | undefined;
  /** The network's own, or, on its first training, fitted on the rows trained on. */
  readonly scalers: Scalers;
}

/** Everything `fit` trains on and validates with. */
export function* readFitData(
  network: Reader, fit: FitSettings, x: unknown, y: unknown, scalers: Scalers | undefined,
): Cooperative<FitData> {
  const { settings } = network;
  const all = readTrainingSamples(network, x, y);
  const total = all.x.count;
  const count = fit.validationSplit ? trainingRows(total, fit.validationSplit) : total;
  const part = (first: number, rows: number): Samples<DataRows> =>
    ({ x: sliceData(all.x, first, rows), y: sliceData(all.y, first, rows) });
  const trained = part(0, count);
  let held: Samples<DataRows> | undefined;
  if (fit.validationSplit) held = part(count, total - count);
  else if (fit.validationData) held = readSamples(network, ...fit.validationData, "validationData[0]", "validationData[1]");
  const weights = yield* readRowWeights(network, fit, all.y, count);
  scalers ??= yield* fitScalers(settings, trained);
  return { ...scaleTrainingSamples(settings, trained, scalers), weights, validation: held && scaleSamples(held, scalers), scalers };
}
