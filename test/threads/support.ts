// Shared by the suites of threads: comparison bit for bit, rows and networks that have enough work for threads, and promises
// that must fail.
import { expect, vi } from "vitest";
import type { TrainingState } from "../../src/engine/engine.js";
import { type NN, type LayerWeights, type NetworkOptions } from "../../src/index.js";
import type { FloatArray, LayerParameters } from "../../src/model/spec.js";
import { yieldToEventLoop } from "../../src/threads/event-loop.js";
import { acquire } from "../../src/threads/pool.js";
import { randoms } from "../engine/support.js";

/** The first place where two lists of numbers differ in a bit, or −1. */
function firstDifference(a: FloatArray, b: FloatArray): number {
  const [left, right] = [a, b].map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength));
  if (left.length !== right.length || a.BYTES_PER_ELEMENT !== b.BYTES_PER_ELEMENT) return 0;
  const at = left.findIndex((byte, i) => byte !== right[i]);
  return at < 0 ? -1 : Math.floor(at / a.BYTES_PER_ELEMENT);
}

export function expectSameNumbers(actual: FloatArray, expected: FloatArray, what = "numbers"): void {
  const at = firstDifference(actual, expected);
  expect(at < 0 ? "the same" : `${actual[at]} at ${at}`, what).toBe(at < 0 ? "the same" : `${expected[at]} at ${at}`);
}

type Layers = readonly (LayerParameters | LayerWeights)[];

export function expectSameLayers(actual: Layers, expected: Layers, what = "layers"): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach(({ kernel, bias }, l) => {
    expectSameNumbers(kernel as FloatArray, expected[l].kernel as FloatArray, `${what}[${l}].kernel`);
    expect(bias === undefined).toBe(expected[l].bias === undefined);
    if (bias) expectSameNumbers(bias as FloatArray, expected[l].bias as FloatArray, `${what}[${l}].bias`);
  });
}

export function expectSameState(actual: TrainingState, expected: TrainingState): void {
  expectSameLayers(actual.parameters, expected.parameters, "parameters");
  expect(actual.slots.length).toBe(expected.slots.length);
  actual.slots.forEach((slot, i) => expectSameLayers(slot, expected.slots[i], `slots[${i}]`));
  expect([actual.step, actual.epoch]).toEqual([expected.step, expected.epoch]);
}

/** Two networks are the same in all that training remembers: a saved file holds weights, optimiser, counters and scalers. */
export function expectSameNetwork(actual: NN, expected: NN): void {
  expectSameLayers(actual.getWeights(), expected.getWeights());
  const [left, right] = [actual, expected].map((nn) => nn.save());
  expect(left.length === right.length && left.every((byte, i) => byte === right[i]), "the same saved file").toBe(true);
}

/** A history, or the logs of an epoch or a batch, without what depends on the clock. */
export function untimed<T extends { samplesPerSecond: number }>({ samplesPerSecond, ...rest }: T): Omit<T, "samplesPerSecond"> {
  expect(samplesPerSecond).toBeGreaterThanOrEqual(0);
  return rest;
}

/** The reason of a promise's rejection. */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  return expect.unreachable("the promise was not rejected");
}

/** Whether workers share memory here, so that several threads are used. */
export const SHARES =
  typeof SharedArrayBuffer !== "undefined" && (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated !== false;

/** A step of this network on a batch of 256 rows is enough work for eight threads. */
export const LARGE = {
  layers: [
    90,
    { units: 200, activation: "relu" },
    { units: 12, activation: "tanh", dropout: 0.2 },
    { units: 4, activation: "softmax" },
  ],
  loss: "categoricalCrossentropy",
  optimizer: "adam",
  epochs: 1,
  batchSize: 256,
  seed: 7,
} as const satisfies NetworkOptions;

export const LARGE_ROWS = 700;
export const LARGE_X = Float32Array.from(randoms(LARGE_ROWS * 90, 1));
/** So many epochs of it are worth starting workers for `fit`. */
export const LARGE_EPOCHS = 70;
export const LARGE_Y = Array.from(
  { length: LARGE_ROWS },
  (_, r) => Number(LARGE_X[r * 90] > 0) + 2 * Number(LARGE_X[r * 90 + 1] > 0),
);

/** The places where training can run, and the features that must be missing for each. */
export const PLACES = ["memory that is shared", "a worker with a memory of its own", "slices here"] as const;

interface WorkerThreads {
  Worker: unknown;
}

/** From now on trainings are done in the given place, until the returned function is called. */
export function confineTo(place: (typeof PLACES)[number]): () => void {
  if (place === PLACES[0]) return () => undefined;
  vi.stubGlobal("SharedArrayBuffer", undefined);
  const node = globalThis.process?.getBuiltinModule?.("node:worker_threads") as WorkerThreads | undefined;
  const Worker = node?.Worker;
  if (place === PLACES[2]) {
    if (node)
      node.Worker = function refuse() {
        throw new Error("no workers here");
      };
    else vi.stubGlobal("Worker", undefined);
    endIdle();
  }
  return () => {
    vi.unstubAllGlobals();
    if (node) node.Worker = Worker;
  };
}

/** Ends the workers that wait for a next run, where new ones cannot be had. */
function endIdle(): void {
  try {
    for (;;) acquire().terminate();
  } catch {
    // All are gone.
  }
}

/** A clock that advances by a long time at each reading: slices are as short as possible, and each pause yields. */
export function hurry(): { stop(): void } {
  let time = 0;
  const now = vi.spyOn(performance, "now").mockImplementation(() => (time += 1000));
  return { stop: () => now.mockRestore() };
}

/**
 * A signal that aborts itself after its nth listener has been added: a run adds one for each step that it waits for. The abort comes
 * when that step has just begun, or a task of the event loop later.
 */
export function abortAt(step: number, reason: unknown, later: boolean): AbortSignal {
  const controller = new AbortController();
  const { signal } = controller;
  let steps = 0;
  const listen = signal.addEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof listen>) => {
    listen(...args);
    if (++steps === step) void (later ? yieldToEventLoop() : Promise.resolve()).then(() => controller.abort(reason));
  };
  return signal;
}
