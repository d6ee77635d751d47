// How the page trains. Small networks train on the page itself, in slices that fit into a frame: what is seen is then never
// older than a frame. Large ones train beside the page.
import type { NN } from "../src/index.js";
import { frameBudget, onFrame } from "./ui/frames.js";

type FitOptions = NonNullable<Parameters<NN["fit"]>[2]>;
export type EpochLogs = Parameters<NonNullable<FitOptions["onEpochEnd"]>>[0];

export interface Slice {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly batchSize: number;
  /** Default: true. */
  readonly shuffle?: boolean;
  readonly validation?: readonly [x: Float32Array, y: Float32Array] | undefined;
  /** No more epochs than this. */
  readonly epochs: number;
  readonly onEpoch: (logs: EpochLogs) => void;
}

/**
 * Trains for as many epochs as fit into a slice, one at least.
 * @returns the library's figure of rows per second
 * @throws DivergenceError
 */
export function trainSlice(nn: NN, { x, y, batchSize, shuffle = true, validation, epochs, onEpoch }: Slice): number {
  const start = performance.now();
  const budget = frameBudget();
  const { samplesPerSecond } = nn.fit(x, y, {
    epochs,
    batchSize,
    shuffle,
    ...(validation && { validationData: validation }),
    onEpochEnd(logs) {
      onEpoch(logs);
      return performance.now() - start < budget;
    },
  });
  return samplesPerSecond;
}

/** Rows a second over many slices: some are shorter than the clock's tick, so that one alone says little. */
export class Pace {
  #rows = 0;
  #seconds = 0;

  /** Takes in rows that were trained at a rate. */
  add(rows: number, rowsPerSecond: number): void {
    if (rows === 0) return;
    this.#rows += rows;
    this.#seconds += rows / rowsPerSecond;
    // Old slices fade: the figure follows what happens now.
    if (this.#seconds > 1) {
      this.#rows /= 2;
      this.#seconds /= 2;
    }
  }

  get rowsPerSecond(): number | undefined {
    return this.#rows ? this.#rows / this.#seconds : undefined;
  }
}

export interface Course {
  readonly epochs: number;
  readonly batchSize: number;
  readonly onEpochEnd: (logs: EpochLogs) => void;
  /** Ends training; the promise then fulfils, and the network is at its last completed epoch. */
  readonly signal: AbortSignal;
}

/**
 * Trains off the page's thread, with as many threads as the library finds worthwhile.
 * @throws DivergenceError
 */
export async function trainBeside(nn: NN, x: Float32Array, y: Float32Array | Uint8Array, course: Course): Promise<void> {
  const { epochs, batchSize, onEpochEnd, signal } = course;
  // Nothing is drawn at every frame, but how many there are is worth knowing.
  const stopCounting = onFrame(() => {});
  try {
    await nn.fitAsync(x, y, { epochs, batchSize, onEpochEnd, signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    stopCounting();
  }
}
