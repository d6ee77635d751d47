// Checks that both sides use equal settings: from the same initial weights and the same rows in the same order, in float64, the
// trained networks must be equal up to rounding.
import { NN } from "wasmlp";
import { networkOptions } from "./train.mjs";

/**
 * @param {object} task
 * @param {{ start: object[], x: number[][], y: number[], xTest: number[][], outputs: number[] }} reference from train.py --replica
 * @returns {number} the largest difference between the two networks' outputs for the test rows
 */
export function compareReplica(task, { start, x, y, xTest, outputs }) {
  const optimizer = { ...task.optimizer, ...(task.optimizer.name === "adam" && { epsilon: 1e-30 }) };
  const nn = new NN({
    ...networkOptions({ ...task, optimizer }, { inputs: x[0].length, outputs: start.at(-1).bias.length }),
    inputScaling: "none", // these rows are scaled already
    targetScaling: "none",
    dtype: "float64",
    shuffle: false,
  });
  nn.setWeights(start);
  nn.fit(x, y);
  const ours = nn.predict(Float64Array.from(xTest.flat()));
  return Math.max(...outputs.map((value, i) => Math.abs(value - ours[i])));
}
