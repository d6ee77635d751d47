// Cross-validation and searches: against the same networks trained by hand, and for any number of workers.
import { describe, expect, test } from "vitest";
import {
  bestTrial,
  crossValidate,
  kFold,
  oneOf,
  planTrials,
  runTrial,
  search,
  trainTestSplit,
  type NetworkSpace,
  type TrialResult,
} from "../../src/entries/selection.js";
import { DivergenceError, NN, type NetworkOptions } from "../../src/index.js";
import { rejection } from "../threads/support.js";
import { SPACE, TARGETS, X, Y } from "./support.js";

const CLASSES: NetworkOptions = {
  layers: [2, { units: 4, activation: "tanh" }, 3],
  loss: "categoricalCrossentropy",
  learningRate: 0.05,
};
const NUMBERS: NetworkOptions = {
  layers: [2, { units: 4, activation: "tanh" }, 1],
  loss: "meanSquaredError",
  learningRate: 0.05,
};
const pick = <T>(list: readonly T[], rows: readonly number[]): T[] => rows.map((row) => list[row]!);

describe("crossValidate", () => {
  test.each([
    ["the accuracy with a cross-entropy, in folds with equal shares of the classes", CLASSES, Y, "accuracy", true],
    ["the loss with others", NUMBERS, TARGETS, "loss", false],
  ] as const)("scores by %s", (_title, options, y, metric, greaterIsBetter) => {
    const result = crossValidate(options, X, y as number[], { folds: 3, seed: 11, epochs: 4, batchSize: 8 });
    const folds = kFold(X.length, { folds: 3, seed: 11, ...(greaterIsBetter && { stratify: Y }) }).map(({ train, test }) => {
      const nn = new NN({ ...options, seed: 11 });
      const history = nn.fit(pick(X, train), pick(y as number[], train), { epochs: 4, batchSize: 8 });
      return { history, evaluation: nn.evaluate(pick(X, test), pick(y as number[], test)) };
    });
    const scores = folds.map(({ evaluation }) => evaluation[metric]!);
    const mean = (scores[0]! + scores[1]! + scores[2]!) / 3;
    expect(result).toEqual({
      scores,
      metric,
      greaterIsBetter,
      seed: 11,
      mean,
      deviation: expect.closeTo(Math.sqrt(scores.reduce((sum, score) => sum + (score - mean) ** 2 / 3, 0)), 12),
      folds: folds.map(({ history, evaluation }) => ({
        evaluation,
        history: { ...history, samplesPerSecond: expect.any(Number) },
      })),
    });
  });

  test("takes flat typed arrays, and picks each row's weight with it", () => {
    const weights = Y.map((label) => label + 1);
    const settings = { folds: 4, seed: 2, epochs: 3, stratify: false, sampleWeight: weights };
    const { scores } = crossValidate(CLASSES, X, Y, settings);
    expect(crossValidate(CLASSES, Float64Array.from(X.flat()), Uint8Array.from(Y), settings).scores).toEqual(scores);
    const [first] = kFold(X.length, { folds: 4, seed: 2 });
    const nn = new NN({ ...CLASSES, seed: 2 });
    nn.fit(pick(X, first!.train), pick(Y, first!.train), { epochs: 3, sampleWeight: pick(weights, first!.train) });
    expect(nn.evaluate(pick(X, first!.test), pick(Y, first!.test)).accuracy).toBe(scores[0]);
  });

  test("names rows by their numbers among all, before anything is trained", () => {
    const trained: number[] = [];
    const call =
      (options: NetworkOptions, x: unknown, y: unknown, settings: object = {}) =>
      () =>
        crossValidate(options, x as number[][], y as number[], {
          epochs: 1,
          onEpochEnd: ({ epoch }) => trained.push(epoch),
          ...settings,
        });
    expect(call(CLASSES, X.with(41, [1, NaN]), Y)).toThrow("x[41][1] is NaN");
    expect(call(CLASSES, X.with(41, [1]), Y)).toThrow("x[41] has 1 value; this network takes 2 inputs");
    expect(call(CLASSES, X, Y.with(57, 3))).toThrow("y[57] is 3; this network has 3 classes");
    expect(call(CLASSES, X, Y.slice(1))).toThrow("x has 60 rows but y has 59");
    expect(
      call(
        { ...NUMBERS, layers: [2, { units: 1, activation: "sigmoid" }] },
        X,
        TARGETS.map(([t]) => [Math.abs(t!) % 1]).with(33, [7]),
      ),
    ).toThrow("y[33][0] is 7");
    expect(call(CLASSES, X, Y, { sampleWeight: [1] })).toThrow("x has 60 rows but sampleWeight has 1 row");
    expect(call(CLASSES, X, Y, { folds: 61 })).toThrow("folds is 61; it must be at most the number of rows, which is 60");
    expect(call(CLASSES, X, Y, { foldz: 2 })).toThrow('unknown option "foldz"');
    expect(call({ ...CLASSES, l2: -1 }, X, Y)).toThrow("l2 is -1");
    expect(trained).toEqual([]);
  });

  test("a fold that diverges ends it", () => {
    expect(() => crossValidate({ ...NUMBERS, optimizer: "sgd", learningRate: 1e30 }, X, TARGETS, { epochs: 3 })).toThrow(
      DivergenceError,
    );
  });
});

describe("search", () => {
  test("scores each trial as cross-validation of its options does, and takes the best", async () => {
    const { best, trials } = await search(SPACE, X, Y, { trials: 6, seed: 4, folds: 3, workers: 1 });
    expect(trials.map(({ trial }) => trial)).toEqual([0, 1, 2, 3, 4, 5]);
    for (const { options, score, scores, deviation, evaluation } of trials) {
      const by = crossValidate(options, X, Y, { folds: 3, seed: 4 });
      expect([score, scores, deviation]).toEqual([by.mean, by.scores, by.deviation]);
      expect(evaluation).toEqual({
        accuracy: by.mean,
        loss: expect.closeTo(
          by.folds.reduce((sum, { evaluation: { loss } }) => sum + loss / 3, 0),
          12,
        ),
      });
    }
    const highest = Math.max(...trials.map(({ score }) => score!));
    const lowest = Math.min(...trials.filter(({ score }) => score === highest).map(({ evaluation }) => evaluation!.loss));
    expect([best.score, best.evaluation!.loss]).toEqual([highest, lowest]);
    expect(trials).toContain(best);
    expect(new NN(best.options).seed).toBe(best.options.seed);
  });

  test("scores on one share of the rows where `test` says so, and by losses the lower the better", async () => {
    const space: NetworkSpace = { ...(NUMBERS as object), layers: [2, 1], learningRate: oneOf([1e-5, 0.1]), epochs: 20 };
    const { best, trials } = await search(space, X, TARGETS, { seed: 4, test: 0.25, strategy: "grid" });
    const { xTrain, xTest, yTrain, yTest } = trainTestSplit(X, TARGETS, { seed: 4 });
    for (const { options, score, scores, metric, greaterIsBetter } of trials) {
      const nn = new NN(options);
      nn.fit(xTrain, yTrain);
      expect([score, scores, metric, greaterIsBetter]).toEqual([nn.evaluate(xTest, yTest).loss, [score], "loss", false]);
    }
    expect(best.trial).toBe(1);
  });

  test("a trial that diverges counts as the worst; when all do, that is the error", async () => {
    const space = (rates: number[]): NetworkSpace => ({
      ...(NUMBERS as object),
      layers: [2, 1],
      optimizer: "sgd",
      learningRate: oneOf(rates),
      epochs: 3,
    });
    const { best, trials } = await search(space([1e30, 1e-3]), X, TARGETS, { seed: 4, strategy: "grid" });
    expect(best.trial).toBe(1);
    expect(trials[0]).toMatchObject({ score: null, scores: [], error: expect.stringContaining("training diverged: ") as string });
    expect(trials[0]).not.toHaveProperty("evaluation");
    const error = await rejection(search(space([1e30, 1e31]), X, TARGETS, { seed: 4, strategy: "grid" }));
    expect(error.message).toMatch(/^every trial diverged; the first: training diverged: /);
  });

  test("a loss on the test rows that is not finite counts as the worst, too", async () => {
    const {
      xTest: [far],
    } = trainTestSplit(
      X.map((_, row) => row),
      Y,
      { seed: 4, test: 0.5 },
    );
    const space: NetworkSpace = { layers: [2, 1], loss: "meanSquaredError", batchSize: oneOf([7, 8]), epochs: 1 };
    const {
      trials: [one],
    } = await search({ ...space, learningRate: 1e-3 }, X, TARGETS, { seed: 4, test: 0.5, strategy: "grid" });
    expect(one!.score).toBeGreaterThan(0);
    const error = await rejection(search(space, X.with(far!, [1e30, 1]), TARGETS, { seed: 4, test: 0.5, strategy: "grid" }));
    expect(error.message).toBe("every trial diverged; the first: the loss on the test rows is Infinity");
  });

  test("refuses bad rows and options by name, before it trains", async () => {
    const seen: TrialResult[] = [];
    const refused = async (x: unknown, y: unknown, options: object = {}, space: unknown = SPACE): Promise<string> =>
      (
        await rejection(
          search(space as NetworkSpace, x as number[][], y as number[], {
            seed: 1,
            onTrial: (result) => seen.push(result),
            ...options,
          }),
        )
      ).message;
    expect(await refused(X.with(41, [1, NaN]), Y)).toContain("x[41][1] is NaN");
    expect(await refused(X, Y.with(57, 3))).toContain("y[57] is 3; this network has 3 classes");
    expect(await refused(X, Y, { workers: 0 })).toBe("workers is 0; it must be a positive integer");
    expect(await refused(X, Y, { workrs: 2 })).toBe('unknown option "workrs"; did you mean "workers"?');
    expect(await refused(X, Y, { signal: true })).toBe("signal is true; it must be an AbortSignal");
    expect(await refused(X, Y, { onTrial: 1 })).toBe("onTrial is 1; it must be a function");
    expect(await refused(X, Y, { folds: 61 })).toBe("folds is 61; it must be at most the number of rows, which is 60");
    expect(await refused(X, Y, {}, { layers: [2, oneOf([0])] })).toContain("layers[1] is 0");
    expect(seen).toEqual([]);
  });

  test("a trial that another process runs, from a copy by JSON, comes to the same", async () => {
    const settings = { trials: 4, seed: 4, folds: 3, strategy: "halving" } as const;
    const { best, trials } = await search(SPACE, X, Y, settings);
    const copies: TrialResult[] = [];
    for (const trial of planTrials(SPACE, settings))
      copies.push(await runTrial(JSON.parse(JSON.stringify(trial)) as typeof trial, X, Y));
    expect(copies).toEqual(trials.filter(({ round }) => round === 0));
    expect(bestTrial(trials)).toEqual(best);
    expect(best.round).toBe(1);
  });

  test("one fold of a trial can be run alone", async () => {
    const [trial] = planTrials(SPACE, { trials: 1, seed: 4, folds: 3 });
    const whole = await runTrial(trial!, X, Y);
    const scores: number[] = [];
    for (const fold of [0, 1, 2]) scores.push(...(await runTrial({ ...trial!, split: { ...trial!.split, fold } }, X, Y)).scores);
    expect(scores).toEqual(whole.scores);
  });
});
