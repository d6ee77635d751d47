// Which network classifies iris best? Thirty of them, by successive halving, on as many cores as there are to spare.
import { NN } from "wasmlp";
import { integer, logUniform, oneOf, search, trainTestSplit } from "wasmlp/selection";
import { readTable } from "./datasets/table.mjs";

const { x, y } = readTable("iris");
const { xTrain, xTest, yTrain, yTest } = trainTestSplit(x, y, { test: 0.2, seed: 1, stratify: true });

const { best, trials } = await search(
  {
    layers: [4, { units: integer(4, 32), activation: oneOf(["tanh", "relu", "swish"]) }, 3],
    loss: "categoricalCrossentropy",
    learningRate: logUniform(1e-3, 1e-1),
    l2: oneOf([0, 0.001, 0.01]),
    batchSize: oneOf([8, 16, 32]),
    inputScaling: "standard",
  },
  xTrain,
  yTrain,
  { strategy: "halving", trials: 30, epochs: 54, seed: 1 },
);

for (const { trial, options, score, deviation } of trials.filter(({ round }) => round === best.round)) {
  console.log(`trial ${trial}, ${options.epochs} epochs: accuracy ${score?.toFixed(3) ?? "none"} ± ${deviation.toFixed(3)}`);
}
console.log("best:", JSON.stringify(best.options));

const nn = new NN(best.options);
nn.fit(xTrain, yTrain);
console.log(`on flowers that had no part in it: ${(100 * (nn.evaluate(xTest, yTest).accuracy ?? 0)).toFixed(1)} %`);
