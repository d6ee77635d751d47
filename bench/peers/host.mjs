// Runs one library on one task: answers questions from standard input, one line of JSON each. Started by contenders.mjs with the
// library's file, its options and the task.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { quality } from "./quality.mjs";

/**
 * The rows in every form that a library may need.
 * @typedef {object} Rows
 * @property {number} rows
 * @property {Float32Array} x row-major
 * @property {Float32Array} targets row-major: one-hot, or the one output
 * @property {Uint8Array} labels classes; empty where there are none
 * @property {Float32Array[]} inputs one view per row
 * @property {Float32Array[]} targetRows one view per row
 */
/**
 * @typedef {object} Network
 * @property {(epochs: number) => unknown} train
 * @property {() => unknown} predictEach predicts every row in a call of its own
 * @property {() => unknown} predictAll predicts all rows in as few calls as the library allows
 * @property {() => ArrayLike<number>} outputs all predictions, row-major
 */

const { file, options, task, data } = JSON.parse(process.argv[2]);
/** Marks answers, because libraries print to standard output too. */
const say = (/** @type {object} */ answer) => process.stdout.write(`\n@${JSON.stringify(answer)}\n`);

/** @param {number} rows @returns {Rows} */
function load(rows) {
  const [inputs, outputs] = [task.sizes[0], task.sizes[task.sizes.length - 1]];
  const x = floats(data.x).subarray(0, rows * inputs);
  const targets = floats(data.targets).subarray(0, rows * outputs);
  const split = (/** @type {Float32Array} */ all, /** @type {number} */ size) =>
    Array.from({ length: rows }, (_, i) => all.subarray(i * size, (i + 1) * size));
  const labels = new Uint8Array(readFileSync(data.labels)).subarray(0, rows);
  return { rows, x, targets, labels, inputs: split(x, inputs), targetRows: split(targets, outputs) };
}

/** @param {string} path */
function floats(path) {
  const bytes = readFileSync(path);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

/** The questions. @param {any} opened @param {number} rows */
function commands(opened, rows) {
  /** @type {Network | undefined} */
  let network;
  const look = (/** @type {Network} */ network, /** @type {Rows} */ data) => quality(network.outputs(), data.targets, task);
  const predict = (/** @type {Network} */ network, /** @type {number} */ iterations) => {
    for (let i = 0; i < iterations; i++) network[task.batch === 1 ? "predictEach" : "predictAll"]();
  };
  return {
    /** Quality of a new network on some rows, before and after training. */
    async learn(/** @type {{ epochs: number, rows: number }} */ { epochs, rows }) {
      const data = load(rows);
      const network = await opened.network(data);
      const before = look(network, data);
      await network.train(epochs);
      return { before, after: look(network, data) };
    },
    async slice(/** @type {{ iterations: number, clock: string }} */ { iterations, clock }) {
      network ??= /** @type {Network} */ (await opened.network(load(rows)));
      const before = performance.now();
      const { user, system } = process.cpuUsage();
      if (task.trains) await network.train(iterations);
      else predict(network, iterations);
      const used = process.cpuUsage({ user, system });
      const elapsed = performance.now() - before;
      return {
        ms: clock === "wall" || process.platform === "win32" ? elapsed : Math.min(elapsed, (used.user + used.system) / 1000),
      };
    },
  };
}

try {
  const { open, limits = {} } = await import(file);
  const limit = limits[task.name] ?? {};
  if (limit.not) say({ not: limit.not });
  else {
    const rows = Math.min(task.rows, limit.rows ?? Infinity);
    const opened = await open(task, options);
    const answers = /** @type {Record<string, (question: any) => Promise<object>>} */ (commands(opened, rows));
    say({ version: opened.version, settings: opened.settings, rows, epochs: limit.epochs ?? task.epochs });
    for await (const line of createInterface({ input: process.stdin })) {
      const { ask, ...question } = JSON.parse(line);
      say(await answers[ask](question));
    }
  }
} catch (thrown) {
  const error = /** @type {Error & { code?: string }} */ (thrown);
  if (error.code === "MODULE_NOT_FOUND" || error.code === "ERR_MODULE_NOT_FOUND") say({ absent: "not installed" });
  else say({ failed: error.message });
}
