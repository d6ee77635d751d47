// Trials and results as another process would hand them over: data, believed in nothing.
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { planTrials, runTrial, type Trial, type TrialResult } from "../../src/entries/selection.js";
import { readResult, readTrial } from "../../src/entries/selection/stored.js";
import { ModelFormatError } from "../../src/index.js";
import { SPACE, X, Y } from "./support.js";

const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
const [TRIAL] = planTrials(SPACE, { seed: 4, trials: 9, strategy: "halving" }) as [Trial];
let RESULT: TrialResult;
beforeAll(async () => {
  RESULT = await runTrial(TRIAL, X, Y);
});

/** A value with another one at a path. */
function altered(value: unknown, path: string, other: unknown): Record<string, unknown> {
  const whole = copy(value) as Record<string, unknown>;
  const keys = path.split(".");
  const last = keys.pop()!;
  const target = keys.reduce((at, key) => at[key] as Record<string, unknown>, whole);
  if (other === undefined) delete target[last];
  else target[last] = other;
  return whole;
}

describe("readTrial", () => {
  test("takes what planTrials made, by JSON too, where Infinity became null", () => {
    expect(readTrial(copy(TRIAL))).toEqual(TRIAL);
    const [full] = planTrials({ ...SPACE, batchSize: Infinity, clipNorm: Infinity }, { seed: 1, trials: 1, test: 0.2 });
    expect(readTrial(copy(full))).toEqual(full);
    expect(readTrial({ ...copy(full), split: { folds: 3, fold: 2, seed: 1, stratify: false } }).split.fold).toBe(2);
  });

  test.each<[path: string, value: unknown, message: string]>([
    ["version", 2, "trial.version is 2; it must be 1: another version of the library has written it"],
    ["version", undefined, "trial.version is missing"],
    ["trial", -1, "trial.trial is -1; it must be 0 or a positive integer"],
    ["round", 9, "trial.round is 9; it must be below the number of rounds"],
    ["rounds", [1, 0.5], "trial.rounds[1] is 0.5; it must be a positive integer"],
    ["factor", undefined, "trial.factor is missing"],
    ["code", "process.exit()", 'trial: unknown option "code"'],
    ["options", undefined, "trial.options is missing"],
    ["options", [], "trial.options.seed is missing"],
    ["options.layers", { length: 3 }, "layers is "],
    ["options.seed", undefined, "trial.options.seed is missing"],
    ["options.epochs", 1e300, "epochs is 1e+300"],
    ["options.learningRate", { uniform: [0, 1] }, "trial.options holds a parameter where a trial has a value"],
    ["options.learningRate", null, "trial.options.learningRate is null"],
    ["options.onEpochEnd", "x", 'unknown option "onEpochEnd"'],
    ["options.layers", [1e9, 3, 1], "trial.options.layers[0] is 1000000000; it must be at most 1000000"],
    ["options.layers", [2, 3, { units: 1e9 }], "trial.options.layers[2].units is 1000000000; it must be at most 1000000"],
    ["options.layers", Array.from({ length: 2000 }, () => 1), "trial.options.layers has 2000 entries; it may have 1000"],
    ["split", undefined, "trial.split is missing"],
    ["split.seed", 0.5, "trial.split.seed is 0.5; it must be a 32-bit integer"],
    ["split.folds", undefined, "trial.split.folds is missing"],
    ["split.folds", 1, "trial.split.folds is 1; it must be an integer, 2 or more"],
    ["split.fold", 5, "trial.split.fold is 5; it must be below 5, the number of folds"],
    ["split.test", 0.5, "trial.split has both folds and test"],
    ["split.stratify", "y", 'trial.split.stratify is "y"; it must be true or false'],
  ])("refuses %s: %j", (path, value, message) => {
    const call = (): Trial => readTrial(altered(TRIAL, path, value));
    expect(call).toThrow(ModelFormatError);
    expect(call).toThrow(message);
  });

  test("whatever JSON holds is a trial or a ModelFormatError", () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.constantFrom("", "options", "split", "options.layers", "options.layers.1", "split.folds", "rounds"),
        (value, path) => {
          try {
            readTrial(path ? altered(TRIAL, path, value) : value);
          } catch (error) {
            expect(error).toBeInstanceOf(ModelFormatError);
          }
        },
      ),
    );
  });

  test("a key named __proto__ changes nothing", () => {
    const text = JSON.stringify(TRIAL).replace('"options":{', '"options":{"__proto__":{"polluted":1},');
    expect(() => readTrial(JSON.parse(text))).toThrow(ModelFormatError);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});

describe("readResult", () => {
  test("takes what runTrial made, but what the trial was from the trial", () => {
    expect(readResult(copy(RESULT), TRIAL)).toEqual(RESULT);
    expect(readResult({ ...copy(RESULT), options: { layers: "forged" }, rounds: [1] }, TRIAL)).toEqual(RESULT);
    const diverged = { ...copy(RESULT), score: null, error: "training diverged: …" };
    expect(readResult(diverged, TRIAL)).toMatchObject({ score: null, scores: [], error: "training diverged: …" });
    expect(readResult(diverged, TRIAL)).not.toHaveProperty("evaluation");
  });

  test.each<[path: string, value: unknown, message: string]>([
    ["trial", 3, "result.trial is 3; it must be 0"],
    ["round", 1, "result.round is 1; it must be 0"],
    ["score", undefined, "result is incomplete"],
    ["score", "1", 'result.score is "1"; it must be a finite number'],
    ["score", 1e9, "it must be the score, which is 1000000000"],
    ["scores", undefined, "result is incomplete"],
    ["scores", ["1"], 'result.scores[0] is "1"; it must be a finite number'],
    ["deviation", null, "result.deviation is null; it must be a finite number"],
    ["evaluation", undefined, "result is incomplete"],
    ["evaluation.loss", undefined, "result is incomplete"],
    ["error", 1, "result.error is 1; it must be a text"],
  ])("refuses %s: %j", (path, value, message) => {
    const call = (): TrialResult => readResult(altered(RESULT, path, value), TRIAL);
    expect(call).toThrow(ModelFormatError);
    expect(call).toThrow(message);
  });

  test("whatever JSON holds is a result of the trial or a ModelFormatError", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(() => readResult(value, TRIAL)).toThrow(ModelFormatError);
      }),
    );
  });
});
