// What a network asks of whatever computes it. Two engines answer: WebAssembly (wasm.ts) and plain TypeScript (js.ts).
import type { FloatArray, LayerParameters } from "../spec.js";

export type Backend = "wasm-simd" | "wasm-relaxed-simd" | "js";

/** Rows that can be copied out as dense, row-major, checked numbers; the engine says where to and when. */
export interface Rows {
  readonly count: number;
  readonly columns: number;
  /**
   * Copies rows first … first+count−1 to the start of `target`. Throws a TypeError or RangeError that names the
   * argument, the place and the value when one of them is not a finite number.
   */
  write(target: FloatArray, first: number, count: number): void;
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

export interface TrainingSet {
  readonly x: Rows;
  /** Targets, one column an output; class indices arrive one-hot. */
  readonly y: Rows;
  /** One weight a row, or none for 1. */
  readonly weights?: FloatArray | undefined;
  /** Rows a batch; the last of an epoch may be smaller. Infinity for all rows. */
  readonly batchSize: number;
  readonly shuffle: boolean;
}

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
  readonly epochs: Totals[];
  /** Batches done in this slice. */
  readonly steps: number;
  /** The last batch: its totals, before its update, and its rows. */
  readonly batch: Totals & { readonly rows: number };
  /** The epoch that is under way: totals of its rows so far. */
  readonly running: Totals & { readonly rows: number };
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
  gradients(x: Rows, y: Rows, weights?: FloatArray): Totals & { layers: LayerParameters[] };

  /**
   * Brings a training set in and remembers the present state for `rollback`. Nothing of the network has changed when
   * it throws.
   */
  prepare(set: TrainingSet): void;
  /**
   * Trains on the prepared set, going on where the last slice ended. At each epoch's start the order of rows is the
   * identity, or, with shuffle, `shuffledOrder(seed, epoch)` of random.ts. At each epoch's end, if the epoch's loss
   * and the whole state are finite, the state is remembered for `rollback`. When the very first loss of an epoch is not
   * finite, the epoch before it ended with weights that were no good, and `rollback` leads to the one before that.
   */
  train(slice: Slice): SliceReport;
  /**
   * One optimiser step on all rows of the prepared set, outside any epoch: counts as a step, not as an epoch, and
   * changes nothing that `rollback` returns to. Returns the totals before the step, and whether they or the state after
   * it are not finite.
   */
  step(learningRate: number): Totals & { diverged: boolean };
  /** Returns to the state remembered: by `prepare`, or at the end of the last good epoch. */
  rollback(): void;
}
