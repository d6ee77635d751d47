// Measures of predictions, compared with scikit-learn's (test/vectors/metrics.py), and errors for invalid arguments.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  accuracy,
  balancedAccuracy,
  confusionMatrix,
  f1,
  meanAbsoluteError,
  meanSquaredError,
  precision,
  r2Score,
  recall,
  rootMeanSquaredError,
  type Average,
  type Classes,
  type Values,
} from "../src/entries/metrics.js";
import { NN } from "../src/index.js";
import { expectNear } from "./support.js";
import vectors from "./vectors/metrics.json" with { type: "json" };

type Scores = Partial<Record<Average, number | number[]>>;
interface ClassesCase {
  name: string;
  actual: number[];
  predicted: number[];
  classes?: number | number[];
  confusionMatrix: number[][];
  accuracy: number;
  balancedAccuracy: number;
  precision: Scores;
  recall: Scores;
  f1: Scores;
}
const SCORES = { precision, recall, f1 } as const;
const MEASURES = { r2Score, meanAbsoluteError, meanSquaredError, rootMeanSquaredError } as const;

const expectClose = (actual: number | number[], expected: number | number[]): void =>
  expectNear([actual].flat(), [expected].flat(), 1e-14);

describe("measures of classes agree with scikit-learn", () => {
  test.each(vectors.classes as ClassesCase[])("$name", (given) => {
    const { actual, predicted, classes } = given;
    const listed = classes === undefined ? {} : { classes };
    expect(confusionMatrix(actual, predicted, classes)).toEqual(given.confusionMatrix);
    expectClose(accuracy(actual, predicted), given.accuracy);
    expectClose(balancedAccuracy(actual, predicted), given.balancedAccuracy);
    for (const name of ["precision", "recall", "f1"] as const) {
      for (const average of ["none", "macro", "micro", "weighted", "binary"] as const) {
        const expected = given[name][average];
        const call = (): number | number[] => SCORES[name]<Average>(actual, predicted, { average, ...listed });
        if (expected !== undefined) expectClose(call(), expected);
        else expect(call).toThrow(/average "binary" is for the classes 0 and 1, and there is a class -?\d+; choose "macro", /);
      }
      if (given[name].binary !== undefined) expectClose(SCORES[name](actual, predicted), given[name].binary);
    }
    for (const kind of [Int32Array, Float32Array]) {
      expect(confusionMatrix(kind.from(actual), predicted, classes)).toEqual(given.confusionMatrix);
      expect(accuracy(actual, kind.from(predicted))).toBe(accuracy(actual, predicted));
    }
  });

  test("the vectors cover every average, including binary", () => {
    const all = vectors.classes as ClassesCase[];
    expect(all.filter((each) => each.f1.binary !== undefined).length).toBeGreaterThan(5);
    expect(all.filter((each) => each.classes !== undefined).length).toBe(2);
  });

  test("a confusion matrix has the right rows, columns and sums for random classes", () => {
    const row = fc.tuple(fc.integer({ min: -3, max: 4 }), fc.integer({ min: -3, max: 4 }));
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 40 }), (rows) => {
        const [actual, predicted] = [rows.map(([a]) => a), rows.map(([, p]) => p)];
        const labels = [...new Set(rows.flat())].sort((a, b) => a - b);
        const matrix = confusionMatrix(actual, predicted);
        labels.forEach((a, i) =>
          labels.forEach((p, j) => {
            expect(matrix[i][j]).toBe(rows.filter(([x, y]) => x === a && y === p).length);
          }),
        );
        expect(confusionMatrix(predicted, actual)).toEqual(labels.map((_, j) => matrix.map((line) => line[j])));
        for (const each of [precision, recall, f1]) {
          expect(each(actual, predicted, { average: "micro" })).toBe(accuracy(actual, predicted));
          const scores = each(actual, predicted, { average: "none" });
          expect(scores.every((score) => score >= 0 && score <= 1)).toBe(true);
          expect(Math.max(...scores)).toBeGreaterThanOrEqual(each(actual, predicted, { average: "macro" }) - 1e-15);
        }
        expect(precision(actual, predicted, { average: "none" })).toEqual(recall(predicted, actual, { average: "none" }));
      }),
    );
  });

  test("take the result of predictClasses", () => {
    const nn = new NN({
      layers: [2, 8, 2],
      loss: "categoricalCrossentropy",
      optimizer: { name: "adam", learningRate: 0.05 },
      seed: 3,
    });
    const [x, y] = [
      [
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
      ],
      [0, 1, 1, 0],
    ];
    nn.fit(x, y, { epochs: 400 });
    expect(accuracy(y, nn.predictClasses(x))).toBe(nn.evaluate(x, y).accuracy);
    expect(f1(Uint8Array.from(y), nn.predictClasses(x))).toBe(1);
  });
});

describe("measures of numbers agree with scikit-learn", () => {
  test.each(vectors.values)("$name", (given) => {
    const [actual, predicted] = [given.actual as Values, given.predicted as Values];
    for (const name of ["r2Score", "meanAbsoluteError", "meanSquaredError", "rootMeanSquaredError"] as const) {
      const measure = MEASURES[name];
      // Sums of numbers about 1e8 keep half their digits.
      if (/far from zero/.test(given.name)) expect(measure(actual, predicted)).toBeCloseTo(given[name], 7);
      else expectClose(measure(actual, predicted), given[name]);
      const value = measure(actual, predicted);
      const width = Array.isArray(given.actual[0]) ? given.actual[0].length : 1;
      const flat = Float64Array.from(given.actual.flat());
      expect(measure(flat, Float64Array.from(given.predicted.flat()), width)).toBe(value);
      expect(measure([...flat], given.predicted.flat(), width)).toBe(value);
      expect(measure(flat, predicted, width)).toBe(value);
      expect(
        measure(
          actual,
          (given.predicted as (number[] | number)[]).map((row) => Float64Array.from([row].flat())),
        ),
      ).toBe(value);
    }
  });

  test("r2Score treats equal targets as equal although their mean is rounded", () => {
    expect(r2Score([0.1, 0.1, 0.1], [0.1, 0.1, 0.1])).toBe(1);
    expect(r2Score([0.1, 0.1, 0.1], [0.1, 0.1, 0.2])).toBe(0);
  });

  test("take the result of predict", () => {
    const nn = new NN({ layers: [1, 2], loss: "meanSquaredError", dtype: "float64", seed: 1 });
    const [x, y] = [
      [[1], [2], [4]],
      [
        [1, 2],
        [3, 5],
        [6, 7],
      ],
    ];
    expectClose(meanSquaredError(y, nn.predict(x)), nn.evaluate(x, y).loss);
    expect(r2Score(y, nn.predict(Float64Array.from(x.flat())), 2)).toBe(r2Score(y, nn.predict(x)));
  });
});

const bad = (value: unknown): Classes & Values => value as Classes & Values;

describe("invalid arguments are named", () => {
  test.each<[string, unknown, unknown, unknown, new () => Error, string]>([
    ["no list", "01", [0], undefined, TypeError, 'actual is "01"; it must be a list of classes, one integer per row'],
    [
      "undefined",
      [0],
      undefined,
      undefined,
      TypeError,
      "predicted is undefined; it must be a list of classes, one integer per row",
    ],
    [
      "bigints",
      BigInt64Array.of(1n),
      [0],
      undefined,
      TypeError,
      "actual is an object; it must be a list of classes, one integer per row",
    ],
    ["empty lists", [], [], undefined, RangeError, "actual is empty"],
    ["unequal lengths", [0, 1], [0], undefined, RangeError, "actual has 2 rows but predicted has 1"],
    ["probabilities", [0, 1], [0.2, 0.9], undefined, RangeError, "predicted[0] is 0.2; it must be a class, which is an integer"],
    ["NaN", [0, NaN], [0, 1], undefined, RangeError, "actual[1] is NaN; it must be a class, which is an integer"],
    ["rows", [[0, 1]], [1], undefined, TypeError, "actual[0] is an array of 2; it must be a class, which is an integer"],
    ["names", [0], ["cat"], undefined, TypeError, 'predicted[0] is "cat"; it must be a class, which is an integer'],
    ["a class that is not listed", [0, 1], [0, 5], 3, RangeError, "predicted[1] is 5, which is not in classes (0, 1, 2)"],
    [
      "one of many classes",
      [0, -1],
      [0, 1],
      26,
      RangeError,
      "actual[1] is -1, which is not in classes (0, 1, 2, 3, 4, 5, 6, 7, 8, 9 …)",
    ],
    ["a class listed twice", [0, 1], [0, 1], [0, 1, 1], RangeError, "classes has a class twice"],
    ["no classes", [0, 1], [0, 1], 0, RangeError, "classes is 0; it must be a positive integer"],
    ["classes that are none", [0, 1], [0, 1], [0, 1.5], RangeError, "classes[1] is 1.5; it must be a class, which is an integer"],
    ["classes of another type", [0, 1], [0, 1], "all", TypeError, 'classes is "all"; it must be a positive integer'],
    ["null for classes", [0, 1], [0, 1], null, TypeError, "classes is null; it must be a list of classes, one integer per row"],
  ])("classes: %s", (_name, actual, predicted, classes, kind, message) => {
    const calls = [
      () => confusionMatrix(bad(actual), bad(predicted), classes as number),
      () => recall(bad(actual), bad(predicted), { classes: classes as number }),
      ...(classes === undefined ? [accuracy, balancedAccuracy].map((measure) => () => measure(bad(actual), bad(predicted))) : []),
    ];
    for (const call of calls) {
      expect(call).toThrow(kind);
      expect(call).toThrow(message);
    }
  });

  test("options", () => {
    const average = (value: unknown) => () => f1([0], [0], { average: value as "macro" });
    expect(average("marco")).toThrow('unknown average "marco"; did you mean "macro"?');
    expect(average(1)).toThrow(TypeError);
    expect(() => f1([0], [0], { avarage: "macro" } as object)).toThrow('unknown option "avarage"; did you mean "average"?');
    expect(() => f1([0], [0], "macro" as unknown as object)).toThrow('options is "macro"; it must be an object');
    expect(f1([1], [1], { average: undefined as unknown as "binary" })).toBe(1);
  });

  test.each<[string, unknown, unknown, unknown, new () => Error, string]>([
    ["no list", 1, [1], undefined, TypeError, "actual is 1; it must be a list of numbers or of rows"],
    ["empty", [1], [], undefined, RangeError, "predicted is empty"],
    ["empty rows", [[], []], [[], []], undefined, RangeError, "actual[0] is empty"],
    ["unequal numbers of rows", [1, 2], [1, 2, 3], undefined, RangeError, "actual has 2 rows but predicted has 3"],
    [
      "unequal rows",
      [
        [1, 2],
        [3, 4],
      ],
      [[1], [2]],
      undefined,
      RangeError,
      "actual has 2 outputs a row but predicted has 1",
    ],
    [
      "ragged rows",
      [[1, 2], [3]],
      [
        [1, 2],
        [3, 4],
      ],
      undefined,
      RangeError,
      "actual[1] has 1 value; actual[0] has 2",
    ],
    [
      "NaN",
      [
        [1, 2],
        [3, 4],
      ],
      [
        [1, 2],
        [3, NaN],
      ],
      undefined,
      RangeError,
      "predicted[1][1] is NaN; it must be a finite number",
    ],
    ["a string", [1, "2"], [1, 2], undefined, TypeError, 'actual[1] is "2"; it must be a finite number'],
    ["a number among rows", [[1], 2], [[1], [2]], undefined, TypeError, "actual[1] is 2; it must be a row of 1 number"],
    ["a row among numbers", [1, [2]], [1, 2], undefined, TypeError, "actual[1] is an array of 1; it must be a finite number"],
    [
      "outputs that do not divide",
      [1, 2, 3],
      [1, 2, 3],
      2,
      RangeError,
      "actual has 3 values, which is no whole number of rows of 2",
    ],
    [
      "outputs that contradict",
      [
        [1, 2],
        [3, 4],
      ],
      [1, 2, 3, 4],
      4,
      RangeError,
      "actual[0] has 2 values; outputs is 4",
    ],
    ["outputs of 0", [1], [1], 0, RangeError, "outputs is 0; it must be a positive integer"],
  ])("numbers: %s", (_name, actual, predicted, outputs, kind, message) => {
    for (const measure of Object.values(MEASURES)) {
      const call = (): number => measure(bad(actual), bad(predicted), outputs as number);
      expect(call).toThrow(kind);
      expect(call).toThrow(message);
    }
  });

  test("r2Score of one row is undefined", () => {
    expect(() => r2Score([1], [1])).toThrow("r2Score needs 2 rows or more; there is 1");
    expect(meanAbsoluteError([1], [3])).toBe(2);
  });
});
