// What every library is asked to do: the benchmark's own workloads, each with a learning rate, and with the number of
// epochs after which it is looked whether anything was learnt.
import { WORKLOADS } from "../workloads.mjs";

/**
 * @typedef {object} Task
 * @property {string} name
 * @property {number[]} sizes inputs, then the units of each layer; sigmoid but for the last layer of a classifier
 * @property {boolean} trains
 * @property {number} batch rows an update, for those that have batches
 * @property {number} rows
 * @property {number} classes 0: one output, to be brought to 0 or 1
 * @property {number} learningRate of the mean gradient of a batch
 * @property {number} epochs of the look at what was learnt; 0: none is taken
 */

/**
 * Why a library does not get a task, or how many of its rows: nobody waits minutes to see a thousandfold difference.
 * @typedef {{ not?: string, rows?: number, epochs?: number }} Limit
 */

/** @param {string} name @param {number} learningRate @param {number} epochs @returns {Task} */
function task(name, learningRate, epochs) {
  const { sizes, trains, batch, rows } = WORKLOADS[name];
  return { name, sizes, trains, batch, rows, classes: name === "textbook" ? 0 : sizes[sizes.length - 1], learningRate, epochs };
}

/**
 * The textbook's updates add the gradients of its ten rows up: ten times the mean's. What `wide` learns is not looked at: through
 * two sigmoid layers that takes hundreds of epochs, and mnist tries the same code.
 */
export const TASKS = [
  task("textbook", 1, 1000), task("iris", 0.5, 60), task("digits", 0.5, 4), task("mnist", 0.5, 5), task("wide", 0.5, 0),
  { ...task("predict-one", 0, 0), batch: 1 }, { ...task("predict-many", 0, 0), rows: 2000 },
];
