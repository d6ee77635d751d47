// Results of `fit(x, y)` without a number of epochs on the project's data sets: epochs, the reason for stopping, seconds, and the
// score on the first of four folds, which is left out of training.
// `node bench/defaults.mjs`, after `npm run build`, prints the table of docs/decisions/0006-automatic-epochs.md.
import { NN } from "../dist/index.js";
import { readDigits, readTable, splitFolds } from "../examples/datasets/table.mjs";
import { loadData } from "./data.mjs";
import { spread } from "./statistics.mjs";

const SEEDS = 5;
const XOR = {
  x: [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ],
  y: [[0], [1], [1], [0]],
};

const mnist = (rows, set) => loadData({ of: "mnist", rows, set }, "float32");
const foldOf = (table) => splitFolds(table, 4)[0];
const accuracy = (nn, { x, y }) => nn.evaluate(x, y).accuracy;
const rSquared = (nn, { x, y }) => {
  const mean = y.reduce((sum, value) => sum + value) / y.length;
  const outputs = nn.predict(x).map(([value]) => value);
  return (
    1 - y.reduce((sum, value, r) => sum + (value - outputs[r]) ** 2, 0) / y.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  );
};
const classifier = (name, table, hidden, options = {}) => ({
  name,
  ...foldOf(table),
  score: accuracy,
  options: { layers: [table.x[0].length, hidden, table.classes.length], loss: "categoricalCrossentropy", ...options },
});
const standard = { inputScaling: "standard" };

const tasks = [
  {
    name: "XOR, 2-8-1",
    train: XOR,
    test: XOR,
    options: { layers: [2, 8, 1] },
    score: (nn, { x, y }) => Number(nn.predict(x).every(([p], r) => p > 0.5 === y[r][0] > 0.5)),
  },
  classifier("iris, 4-16-3", readTable("iris"), 16),
  classifier("wine, 13-16-3, columns as they are", readTable("wine"), 16),
  classifier("wine, 13-16-3, inputScaling standard", readTable("wine"), 16, standard),
  classifier("breast cancer, 30-16-2, inputScaling standard", readTable("breast-cancer"), 16, standard),
  classifier("digits, 64-32-10", readDigits(), 32),
  {
    name: "diabetes, 10-16-1, both scalings standard",
    ...foldOf(readTable("diabetes")),
    score: rSquared,
    options: { layers: [10, 16, 1], loss: "meanSquaredError", ...standard, targetScaling: "standard" },
  },
  {
    name: "MNIST, 784-128-10",
    train: mnist(60_000, "train"),
    test: mnist(10_000, "t10k"),
    score: accuracy,
    options: { layers: [784, 128, 10], loss: "categoricalCrossentropy" },
    seeds: 1,
  },
];

console.log(`| data set, network | epochs | ended by | seconds | score of ${SEEDS} seeds |\n| --- | ---: | --- | ---: | --- |`);
for (const { name, train, test, options, score, seeds = SEEDS } of tasks) {
  const runs = Array.from({ length: seeds }, (_, seed) => {
    const nn = new NN({ ...options, seed });
    const start = performance.now();
    const { epochs, stopReason } = nn.fit(train.x, train.y);
    return { epochs, stopReason, seconds: (performance.now() - start) / 1000, score: score(nn, test) };
  });
  const reasons = [...new Set(runs.map(({ stopReason }) => stopReason))].join(", ");
  const middle = (key) => spread(runs.map((run) => run[key])).median;
  console.log(
    `| ${name} | ${middle("epochs")} | ${reasons} | ${middle("seconds").toFixed(2)} | ${runs.map((run) => run.score.toFixed(3)).join(" ")} |`,
  );
}
