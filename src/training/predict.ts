// Predictions, synchronous or without blocking the calling thread.
import { checkRows, shapeOutput, type DataRows } from "../data/rows.js";
import { scaledRows, unscale, type Scaler } from "../data/scaling.js";
import { pieceRows, pieces, rowsOf, runToEnd, sliceRows, type Cooperative, type Engine, type Rows } from "../engine/engine.js";
import { WasmEngine } from "../engine/wasm/engine.js";
import { TILE_ROWS } from "../engine/wasm/layout.js";
import { createArray } from "../model/parameters.js";
import { outputsOf, type FloatArray } from "../model/spec.js";
import type { Signal } from "../options/fit.js";
import { multiplyAdds, planWorkers, type ThreadOptions } from "../threads/placement.js";
import type { NetworkState } from "./run.js";
import { perform, runAsync, withPlacement, type TrainingSteps } from "./steps.js";

/** The network's outputs for rows, row-major, in the units of the targets. */
export function outputsFor(
  { engine, scalers, settings: { spec } }: NetworkState,
  rows: DataRows,
  out = createArray(spec.dtype, rows.count * outputsOf(spec)),
): FloatArray {
  engine.predict(scaledRows(rows, scalers?.input), out);
  return unscale(out, scalers?.target);
}

/** `predict(x, out)` for few rows in the network's precision. It allocates nothing, because an audio thread has no time to collect garbage. */
export function predictTile({ engine, scalers, settings: { spec } }: NetworkState, x: unknown, out: unknown): boolean {
  const Numbers = spec.dtype === "float32" ? Float32Array : Float64Array;
  return !scalers && engine instanceof WasmEngine && x instanceof Numbers && out instanceof Numbers && engine.predictTile(x, out);
}

/** Writes the outputs to the caller's array. An engine checks rows tile by tile, so several tiles are checked beforehand: an error leaves `out` unchanged. */
export function outputsInto(network: NetworkState, rows: DataRows, out: FloatArray): FloatArray {
  if (rows.count > TILE_ROWS) runToEnd(checkRows(scaledRows(rows, network.scalers?.input), network.settings.spec.dtype));
  return outputsFor(network, rows, out);
}

/** Rows predicted per task: in a worker, and on the calling thread between yields to its event loop. */
const PREDICTED = 4096;
const PREDICTED_HERE = 64;
/** Multiply-adds below which a prediction runs on the calling thread: less than a millisecond's work. */
const SMALL = 5e6;

/** Implements `predictAsync`: in a worker, unless the work is too small to justify one. */
export async function predictInWorkers(
  { settings: { spec }, engine: own, scalers }: NetworkState,
  rows: DataRows,
  options: Omit<ThreadOptions, "batchSize"> & { signal?: Signal },
): Promise<Shaped> {
  const { signal } = options;
  if (signal?.aborted) throw signal.reason;
  const x = scaledRows(rows, scalers?.input);
  const out = createArray(spec.dtype, x.count * outputsOf(spec));
  if (x.count * multiplyAdds(spec.layers) < SMALL) {
    own.predict(x, out);
  } else {
    // Copied now, with the scalers: the network may be trained before the workers are ready.
    const parameters = own.getParameters();
    const placing = planWorkers(own, spec, { ...options, batchSize: Infinity }, x.count);
    await withPlacement(placing, signal, ({ engine, workers }) => {
      engine.setParameters(parameters);
      return runAsync(predicting(engine, x, out, workers ? PREDICTED : PREDICTED_HERE), workers, signal);
    });
  }
  return runAsync(shaping(out, rows, scalers?.target), undefined, signal);
}

function* predicting(engine: Engine, x: Rows, out: FloatArray, size: number): TrainingSteps<void> {
  const columns = out.length / x.count;
  const y = rowsOf(out, columns);
  for (const [first, count] of pieces(x.count, size)) {
    yield* engine.prepare({ x: sliceRows(x, first, count), y: sliceRows(y, first, count), batchSize: count, shuffle: false });
    out.set(yield* perform(engine.predictions()), first * columns);
  }
}

type Shaped = number[] | number[][] | FloatArray;

/** Converts row-major outputs to the units of the targets and to the form of the input rows. */
export function* shaping(out: FloatArray, { count, like }: DataRows, scaler: Scaler | undefined): Cooperative<Shaped> {
  const columns = out.length / count;
  const list: number[][] = [];
  for (const [first, size] of pieces(count, Math.min(PREDICTED, pieceRows(columns)))) {
    const part = unscale(out.subarray(first * columns, (first + size) * columns), scaler);
    if (like === "rows") list.push(...shapeOutput(part, size, columns, like));
    yield undefined;
  }
  return like === "rows" ? list : shapeOutput(out, count, columns, like);
}
