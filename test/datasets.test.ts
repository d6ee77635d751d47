// Real data: small tables that a network must learn, on every engine, to scores known to be reachable.
/// <reference types="vite/client" />
import { describe, expect, it } from "vitest";
import breastCancer from "../examples/data/breast-cancer.csv?raw";
import diabetes from "../examples/data/diabetes.csv?raw";
import digits from "../examples/data/digits.csv?raw";
import iris from "../examples/data/iris.csv?raw";
import wine from "../examples/data/wine.csv?raw";
import { NN, type NetworkOptions } from "../src/index.js";
import { BACKENDS } from "./backends.js";

interface Part {
  x: number[][];
  y: number[];
}

/** The last column is the target, its distinct words the classes; pixels are 64 characters in base 17. */
function readTable(text: string): Part {
  const rows = text
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split(","));
  const targets = rows.map((row) => row.at(-1)!);
  const words = [...new Set(targets)].filter((target) => Number.isNaN(Number(target)));
  return {
    x: rows.map(([first, ...more]) =>
      first!.length === 64
        ? Array.from(first!, (pixel) => Number.parseInt(pixel, 17))
        : [first, ...more.slice(0, -1)].map(Number),
    ),
    y: targets.map((target) => (words.length ? words.indexOf(target) : Number(target))),
  };
}

/** Row i is tested in fold i mod `of`: the tables are sorted by class or by nothing, so that each fold has its share of each class. */
function split({ x, y }: Part, fold: number, of = 5): { train: Part; test: Part } {
  const part = (tested: boolean): Part => {
    const isIn = (_: unknown, row: number) => (row % of === fold) === tested;
    return { x: x.filter(isIn), y: y.filter(isIn) };
  };
  return { train: part(false), test: part(true) };
}

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The fraction of the variance of `y` that the predictions explain. */
function r2(nn: NN, { x, y }: Part): number {
  const predictions = nn.predict(x).map(([value]) => value!);
  const centre = mean(y);
  return 1 - mean(y.map((value, i) => (value - predictions[i]) ** 2)) / mean(y.map((value) => (value - centre) ** 2));
}

// Thresholds are below the worst of eight seeds or more, by some rows.
describe.each(BACKENDS)("on $name", ({ options }) => {
  const adam = { optimizer: { name: "adam", learningRate: 0.01 }, inputScaling: "standard", seed: 1, ...options } as const;

  /** The mean over folds of the accuracy on rows not trained on. */
  const accuracy = (table: Part, network: NetworkOptions, folds = 5): number =>
    mean(
      Array.from({ length: folds }, (_, fold) => {
        const { train, test } = split(table, fold);
        const nn = new NN({ ...network, ...options });
        nn.fit(train.x, train.y);
        return nn.evaluate(test.x, test.y).accuracy!;
      }),
    );

  it("tells three irises apart, five folds", () => {
    const network = {
      ...adam,
      layers: [4, { units: 16, activation: "tanh" }, 3],
      loss: "categoricalCrossentropy",
      learningRate: 0.02,
      l2: 0.003,
      batchSize: 16,
      epochs: 40,
      optimizer: "adam",
    } as const;
    expect(accuracy(readTable(iris), network)).toBeGreaterThanOrEqual(0.93);
  });

  it("tells three wines apart by momentum, five folds", () => {
    const network: NetworkOptions = {
      layers: [13, { units: 16, activation: "tanh" }, 3],
      loss: "categoricalCrossentropy",
      epochs: 25,
      seed: 1,
      optimizer: { name: "sgd", learningRate: 0.02, momentum: 0.9, nesterov: true },
      batchSize: 16,
      inputScaling: "standard",
    };
    expect(accuracy(readTable(wine), network)).toBeGreaterThanOrEqual(0.95);
  });

  it("tells benign from malignant with one output, five folds", () => {
    const layers = [30, 12, 1];
    expect(
      accuracy(readTable(breastCancer), { ...adam, layers, loss: "binaryCrossentropy", epochs: 15, l2: 0.01 }),
    ).toBeGreaterThanOrEqual(0.955);
  });

  it("reads digits, one fold of five", () => {
    const layers = [64, { units: 32, activation: "relu" }, 10] as const;
    const network = { ...adam, layers, loss: "categoricalCrossentropy", inputScaling: "minmax", epochs: 12 } as const;
    expect(accuracy(readTable(digits), network, 1)).toBeGreaterThanOrEqual(0.95);
  });

  it("predicts diabetes in its own units, 25 to 346", () => {
    const scores = [0, 1, 2, 3, 4].map((fold) => {
      const { train, test } = split(readTable(diabetes), fold);
      const nn = new NN({
        ...adam,
        layers: [10, { units: 8, activation: "tanh" }, 1],
        loss: "meanSquaredError",
        targetScaling: "standard",
        l2: 0.03,
        epochs: 15,
      });
      nn.fit(train.x, train.y);
      return r2(nn, test);
    });
    expect(mean(scores)).toBeGreaterThanOrEqual(0.43);
  });

  // For example house prices: around a million, with inputs in units of all sizes.
  it.each(["standard", "minmax"] as const)("fits targets around a million, scaled by %s", (scaling) => {
    const x = Array.from({ length: 300 }, (_, i) => [
      20 + ((i * 37) % 131),
      (i * 61) % 7,
      1900 + ((i * 13) % 121),
      ((i * 29) % 50) / 1e4,
    ]);
    const y = x.map(
      ([area, rooms, year, tax]) => 800_000 + 3500 * area! + 15_000 * Math.sin(rooms!) + 900 * (year! - 1960) - 2e7 * tax!,
    );
    const { train, test } = split({ x, y }, 0);
    const nn = new NN({
      ...adam,
      layers: [4, { units: 16, activation: "tanh" }, 1],
      loss: "meanSquaredError",
      inputScaling: scaling,
      targetScaling: scaling,
      epochs: 80,
    });
    nn.fit(train.x, train.y);
    expect(r2(nn, test)).toBeGreaterThanOrEqual(0.98);
    const [[first]] = nn.predict([test.x[0]]);
    expect(Math.abs(first! - test.y[0])).toBeLessThan(60_000);
  });
});
