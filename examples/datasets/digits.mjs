// Digits of 8 × 8 pixels: ten classes, dropout, early stopping, and the ones the network is least sure of.
import { NN } from "wasmlp";
import { readDigits, splitFolds } from "./table.mjs";

const [{ train, test }] = splitFolds(readDigits());

const nn = new NN({
  layers: [64, { units: 64, activation: "relu", dropout: 0.2 }, 10],
  loss: "categoricalCrossentropy",
  optimizer: { name: "adam", learningRate: 0.003 },
  inputScaling: "minmax", // 0 … 16 becomes 0 … 1
  seed: 1,
});
const history = nn.fit(train.x, train.y, {
  epochs: 100,
  validationSplit: 0.1,
  earlyStopping: { monitor: "valLoss", patience: 8 }, // and back to the best epoch
});
console.log(`${history.epochs} epochs, the best was number ${history.bestEpoch + 1} (${history.stopReason})`);

const { accuracy } = nn.evaluate(test.x, test.y);
console.log(`accuracy ${(100 * accuracy).toFixed(1)} % on ${test.y.length} digits not seen in training`);

const answers = nn.predict(test.x).map((chances, row) => {
  const answer = chances.indexOf(Math.max(...chances));
  return { row, answer, chance: chances[answer] };
});
console.log("the three it is least sure of:");
for (const { row, answer, chance } of answers.toSorted((a, b) => a.chance - b.chance).slice(0, 3)) {
  console.log(`\n${answer} with ${(100 * chance).toFixed(0)} %; it is a ${test.y[row]}`);
  const shades = test.x[row].map((pixel) => " .:-=+*#%@"[Math.round((pixel / 16) * 9)].repeat(2)).join("");
  console.log(shades.match(/.{16}/g).join("\n"));
}
