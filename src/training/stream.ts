// Training on rows that come in pieces: chunks of any size become pieces of whole batches, one in memory at a time.
import type { DataRows } from "../data/rows.js";
import { readRowWeights, readSamples, readTrainingSamples } from "../data/samples.js";
import { isFitted, scaleSamples, ScalersFit, scaleTrainingSamples, type Scalers } from "../data/scalers.js";
import { rowsOf, writeRows, type Samples } from "../engine/engine.js";
import { createArray } from "../model/parameters.js";
import { inputsOf, outputsOf, type FloatArray } from "../model/spec.js";
import { isObject, outOfRange, refuse } from "../options/checks.js";
import type { FitSettings } from "../options/fit.js";
import type { Chunk, Chunks } from "../public-types.js";
import type { PreparedSet } from "./epochs.js";
import type { TrainingRun } from "./run.js";
import type { TrainingSteps } from "./steps.js";

const isAsyncIterable = (value: unknown): value is AsyncIterable<Chunk> => isObject(value) && Symbol.asyncIterator in value;

const isIterable = (value: unknown): value is Iterable<Chunk> => isObject(value) && Symbol.iterator in value;

export const isStream = (value: unknown): value is Chunks => typeof value === "function" || isAsyncIterable(value);

/** Rows in the network's precision, scaled. */
interface Held {
  x: FloatArray;
  y: FloatArray;
  weights: FloatArray | undefined;
  rows: number;
}

/**
 * Makes a stream ready to be trained on: checks what can be checked before its first chunk, and says how it is fed.
 * A piece in memory is at most one chunk and one batch. Scalers that are not fitted yet are fitted on all rows, in a pass of its own
 * through the stream before training: the same statistics as of the rows in one piece.
 */
export function prepareStream(run: TrainingRun, stream: Chunks, fit: FitSettings): PreparedSet & { close: () => void } {
  const { network, network: { settings, settings: { spec } } } = run;
  for (const name of ["validationSplit", "sampleWeight", "outputWeight"] as const) {
    if (fit[name]) outOfRange(`${name} is given, but a stream's rows are not known beforehand`);
  }
  if (fit.classWeight === "balanced") {
    outOfRange('classWeight is "balanced", but a stream\'s rows are not known beforehand; give a weight per class');
  }
  /** An option whose scaler has to be fitted. */
  const unfitted = run.scalers ? undefined : (["inputScaling", "targetScaling"] as const).find((option) => isFitted(settings[option]));
  if (unfitted && typeof stream !== "function") {
    outOfRange(
      `${unfitted} is "${String(settings[unfitted])}", which takes a pass of its own, but this stream can be read only once; ` +
      `pass a function that makes a stream per pass, or ${unfitted}: { shift, scale }`,
    );
  }
  const inputs = inputsOf(spec), outputs = outputsOf(spec);
  const validation = fit.validationData && readSamples(network, ...fit.validationData, "validationData[0]", "validationData[1]");
  let source: AsyncIterator<Chunk> | Iterator<Chunk> | undefined;
  const none = createArray(spec.dtype, 0);
  let held: Held = { x: none, y: none, weights: fit.classWeight ? none : undefined, rows: 0 };
  let chunks = 0;
  /** Rows of the present epoch that have been handed to the engine. */
  let fed = 0;
  /** Whether the validation rows have been seen; they are needed at an epoch's end. */
  let checked = false;

  /** These numbers, with room for more after them. */
  const longer = (numbers: FloatArray, more: number): FloatArray => {
    const all = createArray(spec.dtype, numbers.length + more);
    all.set(numbers);
    return all;
  };

  /** The next chunk; undefined at the stream's end. */
  function* next(): TrainingSteps<Samples<DataRows> | undefined> {
    const { done, value } = (yield Promise.resolve(source!.next())) as IteratorResult<Chunk>;
    if (done) return undefined;
    const name = `chunk ${chunks++}`;
    if (!Array.isArray(value) || value.length !== 2) refuse(name, value, "[x, y]", true);
    return readTrainingSamples(network, value[0], value[1], `${name}[0]`, `${name}[1]`);
  }

  /** Begins a pass through the stream. */
  function open(): void {
    const opened = typeof stream === "function" ? stream() : stream;
    source = isAsyncIterable(opened) ? opened[Symbol.asyncIterator]()
      : isIterable(opened) ? opened[Symbol.iterator]()
      : refuse("what the stream's function returned", opened, "an iterable of [x, y]", true);
  }

  /** The scalers of this network; where they have to be fitted, in a pass through all rows. */
  function* fitScalers(): TrainingSteps<Scalers> {
    const scalers = new ScalersFit(settings);
    if (!unfitted) return scalers.finish();
    open();
    for (let pair = yield* next(); pair; pair = yield* next()) yield* scalers.add(pair);
    if (chunks === 0) outOfRange("the stream has no rows");
    chunks = 0;
    return scalers.finish();
  }

  /** Adds the next chunk to what is held; false at the stream's end. */
  function* read(): TrainingSteps<boolean> {
    const pair = yield* next();
    if (!pair) return false;
    const { x, y } = scaleTrainingSamples(settings, pair, run.scalers!);
    const weights = yield* readRowWeights(network, fit, pair.y);
    const { rows } = held;
    held = {
      x: longer(held.x, x.count * inputs), y: longer(held.y, y.count * outputs),
      weights: weights && longer(held.weights!, x.count), rows: rows + x.count,
    };
    yield* writeRows(x, held.x.subarray(rows * inputs));
    yield* writeRows(y, held.y.subarray(rows * outputs));
    if (weights) held.weights!.set(weights, rows);
    return true;
  }

  /** Hands the first of the rows held to the engine. */
  function* hand(rows: number, open: boolean): TrainingSteps<void> {
    const { x, y, weights } = held;
    const scaled = validation && run.scalers ? scaleSamples(validation, run.scalers) : validation;
    yield* run.prepare({
      x: rowsOf(x.subarray(0, rows * inputs), inputs), y: rowsOf(y.subarray(0, rows * outputs), outputs),
      weights: weights?.subarray(0, rows), validation: open && checked ? undefined : scaled,
      batchSize: Math.min(fit.batchSize, rows), shuffle: fit.shuffle, open, continues: fed > 0,
    });
    checked = true;
    held = {
      x: x.slice(rows * inputs), y: y.slice(rows * outputs), weights: weights?.slice(rows), rows: held.rows - rows,
    };
    fed += rows;
  }

  function* feed(rowsDone: number): TrainingSteps<void> {
    if (rowsDone === 0) {
      fed = 0;
      run.scalers ??= yield* fitScalers();
      open();
      if (fit.epochs > 1 && source === (stream as unknown)) {
        outOfRange(`epochs is ${fit.epochs}, but this stream can be read only once; pass a function that makes one per epoch`);
      }
      if (!(yield* read())) outOfRange(chunks || unfitted ? "the stream has no second epoch; pass a function that makes one per epoch" : "the stream has no rows");
    } else if (rowsDone < fed) return;
    // The last batch of all ends the epoch, so one is held back until the stream goes on. A batch of all rows is a chunk.
    for (;;) {
      const { rows } = held;
      const whole = fit.batchSize === Infinity ? 0 : Math.floor((rows - 1) / fit.batchSize) * fit.batchSize;
      if (whole > 0) return yield* hand(whole, true);
      if (!(yield* read())) return yield* hand(rows, false);
      if (fit.batchSize === Infinity) return yield* hand(rows, true);
    }
  }

  /** Lets go of the stream, wherever it is; what it throws then is not what ended the training. */
  async function close(): Promise<void> {
    try {
      await source?.return?.();
    } catch {
      // Nobody waits for it.
    }
  }

  return { rows: Infinity, batchSize: fit.batchSize, validationRows: validation?.x.count ?? 0, feed, close };
}
