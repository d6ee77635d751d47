// What goes wrong is done here: workers killed at random moments, memory that cannot grow, workers that cannot be had.
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { NN, type AsyncFitOptions, type Chunk } from "../../src/index.js";
import { uniform, xoshiro128 } from "../../src/random.js";
import { caught, table } from "../nn/support.js";
import { confineTo, expectSameLayers, expectSameNetwork, LARGE, LARGE_EPOCHS, LARGE_X, LARGE_Y, PLACES, rejection, untimed } from "./support.js";
import { endWorkers, running, watchWorkers } from "./workers.js";

beforeAll(watchWorkers);
afterAll(endWorkers);
const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
let restore = (): void => undefined;
afterEach(() => {
  restore();
  warn.mockClear();
});

const random = xoshiro128(11);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const expectNoWorkers = (): Promise<void> => vi.waitFor(() => expect(running).toHaveLength(0), { timeout: 60_000 });

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
  test("a worker that is killed at any moment: the last completed epoch, no worker left, and the next training works", async () => {
    restore = confineTo(place);
    for (let round = 0; round < 16; round++) {
      const nn = new NN(LARGE);
      let told = 0, wasTold = (): void => undefined;
      const begun = new Promise<void>((resolve) => { wasTold = resolve; });
      const fit: AsyncFitOptions = { epochs: 1e6, threads: 1 + (round % 4) };
      // Where epochs are told, the network is at the last of them; where not, at one that the run has come by.
      if (round % 2) fit.onEpochEnd = ({ epoch }) => { told = epoch + 1; wasTold(); };
      const training = nn.fitAsync(LARGE_X, LARGE_Y, fit);
      const failed = rejection(training);
      if (round % 2) await begun;
      else await vi.waitFor(() => expect(epochsOf(nn)).toBeGreaterThan(0), { timeout: 60_000, interval: 1 });
      await pause(uniform(random) * 30);
      expect(running).toHaveLength(nn.threads);
      await running[Math.floor(uniform(random) * running.length)].terminate();
      expect((await failed).message).toBe("a worker ended while this network was training");
      const epochs = epochsOf(nn);
      if (round % 2) expect(epochs).toBe(told);
      expectSameNetwork(nn, reference(epochs));
      await nn.fitAsync(LARGE_X, LARGE_Y, { epochs: 1, threads: 2 });
      expectSameLayers(nn.getWeights(), reference(epochs + 1).getWeights());
      await Promise.all(running.map((worker) => worker.terminate()));
      await expectNoWorkers();
    }
  });

  test("a worker that is killed while workers start: the training is done otherwise, or rejected at its beginning", async () => {
    restore = confineTo(place);
    const before = new NN(LARGE), done = reference(2);
    let trained = 0;
    for (let round = 0; round < 10; round++) {
      const nn = new NN(LARGE);
      const training = nn.fitAsync(LARGE_X, LARGE_Y, { epochs: 2, threads: 3 }).then(() => "trained", String);
      await pause(uniform(random) * 20);
      const victim = running[Math.floor(uniform(random) * running.length)];
      await victim?.terminate();
      const outcome = await training;
      if (outcome === "trained") trained++;
      else expect(outcome).toBe("Error: a worker ended while this network was training");
      const epochs = epochsOf(nn);
      expectSameNetwork(nn, outcome === "trained" ? done : epochs ? reference(epochs) : before);
      await Promise.all(running.map((worker) => worker.terminate()));
    }
    expect(trained).toBeGreaterThan(0);
    await expectNoWorkers();
  });

  test("a worker that is killed while it waits for the next training is not asked again", async () => {
    restore = confineTo(place);
    const nn = new NN(LARGE);
    for (let epochs = 1; epochs < 5; epochs++) {
      await nn.fitAsync(LARGE_X, LARGE_Y, { epochs: 1, threads: 2 });
      expectSameLayers(nn.getWeights(), reference(epochs).getWeights());
      expect(nn.threads).toBe(place === PLACES[0] ? 2 : 1);
      await Promise.all(running.map((worker) => worker.terminate()));
    }
    await expectNoWorkers();
  });

  test("an abort, an exception and an end each leave no worker behind that works", async () => {
    restore = confineTo(place);
    const nn = new NN(LARGE);
    const aborted = nn.fitAsync(LARGE_X, LARGE_Y, { epochs: 1e6, threads: 2, signal: AbortSignal.timeout(50) });
    expect((await rejection(aborted)).name).toBe("TimeoutError");
    await rejection(nn.fitAsync(LARGE_X, LARGE_Y, { threads: 2, onEpochEnd: () => { throw new Error("mine"); } }));
    await nn.fitAsync(LARGE_X, LARGE_Y, { threads: 2 });
    // Those that are kept are ended when nobody has needed them for some seconds.
    await expectNoWorkers();
  });
});

test("a worker that is killed takes predictAsync with it, and nothing else", async () => {
  const nn = new NN(LARGE);
  const many = new Float32Array(90 * 300_000);
  const prediction = nn.predictAsync(many, { threads: 2 });
  const failed = rejection(prediction);
  await vi.waitFor(() => expect(running).toHaveLength(2), { interval: 0 });
  await new Promise<void>((resolve) => {
    running[0].on("message", ({ kind }: { kind: string }) => { if (kind === "result") resolve(); });
  });
  await running[1].terminate();
  expect((await failed).message).toBe("a worker ended while this network was training");
  expect(await nn.predictAsync(LARGE_X)).toEqual(nn.predict(LARGE_X));
  await Promise.all(running.map((worker) => worker.terminate()));
  await expectNoWorkers();
});

describe.each(PLACES)("rows for which there is no memory, in %s", (place) => {
  test("are refused with how much it would take, and the network is as it was", async () => {
    restore = confineTo(place);
    const nn = new NN({ layers: [1, 4, 1], seed: 1, inputScaling: "none" });
    nn.fit([[1], [2]], [[1], [2]]);
    const before = nn.save();
    // Zeros that nobody has touched take no room.
    const many = new Uint8Array(1.2e9);
    const message = /^this network with these rows needs \d+ MB of memory, which WebAssembly cannot provide here/;
    expect((await rejection(nn.fitAsync(many, many))).message).toMatch(message);
    expect(caught(() => nn.fit(many, many)).message).toMatch(message);
    expect(caught(() => nn.inputBuffer(1.2e9)).message).toMatch(message);
    expect(nn.save()).toEqual(before);
    expect(untimed(await nn.fitAsync([[1], [2]], [[1], [2]]))).toEqual(untimed(NN.load(before).fit([[1], [2]], [[1], [2]])));
  });
});

test("memory that does not grow any more in the middle of a stream: the last completed epoch", async () => {
  const nn = new NN({ layers: [2, 3, 1], seed: 1 });
  const expected = new NN({ layers: [2, 3, 1], seed: 1 });
  const x = table(8, 2), y = table(8, 1), large = table(70_000, 2), more = table(70_000, 1);
  let epoch = 0;
  const grow = WebAssembly.Memory.prototype.grow;
  const failed = rejection(nn.fitAsync((): Chunk[] => (epoch++ < 3 ? [[x, y]] : [[x, y], [large, more]]), {
    epochs: 9, shuffle: false, onEpochEnd: () => {
      WebAssembly.Memory.prototype.grow = () => { throw new RangeError("no room"); };
    },
  }));
  const { message } = await failed;
  WebAssembly.Memory.prototype.grow = grow;
  expect(message).toMatch(/^this network with these rows needs \d+ MB of memory/);
  expected.fit(x, y, { epochs: 3, shuffle: false });
  expectSameNetwork(nn, expected);
});

test("workers that cannot be had make threads one, and one warning", async () => {
  for (const place of PLACES.slice(1)) {
    restore = confineTo(place);
    const nn = new NN(LARGE);
    await nn.fitAsync(LARGE_X, LARGE_Y, { threads: 3 });
    expect(nn.threads).toBe(1);
    const why = place === PLACES[1] ? "there is no SharedArrayBuffer here" : "no workers here";
    expect(warn.mock.calls).toEqual([[`wasmlp: threads is 3, but this training has one: ${why}`]]);
    warn.mockClear();
    // "auto" takes what there is, and small work needs no threads.
    await nn.fitAsync(LARGE_X, LARGE_Y, { threads: "auto" });
    await new NN({ layers: [1, 1] }).fitAsync([[1]], [[1]], { threads: 3 });
    expect(warn).not.toHaveBeenCalled();
    expectSameLayers(nn.getWeights(), reference(2).getWeights());
    restore();
  }
});

test("the plain engine has one thread wherever it is asked for more, and says why once", async () => {
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
