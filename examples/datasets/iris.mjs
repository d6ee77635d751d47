// Iris: which of three species is a flower, from four lengths in centimetres? Five networks, each tested on the fifth of
// the flowers that it did not train on.
import { NN } from "wasmlp";
import { readTable, splitFolds } from "./table.mjs";

const iris = readTable("iris");

/** How many flowers of each species (row) were taken for each (column). */
const confusion = iris.classes.map(() => iris.classes.map(() => 0));

const accuracies = splitFolds(iris).map(({ train, test }, fold) => {
  const nn = new NN({
    layers: [4, { units: 16, activation: "tanh" }, 3],
    loss: "categoricalCrossentropy", // with it the last layer is a softmax, and targets may be class indices
    optimizer: { name: "adam", learningRate: 0.02 },
    l2: 0.003, // keeps weights small: so few flowers are soon learnt by heart
    inputScaling: "standard", // fitted on the training rows, part of the network from then on
    batchSize: 16,
    epochs: 40,
    seed: fold,
  });
  nn.fit(train.x, train.y);
  nn.predictClasses(test.x).forEach((answer, i) => confusion[test.y[i]][answer]++);
  return nn.evaluate(test.x, test.y).accuracy;
});

const percent = (value) => `${(100 * value).toFixed(1)} %`;
console.log(`five folds: ${accuracies.map(percent).join(", ")}; mean ${percent(accuracies.reduce((a, b) => a + b) / 5)}`);
console.log("taken for".padEnd(12), ...iris.classes.map((name) => name.padStart(10)));
iris.classes.forEach((name, i) => console.log(name.padEnd(12), ...confusion[i].map((count) => String(count).padStart(10))));
