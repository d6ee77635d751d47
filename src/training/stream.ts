// Training on a stream: chunks of any size become sets of whole batches, one of them in memory at a time.
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

/** Buffered rows in the network's precision, scaled. */
interface Buffered {
  x: FloatArray;
  y: FloatArray;
  weights: FloatArray | undefined;
  rows: number;
}

/**
 * Prepares a stream for training: checks what can be checked before its first chunk. At most one chunk and one batch are buffered.
 * Scalers that are not fitted yet are fitted in a first pass through the stream, with the same statistics as for all rows at once.
 */
export function prepareStream(run: TrainingRun, stream: Chunks, fit: FitSettings): PreparedSet & { close: () => void } {
  const {
    network,
    network: {
      settings,
      settings: { spec },
    },
  } = run;
  for (const name of ["validationSplit", "sampleWeight", "outputWeight"] as const) {
    if (fit[name]) outOfRange(`${name} is given, but a stream's rows are not known beforehand`);
  }
  if (fit.classWeight === "balanced") {
    outOfRange('classWeight is "balanced", but a stream\'s rows are not known beforehand; give a weight per class');
  }
  /** The first option whose scaler is not fitted yet. */
  const unfitted = run.scalers
    ? undefined
    : (["inputScaling", "targetScaling"] as const).find((option) => isFitted(settings[option]));
  if (unfitted && typeof stream !== "function") {
    outOfRange(
      `${unfitted} is "${String(settings[unfitted])}", which takes a pass of its own, but this stream can be read only once; ` +
        `pass a function that makes a stream per pass, or ${unfitted}: { shift, scale }`,
    );
  }
  const inputs = inputsOf(spec),
    outputs = outputsOf(spec);
  const validation = fit.validationData && readSamples(network, ...fit.validationData, "validationData[0]", "validationData[1]");
  let source: AsyncIterator<Chunk> | Iterator<Chunk> | undefined;
  const none = createArray(spec.dtype, 0);
  let buffered: Buffered = { x: none, y: none, weights: fit.classWeight ? none : undefined, rows: 0 };
  let chunks = 0;
  /** Rows of this epoch that have been prepared. */
  let prepared = 0;
  /** Whether the validation rows have been checked; the engine needs them at an epoch's end. */
  let checked = false;

  /** A copy of the numbers with space for `more` after them. */
  const extended = (numbers: FloatArray, more: number): FloatArray => {
    const all = createArray(spec.dtype, numbers.length + more);
    all.set(numbers);
    return all;
  };

  /** Reads the next chunk; undefined at the end of the stream. */
  function* nextChunk(): TrainingSteps<Samples<DataRows> | undefined> {
    const { done, value } = (yield Promise.resolve(source!.next())) as IteratorResult<Chunk>;
    if (done) return undefined;
    const name = `chunk ${chunks++}`;
    if (!Array.isArray(value) || value.length !== 2) refuse(name, value, "[x, y]", true);
    return readTrainingSamples(network, value[0], value[1], `${name}[0]`, `${name}[1]`);
  }

  /** Starts a pass through the stream. */
  function open(): void {
    const opened = typeof stream === "function" ? stream() : stream;
    source = isAsyncIterable(opened)
      ? opened[Symbol.asyncIterator]()
      : isIterable(opened)
        ? opened[Symbol.iterator]()
        : refuse("what the stream's function returned", opened, "an iterable of [x, y]", true);
  }

  /** The network's scalers, fitted in a pass through all rows if necessary. */
  function* fitScalers(): TrainingSteps<Scalers> {
    const scalers = new ScalersFit(settings);
    if (!unfitted) return scalers.finish();
    open();
    for (let pair = yield* nextChunk(); pair; pair = yield* nextChunk()) yield* scalers.add(pair);
    if (chunks === 0) outOfRange("the stream has no rows");
    chunks = 0;
    return scalers.finish();
  }

  /** Buffers the next chunk; false at the end of the stream. */
  function* bufferChunk(): TrainingSteps<boolean> {
    const pair = yield* nextChunk();
    if (!pair) return false;
    const { x, y } = scaleTrainingSamples(settings, pair, run.scalers!);
    const weights = yield* readRowWeights(network, fit, pair.y);
    const { rows } = buffered;
    buffered = {
      x: extended(buffered.x, x.count * inputs),
      y: extended(buffered.y, y.count * outputs),
      weights: weights && extended(buffered.weights!, x.count),
      rows: rows + x.count,
    };
    yield* writeRows(x, buffered.x.subarray(rows * inputs));
    yield* writeRows(y, buffered.y.subarray(rows * outputs));
    if (weights) buffered.weights!.set(weights, rows);
    return true;
  }

  /** Prepares the first buffered rows in the engine. */
  function* prepareRows(rows: number, open: boolean): TrainingSteps<void> {
    const { x, y, weights } = buffered;
    const scaled = validation && run.scalers ? scaleSamples(validation, run.scalers) : validation;
    yield* run.prepare({
      x: rowsOf(x.subarray(0, rows * inputs), inputs),
      y: rowsOf(y.subarray(0, rows * outputs), outputs),
      weights: weights?.subarray(0, rows),
      validation: open && checked ? undefined : scaled,
      batchSize: Math.min(fit.batchSize, rows),
      shuffle: fit.shuffle,
      open,
      continues: prepared > 0,
    });
    checked = true;
    buffered = {
      x: x.slice(rows * inputs),
      y: y.slice(rows * outputs),
      weights: weights?.slice(rows),
      rows: buffered.rows - rows,
    };
    prepared += rows;
  }

  function* feed(rowsDone: number): TrainingSteps<void> {
    if (rowsDone === 0) {
      prepared = 0;
      run.scalers ??= yield* fitScalers();
      open();
      if (fit.epochs > 1 && source === (stream as unknown)) {
        outOfRange(`epochs is ${fit.epochs}, but this stream can be read only once; pass a function that makes one per epoch`);
      }
      if (!(yield* bufferChunk()))
        outOfRange(
          chunks || unfitted
            ? "the stream has no second epoch; pass a function that makes one per epoch"
            : "the stream has no rows",
        );
    } else if (rowsDone < prepared) return;
    // The last batch is held until the stream shows whether it ends the epoch. With a batch size of Infinity, each chunk is a batch.
    for (;;) {
      const { rows } = buffered;
      const whole = fit.batchSize === Infinity ? 0 : Math.floor((rows - 1) / fit.batchSize) * fit.batchSize;
      if (whole > 0) return yield* prepareRows(whole, true);
      if (!(yield* bufferChunk())) return yield* prepareRows(rows, false);
      if (fit.batchSize === Infinity) return yield* prepareRows(rows, true);
    }
  }

  /** Closes the stream; an error thrown then must not replace the one that ended the training. */
  async function close(): Promise<void> {
    try {
      await source?.return?.();
    } catch {
      // Ignored, as said above.
    }
  }

  return { rows: Infinity, batchSize: fit.batchSize, validationRows: validation?.x.count ?? 0, feed, close };
}
