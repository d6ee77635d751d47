// What a search will try: points of spaces, rounds of halving, and what bad spaces get.
import { describe, expect, test } from "vitest";
import {
  bestTrial,
  integer,
  logUniform,
  nextTrials,
  oneOf,
  planTrials,
  uniform,
  type NetworkSpace,
  type NumberRange,
  type Trial,
  type TrialResult,
} from "../../src/entries/selection.js";
import { SPACE } from "./support.js";

const bad = (space: unknown): NetworkSpace => space as NetworkSpace;
const NETWORK = { layers: [2, 3, 1] } as const;
const without = (trial: Trial): object => ({ ...trial.options, seed: 0 });

describe("a random plan", () => {
  test("draws each trial from the space, with a seed of its own, and the same again from the same seed", () => {
    const trials = planTrials(SPACE, { trials: 40, seed: 7 });
    expect(trials).toHaveLength(40);
    expect(planTrials(SPACE, { trials: 40, seed: 7 })).toEqual(trials);
    expect(planTrials(SPACE, { trials: 40, seed: 8 })).not.toEqual(trials);
    expect(new Set(trials.map(({ options }) => options.seed)).size).toBe(40);
    for (const [i, { trial, round, options, split }] of trials.entries()) {
      expect([trial, round, split]).toEqual([i, 0, { seed: 7, stratify: true, folds: 5 }]);
      expect(options.layers[1]).toEqual({ units: expect.any(Number), activation: expect.stringMatching(/^(tanh|relu)$/) });
      expect(options.learningRate).toBeGreaterThanOrEqual(1e-3);
      expect(options.learningRate).toBeLessThanOrEqual(1e-1);
    }
    // Evenly in the logarithm: about half of them below the geometric mean.
    const low = trials.filter(({ options }) => Number(options.learningRate) < 1e-2).length;
    expect(low).toBeGreaterThan(10);
    expect(low).toBeLessThan(30);
    expect(new Set(trials.map(({ options }) => (options.layers[1] as { units: number }).units))).toEqual(
      new Set([2, 3, 4, 5, 6]),
    );
  });

  test("is data: JSON keeps all of it", () => {
    const trials = planTrials(SPACE, { seed: 7, strategy: "halving" });
    expect(JSON.parse(JSON.stringify(trials))).toEqual(trials);
  });

  test("tries the whole of a space that has no more points than trials, and no point twice", () => {
    const space: NetworkSpace = { layers: [2, integer(1, 3), 1], activation: oneOf(["tanh", "relu"]) };
    const points = (trials: number): string[] =>
      planTrials(space, { trials, seed: 1 }).map((trial) => JSON.stringify(without(trial)));
    expect(points(100)).toHaveLength(6);
    expect(new Set(points(5)).size).toBe(5);
    expect(new Set(points(100)).size).toBe(6);
  });

  test("has parameters inside the values of others, which count only where those are chosen", () => {
    const space: NetworkSpace = {
      ...NETWORK,
      optimizer: oneOf(["adam", { name: "sgd", learningRate: uniform(0.1, 0.2), momentum: oneOf([0, 0.9]) }]),
    };
    const optimizers = planTrials(space, { trials: 30, seed: 1 }).map(({ options }) => options.optimizer);
    expect(optimizers).toContain("adam");
    for (const each of optimizers.filter((optimizer) => optimizer !== "adam")) {
      expect(each).toEqual({ name: "sgd", learningRate: expect.any(Number), momentum: expect.any(Number) });
    }
  });

  test("keeps a seed of the space, and takes a test share in place of folds", () => {
    const [trial] = planTrials({ ...NETWORK, seed: 9 }, { seed: 1, test: 0.3, stratify: true, epochs: 4 });
    expect(trial).toEqual({
      version: 1,
      trial: 0,
      round: 0,
      options: { layers: [2, 3, 1], seed: 9, epochs: 4 },
      split: { seed: 1, stratify: true, test: 0.3 },
    });
  });
});

describe("a grid", () => {
  test("has every combination once, nested ones only where they count", () => {
    const space: NetworkSpace = {
      layers: [2, integer(1, 2), 1],
      optimizer: oneOf(["adam", { name: "sgd", momentum: oneOf([0, 0.5, 0.9]) }]),
      batchSize: oneOf([8, Infinity]),
    };
    const points = planTrials(space, { strategy: "grid" }).map((trial) => JSON.stringify(without(trial)));
    expect(points).toHaveLength(2 * 4 * 2);
    expect(new Set(points).size).toBe(16);
  });

  test("refuses ranges without steps, and more points than trials", () => {
    expect(() => planTrials({ ...NETWORK, l2: uniform(0, 1) }, { strategy: "grid" })).toThrow(
      'space.l2 is a range without steps, which a grid cannot have; use oneOf, or strategy "random"',
    );
    expect(() => planTrials({ layers: [2, integer(1, 50), 1] }, { strategy: "grid", trials: 49 })).toThrow(
      "the grid has more than 49 points",
    );
    const huge = { layers: [2, ...Array.from({ length: 9 }, () => integer(1, 1e6)), 1] };
    expect(() => planTrials(huge, { strategy: "grid" })).toThrow("the grid has more than 10000 points");
  });
});

describe("halving", () => {
  const scored = (trial: Trial, score: number | null): TrialResult => ({
    ...trial,
    metric: "accuracy",
    greaterIsBetter: true,
    score,
    scores: [],
    deviation: 0,
    ...(score !== null && { evaluation: { loss: 1, accuracy: score } }),
  });

  test("a third of the trials goes on for three times the epochs, the last ones for all", () => {
    let trials = planTrials(SPACE_WITHOUT_EPOCHS, { trials: 20, seed: 3, strategy: "halving", epochs: 30 });
    const rounds: [count: number, epochs: number][] = [];
    while (trials.length) {
      rounds.push([trials.length, trials[0]!.options.epochs!]);
      expect(new Set(trials.map(({ options }) => options.epochs)).size).toBe(1);
      // The later a trial's number the better it is.
      const results = trials.map((trial) => scored(trial, trial.trial / 20)).toReversed();
      const next = nextTrials(results);
      expect(next.map(({ trial }) => trial)).toEqual(trials.map(({ trial }) => trial).slice(trials.length - next.length));
      trials = next;
    }
    expect(rounds).toEqual([
      [20, 3],
      [7, 10],
      [3, 30],
    ]);
  });

  test("trials that diverged do not go on, and other strategies have one round", () => {
    const trials = planTrials(SPACE, { trials: 4, seed: 3, strategy: "halving", factor: 2 });
    expect(trials.map(({ rounds }) => rounds)).toEqual(trials.map(() => [1, 2, 5]));
    expect(
      nextTrials(trials.map((trial) => scored(trial, trial.trial ? null : 0.1))).map(({ trial, round }) => [trial, round]),
    ).toEqual([[0, 1]]);
    expect(nextTrials(trials.map((trial) => scored(trial, null)))).toEqual([]);
    expect(nextTrials([])).toEqual([]);
    expect(nextTrials(planTrials(SPACE).map((trial) => scored(trial, 1)))).toEqual([]);
  });

  test("the best is of the last round that has a score; of equal scores the lower loss decides, then the number", () => {
    const [a, b] = planTrials(SPACE, { trials: 3, seed: 3, strategy: "halving" }) as [Trial, Trial];
    const later = { ...a, round: 1 };
    expect(bestTrial([scored(a, 0.9), scored(b, 0.8), scored(later, 0.5)])).toMatchObject({ trial: 0, round: 1 });
    expect(bestTrial([scored(a, 0.8), scored(b, 0.9), scored(later, null)])).toMatchObject({ trial: 1, round: 0 });
    expect(bestTrial([scored(a, 0.9), { ...scored(b, 0.9), evaluation: { loss: 0.5 } }]).trial).toBe(1);
    expect(bestTrial([scored(b, 0.9), scored(a, 0.9)]).trial).toBe(0);
    expect(() => bestTrial([])).toThrow("there are no results");
  });

  test("it needs a number of epochs", () => {
    expect(() => planTrials({ ...NETWORK }, { strategy: "halving" })).toThrow(
      "epochs is undefined; it must be a positive integer",
    );
    expect(() => planTrials({ ...NETWORK, epochs: oneOf([1, 2]) }, { strategy: "halving" })).toThrow(
      "epochs is an object; it must be a positive integer",
    );
  });
});

const SPACE_WITHOUT_EPOCHS: NetworkSpace = (({ epochs: _, ...rest }) => rest)(SPACE);

describe("bad spaces and options are named", () => {
  const cyclic: Record<string, unknown> = { layers: [2, 1] };
  cyclic.self = cyclic;
  test.each<[string, () => unknown, new () => Error, string]>([
    ["no values", () => planTrials({ ...NETWORK, l2: oneOf([]) }), RangeError, "space.l2 is oneOf(); it must have values"],
    [
      "values that are no list",
      () => planTrials({ ...NETWORK, activation: oneOf("relu" as unknown as "relu"[]) }),
      TypeError,
      'space.activation is "relu"; it must be an array',
    ],
    [
      "ends in the wrong order",
      () => planTrials({ ...NETWORK, l2: uniform(2, 1) }),
      RangeError,
      "space.l2 is uniform(2, 1); it must have a lowest number, then a highest",
    ],
    [
      "an end that is none",
      () => planTrials({ ...NETWORK, l2: uniform(0, Infinity) }),
      RangeError,
      "space.l2[1] is Infinity; it must be a finite number",
    ],
    [
      "a logarithm of 0",
      () => planTrials({ ...NETWORK, optimizer: { name: "adam", learningRate: logUniform(0, 1) } }),
      RangeError,
      "space.optimizer.learningRate[0] is 0; it must be a finite number above 0",
    ],
    [
      "integers that are none",
      () => planTrials({ layers: [2, { units: integer(1, 2.5) }, 1] }),
      RangeError,
      "space.layers[1].units[1] is 2.5; it must be an integer",
    ],
    [
      "no end",
      () => planTrials({ ...NETWORK, l2: (integer as (low: number) => NumberRange)(1) }),
      TypeError,
      "space.l2[1] is undefined; it must be an integer",
    ],
    ["no space", () => planTrials(bad(undefined)), TypeError, "space is undefined; it must be a value that JSON has"],
    ["no layers", () => planTrials(bad({})), TypeError, "layers is undefined"],
    [
      "an unknown option",
      () => planTrials(bad({ ...NETWORK, lerningRate: 1 })),
      TypeError,
      'unknown option "lerningRate"; did you mean "learningRate"?',
    ],
    [
      "a value that one of the trials refuses",
      () => planTrials(bad({ ...NETWORK, l2: oneOf([0, -1]) })),
      RangeError,
      "l2 is -1; it must be a finite number, 0 or more",
    ],
    [
      "a wrong layer",
      () => planTrials({ layers: [2, integer(0, 0), 1] }),
      RangeError,
      "layers[1] is 0; it must be a positive integer",
    ],
    [
      "code",
      () => planTrials(bad({ ...NETWORK, learningRate: () => 1 })),
      TypeError,
      "space.learningRate is a function; it must be a value that JSON has, or oneOf, uniform, logUniform or integer",
    ],
    ["null", () => planTrials(bad({ ...NETWORK, l2: null })), TypeError, "space.l2 is null; it must be a value that JSON has"],
    ["NaN", () => planTrials({ ...NETWORK, l2: NaN }), RangeError, "l2 is NaN; it must be a finite number, 0 or more"],
    [
      "an object of a class",
      () => planTrials(bad({ ...NETWORK, l2: new Date(0) })),
      TypeError,
      "l2 is an object; it must be a finite number, 0 or more",
    ],
    ["an object that holds itself", () => planTrials(bad(cyclic)), RangeError, "is nested too deeply"],
    [
      "a parameter that is none",
      () => planTrials(bad({ ...NETWORK, l2: { uniform: [0] } })),
      RangeError,
      "space.l2 is uniform(0); it must have a lowest number, then a highest",
    ],
    [
      "three ends",
      () => planTrials(bad({ ...NETWORK, l2: { uniform: [0, 1, 2] } })),
      RangeError,
      "space.l2 is uniform(0, 1, 2); it must have a lowest number, then a highest",
    ],
    [
      "losses that cannot be compared",
      () => planTrials({ ...NETWORK, loss: oneOf(["huber", "meanSquaredError"]) }),
      RangeError,
      "; it must be the same in all trials, whose scores could not be compared otherwise",
    ],
    [
      "folds and a test share",
      () => planTrials({ ...NETWORK }, { folds: 3, test: 0.2 }),
      RangeError,
      "folds and test are both given; give one of them",
    ],
    [
      "an unknown strategy",
      () => planTrials({ ...NETWORK }, { strategy: "gird" as "grid" }),
      RangeError,
      'unknown strategy "gird"; did you mean "grid"?',
    ],
    ["no trials", () => planTrials({ ...NETWORK }, { trials: 0 }), RangeError, "trials is 0; it must be a positive integer"],
  ])("%s", (_name, call, kind, message) => {
    expect(call).toThrow(kind);
    expect(call).toThrow(message);
  });

  test("a key named __proto__ changes nothing but is refused as unknown", () => {
    const space = JSON.parse('{ "layers": [2, 1], "__proto__": { "polluted": 1 } }') as NetworkSpace;
    expect(() => planTrials(space)).toThrow('unknown option "__proto__"');
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});
