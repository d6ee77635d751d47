// Fashion-MNIST: ten kinds of clothing, 28 × 28 pixels, as many rows as MNIST and harder.
// node fashion.mjs [folder of the four files]
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { NN } from "wasmlp";
import { FASHION, readImages } from "./images.mjs";

const given = process.argv[2];
const folder = given ? pathToFileURL(resolve(given) + "/") : FASHION;
const train = readImages(folder, "train");
const test = readImages(folder, "t10k");
if (!train || !test) {
  console.error(`This example needs Fashion-MNIST, which is not in ${fileURLToPath(folder)}. On Debian and Ubuntu:

  sudo apt-get install dataset-fashion-mnist

Elsewhere download the four .gz files of https://github.com/zalandoresearch/fashion-mnist into a folder and name it:

  node ${process.argv[1]} FOLDER`);
  process.exit(1);
}

const names = ["T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "trainer", "bag", "ankle boot"];
const nn = new NN({
  layers: [784, { units: 128, activation: "relu", initializer: "heNormal" }, 10],
  loss: "categoricalCrossentropy",
  optimizer: { name: "adam", learningRate: (epoch) => 0.001 * 0.8 ** epoch },
  batchSize: 64,
  epochs: 8,
  seed: 1,
});
const history = nn.fit(train.x, train.y, { verbose: 1 });
const { accuracy } = nn.evaluate(test.x, test.y);
console.log(`trained on ${Math.round(history.samplesPerSecond).toLocaleString("en")} rows a second`);
console.log(`test accuracy ${(100 * accuracy).toFixed(1)} % on ${test.y.length.toLocaleString("en")} rows not seen in training`);

const mistakes = new Map();
nn.predictClasses(test.x).forEach((answer, row) => {
  if (answer === test.y[row]) return;
  const pair = `${names[test.y[row]]} taken for ${names[answer]}`;
  mistakes.set(pair, (mistakes.get(pair) ?? 0) + 1);
});
for (const [pair, count] of [...mistakes].toSorted(([, a], [, b]) => b - a).slice(0, 5))
  console.log(`${String(count).padStart(4)} × ${pair}`);
