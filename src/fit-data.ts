// What a training takes of a user's rows: paired, split, weighted and scaled, ready for an engine.
import { readRows, readWeights, trainingRows, type DataRows } from "./data.js";
import { sliceRows, type Engine, type Pair, type Pauses } from "./engine/engine.js";
import type { FitSettings } from "./fit-options.js";
import type { Scalers } from "./formats/model.js";
import type { Settings } from "./options.js";
import { fitScaler, scaledRows } from "./scaling.js";
import { inputsOf, outputsOf, type FloatArray, type ModelSpec } from "./spec.js";

/** What a training knows of a network, and changes of it. */
export interface Trainee {
  readonly settings: Settings;
  readonly engine: Engine;
  /** Fitted by the first training. */
  scalers: Scalers | undefined;
  /** Whether a training is under way, and with how many threads that one, or the last, computes. */
  training: boolean;
  threads: number;
}

/** Rows of as many columns as the network has inputs; what is not checked yet is as they are written. */
export function readInputs(spec: ModelSpec, x: unknown, name = "x"): DataRows {
  return readRows(x, name, inputsOf(spec));
}

/** Rows and as many targets; what is not checked yet is as they are written. */
export function readPair(spec: ModelSpec, x: unknown, y: unknown, xName = "x", yName = "y"): Pair<DataRows> {
  const inputs = readInputs(spec, x, xName);
  const targets = readRows(y, yName, outputsOf(spec), { loss: spec.loss, rows: inputs.count, of: xName });
  return { x: inputs, y: targets };
}

/** Scalers fitted on these rows. */
export function* fitScalers({ inputScaling, targetScaling }: Settings, { x, y }: Pair): Pauses<Scalers> {
  return { input: yield* fitScaler(inputScaling, x), target: yield* fitScaler(targetScaling, y) };
}

/** Rows and targets as the network sees them. */
export function scalePair({ x, y }: Pair, scalers: Scalers): Pair {
  return { x: scaledRows(x, scalers.input), y: scaledRows(y, scalers.target) };
}

export interface FitData extends Pair {
  /** A weight a row, or undefined for 1. */
  readonly weights: FloatArray | undefined;
  readonly validation: Pair | undefined;
  /** The network's own, or, on its first training, fitted on the rows trained on. */
  readonly scalers: Scalers;
}

/** Everything `fit` trains on and validates with. */
export function* readFitData(
  settings: Settings, fit: FitSettings, x: unknown, y: unknown, scalers: Scalers | undefined,
): Pauses<FitData> {
  const { spec } = settings;
  const all = readPair(spec, x, y);
  const total = all.x.count;
  const count = fit.validationSplit ? trainingRows(total, fit.validationSplit) : total;
  const part = (first: number, rows: number): Pair => ({ x: sliceRows(all.x, first, rows), y: sliceRows(all.y, first, rows) });
  const trained = part(0, count);
  let held: Pair | undefined;
  if (fit.validationSplit) held = part(count, total - count);
  else if (fit.validationData) held = readPair(spec, ...fit.validationData, "validationData[0]", "validationData[1]");
  const weights = (yield* readWeights(fit.sampleWeight, fit.classWeight, all.y, spec.dtype))?.subarray(0, count);
  scalers ??= yield* fitScalers(settings, trained);
  return { ...scalePair(trained, scalers), weights, validation: held && scalePair(held, scalers), scalers };
}
