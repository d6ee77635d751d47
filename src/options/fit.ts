// The options of `fit`, `fitAsync` and related methods, the arguments of their callbacks, and the checks of the options.
import { isCrossentropy } from "../model/spec.js";
import type { Matrix, Targets, TypedArray } from "../public-types.js";
import { automaticEpochs } from "../training/convergence.js";
import {
  above0,
  atLeast0,
  batchSize,
  below1,
  boolean,
  checkOptions,
  count,
  finite,
  isList,
  isObject,
  number,
  oneOf,
  outOfRange,
  thing,
  threads,
} from "./checks.js";
import type { Settings } from "./network-types.js";

/** The figures of one epoch, which `onEpochEnd` receives. */
export interface EpochLogs {
  /** The epoch of this run, counted from 0: the index into `History`'s lists. */
  epoch: number;
  /** Mean data loss per row, each batch measured before its update. */
  loss: number;
  /** The fraction of correct predictions, from 0 to 1; only with the two cross-entropies. */
  accuracy?: number;
  /** Loss and accuracy of the validation rows, measured after the epoch; absent without such rows. */
  valLoss?: number;
  valAccuracy?: number;
  /** Training rows per second in this epoch, not counting validation. */
  samplesPerSecond: number;
}

/** An epoch's figures in the order in which they are printed: whether each is an accuracy, and whether it needs validation rows. */
const FIGURE_TABLE = {
  loss: { isAccuracy: false, ofValidation: false },
  accuracy: { isAccuracy: true, ofValidation: false },
  valLoss: { isAccuracy: false, ofValidation: true },
  valAccuracy: { isAccuracy: true, ofValidation: true },
} as const;
export type Figure = keyof typeof FIGURE_TABLE;
export const FIGURES = Object.keys(FIGURE_TABLE) as readonly Figure[];
/** Whether higher is better. */
export const isAccuracy = (figure: Figure): boolean => FIGURE_TABLE[figure].isAccuracy;

/** The figures of one batch, measured before its update, which `onBatchEnd` receives. */
export interface BatchLogs {
  /** The epoch of this run, counted from 0. */
  epoch: number;
  /** The batch of this epoch, counted from 0. */
  batch: number;
  /** Mean data loss per row. */
  loss: number;
  /** The fraction of correct predictions, from 0 to 1; only with the two cross-entropies. */
  accuracy?: number;
  /** Training rows per second so far in this epoch. */
  samplesPerSecond: number;
}

/** Ends training when a figure stops improving. Example: `{ patience: 5 }`. */
export interface EarlyStopping {
  /** The monitored figure: losses should fall, accuracies rise. Default `valLoss`, which needs validation rows. */
  monitor?: "loss" | "accuracy" | "valLoss" | "valAccuracy";
  /** The minimum change that counts as an improvement, exclusive. 0 or more; default 0. */
  minDelta?: number;
  /** Training ends after this many consecutive epochs without an improvement. Default 0, which acts as 1. */
  patience?: number;
  /** Whether to restore the weights of the best epoch when training ends. Default `true`. */
  restoreBestWeights?: boolean;
}

/**
 * Options of `fit`. A wrong type is a TypeError, a wrong value a RangeError.
 * @example
 * nn.fit(x, y, { epochs: 20, validationSplit: 0.1, earlyStopping: { patience: 3 }, verbose: 1 });
 */
export interface FitOptions {
  /** The number of passes through the rows, 0 or more. Default: the network's `epochs`. */
  epochs?: number;
  /** Rows per optimiser step, or `Infinity` for all of them. Default: the network's `batchSize`. */
  batchSize?: number;
  /** Whether the rows are shuffled in each epoch. Default: the network's `shuffle`. */
  shuffle?: boolean;
  /** `[x, y]`, rows on which loss and accuracy are measured after each epoch. Default none. */
  validationData?: readonly [x: Matrix, y: Targets];
  /** The last fraction of the rows, at least 0 and below 1, is used for validation instead of training. Default 0. */
  validationSplit?: number;
  /** A weight per row, 0 or more, by which its loss is multiplied. Default 1. */
  sampleWeight?: readonly number[] | TypedArray;
  /**
   * A weight per class, 0 or more, in a list, a `Map` or as `{ 3: 10 }`; for one output, 0 and 1 are the classes. `"balanced"` weights each
   * class by rows / (classes · rows of the class), as scikit-learn does, so that all classes have equal influence. Default 1.
   */
  classWeight?: readonly number[] | Readonly<Record<number, number>> | ReadonlyMap<number, number> | "balanced";
  /**
   * A weight per output of each row, 0 or more, rows × outputs, by which the output's part of the loss is multiplied: 0 masks an output.
   * Accuracy counts all outputs. Default 1.
   */
  outputWeight?: Matrix;
  /** Default off. */
  earlyStopping?: EarlyStopping;
  /** Training ends after the first epoch whose `loss` is at or below this. Default none. */
  targetLoss?: number;
  /** Training ends after this many milliseconds, also in the middle of an epoch. Above 0; default none. */
  timeLimit?: number;
  /** Called after each epoch; returning `false` ends training. `fitAsync` awaits a promise, `fit` refuses one. */
  onEpochEnd?: (logs: EpochLogs) => unknown;
  /** Called after each batch; returning `false` ends training. `fitAsync` awaits a promise, `fit` refuses one. */
  onBatchEnd?: (logs: BatchLogs) => unknown;
  /**
   * What is printed. 0: nothing, the default. 1: a progress bar on a terminal; elsewhere a line at the end of an epoch, at most one per
   * second, and one at the end. 2: a line per epoch.
   */
  verbose?: 0 | 1 | 2;
  /**
   * Compute threads, or `"auto"` for as many as this machine has cores. Small work uses fewer; results are bit-identical for any number.
   * Default 1, for `fitAsync` `"auto"`. `fit` uses threads in Node only; in browsers use `fitAsync`.
   */
  threads?: number | "auto";
}

/** Options of `partialFit`, as those of `fit`. */
export type PartialFitOptions = Pick<FitOptions, "sampleWeight" | "classWeight" | "outputWeight">;

/** Options of `predictAsync`. */
export interface AsyncOptions {
  /** Compute threads, or `"auto"`, the default. Small work uses fewer. */
  threads?: number | "auto";
  /** Aborts the work promptly: the promise rejects with the signal's reason, and training leaves the network at its last completed epoch. */
  signal?: Signal;
  /**
   * The URL where the page serves `wasmlp/worker.js`, for content-security policies that forbid workers from blob: URLs.
   * Default: the worker is created from source text in the library.
   */
  workerUrl?: string | { readonly href: string };
}

/** Options of `fitAsync`. */
export type AsyncFitOptions = FitOptions & AsyncOptions;

/** The part of `AbortSignal` that is used here. */
export interface Signal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** The checked options of `fit`, with defaults. The values of arrays are not checked yet. */
export interface FitSettings {
  epochs: number;
  batchSize: number;
  shuffle: boolean;
  validationData?: readonly [x: unknown, y: unknown];
  /** 0 for none. */
  validationSplit: number;
  sampleWeight?: unknown;
  classWeight?: unknown;
  outputWeight?: unknown;
  earlyStopping?: Required<EarlyStopping>;
  targetLoss?: number;
  timeLimit?: number;
  /** Whether no number of epochs was given, so that the run ends once its loss has stopped improving. */
  untilConverged: boolean;
  /** Whether callbacks may return promises. */
  isAsync: boolean;
  onEpochEnd?: (logs: EpochLogs) => unknown;
  onBatchEnd?: (logs: BatchLogs) => unknown;
  verbose: number;
  threads: number | "auto";
  signal?: Signal;
  workerUrl?: string;
}

const callback = <T>() => thing<(logs: T) => unknown>((value) => typeof value === "function", "a function");

const STOPPING = {
  monitor: oneOf(...FIGURES),
  minDelta: atLeast0,
  patience: count,
  restoreBestWeights: boolean,
};
const FIT = {
  epochs: count,
  batchSize,
  shuffle: boolean,
  validationData: thing<readonly [unknown, unknown]>((value) => Array.isArray(value) && value.length === 2, "[x, y]"),
  validationSplit: below1,
  sampleWeight: thing(isObject, "an array of numbers"),
  classWeight: thing(
    // Of other objects, such as a map's entries, no entry would be seen.
    (value) => value === "balanced" || isList(value) || /^\[object (Object|Map)\]$/.test(Object.prototype.toString.call(value)),
    'an array, a Map, an object such as { 3: 10 }, or "balanced"',
  ),
  outputWeight: thing(isObject, "an array of rows of numbers"),
  earlyStopping: (value: unknown, name: string): Required<EarlyStopping> => ({
    monitor: "valLoss",
    minDelta: 0,
    patience: 0,
    restoreBestWeights: true,
    ...checkOptions(value, STOPPING, name),
  }),
  targetLoss: finite,
  timeLimit: above0,
  onEpochEnd: callback<EpochLogs>(),
  onBatchEnd: callback<BatchLogs>(),
  verbose: number((value) => value === 0 || value === 1 || value === 2, "0, 1 or 2"),
  threads,
};

const ASYNC = {
  signal: thing<Signal>((value) => isObject(value) && "aborted" in value && "addEventListener" in value, "an AbortSignal"),
  workerUrl: (value: unknown, name: string): string =>
    String(thing<object | string>((url) => typeof url === "string" || (isObject(url) && "href" in url), "a URL")(value, name)),
};

const PARTIAL_FIT = { sampleWeight: FIT.sampleWeight, classWeight: FIT.classWeight, outputWeight: FIT.outputWeight };

/** Checks the options of `partialFit`. */
export const parsePartialFitOptions = (options: unknown): Pick<FitSettings, "sampleWeight" | "classWeight" | "outputWeight"> =>
  options === undefined ? {} : checkOptions(options, PARTIAL_FIT, "");

/** Checks the options of `gradients`. */
export const parseGradientOptions = (options: unknown = {}): { inputs?: boolean } => checkOptions(options, { inputs: boolean });

/** Checks the options of `predictAsync`. */
export function parseAsyncOptions(options: unknown = {}): Pick<FitSettings, "threads" | "signal" | "workerUrl"> {
  return { threads: "auto", ...checkOptions(options, { ...ASYNC, threads: FIT.threads }, "") };
}

/**
 * Checks the options of `fit` or `fitAsync`.
 * @param defaults the network's settings
 * @param rows the number of training rows, which determines the default of `epochs`; undefined for a stream
 */
export function parseFitOptions(options: unknown = {}, defaults: Settings, isAsync = false, rows?: number): FitSettings {
  const { batchSize, shuffle, spec } = defaults;
  const { epochs = defaults.epochs, ...given } = checkOptions(options, isAsync ? { ...FIT, ...ASYNC } : FIT, "");
  const settings: FitSettings = {
    epochs: epochs ?? 1,
    batchSize,
    shuffle,
    validationSplit: 0,
    verbose: 0,
    threads: isAsync ? "auto" : 1,
    ...given,
    untilConverged: epochs === undefined && rows !== undefined,
    isAsync,
  };
  if (settings.untilConverged) settings.epochs = automaticEpochs(rows!, settings.batchSize);
  const { validationData, validationSplit, earlyStopping } = settings;
  if (validationData && validationSplit) {
    outOfRange("validationData and validationSplit are both given; give one of them");
  }
  const monitor = earlyStopping?.monitor ?? "loss";
  const needs =
    FIGURE_TABLE[monitor].ofValidation && !validationData && !validationSplit
      ? "validationData or validationSplit"
      : isAccuracy(monitor) && !isCrossentropy(spec.loss)
        ? "a cross-entropy loss"
        : "";
  if (needs) outOfRange(`earlyStopping.monitor is "${monitor}", which needs ${needs}`);
  return settings;
}
