// The epochs of a run: slices of training in an engine, with callbacks, validation and stopping rules between them. The generator yields
// tasks and receives their results, so the same code serves synchronous training and training in workers.
import type { RowTotals, SliceReport, Totals, TrainingState } from "../engine/engine.js";
import { DivergenceError } from "../errors.js";
import { isCrossentropy } from "../model/spec.js";
import { isObject } from "../options/checks.js";
import type { EpochLogs, FitSettings } from "../options/fit.js";
import { rateAt } from "../options/network.js";
import { now } from "../platform.js";
import { Convergence } from "./convergence.js";
import { BestEpoch } from "./early-stopping.js";
import { perSecond, Recorder, type Figures, type History } from "./history.js";
import { createProgress } from "./progress.js";
import type { TrainingRun } from "./run.js";
import { perform, type TrainingSteps } from "./steps.js";

/** The training set that has been prepared in the run's engine. */
export interface PreparedSet {
  /** Rows per epoch, Infinity where unknown; and rows per batch, of which the last may have fewer. */
  readonly rows: number;
  readonly batchSize: number;
  /** The number of validation rows. */
  readonly validationRows: number;
  /** For streams: prepares the next piece once the last one has been trained on, after `rowsDone` rows of the epoch. */
  readonly feed?: (rowsDone: number) => TrainingSteps<void>;
}

/** Validation rows per piece. */
const PIECE = 64;

/** Figures per row from sums over rows. */
export function figures({ loss, correct }: Totals, rows: number, measuresAccuracy: boolean): { loss: number; accuracy?: number } {
  return measuresAccuracy ? { loss: loss / rows, accuracy: correct / rows } : { loss: loss / rows };
}

/** Trains slice by slice and commits each epoch. The caller aborts the run when it throws. */
export function* trainEpochs(run: TrainingRun, set: PreparedSet, settings: FitSettings, sliceMs: number): TrainingSteps {
  const {
    engine,
    network: {
      engine: own,
      settings: { spec, learningRate: schedule },
    },
  } = run;
  const { validationRows } = set;
  const measuresAccuracy = isCrossentropy(spec.loss);
  const { epochs: total, onBatchEnd, onEpochEnd, earlyStopping, targetLoss, timeLimit } = settings;
  const recorder = new Recorder();
  const progress = createProgress(settings.verbose, total);
  const best = earlyStopping && new BestEpoch(earlyStopping, own);
  const convergence = settings.untilConverged && !best ? new Convergence(set.rows, set.batchSize) : undefined;
  const eachEpoch = Boolean(
    onEpochEnd ||
    best ||
    convergence ||
    targetLoss !== undefined ||
    validationRows ||
    settings.verbose ||
    set.feed ||
    typeof schedule === "function",
  );
  let stopReason: History["stopReason"] = "completed";
  let epoch = 0;
  let batch = 0;
  let seconds = 0;
  let steps = 1;
  let rowsDone = 0;
  /** Pieces of validation rows per task. */
  let pieces = 1;
  /** Evaluated once per epoch. */
  let learningRate = 0;
  const perRow = (totals: RowTotals): Figures => figures(totals, totals.rows, measuresAccuracy);
  try {
    while (epoch < total && stopReason === "completed") {
      if (batch === 0) learningRate = rateAt(schedule, run.firstEpoch + epoch);
      const before = now();
      if (set.feed) yield* set.feed(rowsDone);
      const slice = yield* perform(
        engine.train({
          steps: onBatchEnd ? 1 : steps,
          epochs: eachEpoch || onBatchEnd ? 1 : total - epoch,
          learningRate,
          mayBeLast: timeLimit !== undefined,
        }),
      );
      const took = now() - before;
      steps = nextSteps(steps, took, sliceMs);
      seconds += took / 1000;
      batch += slice.steps;
      rowsDone = slice.epochs.length ? 0 : slice.running.rows;
      if (slice.epochs.length && !slice.diverged) run.commit(false);
      if (onBatchEnd && !slice.diverged && (yield* batchEnded(slice, batch - 1)) === false) stopReason = "callback";
      const { epochs } = slice;
      if (!eachEpoch) {
        record(epochs);
      } else if (epochs.length) {
        const [totals] = epochs as [RowTotals];
        const measured = perRow(totals);
        if (validationRows) addValidation(measured, yield* validate());
        recorder.add(measured, totals.rows, seconds);
        epoch++;
        yield* epochEnded({ epoch: epoch - 1, ...measured, samplesPerSecond: perSecond(totals.rows, seconds) });
      }
      const mustStop = timeLimit !== undefined && epoch < total && now() - run.startedAt >= timeLimit;
      if (mustStop && stopReason === "completed") stopReason = "timeLimit";
      // A batch's loss is from before its update, and the state is checked at the end of an epoch only.
      const endsWithinEpoch = stopReason !== "completed" && !slice.epochs.length;
      if (slice.diverged || (endsWithinEpoch && !isFiniteState(engine.getState()))) {
        run.rollback();
        recorder.truncate(run.epochs);
        throw new DivergenceError(recorder.finish("diverged"), { epoch: epoch + 1, loss: slice.batch.loss, learningRate });
      }
      if (slice.epochs.length) seconds = batch = 0;
      else progress?.tick(epoch + slice.running.rows / set.rows, perRow(slice.running));
    }
    // The last callback may have aborted the signal.
    yield undefined;
    // A run may end in the middle of an epoch: the network keeps the weights of that moment.
    run.commit(true);
    best?.restore(epoch);
    return recorder.finish(stopReason, best?.epoch);
  } finally {
    progress?.end();
  }

  /** Records epochs that need no callback, which is most of a small network's time in JavaScript and faster outside of a generator. */
  function record(epochs: readonly RowTotals[]): void {
    for (const totals of epochs) {
      recorder.add(perRow(totals), totals.rows, seconds / epochs.length);
    }
    epoch += epochs.length;
  }

  function* epochEnded(logs: EpochLogs): TrainingSteps<void> {
    progress?.epoch(logs);
    if (convergence?.isReached(logs.epoch, logs.loss)) stopReason = "converged";
    if (targetLoss !== undefined && logs.loss <= targetLoss) stopReason = "targetLoss";
    // Before the callback, which may end the run at the best epoch.
    if (best?.isOver(logs.epoch, logs)) stopReason = "earlyStopping";
    // A copy, so that a callback that changes its logs does not change what is printed later.
    if ((yield* answer("onEpochEnd", onEpochEnd?.({ ...logs }))) === false) stopReason = "callback";
  }

  function* batchEnded(slice: SliceReport, index: number): TrainingSteps<unknown> {
    const { batch: last, epochs } = slice;
    return yield* answer(
      "onBatchEnd",
      onBatchEnd!({
        epoch,
        batch: index,
        ...perRow(last),
        samplesPerSecond: perSecond((epochs[0] ?? slice.running).rows, seconds),
      }),
    );
  }

  /** The value that a callback returned, or that its promise resolves to, which only `fitAsync` can wait for. */
  function* answer(name: string, value: unknown): TrainingSteps<unknown> {
    if (!isObject(value) || typeof (value as Partial<PromiseLike<unknown>>).then !== "function") return value;
    const promise = Promise.resolve(value);
    if (settings.isAsync) return yield promise;
    promise.catch(() => undefined);
    throw new TypeError(`${name} returned a promise, which fit does not wait for; use fitAsync, or a function that is not async`);
  }

  function* validate(): TrainingSteps<Totals> {
    let first = 0;
    for (;;) {
      const before = now();
      const rows = Math.min(pieces * PIECE, validationRows - first);
      const totals = yield* perform(engine.validate(first, rows));
      first += rows;
      if (first === validationRows) return totals;
      pieces = nextSteps(pieces, now() - before, sliceMs);
    }
  }

  function addValidation(measured: Figures, totals: Totals): void {
    const { loss, accuracy } = figures(totals, validationRows, measuresAccuracy);
    measured.valLoss = loss;
    if (accuracy !== undefined) measured.valAccuracy = accuracy;
  }
}

const isFiniteState = ({ parameters, slots }: TrainingState): boolean =>
  [parameters, ...slots].every((block) =>
    block.every(({ kernel, bias }) => kernel.every(Number.isFinite) && (!bias || bias.every(Number.isFinite))),
  );

/** Batches, or pieces, for the next slice. The first slices are short, because V8 replaces a running function by its optimised code only between calls. */
function nextSteps(steps: number, took: number, sliceMs: number): number {
  if (took < sliceMs / 2) return Math.min(steps * 2, 2 ** 30);
  return took > 2 * sliceMs ? Math.max(1, steps >> 1) : steps;
}
