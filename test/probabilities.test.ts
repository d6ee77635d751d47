// Measures of probabilities, against scikit-learn's (test/vectors/metrics.py), and what bad arguments get.
import { describe, expect, test } from "vitest";
import {
  brierScore,
  fitTemperature,
  logLoss,
  meanSquaredError,
  rocAuc,
  scaleTemperature,
  topKAccuracy,
  type Classes,
  type Values,
} from "../src/entries/metrics.js";
import { NN } from "../src/index.js";
import vectors from "./vectors/metrics.json" with { type: "json" };

interface Case {
  name: string;
  actual: number[];
  probabilities: number[] | number[][];
  logLoss: number;
  brierScore: number;
  rocAuc?: number;
  topKAccuracy?: number[];
  temperature: number;
  least: number;
  "at2.5": number[] | number[][];
}
const cases = vectors.probabilities as Case[];

function expectClose(actual: number | number[] | number[][], expected: number | number[] | number[][], tolerance = 1e-14): void {
  const [a, b] = [[actual].flat(2), [expected].flat(2)];
  expect(a.length).toBe(b.length);
  a.forEach((value, i) => expect(Math.abs(value - b[i]!) / Math.max(1, Math.abs(b[i]!))).toBeLessThanOrEqual(tolerance));
}

describe("probabilities, as scikit-learn measures them", () => {
  test.each(cases)("$name", (given) => {
    const { actual, probabilities } = given;
    const width = Array.isArray(probabilities[0]) ? probabilities[0].length : 1;
    const flat = Float64Array.from(probabilities.flat());
    const forms: [Values, number?][] = [[probabilities], [flat, width], [[...flat], width]];
    if (width === 1) forms.push([[...flat].map((p) => [p])], [flat]);
    for (const [values, outputs] of forms) {
      for (const classes of [actual, Int32Array.from(actual)]) {
        expectClose(logLoss(classes, values, outputs), given.logLoss);
        expectClose(brierScore(classes, values, outputs), given.brierScore);
        if (given.rocAuc === undefined)
          expect(() => rocAuc(classes, values, outputs)).toThrow(/^rocAuc needs rows of class 2 and others; actual has 0 and 4$/);
        else expectClose(rocAuc(classes, values, outputs), given.rocAuc);
        given.topKAccuracy?.forEach((expected, i) => expectClose(topKAccuracy(classes, values, i + 1, outputs), expected));
      }
    }
    if (given.topKAccuracy) {
      expect(topKAccuracy(actual, probabilities)).toBe(topKAccuracy(actual, probabilities, 2));
      expect(topKAccuracy(actual, probabilities, width)).toBe(1);
    }
  });

  test("the vectors have ties, missing classes, and one probability a row", () => {
    expect(cases.filter(({ rocAuc }) => rocAuc === undefined)).toHaveLength(1);
    expect(cases.filter(({ probabilities }) => typeof probabilities[0] === "number")).toHaveLength(3);
    expect(cases.filter(({ topKAccuracy }) => topKAccuracy).length).toBeGreaterThan(3);
  });

  test("the area under the curve needs no probabilities, only an order", () => {
    const { actual, probabilities, rocAuc: expected } = cases.find(({ name }) => name === "many ties")!;
    expectClose(
      rocAuc(
        actual,
        (probabilities as number[]).map((p) => 100 * p - 1000),
      ),
      expected!,
    );
    expectClose(
      rocAuc(
        actual,
        (probabilities as number[]).map((p) => -p),
      ),
      1 - expected!,
    );
  });

  test("they take what predict returns, and agree with evaluate", () => {
    const nn = new NN({ layers: [2, 3, 3], loss: "categoricalCrossentropy", dtype: "float64", seed: 3 });
    const [x, y] = [
      [
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
        [2, 1],
      ],
      [0, 1, 1, 0, 2],
    ];
    expectClose(logLoss(y, nn.predict(x)), nn.evaluate(x, y).loss, 1e-12);
    const one = new NN({ layers: [2, 3, 1], loss: "binaryCrossentropy", dtype: "float64", seed: 3 });
    const labels = [0, 1, 1, 0, 1];
    expectClose(logLoss(labels, one.predict(x)), one.evaluate(x, labels).loss, 1e-12);
    expectClose(brierScore(labels, one.predict(x)), meanSquaredError(labels, one.predict(x)));
  });
});

describe("temperature", () => {
  test.each(cases)(
    "$name: the one with the least log loss, by Brent's method in SciPy",
    ({ actual, probabilities, temperature, least }) => {
      const found = fitTemperature(actual, probabilities);
      // A minimum is known to about the root of the precision; at the bounds the loss is flat.
      if (Math.abs(Math.log(temperature)) < 9.9) expect(Math.abs(found / temperature - 1)).toBeLessThan(1e-6);
      else expect(Math.abs(Math.log(found))).toBeGreaterThan(9);
      const rows = cases.find((each) => each.probabilities === probabilities)!.probabilities;
      expect(logLoss(actual, scaleTemperature(rows as number[][], found) as Values)).toBeLessThanOrEqual(least + 1e-9);
    },
  );

  test.each(cases)(
    "$name: probabilities at 2.5, in the form in which they were given",
    ({ probabilities, "at2.5": expected }) => {
      expectClose(scaleTemperature(probabilities as number[][], 2.5), expected);
      expectClose(
        scaleTemperature(probabilities as number[][], 1),
        probabilities.map((row) =>
          Array.isArray(row) ? row.map((p) => p / row.reduce((sum, each) => sum + each)) : row,
        ) as number[],
      );
      if (typeof probabilities[0] === "number") {
        const rows = (probabilities as number[]).map((p) => [p]);
        expect(scaleTemperature(rows, 2.5)).toEqual(scaleTemperature(probabilities as number[], 2.5).map((p) => [p]));
      }
    },
  );

  test("finds the temperature that logits were multiplied by", () => {
    const { actual, probabilities } = cases[1]!;
    const own = fitTemperature(actual, probabilities);
    expect(fitTemperature(actual, scaleTemperature(probabilities as number[][], 0.5))).toBeCloseTo(own * 2, 6);
  });
});

const bad = <T>(value: unknown): T => value as T;

describe("bad arguments are named", () => {
  test.each<[string, unknown, unknown, unknown, new () => Error, string]>([
    [
      "no list of classes",
      "01",
      [0.1],
      undefined,
      TypeError,
      'actual is "01"; it must be a list of classes, one integer per row',
    ],
    ["names", ["cat"], [0.1], undefined, TypeError, 'actual[0] is "cat"; it must be a class, which is an integer'],
    ["no list of numbers", [0], undefined, undefined, TypeError, "is undefined; it must be a list of numbers or of rows"],
    ["unequal lengths", [0, 1], [0.5], undefined, RangeError, "actual has 2 rows but "],
    ["a third class of two", [0, 1, 2], [0.1, 0.2, 0.3], undefined, RangeError, "actual[2] is 2; "],
    [
      "a class below 0",
      [0, -1],
      [
        [0.1, 0.2, 0.7],
        [0.1, 0.2, 0.7],
      ],
      undefined,
      RangeError,
      "actual[1] is -1; ",
    ],
    ["NaN", [0, 1], [0.1, NaN], undefined, RangeError, "[1] is NaN; it must be a "],
    ["outputs that do not divide", [0, 1], [0.1, 0.2, 0.7], 2, RangeError, "has 3 values, which is no whole number of rows of 2"],
    ["outputs of 0", [0, 1], [0.1, 0.2], 0, RangeError, "outputs is 0; it must be a positive integer"],
  ])("%s", (_name, actual, scores, outputs, kind, message) => {
    const topK = (a: Classes, s: Values, o?: number): number => topKAccuracy(a, s, 1, o);
    for (const measure of [rocAuc, logLoss, brierScore, fitTemperature, topK]) {
      const call = (): number => measure(bad(actual), bad(scores), bad(outputs));
      expect(call).toThrow(kind);
      expect(call).toThrow(message);
    }
  });

  test.each<[string, () => unknown, string]>([
    ["a probability above 1", () => logLoss([0, 1], [0.5, 1.5]), "probabilities[1] is 1.5; it must be a number from 0 to 1"],
    [
      "a probability below 0",
      () =>
        brierScore(
          [0, 1],
          [
            [0.5, 0.5],
            [1, -0.1],
          ],
        ),
      "probabilities[1][1] is -0.1; it must be a number from 0 to 1",
    ],
    [
      "logits",
      () =>
        fitTemperature(
          [0, 1],
          [
            [3, -2],
            [1, 2],
          ],
        ),
      "probabilities[0][0] is 3; it must be a number from 0 to 1",
    ],
    ["only one class", () => rocAuc([1, 1], [0.5, 0.6]), "rocAuc needs rows of class 1 and others; actual has 2 and 0"],
    ["k of 0", () => topKAccuracy([0], [[1, 2]], 0), "k is 0; it must be a positive integer"],
    ["a temperature of 0", () => scaleTemperature([0.5], 0), "temperature is 0; it must be a finite number above 0"],
  ])("%s", (_name, call, message) => {
    expect(call).toThrow(message);
  });
});
