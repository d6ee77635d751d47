// Training: tiles of the set, optimiser steps, and runs of mini-batches, one call for many.
import { Field, Header, Pass, State } from "./abi";
import { compare } from "./loss";
import { backward, forward, lastLayer, layerRecord, weightGradients } from "./network";
import { addDecay, allFinite, beginStep, clip, update } from "./optimizer";
import { shuffle } from "./random";

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

/**
 * Makes rows first … first+rows−1 of the training set the current tile: targets padded to the output's stride, one weight a
 * row, inputs in the set's order. Returns where the inputs lie: in place when the set is not reordered.
 */
function loadTile<T>(first: usize, rows: i32): usize {
  const order = load<usize>(Header.Order);
  const weights = load<usize>(Header.RowWeights);
  const layer = lastLayer();
  const outputBytes = load<usize>(layer, Field.Units) * sizeof<T>();
  const stride = load<usize>(layer, Field.Stride) * sizeof<T>();
  const inputBytes = load<usize>(layerRecord(0), Field.Inputs) * sizeof<T>();
  const y = load<usize>(Header.Y), x = load<usize>(Header.X);
  const tileX = load<usize>(Header.TileX), tileY = load<usize>(Header.TileY), tileWeights = load<usize>(Header.TileWeights);
  for (let i: usize = 0; i < <usize>rows; ++i) {
    const row: usize = order ? <usize>load<u32>(order + ((first + i) << 2)) : first + i;
    store<T>(tileWeights + i * sizeof<T>(), weights ? load<T>(weights + row * sizeof<T>()) : <T>1);
    copyRow(tileY + i * stride, y + row * outputBytes, outputBytes);
    if (order) copyRow(tileX + i * inputBytes, x + row * inputBytes, inputBytes);
  }
  return order ? tileX : x + first * inputBytes;
}

/**
 * Copies a row, short ones in whole vectors: up to 15 bytes beyond `bytes` are read and written. Long rows from all over a data
 * set wait for memory, and the engine's own copy keeps more of them under way.
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

/**
 * `rows` rows of the training set from `first` on, tile by tile: totals are added to those in the header, and from
 * Pass.Gradients on the gradient goes to the gradient block (l2 not yet added), onto what is there when `accumulate`.
 * `batchRows` are the rows of the whole objective.
 */
export function evaluate<T>(first: u32, rows: i32, pass: Pass, accumulate: bool, batchRows: i32): void {
  const scale = load<i32>(Header.Mean) ? 1 / <f64>batchRows : 1;
  const most = load<i32>(Header.TileRows);
  for (let done = 0; done < rows; ) {
    const height = min<i32>(rows - done, most);
    const x = loadTile<T>(first + done, height);
    forward<T>(x, height, pass, done);
    compare<T>(lastLayer(), height, scale);
    if (pass >= Pass.Gradients) {
      backward<T>(height);
      weightGradients<T>(x, height, true, accumulate || done > 0);
    }
    done += height;
  }
}

/** The older snapshot becomes the one to return to, or to write over. */
function swapSnapshots(): void {
  const snapshot = load<usize>(Header.Snapshot);
  store<usize>(Header.Snapshot, load<usize>(Header.OlderSnapshot));
  store<usize>(Header.OlderSnapshot, snapshot);
}

/** Whether all parameters, and all that the optimiser remembers of them, are finite. */
export function stateIsFinite<T>(): bool {
  return allFinite<T>(load<usize>(Header.Parameters), load<usize>(Header.StateBytes) - State.Bytes);
}

/** One optimiser step on `rows` rows of the training set from `first` on. Batch totals are left in the header. */
export function step<T>(first: u32, rows: i32): void {
  store<f64>(Header.BatchLoss, 0);
  store<f64>(Header.BatchCorrect, 0);
  const parameters = load<usize>(Header.Parameters);
  if (rows <= load<i32>(Header.TileRows) && !load<i32>(Header.Clip)) {
    const x = loadTile<T>(first, rows);
    forward<T>(x, rows, Pass.Train, 0);
    compare<T>(lastLayer(), rows, load<i32>(Header.Mean) ? 1 / <f64>rows : 1);
    backward<T>(rows);
    beginStep();
    weightGradients<T>(x, rows, false, false);
    return;
  }
  evaluate<T>(first, rows, Pass.Train, false, rows);
  decayGradients<T>();
  const gradients = load<usize>(Header.Gradients);
  const bytes = load<usize>(Header.ParameterBytes);
  if (load<i32>(Header.Clip)) clip<T>(gradients, bytes);
  beginStep();
  update<T>(parameters, gradients, bytes, 0);
}

/**
 * Trains on at most `steps` batches and at most `epochs` completed epochs, going on at the cursor. Returns 1 when the
 * last batch's loss, or at an epoch's end a parameter, is not finite; else 0.
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
    if (cursor == 0) {
      store<f64>(Header.EpochLoss, 0);
      store<f64>(Header.EpochCorrect, 0);
      if (order) shuffle(order, rows, load<u32>(state, State.Epoch));
    }
    const size = min<i32>(batchSize, rows - cursor);
    step<T>(cursor, size);
    ++stepsDone;
    store<i32>(Header.BatchRows, size);
    store<i32>(Header.Cursor, cursor + size);
    const loss = load<f64>(Header.BatchLoss);
    if (!isFinite<f64>(loss)) {
      // An epoch whose very first loss is not finite began from weights that were no good.
      if (cursor == 0) swapSnapshots();
      failed = 1;
      break;
    }
    store<f64>(Header.EpochLoss, load<f64>(Header.EpochLoss) + loss);
    store<f64>(Header.EpochCorrect, load<f64>(Header.EpochCorrect) + load<f64>(Header.BatchCorrect));
    if (cursor + size < rows) continue;
    store<i32>(Header.Cursor, 0);
    if (!stateIsFinite<T>()) {
      failed = 1;
      break;
    }
    store<u32>(state, load<u32>(state, State.Epoch) + 1, State.Epoch);
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
