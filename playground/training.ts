// How the page trains. Small networks train on the page itself, in slices that fit into a frame: what is seen is then never
// older than a frame. Large ones train beside the page.
import type { NN } from "../src/index.js";

type FitOptions = NonNullable<Parameters<NN["fit"]>[2]>;
export type EpochLogs = Parameters<NonNullable<FitOptions["onEpochEnd"]>>[0];

/** What a slice may take of a frame's 16 milliseconds: the rest is for drawing. */
export const SLICE_MS = 5;

export interface Slice {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly batchSize: number;
  readonly validation?: readonly [x: Float32Array, y: Float32Array] | undefined;
  /** No more epochs than this. */
  readonly epochs: number;
  readonly onEpoch: (logs: EpochLogs) => void;
}

/**
 * Trains for as many epochs as fit into a slice, one at least.
 * @returns the milliseconds that it took
 * @throws DivergenceError
 */
export function trainSlice(nn: NN, { x, y, batchSize, validation, epochs, onEpoch }: Slice): number {
  const start = performance.now();
  nn.fit(x, y, {
    epochs, batchSize,
    ...(validation && { validationData: validation }),
    onEpochEnd(logs) {
      onEpoch(logs);
      return performance.now() - start < SLICE_MS;
    },
  });
  return performance.now() - start;
}
