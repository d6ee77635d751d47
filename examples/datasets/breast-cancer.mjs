// Breast cancer: is a tumour benign, from thirty measurements of its cells? One output, the probability, which also says
// where to look twice: a threshold other than ½ misses fewer malignant tumours and calls more benign ones back.
import { NN } from "wasmlp";
import { readTable, splitFolds } from "./table.mjs";

const tumours = readTable("breast-cancer"); // classes: malignant, benign
const [{ train, test }] = splitFolds(tumours);

const nn = new NN({
  layers: [30, { units: 16, activation: "relu" }, 1],
  loss: "binaryCrossentropy", // with it the last layer is a sigmoid
  optimizer: { name: "adam", learningRate: 0.005 },
  l2: 0.01,
  inputScaling: "standard", // areas are in the thousands, fractal dimensions below 0.1
  epochs: 60,
  seed: 1,
});
nn.fit(train.x, train.y, {
  classWeight: { 0: 357 / 212 }, // as if there were as many malignant rows as benign ones
});

const { accuracy, loss } = nn.evaluate(test.x, test.y);
console.log(`${test.y.length} tumours not seen in training: accuracy ${(100 * accuracy).toFixed(1)} %, loss ${loss.toFixed(3)}`);

const malignant = test.y.map((y) => y === 0);
const chances = nn.predict(test.x).map(([benign]) => 1 - benign);
for (const threshold of [0.5, 0.2, 0.1]) {
  const called = chances.map((chance) => chance > threshold);
  const missed = malignant.filter((is, i) => is && !called[i]).length;
  const alarms = called.filter((is, i) => is && !malignant[i]).length;
  console.log(
    `malignant if above ${threshold}: ${missed} of ${malignant.filter(Boolean).length} malignant missed, ${alarms} benign called malignant`,
  );
}
