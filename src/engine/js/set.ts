// The plain engine's copy of a training set, and how its rows are copied to the tile.
import { createArray } from "../../model/parameters.js";
import type { Dtype, FloatArray } from "../../model/spec.js";
import { rowsOf, writeRows, type Samples, type Cooperative, type Rows, type TrainingSet } from "../engine.js";
import type { Tile } from "./network.js";

export interface PreparedSet {
  readonly x: FloatArray;
  readonly y: FloatArray;
  readonly weights: FloatArray | undefined;
  /** Rows × outputs. */
  readonly outputWeights: FloatArray | undefined;
  readonly rows: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly validation: Samples | undefined;
  readonly open: boolean;
  /** The order of rows in this epoch. */
  readonly order: Uint32Array;
}

/** Copies a set piece by piece. The arrays of the set before are reused if it had as many rows. */
export function* prepareSet(dtype: Dtype, set: TrainingSet, before: PreparedSet | undefined): Cooperative<PreparedSet> {
  const { x, y, validation, weights, outputWeights, batchSize, shuffle, open = false } = set;
  const rows = x.count;
  const old = before?.rows === rows ? before : undefined;
  const order = old?.order ?? new Uint32Array(rows);
  for (let row = 0; row < rows; row++) order[row] = row;
  return {
    x: yield* copyInto(x, dtype, old?.x),
    y: yield* copyInto(y, dtype, old?.y),
    weights: weights?.slice(0, rows),
    outputWeights: outputWeights && (yield* copyInto(outputWeights, dtype)),
    validation: validation && { x: yield* copied(validation.x, dtype), y: yield* copied(validation.y, dtype) },
    rows,
    inputs: x.columns,
    outputs: y.columns,
    batchSize: Math.min(batchSize, rows),
    shuffle,
    open,
    order,
  };
}

/** Copies `rows` rows of the set to the tile, from position `first` on: in `order`, or unshuffled without one. */
export function gather(set: PreparedSet, order: Uint32Array | undefined, first: number, rows: number, tile: Tile): void {
  const { inputs, outputs } = set;
  tile.outputWeights = set.outputWeights && tile.outputWeightsOf(outputs);
  for (let row = 0; row < rows; row++) {
    const source = order === undefined ? first + row : order[first + row];
    for (let i = 0, to = row * inputs, from = source * inputs; i < inputs; i++) tile.x[to + i] = set.x[from + i];
    for (let i = 0, to = row * outputs, from = source * outputs; i < outputs; i++) tile.targets[to + i] = set.y[from + i];
    if (set.outputWeights)
      tile.outputWeights!.set(set.outputWeights.subarray(source * outputs, (source + 1) * outputs), row * outputs);
    tile.weights[row] = set.weights === undefined ? 1 : set.weights[source];
  }
}

function* copyInto(rows: Rows, dtype: Dtype, to = createArray(dtype, rows.count * rows.columns)): Cooperative<FloatArray> {
  yield* writeRows(rows, to);
  return to;
}

function* copied(rows: Rows, dtype: Dtype): Cooperative<Rows> {
  return rowsOf(yield* copyInto(rows, dtype), rows.columns);
}
