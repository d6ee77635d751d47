// `fit` with threads, in Node: the calling thread leads helpers, and the network is the one that it alone would have made.
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { NN, type FitOptions, type NetworkOptions } from "../../src/index.js";
import { caught } from "../nn/support.js";
import { isTried } from "../sampling.js";
import { expectSameNetwork, LARGE, LARGE_EPOCHS, LARGE_X, LARGE_Y, untimed } from "./support.js";
import { endWorkers, running, startedWorkers, watchWorkers } from "./workers.js";

beforeAll(watchWorkers);
afterAll(endWorkers);

const make = (options: Partial<NetworkOptions> = {}): NN => new NN({ ...LARGE, ...options });
/** Enough work to be worth threads: all of it, or but its first epochs. */
const long: FitOptions = { epochs: LARGE_EPOCHS };
const EPOCHS = 5;
const begun: FitOptions = { ...long, onEpochEnd: ({ epoch }) => epoch < EPOCHS - 1 };
/** As much without callbacks, on one thread. */
const same: FitOptions = { epochs: EPOCHS };

describe.each(["float32", "float64"] as const)("%s", (dtype) => {
  test("2, 3, 4 and 7 threads give the same bits as one", () => {
    const some = [2, 3, 4, 7].filter((_, i) => isTried(i, 3));
    for (const [counts, fit] of [
      [some, begun],
      [[3], long],
    ] as const) {
      const one = make({ dtype });
      const history = one.fit(LARGE_X, LARGE_Y, fit);
      expect(one.threads).toBe(1);
      for (const threads of counts) {
        const nn = make({ dtype });
        expect(untimed(nn.fit(LARGE_X, LARGE_Y, { ...fit, threads }))).toEqual(untimed(history));
        expect(nn.threads).toBe(threads);
        expectSameNetwork(nn, one);
      }
    }
  });
});

test("threads give the same bits with all options on, epoch by epoch", () => {
  const options: Partial<NetworkOptions> = {
    l2: 0.01,
    clipNorm: 0.5,
    optimizer: "adamw",
    inputScaling: "standard",
    learningRate: (epoch) => 0.01 / (1 + epoch),
  };
  const fit = (threads: number) => {
    const nn = make(options);
    const losses: number[] = [];
    const history = nn.fit(LARGE_X, LARGE_Y, {
      ...long,
      threads,
      batchSize: 300,
      validationSplit: 0.1,
      classWeight: [1, 2, 3, 4],
      earlyStopping: { patience: 200, monitor: "valAccuracy" },
      onEpochEnd: ({ loss }) => losses.push(loss) < 8,
    });
    return { nn, losses, history: untimed(history) };
  };
  const [one, two] = [fit(1), fit(2)];
  expect([one.nn.threads, two.nn.threads]).toEqual([1, 2]);
  expect(two.losses).toEqual(one.losses);
  expect(two.history).toEqual(one.history);
  expectSameNetwork(two.nn, one.nn);
});

test("small work is not split, without a warning", () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const small = new NN({ layers: [3, 2, 1] });
  small.fit([[1, 2, 3]], [[1]], { threads: 2, epochs: 10 });
  expect(small.threads).toBe(1);
  const brief = make();
  brief.fit(LARGE_X, LARGE_Y, { threads: 2, epochs: 1 });
  expect(brief.threads).toBe(1);
  expect(warn).not.toHaveBeenCalled();
  warn.mockRestore();
});

test("an exception in a callback restores the last completed epoch, and the next training works", () => {
  const nn = make(),
    expected = make();
  const mine = new Error("mine");
  const onEpochEnd = ({ epoch }: { epoch: number }): void => {
    if (epoch === 2) throw mine;
  };
  expect(caught(() => nn.fit(LARGE_X, LARGE_Y, { ...long, threads: 3, onEpochEnd }))).toBe(mine);
  expected.fit(LARGE_X, LARGE_Y, { epochs: 3 });
  expectSameNetwork(nn, expected);
  const onward: FitOptions = { ...long, onEpochEnd: ({ epoch }) => epoch < 3 };
  expect(nn.fit(LARGE_X, LARGE_Y, { ...onward, threads: 3 }).loss).toEqual(expected.fit(LARGE_X, LARGE_Y, onward).loss);
  expectSameNetwork(nn, expected);
});

test("workers are reused for the next training although the calling thread has not returned to its event loop", () => {
  const nn = make();
  nn.fit(LARGE_X, LARGE_Y, { ...begun, threads: 2 });
  const before = startedWorkers();
  for (let i = 0; i < 3; i++) nn.fit(LARGE_X, LARGE_Y, { ...begun, threads: 2 });
  // None, or one that was due.
  expect(startedWorkers() - before).toBeLessThanOrEqual(1);
  expect(running.length).toBeGreaterThanOrEqual(1);
});

test.each([1, 2])("%i of two idle workers may have exited unnoticed: new ones replace them", async (gone) => {
  await Promise.all(running.map((worker) => worker.terminate()));
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const [nn, expected] = [make(), make()];
  nn.fit(LARGE_X, LARGE_Y, { ...begun, threads: 3 });
  expect(running).toHaveLength(2);
  for (const worker of running.slice(-gone)) {
    // Whenever it ends, it takes nothing any more; this thread does not listen, and does not hear of its end.
    worker.postMessage = () => undefined;
    void worker.terminate();
  }
  nn.fit(LARGE_X, LARGE_Y, { ...begun, threads: 3 });
  expect(nn.threads).toBe(3);
  expect(warn).not.toHaveBeenCalled();
  warn.mockRestore();
  for (let i = 0; i < 2; i++) expected.fit(LARGE_X, LARGE_Y, same);
  expectSameNetwork(nn, expected);
});

test("training runs of every kind may follow each other immediately", async () => {
  // Messages from a `fit`'s workers arrive only when the calling thread returns to its event loop: during a later training.
  const [nn, expected] = [make(), make()];
  const x = LARGE_X.subarray(0, 90),
    y = LARGE_Y.slice(0, 1);
  for (let round = 0; round < 2; round++) {
    for (const threads of [3, 2]) nn.fit(LARGE_X, LARGE_Y, { ...begun, threads });
    await nn.fitAsync(x, y);
    await nn.fitAsync(LARGE_X, LARGE_Y, { epochs: 2, threads: 2 });
    for (let i = 0; i < 2; i++) expected.fit(LARGE_X, LARGE_Y, same);
    expected.fit(x, y);
    expected.fit(LARGE_X, LARGE_Y, { epochs: 2 });
  }
  expectSameNetwork(nn, expected);
});
