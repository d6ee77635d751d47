// A run of training: slices of an engine's work between what has to happen in JavaScript, epoch by epoch.
import type { Engine, Rows, SliceReport, Totals } from "./engine/engine.js";
import { DivergenceError } from "./errors.js";
import type { EpochLogs, FitSettings } from "./fit-options.js";
import { perSecond, Recorder, type Figures, type History } from "./history.js";
import { createProgress } from "./progress.js";
import type { LayerParameters } from "./spec.js";

/** How long one slice should take, in milliseconds: long enough to cost nothing, short enough to show progress. */
const SLICE_MS = 20;

/** What a run trains: an engine whose training set is prepared, and its surroundings. */
export interface Run {
  readonly engine: Engine;
  /** Rows of the prepared set, and of its batches but the last of an epoch. */
  readonly rows: number;
  readonly batchSize: number;
  readonly validation?: { readonly x: Rows; readonly y: Rows } | undefined;
  /** Whether the loss has an accuracy. */
  readonly measuresAccuracy: boolean;
  readonly learningRate: (epoch: number) => number;
  /** Whether the rate stays the same from epoch to epoch. */
  readonly constantRate: boolean;
  /** Epochs completed before this run. */
  readonly firstEpoch: number;
}

/** Figures per row from sums over rows. */
export function figures({ loss, correct }: Totals, rows: number, measuresAccuracy: boolean): { loss: number; accuracy?: number } {
  return measuresAccuracy ? { loss: loss / rows, accuracy: correct / rows } : { loss: loss / rows };
}

/**
 * Trains, slice by slice; between slices it yields, so that a caller may do other things or stop. The network is left at
 * the end of its last completed epoch when anything throws.
 */
export function* train(run: Run, settings: FitSettings): Generator<void, History, void> {
  const { engine, rows } = run;
  const { epochs: total, onBatchEnd, onEpochEnd, earlyStopping } = settings;
  const recorder = new Recorder();
  const progress = createProgress(settings.verbose, total);
  const best = earlyStopping && new BestEpoch(earlyStopping, engine);
  const eachEpoch = Boolean(onEpochEnd || best || run.validation || settings.verbose) || !run.constantRate;
  let stopReason: History["stopReason"] = "completed";
  let done = 0;
  let batch = 0;
  let seconds = 0;
  let steps = 1;
  /** Asked for once an epoch. */
  let learningRate = 0;
  try {
    while (done < total && stopReason === "completed") {
      if (batch === 0) learningRate = run.learningRate(run.firstEpoch + done);
      const before = performance.now();
      const slice = engine.train({
        steps: onBatchEnd ? 1 : steps,
        epochs: eachEpoch || onBatchEnd ? 1 : total - done,
        learningRate,
      });
      const took = performance.now() - before;
      steps = nextSteps(steps, took);
      seconds += took / 1000;
      batch += slice.steps;
      if (onBatchEnd && !slice.diverged && batchEnded(slice, batch - 1) === false) stopReason = "callback";
      for (const totals of slice.epochs) {
        const measured: Figures = figures(totals, rows, run.measuresAccuracy);
        if (run.validation) addValidation(measured, run.validation);
        recorder.add(measured, rows, seconds / slice.epochs.length);
        done++;
        if (!eachEpoch) continue;
        const logs: EpochLogs = { epoch: done - 1, ...measured, samplesPerSecond: perSecond(rows, seconds) };
        progress?.epoch(logs);
        if (onEpochEnd?.(logs) === false) stopReason = "callback";
        else if (best?.isOver(logs.epoch, logs[earlyStopping!.monitor]!)) stopReason = "earlyStopping";
      }
      if (slice.diverged) {
        engine.rollback();
        recorder.truncate(engine.epoch - run.firstEpoch);
        throw new DivergenceError(recorder.finish("diverged"), { epoch: done + 1, loss: slice.batch.loss, learningRate });
      }
      if (slice.epochs.length) seconds = batch = 0;
      else progress?.tick(done + slice.running.rows / rows, figures(slice.running, slice.running.rows, run.measuresAccuracy));
      yield;
    }
    best?.restore();
    return recorder.finish(stopReason, best?.epoch);
  } catch (error) {
    engine.rollback();
    throw error;
  } finally {
    progress?.end();
  }

  function batchEnded(slice: SliceReport, index: number): unknown {
    const { batch: last } = slice;
    const rowsSoFar = slice.epochs.length ? rows : Math.min(rows, (index + 1) * run.batchSize);
    return onBatchEnd!({
      epoch: done, batch: index, ...figures(last, last.rows, run.measuresAccuracy),
      samplesPerSecond: perSecond(rowsSoFar, seconds),
    });
  }

  function addValidation(measured: Figures, { x, y }: { x: Rows; y: Rows }): void {
    const { loss, accuracy } = figures(engine.evaluate(x, y), x.count, run.measuresAccuracy);
    measured.valLoss = loss;
    if (accuracy !== undefined) measured.valAccuracy = accuracy;
  }
}

/** Batches for the next slice. The first ones are short: V8 optimises a function only between two calls of it. */
function nextSteps(steps: number, took: number): number {
  if (took < SLICE_MS / 2) return Math.min(steps * 2, 2 ** 30);
  return took > 2 * SLICE_MS ? Math.max(1, steps >> 1) : steps;
}

/** Early stopping's memory: the best epoch so far, its weights, and how long ago it was. */
class BestEpoch {
  epoch: number | undefined;
  readonly #options: NonNullable<FitSettings["earlyStopping"]>;
  readonly #engine: Engine;
  #value = Infinity;
  #weights: LayerParameters[] | undefined;

  constructor(options: NonNullable<FitSettings["earlyStopping"]>, engine: Engine) {
    this.#options = options;
    this.#engine = engine;
  }

  /** Takes an epoch's figure in; true when it is time to stop: after `patience` epochs, at least one, that were not better. */
  isOver(epoch: number, figure: number): boolean {
    const { monitor, minDelta, patience, restoreBestWeights } = this.#options;
    const value = /acc/i.test(monitor) ? -figure : figure;
    if (this.epoch === undefined || value < this.#value - minDelta) {
      this.#value = value;
      this.epoch = epoch;
      if (restoreBestWeights) this.#weights = this.#engine.getParameters();
    }
    return epoch - this.epoch >= Math.max(1, patience);
  }

  restore(): void {
    if (this.#weights) this.#engine.setParameters(this.#weights);
  }
}
