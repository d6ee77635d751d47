// Early stopping as in Keras, on a run whose every weight is known: one weight w, moved by the learning rate towards 5 and
// beyond; the validation loss is 100 − w, so that up is better and down is worse.
import { describe, expect, test, vi } from "vitest";
import { NN, type EpochLogs, type FitOptions, type History } from "../../src/index.js";
import { BACKENDS, CASES, bare, weightsOf, type CASES as Cases } from "./support.js";

type Options = (typeof Cases)[number]["options"];

/** Trains until w has followed `path`, rising from below 5 and falling from above, or until training stops. */
function run(path: number[], fit: FitOptions, options: Options): { history: History; w: number; nn: NN } {
  const steps = path.map((w, i) => Math.abs(w - (path[i - 1] ?? 0)));
  const nn = bare(1, 1, { loss: "meanAbsoluteError", learningRate: (epoch) => steps[epoch], ...options });
  const history = nn.fit([[1]], [[5]], { epochs: path.length, validationData: [[[1]], [[100]]], ...fit });
  expect(history.valLoss).toEqual(path.slice(0, history.epochs).map((w) => 100 - w));
  return { history, w: weightsOf(nn)[0], nn };
}

describe.each(CASES)("$name", ({ options }) => {
  const better = [1, 2, 3, 4, 4.5];
  test("a run that always gets better is completed", () => {
    const { history, w } = run(better, { earlyStopping: {} }, options);
    expect(history).toMatchObject({ epochs: 5, stopReason: "completed", bestEpoch: 4 });
    expect(w).toBe(4.5);
  });

  test.each([0, 1])("patience %i: the first epoch that is not better is the last, and the best weights come back", (patience) => {
    const { history, w } = run([1, 2, 8, 6, 5.5, 5.25], { earlyStopping: { patience } }, options);
    expect(history).toMatchObject({ epochs: 4, stopReason: "earlyStopping", bestEpoch: 2 });
    expect(w).toBe(8);
  });

  test("the default is patience 0 on valLoss, with the best weights", () => {
    const path = [1, 8, 6, 5.5, 5.25];
    const explicit = { monitor: "valLoss", minDelta: 0, patience: 0, restoreBestWeights: true } as const;
    for (const earlyStopping of [{}, explicit]) {
      const { history, w } = run(path, { earlyStopping }, options);
      expect([history.epochs, history.bestEpoch, history.stopReason, w]).toEqual([3, 1, "earlyStopping", 8]);
    }
  });

  test("an epoch as good as the best is not better", () => {
    const { history, w } = run([1, 8, 8, 8, 8], { earlyStopping: { patience: 2 } }, options);
    expect(history).toMatchObject({ epochs: 4, stopReason: "earlyStopping", bestEpoch: 1 });
    expect(w).toBe(8);
  });

  test("patience begins anew with each better epoch, and is measured from the best one", () => {
    const path = [1, 8, 6, 4, 9, 4, 4.5, 8, 6, 5.5];
    // better:    y  y  1  2  y  1  2    3
    const { history, w } = run(path, { earlyStopping: { patience: 3 } }, options);
    expect(history).toMatchObject({ epochs: 8, stopReason: "earlyStopping", bestEpoch: 4 });
    expect(w).toBe(9);
  });

  test("restoreBestWeights false keeps the last weights", () => {
    const { history, w } = run([1, 8, 6, 5.5], { earlyStopping: { restoreBestWeights: false, patience: 2 } }, options);
    expect(history).toMatchObject({ epochs: 4, stopReason: "earlyStopping", bestEpoch: 1 });
    expect(w).toBe(5.5);
  });

  test("the best weights come back however training ends", () => {
    const completed = run([1, 8, 6], { earlyStopping: { patience: 9 } }, options);
    expect(completed.history).toMatchObject({ epochs: 3, stopReason: "completed", bestEpoch: 1 });
    expect(completed.w).toBe(8);
    const ended = run([1, 8, 6, 5.5], { earlyStopping: { patience: 9 }, onEpochEnd: ({ epoch }) => epoch < 2 }, options);
    expect(ended.history).toMatchObject({ epochs: 3, stopReason: "callback", bestEpoch: 1 });
    expect(ended.w).toBe(8);
  });

  test.each([0, 2])("a callback that ends training on the best epoch, %i, leaves that", (last) => {
    const { history, w } = run(
      [1, 2, 8, 6],
      { earlyStopping: { patience: 9 }, onEpochEnd: ({ epoch }) => epoch < last },
      options,
    );
    expect(history).toMatchObject({ epochs: last + 1, stopReason: "callback", bestEpoch: last });
    expect(w).toBe([1, 2, 8][last]);
  });

  test("callbacks may do as they like with their logs", () => {
    const onEpochEnd = (logs: EpochLogs): void => void Object.assign(logs, { valLoss: 0, loss: "none" });
    const { history, w } = run([1, 2, 8, 6, 5.5], { earlyStopping: { patience: 2 }, onEpochEnd }, options);
    expect(history).toMatchObject({ epochs: 5, stopReason: "earlyStopping", bestEpoch: 2 });
    expect(w).toBe(8);
  });

  test("minDelta: a change of exactly so much is none, and small ones add up", () => {
    const exactly = run([1, 2, 3], { earlyStopping: { minDelta: 1 } }, options);
    expect(exactly.history).toMatchObject({ epochs: 2, stopReason: "earlyStopping", bestEpoch: 0 });
    expect(exactly.w).toBe(1);
    const small = run([1, 1.75, 2.5, 3.25, 4, 4.25, 4.5], { earlyStopping: { minDelta: 1, patience: 2 } }, options);
    // better:         y  1     y (than 1) 1 y  1     2
    expect(small.history).toMatchObject({ epochs: 7, stopReason: "earlyStopping", bestEpoch: 4 });
    expect(small.w).toBe(4);
  });

  test("monitor loss watches the training loss", () => {
    // |w − 5| before each update: 5, 4, 3, 1, 0.5, 3, 2, …
    const path = [1, 2, 4, 5.5, 2, 3, 4, 4.5];
    const { history, w } = run(path, { earlyStopping: { monitor: "loss", patience: 2 } }, options);
    expect(history.loss).toEqual([5, 4, 3, 1, 0.5, 3, 2]);
    expect(history).toMatchObject({ epochs: 7, stopReason: "earlyStopping", bestEpoch: 4 });
    expect(w).toBe(2); // the weights at the end of epoch 4
  });

  test("the next run goes on from the best weights, and counts epochs on", () => {
    const { history, nn } = run([1, 8, 6, 7], { earlyStopping: {} }, options);
    expect(history.epochs).toBe(3);
    nn.fit([[1]], [[5]], { epochs: 1 }); // epoch 3 of its life: |7 − 6| down from 8
    expect(weightsOf(nn)).toEqual([7]);
  });

  test("an exception leaves the last completed epoch, not the best", () => {
    const nn = bare(1, 1, { loss: "meanAbsoluteError", learningRate: (epoch) => [1, 7, 2][epoch], ...options });
    const onEpochEnd = ({ epoch }: { epoch: number }): void => {
      if (epoch === 2) throw new Error("mine");
    };
    const fit = { epochs: 3, validationData: [[[1]], [[100]]], earlyStopping: { patience: 5 }, onEpochEnd } satisfies FitOptions;
    expect(() => nn.fit([[1]], [[5]], fit)).toThrow("mine");
    expect(weightsOf(nn)).toEqual([6]);
  });
});

describe.each(BACKENDS)("$name", ({ options }) => {
  /** Two linear layers whose products overflow for the one validation row, until the weights have become small. */
  const overflowing = (learningRate: (epoch: number) => number): NN => {
    const nn = new NN({
      layers: [1, { units: 2, activation: "linear", bias: false }, { units: 1, activation: "linear", bias: false }],
      loss: "meanAbsoluteError",
      l2: 1,
      optimizer: "sgd",
      learningRate,
      ...options,
    });
    nn.setWeights([{ kernel: [2, -2] }, { kernel: [2, 2] }]);
    return nn;
  };

  test("an epoch whose figure is NaN is never the best", () => {
    const nn = overflowing((epoch) => (epoch === 0 ? 0 : 0.4));
    const history = nn.fit([[0]], [[0]], { epochs: 7, validationData: [[[2e38]], [[0]]], earlyStopping: { patience: 5 } });
    const [first, ...others] = history.valLoss!;
    const best = Math.min(...others);
    expect(first).toBeNaN();
    expect(best).toBeLessThan(1e38);
    expect(history.bestEpoch).toBe(history.valLoss!.indexOf(best));
    expect(nn.evaluate([[2e38]], [[0]]).loss).toBe(best);
  });

  test("a run whose figure is never finite stops by its patience, names no best epoch, and says so", () => {
    const warn = vi.spyOn(console, "warn").mockReturnValue(undefined);
    try {
      const nn = overflowing(() => 0);
      const history = nn.fit([[0]], [[0]], { epochs: 9, validationData: [[[2e38]], [[0]]], earlyStopping: { patience: 3 } });
      expect(history).toMatchObject({ epochs: 3, stopReason: "earlyStopping", valLoss: [NaN, NaN, NaN] });
      expect(history.bestEpoch).toBeUndefined();
      expect(warn.mock.calls).toEqual([[expect.stringContaining("valLoss was not finite in any of 3 epochs")]]);
    } finally {
      warn.mockRestore();
    }
  });

  test.each([
    ["valAccuracy", 2],
    ["accuracy", 3],
  ] as const)("monitor %s: more is better", (monitor, best) => {
    // One weight, −1: the one row, of class 1, is wrong until epoch 2 brings it above 0.
    const nn = new NN({
      layers: [1, { units: 1, bias: false }],
      loss: "binaryCrossentropy",
      optimizer: "sgd",
      learningRate: (epoch) => (epoch === 2 ? 10 : 0),
      ...options,
    });
    nn.setWeights([{ kernel: [-1] }]);
    const history = nn.fit([[1]], [[1]], { epochs: 20, validationData: [[[1]], [[1]]], earlyStopping: { monitor, patience: 4 } });
    expect(history[monitor]).toEqual(Array.from({ length: best + 5 }, (_, epoch) => Number(epoch >= best)));
    expect(history).toMatchObject({ bestEpoch: best, epochs: best + 5, stopReason: "earlyStopping" });
  });
});
