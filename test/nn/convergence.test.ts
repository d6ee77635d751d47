// How long a run trains: until it has converged where no number of epochs was given, to a target loss, or to a time limit.
import { afterEach, describe, expect, test, vi } from "vitest";
import { NN, type NetworkOptions } from "../../src/index.js";
import { automaticEpochs, Convergence } from "../../src/training/convergence.js";
import { BACKENDS, X, Y, bare, weightsOf } from "./support.js";

const XOR = {
  x: [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ],
  y: [[0], [1], [1], [0]],
};

afterEach(() => vi.restoreAllMocks());

describe.each(BACKENDS)("$name", ({ options }) => {
  test("a plain fit learns XOR", () => {
    let right = 0;
    for (let seed = 0; seed < 10; seed++) {
      const nn = new NN({ layers: [2, 8, 1], seed, ...options });
      nn.fit(XOR.x, XOR.y);
      const outputs = nn.predict(XOR.x);
      if (XOR.y.every(([target], r) => outputs[r][0] > 0.5 === target > 0.5)) right++;
    }
    expect(right).toBeGreaterThanOrEqual(8);
  });

  test("a run without a number of epochs equals a run with the number that it took", () => {
    const make = (more: Partial<NetworkOptions>): NN =>
      new NN({ layers: [1, 1], loss: "meanSquaredError", learningRate: 0.01, seed: 3, ...options, ...more });
    const [open, counted] = [make({}), make({})];
    const { epochs, stopReason, loss } = open.fit([0, 0.5, 1], [1, 2, 3]);
    expect(stopReason).toBe("converged");
    expect(counted.fit([0, 0.5, 1], [1, 2, 3], { epochs })).toMatchObject({ epochs, stopReason: "completed", loss });
    expect(weightsOf(open)).toEqual(weightsOf(counted));
  });

  test("a number of epochs in the constructor or in fit applies although the loss is constant", () => {
    const still = { learningRate: 0 };
    expect(bare(3, 2, { ...options, ...still, epochs: 4000 }).fit(X, Y)).toMatchObject({ epochs: 4000, stopReason: "completed" });
    expect(bare(3, 2, { ...options, ...still }).fit(X, Y, { epochs: 4000 })).toMatchObject({
      epochs: 4000,
      stopReason: "completed",
    });
    // One step an epoch: 3,000 steps after the first.
    expect(bare(3, 2, { ...options, ...still }).fit(X, Y)).toMatchObject({ epochs: 3001, stopReason: "converged" });
  });

  test("early stopping replaces the convergence test", () => {
    const history = bare(3, 2, { ...options, learningRate: 0 }).fit(X, Y, { earlyStopping: { monitor: "loss", patience: 5000 } });
    expect(history).toMatchObject({ epochs: 5001, stopReason: "earlyStopping", bestEpoch: 0 });
  });

  test("targetLoss ends the run after the first epoch at or below it", () => {
    const make = (): NN => new NN({ layers: [3, 4, 2], loss: "meanSquaredError", seed: 1, learningRate: 0.01, ...options });
    const { loss } = make().fit(X, Y, { epochs: 40 });
    const at = loss.findIndex((each) => each <= loss[30]);
    const nn = make();
    const history = nn.fit(X, Y, { epochs: 40, targetLoss: loss[30] });
    expect(history).toMatchObject({ epochs: at + 1, stopReason: "targetLoss", loss: loss.slice(0, at + 1) });
    const counted = make();
    counted.fit(X, Y, { epochs: at + 1 });
    expect(weightsOf(nn)).toEqual(weightsOf(counted));
  });

  test("timeLimit ends the run after that many milliseconds, even within an epoch", () => {
    let now = 0;
    vi.spyOn(performance, "now").mockImplementation(() => now);
    const make = (): NN => new NN({ layers: [3, 4, 2], loss: "meanSquaredError", seed: 1, batchSize: 5, ...options });
    const nn = make();
    // The clock stands still but in the callback, so that the 7th batch of 2 an epoch is the last.
    const history = nn.fit(X, Y, { epochs: 9, timeLimit: 70, onBatchEnd: () => void (now += 10) });
    expect(history).toMatchObject({ epochs: 3, stopReason: "timeLimit" });
    const byHand = make();
    byHand.fit(X, Y, { epochs: 9, onBatchEnd: ({ epoch, batch }) => !(epoch === 3 && batch === 0) });
    expect(weightsOf(nn)).toEqual(weightsOf(byHand));
  });

  test.each([
    [{ timeLimit: 0 }, "timeLimit is 0; it must be a finite number above 0"],
    [{ targetLoss: NaN }, "targetLoss is NaN; it must be a finite number"],
  ] as const)("%j is refused", (fit, message) => {
    expect(() => bare(3, 2, options).fit(X, Y, fit)).toThrow(new RangeError(message));
  });
});

test("the maximum of epochs gives at most 10,000 steps, but at least 10 epochs", () => {
  expect([automaticEpochs(4, 32), automaticEpochs(320, 32), automaticEpochs(60_000, 32), automaticEpochs(1e6, 32)]).toEqual([
    10_000, 1000, 10, 10,
  ]);
  expect(automaticEpochs(1000, Infinity)).toBe(10_000);
});

describe("convergence", () => {
  /** The epoch in which a series of losses has converged; 300 steps an epoch, so that 10 epochs without an improvement are awaited. */
  function converged(losses: (epoch: number) => number): number {
    const rule = new Convergence(300, 1);
    let epoch = 0;
    while (!rule.isReached(epoch, losses(epoch))) if (++epoch > 1000) return Infinity;
    return epoch;
  }

  test("is reached 10 epochs after the last loss that was lower by a thousandth", () => {
    expect(converged((epoch) => Math.max(1 - epoch / 100, 0.5))).toBe(60);
    expect(converged((epoch) => 1 - epoch * 1e-5)).toBe(10);
    expect(converged((epoch) => 0.99 ** Math.min(epoch, 200))).toBe(210);
  });

  test("is reached by a loss that keeps falling once it is a ten-thousandth of the first", () => {
    // 0.5 ** 14 is the first below 1e-4.
    expect(converged((epoch) => 0.5 ** epoch)).toBe(24);
  });
});
