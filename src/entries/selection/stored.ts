// Reads trials and results from untrusted sources, such as a queue, with the checks of an untrusted file. For programs that pass trials to
// other processes; a search on one machine does not need it, so it is not part of the entry.
import { ModelFormatError, type NetworkOptions } from "../../index.js";
import {
  boolean,
  checkOptions,
  count,
  finite,
  isObject,
  number,
  outOfRange,
  positiveInteger,
  refuse,
  thing,
  type Check,
} from "../../options/checks.js";
import type { Evaluation } from "./cross-validate.js";
import { createProbe, metricOf } from "./network.js";
import type { Split, Trial } from "./plan.js";
import { seedCheck } from "./random.js";
import { choosePoint } from "./space.js";
import { foldCount, testShare } from "./splits.js";
import type { TrialResult } from "./trial.js";

const SPLIT = { seed: seedCheck, stratify: boolean, folds: foldCount, test: testShare, fold: count };
const listOfEpochs: Check<readonly number[]> = (value, name) =>
  thing<readonly unknown[]>(Array.isArray, "an array")(value, name).map((epochs, i) => positiveInteger(epochs, `${name}[${i}]`));
const TRIAL = {
  version: number((value) => value === 1, "1: another version of the library has written it"),
  trial: count,
  round: count,
  options: readOptions,
  split: readSplit,
  rounds: listOfEpochs,
  factor: foldCount,
};

function readSplit(value: unknown, name: string): Split {
  const split = checkOptions(value, SPLIT, name);
  const { folds, test, fold = 0 } = split;
  needs(split, ["seed", "stratify", test === undefined ? "folds" : "test"], name);
  if (test !== undefined && (folds ?? split.fold) !== undefined) outOfRange(`${name} has both folds and test`);
  if (folds !== undefined && fold >= folds) refuse(`${name}.fold`, fold, `below ${folds}, the number of folds`);
  return split as Split;
}

function readOptions(value: unknown, name: string): NetworkOptions {
  if (!isObject(value)) refuse(name, value, "an object", true);
  const refuseParameter = (): never => outOfRange(`${name} holds a parameter where a trial has a value`);
  // JSON has no Infinity, and writes null instead.
  const entries = Object.entries(value).map(([key, each]) => [
    key,
    each === null && /^(batchSize|clipNorm)$/.test(key) ? Infinity : (each as unknown),
  ]);
  const options = choosePoint(
    Object.fromEntries(entries),
    { pick: refuseParameter, draw: refuseParameter },
    name,
  ) as NetworkOptions;
  needs(options, ["seed"], name);
  checkEnds(options.layers, `${name}.layers`);
  createProbe(options);
  return options;
}

/** So many inputs, outputs and layers cost little memory where hidden layers have one unit each, as in a probe. */
const MOST_UNITS = 1_000_000;
const MOST_LAYERS = 1000;

function checkEnds(layers: unknown, name: string): void {
  if (!Array.isArray(layers)) return;
  if (layers.length > MOST_LAYERS) outOfRange(`${name} has ${layers.length} entries; it may have ${MOST_LAYERS}`);
  for (const [i, layer] of layers.entries()) {
    const units: unknown = isObject(layer) ? (layer as { units?: unknown }).units : layer;
    if (typeof units === "number" && units > MOST_UNITS)
      refuse(`${name}[${i}]${isObject(layer) ? ".units" : ""}`, units, `at most ${MOST_UNITS}`);
  }
}

function needs(object: object, keys: readonly string[], name: string): void {
  const missing = keys.find((key) => !Object.hasOwn(object, key));
  if (missing) throw new TypeError(`${name}.${missing} is missing`);
}

function asFormatErrors<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new ModelFormatError((error as Error).message, { cause: error });
  }
}

/**
 * Reads and checks a trial from an untrusted source, such as a queue: it is data, never code.
 * @throws ModelFormatError that names what is wrong
 */
export const readTrial = (value: unknown): Trial =>
  asFormatErrors(() => {
    const trial = checkOptions(value, TRIAL, "trial");
    needs(trial, ["version", "trial", "round", "options", "split", ...(trial.rounds ? ["factor"] : [])], "trial");
    if (trial.round && trial.round >= (trial.rounds?.length ?? 0))
      refuse("trial.round", trial.round, "below the number of rounds");
    return trial as Trial;
  });

const EVALUATION = { loss: finite, accuracy: finite };
const RESULT = {
  trial: count,
  round: count,
  score: (value: unknown, name: string) => (value === null ? null : finite(value, name)),
  deviation: finite,
  scores: (value: unknown, name: string) =>
    thing<readonly unknown[]>(Array.isArray, "an array")(value, name).map((each, i) => finite(each, `${name}[${i}]`)),
  evaluation: (value: unknown, name: string) => checkOptions(value, EVALUATION, name),
  error: thing<string>((value) => typeof value === "string" && value.length < 2000, "a text"),
};

/**
 * The result of a trial that was run elsewhere, checked in the same way. What the trial was is taken from `trial`, never from the result.
 * @throws ModelFormatError that names what is wrong, or when it is another trial's
 */
export const readResult = (value: unknown, trial: Trial): TrialResult =>
  asFormatErrors(() => {
    const { score, scores, deviation, evaluation, error, ...own } = checkOptions(
      isObject(value) ? Object.fromEntries(Object.entries(value).filter(([key]) => Object.hasOwn(RESULT, key))) : value,
      RESULT,
      "result",
    );
    for (const key of ["trial", "round"] as const)
      if (own[key] !== trial[key]) refuse(`result.${key}`, own[key], String(trial[key]));
    const metric = metricOf(trial.options);
    const base = { ...trial, metric, greaterIsBetter: metric === "accuracy" };
    if (score === null) return { ...base, score, scores: [], deviation: 0, error: error ?? "training diverged" };
    if (score === undefined || !scores || deviation === undefined || evaluation?.loss === undefined)
      throw new TypeError("result is incomplete");
    if (evaluation[metric] !== score) refuse(`result.evaluation.${metric}`, evaluation[metric], `the score, which is ${score}`);
    return { ...base, score, scores, deviation, evaluation: evaluation as Evaluation };
  });
