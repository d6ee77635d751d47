// The interface of the engines that compute a network: WebAssembly (wasm/) and plain TypeScript (js/).
import type { FloatArray, LayerParameters } from "../model/spec.js";
import type { Backend, TypedArray } from "../public-types.js";

/** Rows that can be copied as dense, row-major, checked numbers, when and where the engine asks for them. */
export interface Rows {
  readonly count: number;
  readonly columns: number;
  /** The flat typed array with exactly these rows, if there is one and every finite number is allowed. It may be part of an engine's memory. */
  readonly source?: TypedArray | undefined;
  /**
   * Copies rows first … first+count−1 to the start of `target`. Throws a TypeError or RangeError that names the
   * argument, the place and the value when one of them is not a finite number.
   */
  write(target: FloatArray, first: number, count: number): void;
}

/** Work that pauses regularly so that its caller can do something else. */
export type Cooperative<R> = Generator<undefined, R, unknown>;

/** Rows to process between pauses: about a millisecond of work, or a few before the code is optimised. */
export const pieceRows = (columns: number): number => Math.max(1, Math.floor(2 ** 16 / columns));

/** Divides `count` rows into pieces of at most `size`: the first row and the number of rows of each. */
export function* pieces(count: number, size: number): Generator<readonly [first: number, rows: number], void> {
  for (let first = 0; first < count; first += size) yield [first, Math.min(size, count - first)];
}

/** Copies all rows to an array, piece by piece. */
export function* writeRows(rows: Rows, target: FloatArray): Cooperative<void> {
  const { count, columns } = rows;
  for (const [first, size] of pieces(count, pieceRows(columns))) {
    rows.write(target.subarray(first * columns), first, size);
    yield undefined;
  }
}

/** Runs it without pauses. */
export function runToEnd<R>(work: Cooperative<R>): R {
  let step = work.next();
  while (!step.done) step = work.next();
  return step.value;
}

/** The rows of a row-major array. */
export function rowsOf(values: FloatArray, columns: number): Rows {
  return {
    count: values.length / columns,
    columns,
    write: (target, first, n) => target.set(values.subarray(first * columns, (first + n) * columns)),
  };
}

/** The rows from `first` to `first + count - 1`. */
export const sliceRows = (rows: Rows, first: number, count: number): Rows => ({
  count,
  columns: rows.columns,
  source: rows.source?.subarray(first * rows.columns, (first + count) * rows.columns),
  write: (target, start, n) => rows.write(target, first + start, n),
});

/** The index, relative to `at`, of the largest of the `columns` numbers from `at` on; the first among equals. */
export function argmax(values: FloatArray, at: number, columns: number): number {
  let best = at;
  for (let i = at + 1; i < at + columns; i++) if (values[i] > values[best]) best = i;
  return best - at;
}

/** The figures of a forward pass over rows with targets, summed over the rows. */
export interface Totals {
  /** Σ over rows of row weight · data loss. */
  loss: number;
  /**
   * Σ over rows of correct answers: for categoricalCrossentropy 1 where the largest prediction (the first, among
   * equals) is at the index of the largest target; for binaryCrossentropy the fraction of outputs on the target's side
   * of 0.5 (p > 0.5 ⇔ t > 0.5). 0 for other losses.
   */
  correct: number;
}

/** Totals, and the number of rows that they are over. */
export interface RowTotals extends Totals {
  readonly rows: number;
}

export interface Samples<R extends Rows = Rows> {
  readonly x: R;
  readonly y: R;
}

export interface TrainingSet {
  readonly x: Rows;
  /** Targets, one column per output; class indices are one-hot already. */
  readonly y: Rows;
  /** One weight per row; undefined where all are 1. */
  readonly weights?: FloatArray | undefined;
  /** One weight per output of each row; undefined where all are 1. */
  readonly outputWeights?: Rows | undefined;
  /** Rows per batch; the last batch of an epoch may be smaller. Infinity for all rows. */
  readonly batchSize: number;
  readonly shuffle: boolean;
  /** Rows for `validate`. */
  readonly validation?: Samples | undefined;
  /** For an epoch in several sets: whether another set follows (`open`), and whether one came before (`continues`). */
  readonly open?: boolean;
  readonly continues?: boolean;
  /** Whether one step is taken on the set, and no epoch: then `rollback` has one snapshot to return to, and a second one is not taken. */
  readonly once?: boolean;
}

/** A task for an engine, to be run on the calling thread or by a worker that has the engine's memory. */
export interface EngineTask<R = unknown> {
  /** Runs the task on this thread; its result, or a worker's, is passed to `finish`. */
  runLocally(): number;
  /** Reads the results from memory. */
  finish(result: number): R;
  /** The task as a kernel call, for engines with a memory. */
  readonly kernel?: KernelCall;
}

export interface KernelCall {
  readonly name: "train" | "evaluate" | "predict";
  readonly args: readonly number[];
  /** Ranges of bytes that the call writes and `finish` or `copyStateFrom` reads: the first always, the second when an epoch has ended. */
  readonly writes: readonly Bytes[];
}
export type Bytes = readonly [from: number, to: number];

/** Limits of one slice of training. */
export interface Slice {
  /** Ends after this many batches … */
  readonly steps: number;
  /** … or after this many completed epochs, whichever comes first. */
  readonly epochs: number;
  readonly learningRate: number;
  /** Whether training may end after it, within an epoch: the state there is then wanted. Default false. */
  readonly mayBeLast?: boolean;
}

export interface SliceReport {
  /** Totals of each epoch completed in this slice, oldest first. */
  readonly epochs: RowTotals[];
  /** Batches done in this slice. */
  readonly steps: number;
  /** The last batch: its totals, before its update, and its rows. */
  readonly batch: RowTotals;
  /** Totals of the running epoch's rows so far. */
  readonly running: RowTotals;
  /**
   * Whether the loss of the last batch or, at the end of an epoch, a parameter or an optimiser slot is not finite. The slice ended there,
   * that epoch is not in `epochs`, and `rollback` returns to the last finite epoch.
   */
  readonly diverged: boolean;
}

/** The state of training: all that is needed to continue as if it had never stopped. */
export interface TrainingState {
  parameters: LayerParameters[];
  /**
   * The optimiser's slots, each shaped as the parameters: none for plain sgd; the velocity for momentum; the
   * mean square for rmsprop; first and second moments for adam and adamw.
   */
  slots: LayerParameters[][];
  /** Optimiser steps taken so far. */
  step: number;
  /** Epochs completed so far. */
  epoch: number;
}

/** Options of `Engine.gradients`. */
export interface GradientOptions {
  /** One weight per row; undefined where all are 1. */
  readonly weights?: FloatArray;
  /** Whether `y` contains ∂C/∂outputs instead of targets; C is then not divided by the number of rows. */
  readonly given?: boolean;
  /** Whether to compute ∂C/∂x, too. */
  readonly inputs?: boolean;
}

export interface EngineGradients extends Totals {
  readonly layers: LayerParameters[];
  /** ∂C/∂x, rows × inputs. */
  readonly inputs?: FloatArray;
}

/**
 * A network in an engine. All arguments have been checked, except for the values of `Rows`, which are checked while they are written.
 *
 * Gradients: of reduce(data loss of the batch, times row weights) + ½·l2·Σ kernel², where reduce is the sum over the
 * batch's rows, divided by the number of its rows when `reduction` is "mean". Then clipNorm as PyTorch's
 * clip_grad_norm_ (coefficient clipNorm / (norm + 1e-6), at most 1), then the update by PyTorch's formulas.
 */
export interface Engine {
  readonly backend: Backend;
  /** Epochs completed so far. */
  readonly epoch: number;

  /** Copies of all parameters. */
  getParameters(): LayerParameters[];
  /** Replaces all parameters; the optimiser's state stays. */
  setParameters(parameters: readonly LayerParameters[]): void;
  getState(): TrainingState;
  setState(state: TrainingState): void;

  /** Writes the network's outputs for `x` to `out`, rows × outputs, without dropout. */
  predict(x: Rows, out: FloatArray): void;
  /** Totals over rows, without dropout, nothing updated. */
  evaluate(x: Rows, y: Rows, weights?: FloatArray): Totals;
  /** The objective's gradient over all rows as one batch, without dropout or clipping; nothing updated. */
  gradients(x: Rows, y: Rows, options?: GradientOptions): EngineGradients;

  /** A second engine in the same state; its memory is shared by `threads` threads, or its own for 0. */
  replica(threads: number): Engine;
  /** Copies a replica's state: the present one when `live`, else the snapshot that its `rollback` would return to. */
  copyStateFrom(replica: Engine, live: boolean): void;

  /** An array of rows × inputs in the engine's memory; rows that are passed in it are not copied. */
  inputBuffer(rows: number): FloatArray;

  /**
   * Copies a training set into the engine, pausing between pieces, and takes a snapshot of the present state for `rollback`. The network
   * is unchanged when it throws.
   */
  prepare(set: TrainingSet): Cooperative<void>;
  /**
   * Measures `rows` validation rows of the prepared set from `first` on, without dropout; nothing is updated. Called for all of them in
   * order, it returns the totals so far, with the same bits for any division into calls.
   */
  validate(first: number, rows: number): EngineTask<Totals>;
  /** The outputs for all rows of the prepared set, row-major, without dropout, as a view of the engine's memory. */
  predictions(): EngineTask<FloatArray>;
  /**
   * Trains on the prepared set from where the last slice ended. Each epoch takes the rows in order or, with shuffle, in the order
   * `shuffledOrder(seed, epoch)` of random.ts. At the end of an epoch with finite loss and state, a snapshot is taken for `rollback`. When
   * the first loss of an epoch is not finite, the previous epoch had ended with diverged weights, and `rollback` returns to the snapshot
   * before that. A slice ends at the end of an open set.
   */
  train(slice: Slice): EngineTask<SliceReport>;
  /**
   * One optimiser step on all rows of the prepared set, outside of epochs: it counts as a step, and takes no snapshot. Returns the
   * totals before the step, and whether they or the state after it are not finite.
   */
  step(learningRate: number): Totals & { diverged: boolean };
  /** A copy of the outputs for all rows of the prepared set, row-major, with the dropout of the next step. */
  trainingOutputs(): FloatArray;
  /** As `step`, with ∂C/∂outputs of the prepared set's rows in place of targets. Returns whether the state diverged. */
  stepDown(gradient: FloatArray, learningRate: number): boolean;
  /** One optimiser step by these gradients, clipped; otherwise as `step`. Returns whether the state diverged. */
  applyGradients(gradients: readonly LayerParameters[], learningRate: number): boolean;
  /** parameters ← (1 − τ)·parameters + τ·others, those of a network of the same shape; an engine's own where it has the same precision. */
  blend(others: Engine | readonly LayerParameters[], tau: number): void;
  /** Takes a snapshot of the present state for `rollback`, as `prepare` does for one step. */
  takeSnapshot(): void;
  /** Returns to the snapshot taken by `prepare` or at the end of the last finite epoch. */
  rollback(): void;
}
