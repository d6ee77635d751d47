// What a network asks of whatever computes it. Two engines answer: WebAssembly (wasm.ts) and plain TypeScript (js.ts).
import type { FloatArray, LayerParameters } from "../model/spec.js";
import type { Backend, TypedArray } from "../public-types.js";

/** Rows that can be copied out as dense, row-major, checked numbers; the engine says where to and when. */
export interface Rows {
  readonly count: number;
  readonly columns: number;
  /** The flat typed array that these rows are, where they are one as it stands and any finite number will do: it may lie in an engine's own memory. */
  readonly source?: TypedArray | undefined;
  /**
   * Copies rows first … first+count−1 to the start of `target`. Throws a TypeError or RangeError that names the
   * argument, the place and the value when one of them is not a finite number.
   */
  write(target: FloatArray, first: number, count: number): void;
}

/** Work that stops now and then, for a caller that has other things to do. */
export type Cooperative<R> = Generator<undefined, R, unknown>;

/** How many rows to process between pauses: a millisecond's work, or a few milliseconds' before it is compiled. */
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

/** Does it all at once. */
export function runToEnd<R>(work: Cooperative<R>): R {
  let step = work.next();
  while (!step.done) step = work.next();
  return step.value;
}

/** Rows that lie in an array, row-major. */
export function rowsOf(values: FloatArray, columns: number): Rows {
  return {
    count: values.length / columns, columns,
    write: (target, first, n) => target.set(values.subarray(first * columns, (first + n) * columns)),
  };
}

/** Some of the rows, the first of them at `first`. */
export const sliceRows = (rows: Rows, first: number, count: number): Rows => ({
  count,
  columns: rows.columns,
  source: rows.source?.subarray(first * rows.columns, (first + count) * rows.columns),
  write: (target, start, n) => rows.write(target, first + start, n),
});

/** Where the largest of `columns` numbers is, the first among equals; counted from `at`, where they begin. */
export function argmax(values: FloatArray, at: number, columns: number): number {
  let best = at;
  for (let i = at + 1; i < at + columns; i++) if (values[i] > values[best]) best = i;
  return best - at;
}

/** What a forward pass over rows with known targets measures: sums over its rows. */
export interface Totals {
  /** Σ over rows of (row weight ·) the data loss. */
  loss: number;
  /**
   * Σ over rows of correct answers: for categoricalCrossentropy 1 where the largest prediction (the first, among
   * equals) sits where the largest target does; for binaryCrossentropy the fraction of outputs on the target's side
   * of 0.5 (p > 0.5 ⇔ t > 0.5). 0 for other losses.
   */
  correct: number;
}

/** Totals, and over how many rows. */
export interface RowTotals extends Totals {
  readonly rows: number;
}

export interface Samples<R extends Rows = Rows> {
  readonly x: R;
  readonly y: R;
}

export interface TrainingSet {
  readonly x: Rows;
  /** Targets, one column an output; class indices arrive one-hot. */
  readonly y: Rows;
  /** One weight a row, or none for 1. */
  readonly weights?: FloatArray | undefined;
  /** One weight an output of each row, or none for 1. */
  readonly outputWeights?: Rows | undefined;
  /** Rows a batch; the last of an epoch may be smaller. Infinity for all rows. */
  readonly batchSize: number;
  readonly shuffle: boolean;
  /** Rows for `validate`. */
  readonly validation?: Samples | undefined;
  /** The epoch does not end with this set (`open`), or did not begin with it (`continues`): it comes in pieces. */
  readonly open?: boolean;
  readonly continues?: boolean;
}

/** A piece of an engine's work, ready to be done: in place, or by a worker that has the engine's memory. */
export interface EngineTask<R = unknown> {
  /** Does it in place; what this or a worker returns goes to `finish`. */
  runLocally(): number;
  /** What the caller wants to know, from memory. */
  finish(result: number): R;
  /** The same work as a call of a kernel, for engines that have a memory. */
  readonly kernel?: KernelCall;
}

export interface KernelCall {
  readonly name: "train" | "evaluate" | "predict";
  readonly args: readonly number[];
  /** Bytes from … to that it writes and `finish` or `adopt` may read: the first always, the second when an epoch has ended. */
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
}

export interface SliceReport {
  /** Totals of each epoch completed in this slice, oldest first. */
  readonly epochs: RowTotals[];
  /** Batches done in this slice. */
  readonly steps: number;
  /** The last batch: its totals, before its update, and its rows. */
  readonly batch: RowTotals;
  /** The epoch that is under way: totals of its rows so far. */
  readonly running: RowTotals;
  /**
   * The loss of the last batch, or at the end of an epoch a parameter or what the optimiser remembers of it, is not
   * finite. The slice ended there, that epoch is in no list, and `rollback` leads to the last good epoch.
   */
  readonly diverged: boolean;
}

/** All that training has made of a network: enough to go on as if it had never stopped. */
export interface TrainingState {
  parameters: LayerParameters[];
  /**
   * The optimiser's memory, each slot shaped as the parameters: none for plain sgd; the velocity for momentum; the
   * mean square for rmsprop; first and second moments for adam and adamw.
   */
  slots: LayerParameters[][];
  /** Optimiser steps taken so far. */
  step: number;
  /** Epochs completed so far. */
  epoch: number;
}

/** What `Engine.gradients` works out, besides the gradients of all layers. */
export interface GradientOptions {
  /** One weight a row, or none for 1. */
  readonly weights?: FloatArray;
  /** Whether `y` holds ∂C/∂outputs, row by row, instead of targets: C is then not divided by the rows. */
  readonly given?: boolean;
  /** Whether ∂C/∂x is wanted, too. */
  readonly inputs?: boolean;
}

export interface EngineGradients extends Totals {
  readonly layers: LayerParameters[];
  /** ∂C/∂x, rows × inputs. */
  readonly inputs?: FloatArray;
}

/**
 * A network inside an engine. Everything an engine is given has been checked, except the values of `Rows`, which
 * check themselves while they are written.
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

  /** Another engine in the same state, to train apart from this one; in a memory that so many threads share, or 0. */
  replica(threads: number): Engine;
  /** Takes over a twin's state: as it stands when `live`, else the one that its `rollback` leads to. */
  copyStateFrom(twin: Engine, live: boolean): void;

  /** An array of rows × inputs in the engine's own memory, where rows that are passed in are not copied. */
  inputBuffer(rows: number): FloatArray;

  /**
   * Brings a training set in and remembers the present state for `rollback`; pauses between pieces of the work. Nothing of
   * the network has changed when it throws.
   */
  prepare(set: TrainingSet): Cooperative<void>;
  /**
   * Measures `rows` of the prepared set's validation rows from `first` on, without dropout, nothing updated. Called for all of
   * them in their order it returns the totals of those so far, and, at last, of all: the same bits in any pieces.
   */
  validate(first: number, rows: number): EngineTask<Totals>;
  /** The outputs for all rows of the prepared set, row-major, without dropout: in the engine's own memory. */
  predictions(): EngineTask<FloatArray>;
  /**
   * Trains on the prepared set, going on where the last slice ended. At each epoch's start the order of rows is the
   * identity, or, with shuffle, `shuffledOrder(seed, epoch)` of random.ts. At each epoch's end, if the epoch's loss
   * and the whole state are finite, the state is remembered for `rollback`. When the very first loss of an epoch is not
   * finite, the epoch before it ended with weights that were no good, and `rollback` leads to the one before that.
   * An open set is gone through once: the slice that comes to its end ends there.
   */
  train(slice: Slice): EngineTask<SliceReport>;
  /**
   * One optimiser step on all rows of the prepared set, outside any epoch: counts as a step, not as an epoch, and
   * changes nothing that `rollback` returns to. Returns the totals before the step, and whether they or the state after
   * it are not finite.
   */
  step(learningRate: number): Totals & { diverged: boolean };
  /** The outputs for all rows of the prepared set, row-major, with the dropout of the next step: a copy. */
  trainingOutputs(): FloatArray;
  /** As `step`, down ∂C/∂outputs of the prepared set's rows, which take the place of its targets. Returns whether the state diverged. */
  stepDown(gradient: FloatArray, learningRate: number): boolean;
  /** One optimiser step by these gradients, clipped; otherwise as `step`. Returns whether the state diverged. */
  applyGradients(gradients: readonly LayerParameters[], learningRate: number): boolean;
  /** parameters ← (1 − τ)·parameters + τ·others, of a network of the same shape. */
  blend(others: readonly LayerParameters[], tau: number): void;
  /** Remembers the present state for `rollback`, as `prepare` does. */
  remember(): void;
  /** Returns to the state remembered: by `prepare`, or at the end of the last good epoch. */
  rollback(): void;
}
