// Work on the calling thread, or sent to it, is divided into pieces, between which the thread stays responsive.
import { stat } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { readRows, shapeOutput } from "../../src/data/rows.js";
import { unscale } from "../../src/data/scaling.js";
import { NN, type AsyncFitOptions, type NetworkOptions } from "../../src/index.js";
import { yieldToEventLoop } from "../../src/threads/event-loop.js";
import { shaping } from "../../src/training/predict.js";
import { confineTo, expectSameNetwork, hurry, LARGE, LARGE_X, LARGE_Y, PLACES, untimed } from "./support.js";
import { endWorkers, running, startedWorkers, watchWorkers } from "./workers.js";

beforeAll(watchWorkers);
afterAll(endWorkers);
vi.spyOn(console, "warn").mockImplementation(() => undefined);
let restore = (): void => undefined;
afterEach(() => restore());

/** Counts this thread's turns until `stop`. */
function countTurns(): { readonly turns: () => number; stop(): void } {
  let count = 0,
    going = true;
  const look = (): void => {
    count++;
    if (going) setImmediate(look);
  };
  setImmediate(look);
  return { turns: () => count, stop: () => void (going = false) };
}

/** `rows` rows of as many inputs as the large network's, or fewer. */
const many = (rows: number, inputs = 90): { x: Float32Array; y: number[] } => ({
  x: Float32Array.from({ length: rows * inputs }, (_, i) => LARGE_X[i % LARGE_X.length]),
  y: Array.from({ length: rows }, (_, r) => LARGE_Y[r % LARGE_Y.length]),
});

test("yielding to the event loop lets a due timer run, from any task", async () => {
  let called = false;
  await new Promise<void>((resolve) => stat(".", () => resolve()));
  setTimeout(() => {
    called = true;
  }, 1);
  const due = performance.now() + 5;
  while (performance.now() < due);
  await yieldToEventLoop();
  expect(called).toBe(true);
});

describe.each(["auto", "js"] as const)("backend %s, in slices here", (backend) => {
  const make = (more: Partial<NetworkOptions> = {}): NN => new NN({ ...LARGE, backend, ...more });

  test("validation rows are evaluated in pieces, with the same bits", async () => {
    restore = confineTo(PLACES[2]);
    const { x, y } = many(2500);
    const [here, away] = [make(), make()];
    const counter = countTurns();
    let before = 0,
      during = 0;
    const history = await away.fitAsync(LARGE_X, LARGE_Y, {
      epochs: 2,
      validationData: [x, y],
      onBatchEnd: () => {
        before = counter.turns();
      },
      onEpochEnd: ({ epoch }) => {
        if (epoch === 0) during = counter.turns() - before;
      },
    });
    counter.stop();
    // From 64 rows on, at most twice as many each time.
    expect(during).toBeGreaterThan(4);
    expect(untimed(history)).toEqual(untimed(here.fit(LARGE_X, LARGE_Y, { epochs: 2, validationData: [x, y] })));
    expectSameNetwork(away, here);
  });
});

test("unshared memory is sent in pieces", async () => {
  restore = confineTo(PLACES[1]);
  const nn = new NN({ ...LARGE, layers: [90, 4] });
  await nn.fitAsync(LARGE_X, LARGE_Y);
  let answers = 0;
  expect(running).toHaveLength(1);
  running[0].on("message", () => answers++);
  const { x, y } = many(40_000);
  await nn.fitAsync(x, y, { epochs: 1, batchSize: Infinity });
  // 14 MB of rows in pieces of at most 4 MB, and the other answers: that it has started, and a result.
  expect(answers).toBeGreaterThan(2 + 3);
});

/** A list that tells of every entry that is taken from it. */
const watched = <T>(list: T[], taken: () => void): T[] =>
  new Proxy(list, {
    get(target, key) {
      if (typeof key === "string" && /^\d+$/.test(key)) taken();
      return Reflect.get(target, key) as unknown;
    },
  });

describe.each(PLACES)("%s", (place) => {
  const kinds: [string, "auto" | "js", Partial<NetworkOptions>, AsyncFitOptions][] = [
    ["as they are", "auto", {}, {}],
    ["for plain JavaScript", "js", {}, {}],
    ["scaled", "auto", { inputScaling: "standard" }, {}],
    ["split", "auto", {}, { validationSplit: 0.5 }],
    ["weighted", "auto", {}, { sampleWeight: Array(30_000).fill(1), classWeight: [1, 2, 3, 4] }],
  ];
  test.each(kinds)("a list of many rows, %s, is never processed in one task", async (_kind, backend, options, fit) => {
    restore = confineTo(place);
    const width = 20;
    const { x, y } = many(30_000, width);
    /** Rows taken in the present turn, and the most in any. */
    const [inputs, targets] = [
      { now: 0, most: 0 },
      { now: 0, most: 0 },
    ];
    const rows = watched(
      y.map((_, r) => x.subarray(r * width, (r + 1) * width)),
      () => inputs.now++,
    );
    const oneHot = watched(
      y.map((label) => [0, 1, 2, 3].map((c) => Number(c === label))),
      () => targets.now++,
    );
    let going = true;
    const look = (): void => {
      for (const count of [inputs, targets]) {
        count.most = Math.max(count.most, count.now);
        count.now = 0;
      }
      if (going) setImmediate(look);
    };
    setImmediate(look);
    const clock = hurry();
    await new NN({ ...LARGE, layers: [width, 4], backend, ...options }).fitAsync(rows, oneHot, { epochs: 0, ...fit });
    going = false;
    clock.stop();
    look();
    // Pieces of 65,536 numbers, and a first row that has been checked.
    expect(inputs.most).toBeLessThan((2 * 65_536) / width);
    expect(targets.most).toBeLessThan(65_536 / 4 + 10);
  });
});

test("outputs of many rows are shaped in pieces, with the same result", () => {
  const out = Float32Array.from({ length: 30_000 * 4 }, (_, i) => i);
  const scaler = { shift: new Float64Array([1, 2, 3, 4]), scale: new Float64Array([5, 6, 7, 8]) };
  const rows = readRows(
    Array.from({ length: 30_000 }, () => [0]),
    "x",
    1,
  );
  const expected = shapeOutput(unscale(out.slice(), scaler), 30_000, 4, "rows");
  const work = shaping(out, rows, scaler);
  let pauses = 0,
    step = work.next();
  for (; !step.done; step = work.next()) pauses++;
  expect(step.value).toEqual(expected);
  expect(pauses).toBeGreaterThan(30_000 / 5000);
});

test("one worker is started per task", async () => {
  await Promise.all(running.map((worker) => worker.terminate()));
  const before = startedWorkers();
  let last = before,
    most = 0,
    going = true;
  const look = (): void => {
    most = Math.max(most, startedWorkers() - last);
    last = startedWorkers();
    if (going) setImmediate(look);
  };
  setImmediate(look);
  await new NN(LARGE).fitAsync(LARGE_X, LARGE_Y, { threads: 7 });
  going = false;
  expect([startedWorkers() - before, most]).toEqual([7, 1]);
});

test("class weights are computed in pieces", async () => {
  restore = confineTo(PLACES[2]);
  const { x, y } = many(60_000);
  const nn = new NN({ ...LARGE, layers: [90, 4] });
  const counter = countTurns();
  const clock = hurry();
  const turns = async (classWeight?: number[]): Promise<number> => {
    const before = counter.turns();
    await nn.fitAsync(x, y, { epochs: 0, ...(classWeight && { classWeight }) });
    return counter.turns() - before;
  };
  const without = await turns();
  expect((await turns([1, 2, 3, 4])) - without).toBeGreaterThan(4);
  clock.stop();
  counter.stop();
});
