// The tasks of every library: the benchmark's workloads, each with a learning rate, and with the number of epochs after which
// accuracy is measured.
import { WORKLOADS } from "../workloads.mjs";

/**
 * @typedef {object} Task
 * @property {string} name
 * @property {number[]} sizes inputs, then the units of each layer; sigmoid except in the last layer of a classifier
 * @property {boolean} trains
 * @property {number} batch rows per update, for libraries that support batches
 * @property {number} rows
 * @property {number} classes 0: one output with targets of 0 or 1
 * @property {number} learningRate of the mean gradient of a batch
 * @property {number} epochs before accuracy is measured; 0: it is not
 */

/**
 * Why a library does not get a task, or how many of its rows: slow libraries would take minutes.
 * @typedef {{ not?: string, rows?: number, epochs?: number }} Limit
 */

/** @param {string} name @param {number} learningRate @param {number} epochs @returns {Task} */
function task(name, learningRate, epochs) {
  const { sizes, trains, batch, rows } = WORKLOADS[name];
  return { name, sizes, trains, batch, rows, classes: name === "textbook" ? 0 : sizes[sizes.length - 1], learningRate, epochs };
}

/**
 * The textbook's updates sum the gradients of its ten rows: ten times the mean. The accuracy of `wide` is not measured: with two
 * sigmoid layers it takes hundreds of epochs, and mnist tests the same code.
 */
export const TASKS = [
  task("textbook", 1, 1000),
  task("iris", 0.5, 60),
  task("digits", 0.5, 4),
  task("mnist", 0.5, 5),
  task("wide", 0.5, 0),
  { ...task("predict-one", 0, 0), batch: 1 },
  { ...task("predict-many", 0, 0), rows: 2000 },
];
