// Injected faults: workers killed at chosen moments, memory that cannot grow, workers that cannot start.
import type { Worker } from "node:worker_threads";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { NN, type AsyncFitOptions, type Chunk } from "../../src/index.js";
import { yieldToEventLoop } from "../../src/threads/event-loop.js";
import { caught, table } from "../nn/support.js";
import { tries } from "../sampling.js";
import {
  confineTo,
  expectSameLayers,
  expectSameNetwork,
  hurry,
  LARGE,
  LARGE_EPOCHS,
  LARGE_X,
  LARGE_Y,
  PLACES,
  rejection,
  untimed,
} from "./support.js";
import { allGone, endWorkers, onMessage, onStart, running, watchWorkers } from "./workers.js";

beforeAll(watchWorkers);
afterAll(endWorkers);
const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
let restore = (): void => undefined;
afterEach(() => {
  restore();
  warn.mockClear();
});

/** How long free workers are kept, in milliseconds. */
const IDLE_MS = 3000;

/** The network after so many epochs, for all that are asked for. */
const references: NN[] = [new NN(LARGE)];
function reference(epochs: number): NN {
  while (references.length <= epochs) {
    const next = NN.load(references.at(-1)!.save());
    next.fit(LARGE_X, LARGE_Y, { epochs: 1 });
    references.push(next);
  }
  return references[epochs];
}
const epochsOf = (nn: NN): number => (nn.toJSON() as unknown as { epoch: number }).epoch;

describe.each(PLACES.slice(0, 2))("in %s", (place) => {
  test("killing a worker at any message restores the last completed epoch, leaves no worker, and the next training works", async () => {
    restore = confineTo(place);
    for (let round = 0; round < tries(12, 5); round++) {
      const nn = new NN(LARGE);
      let told = 0;
      const threads = 1 + (round % 4);
      const fit: AsyncFitOptions = { epochs: 1e6, threads };
      // With callbacks the network is at the last reported epoch, without them at one that the run has completed.
      if (round % 2) fit.onEpochEnd = ({ epoch }) => void (told = epoch + 1);
      // Killed upon a result that comes after an epoch: before it is taken, or when the next call has been made.
      const moment = 1 + (round % 5),
        victim = round % threads,
        late = round % 3 === 0;
      let results = 0,
        killed: Promise<unknown> | undefined;
      onMessage((_count, _worker, kind) => {
        if (kind !== "result" || killed || !epochsOf(nn) || ++results < moment) return;
        expect(running).toHaveLength(nn.threads);
        const kill = (): Promise<unknown> => running[victim % running.length].terminate();
        killed = late ? yieldToEventLoop().then(kill) : kill();
      });
      // Half of them with slices that a machine's speed does not lengthen.
      const clock = round % 4 < 2 ? hurry() : undefined;
      const error = await rejection(nn.fitAsync(LARGE_X, LARGE_Y, fit));
      clock?.stop();
      onMessage();
      await killed;
      expect(error.message).toBe("a worker ended while this network was training");
      const epochs = epochsOf(nn);
      expect(epochs).toBeGreaterThan(0);
      if (round % 2) expect(epochs).toBe(told);
      expectSameNetwork(nn, reference(epochs));
      await nn.fitAsync(LARGE_X, LARGE_Y, { epochs: 1, threads: 2 });
      expectSameLayers(nn.getWeights(), reference(epochs + 1).getWeights());
      await Promise.all(running.map((worker) => worker.terminate()));
      expect(running).toHaveLength(0);
    }
  });

  // Each worker of three, or the only one, dies when it is started, when it has joined, and upon its first result.
  test.each(place === PLACES[0] ? [0, 1, 2] : [0])(
    "when worker %i is killed while workers start, training runs without it or is rejected at its beginning",
    async (index) => {
      restore = confineTo(place);
      const before = new NN(LARGE),
        done = reference(2);
      const outcomes: string[] = [];
      for (const moment of ["start", "ready", "result"]) {
        const nn = new NN(LARGE);
        let killed = false;
        const kill = (worker: Worker): void => {
          killed = true;
          void worker.terminate();
        };
        const victim = (worker: Worker): boolean => !killed && running.indexOf(worker) === index;
        if (moment === "start")
          onStart((worker) => {
            if (victim(worker)) kill(worker);
          });
        // Worker 0 alone has results.
        else
          onMessage((_count, worker, kind) => {
            if (kind === moment && (kind === "result" ? !killed : victim(worker))) kill(running[index]);
          });
        const outcome = await nn.fitAsync(LARGE_X, LARGE_Y, { epochs: 2, threads: 3 }).then(() => "trained", String);
        onMessage();
        onStart();
        expect(killed).toBe(true);
        outcomes.push(outcome);
        if (outcome !== "trained") expect(outcome).toBe("Error: a worker ended while this network was training");
        const epochs = epochsOf(nn);
        expectSameNetwork(nn, outcome === "trained" ? done : epochs ? reference(epochs) : before);
        await Promise.all(running.map((worker) => worker.terminate()));
      }
      expect(outcomes[0]).toBe("trained");
      expect(running).toHaveLength(0);
    },
  );

  test("a worker that is killed while idle is not used again", async () => {
    restore = confineTo(place);
    const nn = new NN(LARGE);
    for (let epochs = 1; epochs < 5; epochs++) {
      await nn.fitAsync(LARGE_X, LARGE_Y, { epochs: 1, threads: 2 });
      expectSameLayers(nn.getWeights(), reference(epochs).getWeights());
      expect(nn.threads).toBe(place === PLACES[0] ? 2 : 1);
      await Promise.all(running.map((worker) => worker.terminate()));
    }
    expect(running).toHaveLength(0);
  });

  test("no worker goes on working after an abort, an exception or the end", async () => {
    restore = confineTo(place);
    const clock = vi.spyOn(globalThis, "setTimeout");
    const nn = new NN(LARGE);
    const controller = new AbortController();
    onMessage((_count, _worker, kind) => {
      if (kind === "result") void yieldToEventLoop().then(() => controller.abort());
    });
    const aborted = nn.fitAsync(LARGE_X, LARGE_Y, { epochs: 1e6, threads: 2, signal: controller.signal });
    expect((await rejection(aborted)).name).toBe("AbortError");
    onMessage();
    await rejection(
      nn.fitAsync(LARGE_X, LARGE_Y, {
        threads: 2,
        onEpochEnd: () => {
          throw new Error("mine");
        },
      }),
    );
    await nn.fitAsync(LARGE_X, LARGE_Y, { threads: 2 });
    // Pooled workers are terminated after some idle seconds: here at once.
    const timers = clock.mock.calls.map(([call, ms]) => ({ call, ms: ms! })).filter(({ ms }) => ms === IDLE_MS);
    clock.mockRestore();
    expect(timers.length).toBeGreaterThan(0);
    expect(running.length).toBe(nn.threads);
    timers.slice(-running.length).forEach(({ call }) => call());
    await allGone();
  });
});

test("killing a worker rejects predictAsync and affects nothing else", async () => {
  const nn = new NN(LARGE);
  const many = new Float32Array(90 * 20_000);
  let killed: Promise<unknown> | undefined;
  onMessage((_count, worker, kind) => {
    if (kind === "result") killed ??= running[1 - running.indexOf(worker)].terminate();
  });
  expect((await rejection(nn.predictAsync(many, { threads: 2 }))).message).toBe("a worker ended while this network was training");
  onMessage();
  await killed;
  expect(await nn.predictAsync(LARGE_X)).toEqual(nn.predict(LARGE_X));
  await Promise.all(running.map((worker) => worker.terminate()));
  expect(running).toHaveLength(0);
});

describe.each(PLACES)("rows for which there is no memory, in %s", (place) => {
  test("are refused with the memory needed, and the network is unchanged", async () => {
    restore = confineTo(place);
    const nn = new NN({ layers: [1, 4, 1], loss: "meanSquaredError", epochs: 1, seed: 1, inputScaling: "none" });
    nn.fit([[1], [2]], [[1], [2]]);
    const before = nn.save();
    // Untouched zero pages occupy no memory.
    const many = new Uint8Array(1.2e9);
    const message = /^this network with these rows needs \d+ MB of memory, which WebAssembly cannot provide here/;
    expect((await rejection(nn.fitAsync(many, many))).message).toMatch(message);
    expect(caught(() => nn.fit(many, many)).message).toMatch(message);
    expect(caught(() => nn.inputBuffer(1.2e9)).message).toMatch(message);
    expect(nn.save()).toEqual(before);
    expect(untimed(await nn.fitAsync([[1], [2]], [[1], [2]]))).toEqual(untimed(NN.load(before).fit([[1], [2]], [[1], [2]])));
  });
});

test("the last completed epoch is restored when memory cannot grow in the middle of a stream", async () => {
  const nn = new NN({ layers: [2, 3, 1], loss: "meanSquaredError", seed: 1 });
  const expected = new NN({ layers: [2, 3, 1], loss: "meanSquaredError", seed: 1 });
  const x = table(8, 2),
    y = table(8, 1),
    large = table(70_000, 2),
    more = table(70_000, 1);
  let epoch = 0;
  const grow = WebAssembly.Memory.prototype.grow;
  const failed = rejection(
    nn.fitAsync(
      (): Chunk[] =>
        epoch++ < 3
          ? [[x, y]]
          : [
              [x, y],
              [large, more],
            ],
      {
        epochs: 9,
        shuffle: false,
        onEpochEnd: () => {
          WebAssembly.Memory.prototype.grow = () => {
            throw new RangeError("no room");
          };
        },
      },
    ),
  );
  const { message } = await failed;
  WebAssembly.Memory.prototype.grow = grow;
  expect(message).toMatch(/^this network with these rows needs \d+ MB of memory/);
  expected.fit(x, y, { epochs: 3, shuffle: false });
  expectSameNetwork(nn, expected);
});

test("uses one thread and warns once when workers cannot start", async () => {
  for (const place of PLACES.slice(1)) {
    restore = confineTo(place);
    const nn = new NN(LARGE);
    await nn.fitAsync(LARGE_X, LARGE_Y, { threads: 3 });
    expect(nn.threads).toBe(1);
    const why = place === PLACES[1] ? "there is no SharedArrayBuffer here" : "no workers here";
    expect(warn.mock.calls).toEqual([[`wasmlp: threads is 3, but this training has one: ${why}`]]);
    warn.mockClear();
    // "auto" uses what is available, and small work needs no threads.
    await nn.fitAsync(LARGE_X, LARGE_Y, { threads: "auto" });
    await new NN({ layers: [1, 1] }).fitAsync([[1]], [[1]], { threads: 3 });
    expect(warn).not.toHaveBeenCalled();
    expectSameLayers(nn.getWeights(), reference(2).getWeights());
    restore();
  }
});

test("the plain engine uses one thread when more are requested, and says why once", async () => {
  const one = "wasmlp: threads is 3, but this training has one: the plain JavaScript engine computes on one";
  for (const place of PLACES) {
    restore = confineTo(place);
    const nn = new NN({ ...LARGE, backend: "js" });
    await nn.fitAsync(LARGE_X, LARGE_Y, { threads: 3, epochs: 1 });
    expect([warn.mock.calls, nn.threads]).toEqual([[[one]], 1]);
    warn.mockClear();
    restore();
  }
  const nn = new NN({ ...LARGE, backend: "js" });
  // Enough work to be worth threads, of which but one epoch is done.
  nn.fit(LARGE_X, LARGE_Y, { threads: 3, epochs: LARGE_EPOCHS, onEpochEnd: () => false });
  expect([warn.mock.calls, nn.threads]).toEqual([[[one]], 1]);
});
