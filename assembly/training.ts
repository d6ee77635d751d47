// Training: tiles of the set, optimiser steps, and runs of many mini-batches in one call; and every thread's share of each.
import { Barrier, Field, Header, Pass, State, Task } from "./abi";
import { arrive, awaitTask, join, release, share } from "./barrier";
import { addTotals, compare } from "./loss";
import { backward, forward, lastLayer, layerRecord, weightGradients } from "./network";
import { addDecay, allFinite, beginStep, clip, increased, interpolate, update } from "./optimizer";
import { shuffle } from "./random";

/** Threads share a tile's rows in multiples of this, whatever the height of the register tiles. */
const SHARED_ROWS = 4;

/** Adds l2·w to the kernels' part of the whole gradient. */
export function decayGradients<T>(): void {
  const l2 = load<f64>(Header.L2);
  if (l2 == 0) return;
  const shift = load<usize>(Header.Gradients) - load<usize>(Header.Parameters);
  const count = load<i32>(Header.LayerCount);
  for (let l = 0; l < count; ++l) {
    const layer = layerRecord(l);
    const kernel = load<usize>(layer, Field.Kernel);
    const bytes = load<usize>(layer, Field.Inputs) * load<usize>(layer, Field.Stride) * sizeof<T>();
    addDecay<T>(kernel, kernel + shift, bytes, l2);
  }
}

/** The address of the inputs of a tile that begins at row `first` of the training set: in place when the set is not reordered. */
@inline
function tileInputs<T>(first: usize): usize {
  if (load<usize>(Header.Order)) return load<usize>(Header.TileX);
  return load<usize>(Header.X) + first * load<usize>(layerRecord(0), Field.Inputs) * sizeof<T>();
}

/**
 * Copies `rows` rows of the training set from `first` on to the tile's rows from `at` on: inputs in the epoch's order unless they
 * are used in place, and from Pass.Evaluate on targets, padded to the output's stride, and one weight per row.
 */
function loadRows<T>(first: usize, at: usize, rows: i32, pass: Pass): void {
  const order = load<usize>(Header.Order);
  const layer = lastLayer();
  const outputBytes = load<usize>(layer, Field.Units) * sizeof<T>();
  const stride = load<usize>(layer, Field.Stride) * sizeof<T>();
  const inputBytes = load<usize>(layerRecord(0), Field.Inputs) * sizeof<T>();
  const weights = load<usize>(Header.RowWeights);
  const y = load<usize>(Header.Y), x = load<usize>(Header.X);
  const tileX = load<usize>(Header.TileX), tileY = load<usize>(Header.TileY), tileWeights = load<usize>(Header.TileWeights);
  const outputWeights = load<usize>(Header.OutputWeights), tileOutputWeights = load<usize>(Header.TileOutputWeights);
  for (const end = at + <usize>rows; at < end; ++at, ++first) {
    const row: usize = order ? <usize>load<u32>(order + (first << 2)) : first;
    if (order) {
      const to = tileX + at * inputBytes, from = x + row * inputBytes;
      // Vectors may write past the end of a row, but not into another thread's rows.
      if (to + inputBytes + 15 < tileX + end * inputBytes) copyRow(to, from, inputBytes);
      else memory.copy(to, from, inputBytes);
    }
    if (pass == Pass.Predict) continue;
    store<T>(tileWeights + at * sizeof<T>(), weights ? load<T>(weights + row * sizeof<T>()) : <T>1);
    copyRow(tileY + at * stride, y + row * outputBytes, outputBytes);
    if (outputWeights) copyRow(tileOutputWeights + at * stride, outputWeights + row * outputBytes, outputBytes);
  }
}

/**
 * Copies a row, short ones in whole vectors: up to 15 bytes beyond `bytes` are read and written. Long rows in random order are bound
 * by memory latency, and memory.copy keeps more loads in flight.
 */
@inline
function copyRow(to: usize, from: usize, bytes: usize): void {
  if (bytes >= 512) {
    memory.copy(to, from, bytes);
    return;
  }
  const end = to + bytes;
  const shift = from - to;
  for (; to < end; to += 16) v128.store(to, v128.load(to + shift));
}

/** Writes the outputs of the tile's rows at … at+rows−1 without their padding, rows × units, to `to`. */
function storeOutputs<T>(at: usize, rows: i32, to: usize): void {
  const layer = lastLayer();
  const bytes = load<usize>(layer, Field.Units) * sizeof<T>();
  const stride = load<usize>(layer, Field.Stride) * sizeof<T>();
  let from = load<usize>(layer, Field.Output) + at * stride;
  to += at * bytes;
  for (const end = from + <usize>rows * stride; from < end; from += stride) {
    for (let i: usize = 0; i < bytes; i += sizeof<T>()) store<T>(to + i, load<T>(from + i));
    to += bytes;
  }
}

/** One thread's share of the task that the header describes. */
function perform<T>(thread: u32): void {
  const task = load<Task>(Header.TaskCode);
  const rows = load<u32>(Header.TaskRows);
  const first = load<u32>(Header.TaskFirst);
  const x = tileInputs<T>(first);
  if (task == Task.Rows) {
    const at = share(rows, thread, SHARED_ROWS);
    const height = <i32>(share(rows, thread + 1, SHARED_ROWS) - at);
    if (!height) return;
    const pass = load<Pass>(Header.TaskPass);
    const outputs = load<usize>(Header.TaskOutputs);
    loadRows<T>(first + at, at, height, outputs ? Pass.Predict : pass);
    forward<T>(x + <usize>at * load<usize>(layerRecord(0), Field.Inputs) * sizeof<T>(), at, height, pass, load<u32>(Header.TaskBatchRow));
    if (outputs) {
      storeOutputs<T>(at, height, outputs);
      return;
    }
    compare<T>(lastLayer(), at, height, load<f64>(Header.TaskScale));
    if (pass >= Pass.Gradients) backward<T>(at, height, thread);
  } else if (task == Task.Weights) {
    weightGradients<T>(x, rows, load<bool>(Header.TaskWhole), load<bool>(Header.TaskAccumulate), thread);
  } else {
    if (task != Task.Update) unreachable();
    const parameters = load<usize>(Header.Parameters);
    const bytes = load<u32>(Header.ParameterBytes);
    const from = <usize>share(bytes, thread, 64);
    update<T>(parameters + from, load<usize>(Header.Gradients) + from, <usize>share(bytes, thread + 1, 64) - from, 0);
  }
}

/** Runs a task on all threads, including this one. */
function runTask<T>(task: Task): void {
  store<Task>(Header.TaskCode, task);
  release();
  perform<T>(0);
  join();
}

/** A helper thread's whole run: its share of every task, until the run ends. */
export function help<T>(thread: u32): void {
  for (let generation = 0, skipped = 0; ; ) {
    skipped = awaitTask(generation, skipped);
    const next = atomic.load<i32>(Barrier.Generation);
    if (next == generation) return;
    generation = next;
    perform<T>(thread);
    arrive();
  }
}

/** Task.Rows on a tile: `rows` rows of the set from `first` on, the tile's first being row `batchRow` of its batch. */
function runRows<T>(first: u32, rows: i32, pass: Pass, batchRow: u32): void {
  store<u32>(Header.TaskFirst, first);
  store<i32>(Header.TaskRows, rows);
  store<i32>(Header.TaskPass, pass);
  store<u32>(Header.TaskBatchRow, batchRow);
  runTask<T>(Task.Rows);
  if (!load<usize>(Header.TaskOutputs)) addTotals(rows);
}

/** Task.Weights on the tile of the last runRows. */
function runWeights<T>(whole: bool, accumulate: bool): void {
  store<i32>(Header.TaskWhole, whole);
  store<i32>(Header.TaskAccumulate, accumulate);
  runTask<T>(Task.Weights);
}

/** Sets the factor of every row's loss in the objective, for a batch of `batchRows` rows. */
function setScale(batchRows: i32): void {
  store<f64>(Header.TaskScale, load<i32>(Header.Mean) ? 1 / <f64>batchRows : 1);
}

/**
 * Writes the dense outputs for `rows` rows of the training set from `first` on to `to`; with Pass.Train those of the next step's
 * dropout, for a loss function of outputs.
 */
export function predict<T>(first: u32, rows: i32, to: usize, pass: Pass): void {
  const tileRows = load<i32>(Header.TileRows);
  const bytes = load<usize>(lastLayer(), Field.Units) * sizeof<T>();
  for (let done = 0; done < rows; done += tileRows) {
    store<usize>(Header.TaskOutputs, to + <usize>done * bytes);
    runRows<T>(first + done, min<i32>(rows - done, tileRows), pass, done);
  }
  store<usize>(Header.TaskOutputs, 0);
}

/**
 * Evaluates `rows` rows of the training set from `first` on, tile by tile: adds totals to those in the header, and from
 * Pass.Gradients on writes the gradient, without l2, to the gradient block, or adds it there when `accumulate`.
 * `batchRows` counts the rows of the whole objective.
 */
export function evaluate<T>(first: u32, rows: i32, pass: Pass, accumulate: bool, batchRows: i32): void {
  setScale(batchRows);
  const tileRows = load<i32>(Header.TileRows);
  for (let done = 0; done < rows; done += tileRows) {
    runRows<T>(first + done, min<i32>(rows - done, tileRows), pass, done);
    if (pass >= Pass.Gradients) runWeights<T>(true, accumulate || done > 0);
  }
}

/** Makes the older snapshot the one to roll back to, or to overwrite. */
function swapSnapshots(): void {
  const snapshot = load<usize>(Header.Snapshot);
  store<usize>(Header.Snapshot, load<usize>(Header.OlderSnapshot));
  store<usize>(Header.OlderSnapshot, snapshot);
}

/** Whether all parameters and the optimiser's slots are finite. */
export function stateIsFinite<T>(): bool {
  return allFinite<T>(load<usize>(Header.Parameters), load<usize>(Header.StateBytes) - State.Bytes);
}

/** One optimiser step on `rows` rows of the training set from `first` on. Writes the batch's totals to the header. */
export function step<T>(first: u32, rows: i32): void {
  store<f64>(Header.BatchLoss, 0);
  store<f64>(Header.BatchCorrect, 0);
  if (rows <= load<i32>(Header.TileRows) && !load<i32>(Header.Clip)) {
    setScale(rows);
    runRows<T>(first, rows, Pass.Train, 0);
    beginStep<T>();
    runWeights<T>(false, false);
    return;
  }
  evaluate<T>(first, rows, Pass.Train, false, rows);
  decayGradients<T>();
  applyGradients<T>();
}

/** One optimiser step by the gradient in the gradient block, clipped. */
export function applyGradients<T>(): void {
  if (load<i32>(Header.Clip)) clip<T>(load<usize>(Header.Gradients), load<usize>(Header.ParameterBytes));
  beginStep<T>();
  runTask<T>(Task.Update);
}

/** w ← (1 − τ)·w + τ·g over all parameters, g in the gradient block. */
export function blend<T>(tau: f64): void {
  const parameters = load<usize>(Header.Parameters);
  interpolate<T>(parameters, load<usize>(Header.Gradients), load<usize>(Header.ParameterBytes), tau);
}

/**
 * Trains on at most `steps` batches and at most `epochs` completed epochs, from the cursor on; stops at the end of an open set.
 * Returns 1 when the last batch's loss is not finite or, at an epoch's end, a parameter or slot is not; otherwise 0.
 */
export function train<T>(steps: i32, epochs: i32): i32 {
  const state = load<usize>(Header.Parameters) - State.Bytes;
  const rows = load<i32>(Header.Rows);
  const batchSize = load<i32>(Header.BatchSize);
  const order = load<usize>(Header.Order);
  let record = load<usize>(Header.Records);
  let stepsDone = 0, epochsDone = 0, failed = 0;
  while (stepsDone < steps && epochsDone < epochs) {
    const cursor = load<i32>(Header.Cursor);
    const begins = cursor + load<i32>(Header.EarlierRows) == 0;
    if (begins) {
      store<f64>(Header.EpochLoss, 0);
      store<f64>(Header.EpochCorrect, 0);
    }
    if (cursor == 0) {
      if (order) shuffle(order, rows, load<u32>(state, State.Epoch));
    }
    const size = min<i32>(batchSize, rows - cursor);
    step<T>(cursor, size);
    ++stepsDone;
    store<i32>(Header.BatchRows, size);
    store<i32>(Header.Cursor, cursor + size);
    const loss = load<f64>(Header.BatchLoss);
    if (!isFinite<f64>(loss)) {
      // If the first loss of an epoch is not finite, the previous epoch's final weights had already diverged.
      if (begins) swapSnapshots();
      failed = 1;
      break;
    }
    store<f64>(Header.EpochLoss, load<f64>(Header.EpochLoss) + loss);
    store<f64>(Header.EpochCorrect, load<f64>(Header.EpochCorrect) + load<f64>(Header.BatchCorrect));
    if (cursor + size < rows) continue;
    store<i32>(Header.Cursor, 0);
    if (load<i32>(Header.Open)) {
      store<i32>(Header.EarlierRows, load<i32>(Header.EarlierRows) + rows);
      break;
    }
    store<i32>(Header.EarlierRows, 0);
    if (!stateIsFinite<T>()) {
      failed = 1;
      break;
    }
    store<u32>(state, increased(load<u32>(state, State.Epoch)), State.Epoch);
    swapSnapshots();
    memory.copy(load<usize>(Header.Snapshot), state, load<usize>(Header.StateBytes));
    store<f64>(record, load<f64>(Header.EpochLoss));
    store<f64>(record, load<f64>(Header.EpochCorrect), 8);
    record += 16;
    ++epochsDone;
  }
  store<i32>(Header.StepsDone, stepsDone);
  store<i32>(Header.EpochsDone, epochsDone);
  return failed;
}
