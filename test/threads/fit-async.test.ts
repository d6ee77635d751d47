// fitAsync is fit, elsewhere: the same bits, the same history, the same callbacks, the same errors.
import { describe, expect, test, vi } from "vitest";
import {
  DivergenceError,
  NN,
  type AsyncFitOptions,
  type BatchLogs,
  type EpochLogs,
  type NetworkOptions,
} from "../../src/index.js";
import { BACKENDS, BUSY, CASES, caught, labels, table, X, Y } from "../nn/support.js";
import { confineTo, expectSameNetwork, LARGE, LARGE_X, LARGE_Y, PLACES, rejection, SHARES, untimed } from "./support.js";

/** One network trained by fit and one by fitAsync, in the same way. */
async function expectAsFit(
  settings: NetworkOptions,
  x = X,
  y: number[][] | number[] = Y,
  options: AsyncFitOptions = {},
): Promise<NN> {
  const [here, away] = [new NN(settings), new NN(settings)];
  const expected = here.fit(x, y, options);
  expect(untimed(await away.fitAsync(x, y, options))).toEqual(untimed(expected));
  expectSameNetwork(away, here);
  // It goes on as if nothing had been.
  expect(untimed(await away.fitAsync(x, y, { epochs: 2 }))).toEqual(untimed(here.fit(x, y, { epochs: 2 })));
  expect(away.fit(x, y, { epochs: 2 }).loss).toEqual(here.fit(x, y, { epochs: 2 }).loss);
  expectSameNetwork(away, here);
  return away;
}

describe.each(PLACES)("%s", (place) => {
  test("a run that timeLimit ends within an epoch keeps the steps of that epoch", async () => {
    const restore = confineTo(place);
    // Slices take no time, so that each has twice the steps of the one before, until the limit is long past.
    let readings = 0;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => (readings < 60 ? ++readings / 1e6 : 1e9));
    try {
      const nn = new NN({ layers: [3, 4, 2], seed: 1, batchSize: 1 });
      const rows = 200_000;
      const { epochs, stopReason } = await nn.fitAsync(
        new Float32Array(3 * rows).fill(0.5),
        new Float32Array(2 * rows).fill(0.5),
        { epochs: 1, timeLimit: 1e6 },
      );
      const { step } = nn.toJSON();
      expect([epochs, stopReason]).toEqual([0, "timeLimit"]);
      const twin = new NN({ layers: [3, 4, 2], seed: 1, batchSize: 1 });
      twin.fit(new Float32Array(3 * step).fill(0.5), new Float32Array(2 * step).fill(0.5), { epochs: 1 });
      expect(step).toBeGreaterThan(2);
      expect(nn.getWeights()).toEqual(twin.getWeights());
    } finally {
      clock.mockRestore();
      restore();
    }
  });
});

describe.each(CASES)("$name", ({ options }) => {
  test.each(["sgd", "rmsprop", "adam", "adamw"] as const)("trains as fit does: %s", async (optimizer) => {
    await expectAsFit({ ...BUSY, optimizer, ...options }, X, Y, { epochs: 20 });
  });

  const ways: [string, Partial<NetworkOptions>, AsyncFitOptions][] = [
    ["no epochs", {}, { epochs: 0 }],
    ["one batch an epoch", {}, { epochs: 5, batchSize: Infinity, shuffle: false }],
    ["more epochs than one call reports", {}, { epochs: 1100 }],
    ["rows to validate with", {}, { epochs: 4, validationData: [table(31, 3, 7), table(31, 2, 8)] }],
    [
      "a part of the rows to validate with, and row weights",
      {},
      {
        epochs: 4,
        validationSplit: 0.3,
        sampleWeight: [1, 2, 3, 4, 5, 6, 7, 0, 1, 2],
      },
    ],
    [
      "a rate by epoch, l2, clipping, momentum",
      {
        optimizer: { name: "sgd", momentum: 0.9, nesterov: true },
        learningRate: (epoch) => 0.1 / (1 + epoch),
        l2: 0.01,
        clipNorm: 0.5,
      },
      { epochs: 6 },
    ],
    ["scaling", { inputScaling: "standard", targetScaling: "minmax" }, { epochs: 6 }],
    ["early stopping", {}, { epochs: 200, validationSplit: 0.4, earlyStopping: { patience: 2, minDelta: 0.01 } }],
    [
      "early stopping that keeps the last weights",
      {},
      {
        epochs: 200,
        validationSplit: 0.4,
        earlyStopping: { patience: 2, minDelta: 0.01, restoreBestWeights: false },
      },
    ],
  ];
  test.each(ways)("trains as fit does: %s", async (_title, more, fit) => {
    await expectAsFit({ ...BUSY, ...options, ...more }, X, Y, fit);
  });

  test("trains as fit does: classes with weights, accuracies", async () => {
    await expectAsFit({ layers: [3, 6, 4], loss: "categoricalCrossentropy", seed: 2, ...options }, table(50, 3), labels(50, 4), {
      epochs: 5,
      classWeight: [1, 2, 3, 4],
      validationSplit: 0.2,
      earlyStopping: { monitor: "valAccuracy", patience: 9 },
    });
  });
});

describe.each(BACKENDS)("$name", ({ name, options }) => {
  const settings: NetworkOptions = { ...BUSY, ...options };
  const make = (more: Partial<NetworkOptions> = {}): NN => new NN({ ...settings, ...more });
  const after = (epochs: number, more: Partial<NetworkOptions> = {}): NN => {
    const nn = make(more);
    if (epochs) nn.fit(X, Y, { epochs });
    return nn;
  };

  test("1, 2, 3, 4 and 7 threads give the same bits and report their number", async () => {
    const fit: AsyncFitOptions = { epochs: 2, validationSplit: 0.1, earlyStopping: { patience: 9, monitor: "loss" } };
    const expected = new NN({ ...LARGE, ...options });
    const history = expected.fit(LARGE_X, LARGE_Y, fit);
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    for (const threads of name === "js" ? [1, 7] : [1, 2, 3, 4, 7]) {
      const nn = new NN({ ...LARGE, ...options });
      expect(untimed(await nn.fitAsync(LARGE_X, LARGE_Y, { ...fit, threads }))).toEqual(untimed(history));
      // A step of this network is enough work for all of them; the plain engine has one.
      const one = name === "js" || !SHARES;
      expect(nn.threads).toBe(one ? 1 : threads);
      expect(warn.mock.calls).toHaveLength(one && threads > 1 ? 1 : 0);
      warn.mockClear();
      expectSameNetwork(nn, expected);
    }
    warn.mockRestore();
  });

  test("callbacks run on the calling thread, in order, with the figures of fit", async () => {
    const follow = () => {
      const seen: unknown[] = [];
      const keep = (logs: EpochLogs | BatchLogs): void => void seen.push(untimed(logs));
      return { seen, options: { epochs: 3, validationSplit: 0.2, onBatchEnd: keep, onEpochEnd: keep } };
    };
    const [here, away] = [follow(), follow()];
    make().fit(X, Y, here.options);
    await make().fitAsync(X, Y, away.options);
    expect(away.seen).toEqual(here.seen);
    expect(away.seen).toHaveLength(9);
  });

  test("onEpochEnd that returns false ends training after that epoch", async () => {
    const nn = make();
    const history = await nn.fitAsync(X, Y, { epochs: 9, onEpochEnd: ({ epoch }) => epoch < 2 });
    expect(history).toMatchObject({ epochs: 3, stopReason: "callback" });
    expectSameNetwork(nn, after(3));
  });

  test.each([
    [1, 1],
    [1, 2],
  ])("onBatchEnd that returns false in epoch %i, batch %i ends training there", async (epoch, batch) => {
    const onBatchEnd = (logs: BatchLogs): boolean => logs.epoch !== epoch || logs.batch !== batch;
    const [here, away] = [make(), make()];
    const expected = here.fit(X, Y, { epochs: 9, onBatchEnd });
    const history = await away.fitAsync(X, Y, { epochs: 9, onBatchEnd });
    expect(untimed(history)).toEqual(untimed(expected));
    expect(history).toMatchObject({ epochs: batch === 2 ? 2 : 1, stopReason: "callback" });
    expectSameNetwork(away, here);
  });

  test("an exception in onEpochEnd rejects, and keeps the epoch that has just ended", async () => {
    const nn = make();
    const mine = new Error("mine");
    expect(
      await rejection(
        nn.fitAsync(X, Y, {
          epochs: 9,
          onEpochEnd: ({ epoch }) => {
            if (epoch === 2) throw mine;
          },
        }),
      ),
    ).toBe(mine);
    expectSameNetwork(nn, after(3));
    await nn.fitAsync(X, Y, { epochs: 2 });
    expectSameNetwork(nn, after(5));
  });

  test.each([
    [0, 0],
    [0, 2],
    [2, 1],
  ])("an exception in onBatchEnd of epoch %i, batch %i rejects, and restores the last completed epoch", async (epoch, batch) => {
    const nn = make();
    const mine = new Error("mine");
    const onBatchEnd = (logs: BatchLogs): void => {
      if (logs.epoch === epoch && logs.batch === batch) throw mine;
    };
    expect(await rejection(nn.fitAsync(X, Y, { epochs: 9, onBatchEnd }))).toBe(mine);
    expectSameNetwork(nn, after(batch === 2 ? epoch + 1 : epoch));
  });

  test("an exception in the first epoch leaves a network without scalers, to be fitted by the next training", async () => {
    const scaled = { inputScaling: "standard", targetScaling: "standard" } as const;
    const nn = make(scaled);
    await rejection(
      nn.fitAsync(
        X.map((row) => row.map((v) => v * 100)),
        Y,
        {
          onBatchEnd: () => {
            throw new Error("mine");
          },
        },
      ),
    );
    expectSameNetwork(nn, make(scaled));
    await nn.fitAsync(X, Y, { epochs: 2 });
    expectSameNetwork(nn, after(2, scaled));
  });

  test("a run that diverges is rejected as fit throws, at the same epoch", async () => {
    const wild = { learningRate: (epoch: number) => (epoch < 3 ? 0.01 : 1e30), optimizer: "sgd" } as const;
    for (const constant of [false, true]) {
      const more = constant ? { ...wild, learningRate: 1e15 } : wild;
      const [here, away] = [make(more), make(more)];
      const expected = caught(() => here.fit(X, Y, { epochs: 9 })) as DivergenceError;
      const error = (await rejection(away.fitAsync(X, Y, { epochs: 9 }))) as DivergenceError;
      expect(error).toBeInstanceOf(DivergenceError);
      expect(error.message).toBe(expected.message);
      expect(untimed(error.history)).toEqual(untimed(expected.history));
      expectSameNetwork(away, here);
      expect(away.predict(X)).toEqual(here.predict(X));
    }
  });

  test("bad rows, labels and options are rejected with fit's errors, before anything changes", async () => {
    const nn = make({ inputScaling: "standard" });
    const before = nn.save();
    const bad: [unknown, unknown, unknown?][] = [
      [[[1, 2]], Y],
      [X, Y.slice(1)],
      [X.map((row, r) => (r === 3 ? [1, NaN, 2] : row)), Y],
      [X, Y.map((row, r) => (r === 9 ? [1, "2"] : row))],
      [X, Y, { epochz: 1 }],
      [X, Y, { epochs: -1 }],
      [X, Y, { sampleWeight: [1] }],
      [X, Y, { validationData: [X, [[1]]] }],
      [X, Y, { validationData: [X.map((row, r) => (r === 9 ? [1, 2, Infinity] : row)), Y] }],
      [X, Y, { threads: 0 }],
      ["x", Y],
      [X, undefined],
    ];
    for (const [x, y, options] of bad) {
      const expected = caught(() => nn.fit(x as number[][], y as number[][], options as AsyncFitOptions));
      const error = await rejection(nn.fitAsync(x as number[][], y as number[][], options as AsyncFitOptions));
      expect([error.name, error.message]).toEqual([expected.name, expected.message]);
      expect(nn.save()).toEqual(before);
    }
    expect((await rejection(nn.fitAsync(X, Y, { signal: {} as AbortSignal }))).message).toBe(
      "signal is an object; it must be an AbortSignal",
    );
    expect(caught(() => nn.fit(X, Y, { signal: new AbortController().signal } as AsyncFitOptions)).message).toContain(
      'unknown option "signal"',
    );
    expect(nn.save()).toEqual(before);
  });

  test("several networks train at once with the same results as alone", async () => {
    const runs = [1, 2, 3, 4, 5].map(async (seed) => {
      const nn = make({ seed });
      const { loss } = await nn.fitAsync(X, Y, { epochs: 10 * seed, onEpochEnd: () => undefined });
      return { nn, loss };
    });
    for (const [index, { nn, loss }] of (await Promise.all(runs)).entries()) {
      const expected = make({ seed: index + 1 });
      expect(loss).toEqual(expected.fit(X, Y, { epochs: 10 * (index + 1) }).loss);
      expectSameNetwork(nn, expected);
    }
  });
});

test("several large networks train at once on their own threads", async () => {
  const expected = new NN(LARGE);
  expected.fit(LARGE_X, LARGE_Y, { epochs: 3 });
  const all = await Promise.all(
    [2, 3, 2].map(async (threads) => {
      const nn = new NN(LARGE);
      await nn.fitAsync(LARGE_X, LARGE_Y, { epochs: 3, threads });
      return nn;
    }),
  );
  for (const nn of all) expectSameNetwork(nn, expected);
});
