// History and the logs of onEpochEnd and onBatchEnd, compared with the same steps taken one by one.
import { describe, expect, test, vi } from "vitest";
import { NN, type BatchLogs, type EpochLogs } from "../../src/index.js";
import { BUSY, CASES, X, Y, expectClose, labels, weightsOf } from "./support.js";

const classes = labels(10, 3, 6);

describe.each(CASES)("$name", ({ options, dtype }) => {
  const regression = {
    layers: [3, 5, 2],
    loss: "meanSquaredError",
    batchSize: 4,
    shuffle: false,
    epochs: 3,
    l2: 0.5,
    seed: 4,
    ...options,
  } as const;
  const classifier = {
    layers: [3, 5, 3],
    loss: "categoricalCrossentropy",
    batchSize: 4,
    epochs: 3,
    seed: 4,
    ...options,
  } as const;

  test("history has one entry per epoch for each measured figure, and nothing else", () => {
    const plain = new NN(regression).fit(X, Y);
    expect(plain).toEqual({ epochs: 3, loss: expect.any(Array), samplesPerSecond: expect.any(Number), stopReason: "completed" });
    const full = new NN(classifier).fit(X, classes, { validationData: [X, classes], epochs: 5 });
    expect(Object.keys(full).sort()).toEqual([
      "accuracy",
      "epochs",
      "loss",
      "samplesPerSecond",
      "stopReason",
      "valAccuracy",
      "valLoss",
    ]);
    for (const list of [plain.loss, plain.loss]) expect(list).toHaveLength(3);
    for (const list of [full.loss, full.accuracy, full.valLoss, full.valAccuracy]) {
      expect(list).toHaveLength(5);
      expect(list!.every((value) => Number.isFinite(value))).toBe(true);
    }
    for (const { samplesPerSecond } of [plain, full]) {
      expect(samplesPerSecond).toBeGreaterThan(0);
      expect(samplesPerSecond).toBeLessThan(Infinity);
    }
    const stopped = new NN(classifier).fit(X, classes, { earlyStopping: { monitor: "loss" } });
    expect(stopped.bestEpoch).toBe(2);
  });

  test("0 epochs give an empty history and change nothing", () => {
    const nn = new NN(regression);
    const before = weightsOf(nn);
    expect(nn.fit(X, Y, { epochs: 0 })).toMatchObject({ epochs: 0, loss: [], stopReason: "completed" });
    expect(weightsOf(nn)).toEqual(before);
  });

  test("an epoch's loss is the mean per row of the data loss, each batch before its update, without l2", () => {
    const nn = new NN(regression);
    const byHand = new NN(regression);
    const { loss } = nn.fit(X, Y);
    const expected = loss.map(
      () =>
        [
          [0, 4],
          [4, 8],
          [8, 10],
        ]
          .map(([from, to]) => (to - from) * byHand.partialFit(X.slice(from, to), Y.slice(from, to)))
          .reduce((a, b) => a + b) / 10,
    );
    expectClose(loss, expected, dtype === "float64" ? 1e-14 : 1e-7);
    expect(weightsOf(nn)).toEqual(weightsOf(byHand));
    expect(expected[0]).toBeGreaterThan(0.01);
  });

  test("onBatchEnd sees each batch, onEpochEnd each epoch after its batches, with the figures of History", () => {
    const events: (BatchLogs | EpochLogs)[] = [];
    const nn = new NN({ ...classifier, shuffle: false });
    const byHand = new NN({ ...classifier, shuffle: false });
    const history = nn.fit(X, classes, {
      validationData: [X, classes],
      epochs: 2,
      onBatchEnd: (logs) => void events.push(logs),
      onEpochEnd: (logs) => void events.push(logs),
    });
    const at = [[0, 0], [0, 1], [0, 2], [0], [1, 0], [1, 1], [1, 2], [1]];
    expect(events.map((logs) => ("batch" in logs ? [logs.epoch, logs.batch] : [logs.epoch]))).toEqual(at);
    for (const logs of events) {
      expect(logs.samplesPerSecond).toBeGreaterThan(0);
      if ("batch" in logs) {
        const [from, to] = [4 * logs.batch, Math.min(10, 4 * logs.batch + 4)];
        const { accuracy } = byHand.evaluate(X.slice(from, to), classes.slice(from, to));
        const loss = byHand.partialFit(X.slice(from, to), classes.slice(from, to));
        expect(logs).toEqual({ epoch: logs.epoch, batch: logs.batch, loss, accuracy, samplesPerSecond: expect.any(Number) });
      } else {
        const { loss: valLoss, accuracy: valAccuracy } = byHand.evaluate(X, classes);
        const e = logs.epoch;
        expect(logs).toEqual({
          epoch: e,
          loss: history.loss[e],
          accuracy: history.accuracy![e],
          valLoss: history.valLoss![e],
          valAccuracy: history.valAccuracy![e],
          samplesPerSecond: expect.any(Number),
        });
        expect([logs.valLoss, logs.valAccuracy]).toEqual([valLoss, valAccuracy]);
      }
    }
    const batches = events.filter((logs): logs is BatchLogs => "batch" in logs);
    for (const figure of ["loss", "accuracy"] as const) {
      const [first] = history[figure]!;
      expect(first).toBeCloseTo((4 * batches[0][figure]! + 4 * batches[1][figure]! + 2 * batches[2][figure]!) / 10, 6);
    }
  });

  test("samplesPerSecond is rows per second of wall-clock time, in logs and history", () => {
    // Each reading of the clock is a second later, so that each batch takes one.
    let seconds = 0;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => 1000 * seconds++);
    const speeds: number[] = [];
    const watch = ({ samplesPerSecond }: BatchLogs | EpochLogs): void => void speeds.push(samplesPerSecond);
    try {
      const history = new NN(regression).fit(X.slice(0, 9), Y.slice(0, 9), { epochs: 2, onBatchEnd: watch, onEpochEnd: watch });
      expect(speeds).toEqual([4, 4, 3, 3, 4, 4, 3, 3]); // 4 of 9 rows after 1 s, 8 after 2 s, 9 after 3 s; the epoch: 9 in 3 s
      expect(history.samplesPerSecond).toBe(3);
    } finally {
      clock.mockRestore();
    }
  });

  test("epoch numbers start from 0 in each run", () => {
    const nn = new NN(regression);
    nn.fit(X, Y);
    const seen: number[] = [];
    nn.fit(X, Y, { epochs: 2, onEpochEnd: ({ epoch }) => void seen.push(epoch) });
    expect(seen).toEqual([0, 1]);
  });

  test("the loss without l2 and the accuracy are those that evaluate measures, when the rate is 0", () => {
    const nn = new NN({ ...classifier, optimizer: { name: "sgd", learningRate: 0 }, l2: 1 });
    const { loss, accuracy } = nn.evaluate(X, classes);
    const history = nn.fit(X, classes);
    expectClose(history.loss, [loss, loss, loss], 1e-6);
    expect(history.accuracy).toEqual([accuracy, accuracy, accuracy]);
  });

  test("callbacks do not change the training", () => {
    const settings = { ...BUSY, ...options };
    const [alone, ...watched] = [0, 1, 2, 3].map(() => new NN(settings));
    const { loss } = alone.fit(X, Y, { epochs: 30 });
    const quiet = (): void => {};
    expect(watched[0].fit(X, Y, { epochs: 30, onBatchEnd: quiet }).loss).toEqual(loss);
    expect(watched[1].fit(X, Y, { epochs: 30, onEpochEnd: quiet, onBatchEnd: quiet, validationData: [X, Y] }).loss).toEqual(loss);
    const stopping = { monitor: "loss", patience: 99, restoreBestWeights: false } as const;
    expect(watched[2].fit(X, Y, { epochs: 30, earlyStopping: stopping }).loss).toEqual(loss);
    for (const nn of watched) expect(weightsOf(nn)).toEqual(weightsOf(alone));
    expect(new Set(loss).size).toBe(30);
  });
});
