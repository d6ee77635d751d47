// The history of a run: its figures, epoch by epoch, and why it ended.
import { FIGURES, type EpochLogs } from "../options/fit.js";

/** What `fit` returns. The lists have one entry per epoch; lists of figures that were not measured are missing. */
export interface History {
  /** The number of completed epochs. */
  epochs: number;
  /** Mean data loss per row, each batch measured before its update. */
  loss: number[];
  /** The fraction of correct predictions, from 0 to 1; only with the two cross-entropies. */
  accuracy?: number[];
  /** Loss and accuracy of the validation rows, measured after each epoch. */
  valLoss?: number[];
  valAccuracy?: number[];
  /** Rows trained per second over the whole run, not counting validation. */
  samplesPerSecond: number;
  /**
   * Why training ended: all epochs were `completed`; a rule of the options applied; a `callback` returned `false`; the loss had
   * `converged`, in a run whose number of epochs was not set; `diverged` only in the history of a `DivergenceError`.
   */
  stopReason: "completed" | "earlyStopping" | "callback" | "targetLoss" | "timeLimit" | "converged" | "diverged";
  /** With early stopping: the epoch, counted from 0, that had the best figure; absent if no epoch had a finite one. */
  bestEpoch?: number;
}

/** The measured figures of an epoch. */
export type Figures = Omit<EpochLogs, "epoch" | "samplesPerSecond">;

/** Rows per second; a time below the clock's resolution counts as one microsecond. */
export const perSecond = (rows: number, seconds: number): number => rows / Math.max(seconds, 1e-6);

/** Collects a run's figures. */
export class Recorder {
  #history: Omit<History, "stopReason" | "samplesPerSecond"> = { epochs: 0, loss: [] };
  #rows = 0;
  #seconds = 0;

  /** Adds an epoch that trained on `rows` rows in `seconds`. */
  add({ loss, accuracy, valLoss, valAccuracy }: Figures, rows: number, seconds: number): void {
    const history = this.#history;
    history.epochs++;
    history.loss.push(loss);
    if (accuracy !== undefined) (history.accuracy ??= []).push(accuracy);
    if (valLoss !== undefined) (history.valLoss ??= []).push(valLoss);
    if (valAccuracy !== undefined) (history.valAccuracy ??= []).push(valAccuracy);
    this.#rows += rows;
    this.#seconds += seconds;
  }

  /** Drops all epochs but the first `epochs`. */
  truncate(epochs: number): void {
    const history = this.#history;
    history.epochs = epochs;
    for (const name of FIGURES) history[name]?.splice(epochs);
  }

  /** The history so far. */
  finish(stopReason: History["stopReason"], bestEpoch?: number): History {
    const samplesPerSecond = this.#rows && perSecond(this.#rows, this.#seconds);
    return { ...this.#history, samplesPerSecond, stopReason, ...(bestEpoch !== undefined && { bestEpoch }) };
  }
}
