// Regression: how far does diabetes progress in a year, a number from 25 to 346, from ten measurements? Targets far outside
// 0 … 1 need no care: targetScaling brings them there for training, and predictions come back in their own units.
import { NN } from "wasmlp";
import { readTable, splitFolds } from "./table.mjs";

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

const [{ train, test }] = splitFolds(readTable("diabetes"));

const nn = new NN({
  layers: [10, { units: 16, activation: "tanh" }, 1],
  loss: "meanSquaredError", // with it the last layer is linear
  optimizer: { name: "adam", learningRate: 0.005 },
  inputScaling: "standard",
  targetScaling: "standard",
  l2: 0.01,
  seed: 1,
});
const history = nn.fit(train.x, train.y, {
  epochs: 500,
  validationSplit: 0.15,
  earlyStopping: { patience: 20 }, // ends 20 epochs after the best validation loss, and goes back to it
});
console.log(`${history.epochs} epochs, the best was number ${history.bestEpoch + 1}`);

const predictions = nn.predict(test.x).map(([value]) => value);
const squares = mean(predictions.map((value, i) => (value - test.y[i]) ** 2));
const r2 = 1 - squares / mean(test.y.map((value) => (value - mean(test.y)) ** 2));
console.log(
  `${test.y.length} patients not seen in training: R² ${r2.toFixed(2)}, off by ${Math.sqrt(squares).toFixed(0)} (root mean square)`,
);
predictions.slice(0, 5).forEach((value, i) => console.log(`predicted ${value.toFixed(0).padStart(3)}, was ${test.y[i]}`));
