// From the caller's rows to an engine's: checked, split, weighted and scaled.
import type { Cooperative, Rows, Samples } from "../engine/engine.js";
import { inputsOf, outputsOf, type FloatArray } from "../model/spec.js";
import { refuse, show } from "../options/checks.js";
import type { FitSettings } from "../options/fit.js";
import type { Settings } from "../options/network-types.js";
import { checkRows, readOutputWeightRows, readRows, readWeights, sliceData, trainingRows, type DataRows } from "./rows.js";
import { fitScalers, outputLimits, scaleSamples, scaleTrainingSamples, type Scalers } from "./scalers.js";
import type { Limits } from "./scaling.js";

/** What is needed of a network to read rows for it. */
export interface RowReader {
  readonly settings: Settings;
  /** Whether the caller's rows are being read; their getters must not use the network. */
  readonly reading: { active: boolean };
}

/** Runs code that may call the caller's getters, which cannot use this network meanwhile. */
export function whileReading<T>({ reading }: RowReader, work: () => T): T {
  const { active } = reading;
  reading.active = true;
  try {
    return work();
  } finally {
    reading.active = active;
  }
}

/** The same for work with pauses, during which the network may be used. */
function* stepsWhileReading<R>(network: RowReader, work: Cooperative<R>): Cooperative<R> {
  for (;;) {
    const step = whileReading(network, () => work.next());
    if (step.done) return step.value;
    yield undefined;
  }
}

/** The options with the weights of rows and outputs. */
export type WeightOptions = Pick<FitSettings, "sampleWeight" | "classWeight" | "outputWeight">;

/** A weight for each of the first `count` rows, or undefined where all are 1. */
export function readRowWeights(
  network: RowReader,
  { sampleWeight, classWeight }: WeightOptions,
  y: Rows,
  count = y.count,
): Cooperative<FloatArray | undefined> {
  return stepsWhileReading(network, readWeights(sampleWeight, classWeight, y, network.settings.spec.dtype, count));
}

function read(network: RowReader, readThem: () => DataRows): DataRows {
  const rows = whileReading(network, readThem);
  // A typed array has no getters.
  if (rows.like === "typed") return rows;
  return { ...rows, write: (target, first, count) => whileReading(network, () => rows.write(target, first, count)) };
}

/** A weight for each output of each row, or undefined where all are 1. */
export const readOutputWeights = (network: RowReader, { outputWeight }: WeightOptions, rows: number): DataRows | undefined =>
  outputWeight === undefined
    ? undefined
    : read(network, () => readOutputWeightRows(outputWeight, outputsOf(network.settings.spec), rows));

/** Rows with as many columns as the network has inputs; values are checked when they are written. */
export function readInputs(network: RowReader, x: unknown, name = "x"): DataRows {
  return read(network, () => readRows(x, name, inputsOf(network.settings.spec)));
}

/** Rows and as many targets; values are checked when they are written. */
export function readSamples(
  network: RowReader,
  x: unknown,
  y: unknown,
  xName = "x",
  yName = "y",
  limits?: Limits,
): Samples<DataRows> {
  const { spec, labels } = network.settings;
  const inputs = readInputs(network, x, xName);
  const targets = read(network, () =>
    readRows(labels ? classesOf(y, labels, yName) : y, yName, outputsOf(spec), {
      loss: spec.loss,
      rows: inputs.count,
      of: xName,
      limits,
    }),
  );
  return { x: inputs, y: targets };
}

/** Converts a flat list of labels to class indices; returns other values unchanged. */
function classesOf(y: unknown, labels: readonly string[], name: string): unknown {
  if (!Array.isArray(y) || typeof y[0] !== "string") return y;
  const classes = new Map(labels.map((label, i) => [label, i]));
  return Array.from(y as unknown[], (label, i) => {
    const index = classes.get(label as string);
    if (index === undefined) refuse(`${name}[${i}]`, label, `one of the labels ${labels.map(show).join(", ")}`);
    return index;
  });
}

/** As `readSamples`, for training: the targets must be within the range of the last layer's outputs. */
export function readTrainingSamples(
  network: RowReader,
  x: unknown,
  y: unknown,
  xName?: string,
  yName?: string,
): Samples<DataRows> {
  const { targetScaling } = network.settings;
  return readSamples(network, x, y, xName, yName, targetScaling === "none" ? outputLimits(network.settings) : undefined);
}

/** The scaled samples of `fit`, for training and for validation. */
export interface FitData extends Samples {
  /** One weight per row; undefined where all are 1. */
  readonly weights: FloatArray | undefined;
  readonly outputWeights: Rows | undefined;
  readonly validation: Samples | undefined;
  /** The network's scalers; in its first training, fitted on the training rows. */
  readonly scalers: Scalers;
}

/** Splits, weights and scales the samples of `fit`. */
export function* prepareFitData(
  network: RowReader,
  samples: Samples<DataRows>,
  fit: FitSettings,
  scalers: Scalers | undefined,
): Cooperative<FitData> {
  const { settings } = network;
  const total = samples.x.count;
  const count = fit.validationSplit ? trainingRows(total, fit.validationSplit) : total;
  const part = (first: number, rows: number): Samples<DataRows> => ({
    x: sliceData(samples.x, first, rows),
    y: sliceData(samples.y, first, rows),
  });
  const trained = part(0, count);
  let held: Samples<DataRows> | undefined;
  if (fit.validationSplit) held = part(count, total - count);
  else if (fit.validationData) held = readSamples(network, ...fit.validationData, "validationData[0]", "validationData[1]");
  const weights = yield* readRowWeights(network, fit, samples.y, count);
  const allOutputWeights = readOutputWeights(network, fit, total);
  const outputWeights = allOutputWeights && sliceData(allOutputWeights, 0, count);
  if (allOutputWeights) yield* checkRows(sliceData(allOutputWeights, count, total - count), settings.spec.dtype);
  scalers ??= yield* fitScalers(settings, trained);
  const validation = held && scaleSamples(held, scalers);
  return { ...scaleTrainingSamples(settings, trained, scalers), weights, outputWeights, validation, scalers };
}
