// Handwritten digits: 784 pixels, 128 hidden units, ten classes, trained on MNIST's 60,000 rows.
// `node examples/mnist.mjs 2` trains for 2 epochs instead of 6.
import { NN } from "wasmlp";
import { readMnist } from "./idx.mjs";

export const train = readMnist("train");
export const test = readMnist("t10k");

export const options = {
  layers: [784, { units: 128, activation: "relu", initializer: "heNormal" }, 10],
  loss: "categoricalCrossentropy", // with it the last layer is a softmax, and targets may be class indices
  optimizer: { name: "sgd", momentum: 0.9, learningRate: (epoch) => 0.05 * 0.6 ** epoch },
  batchSize: 32,
  epochs: Number(process.argv[2] ?? 6),
  seed: 1,
};

export const nn = new NN(options);
console.log(nn.summary());

const history = nn.fit(train.x, train.y, { verbose: 1 });
const { accuracy, loss } = nn.evaluate(test.x, test.y);
console.log(`trained on ${Math.round(history.samplesPerSecond).toLocaleString("en")} rows a second`);
console.log(
  `test accuracy ${(100 * accuracy).toFixed(2)} %, loss ${loss.toFixed(4)}, on ${test.rows.toLocaleString("en")} rows not seen in training`,
);
