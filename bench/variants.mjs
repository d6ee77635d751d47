// Variants of wasmlp, in pairs: two threads and one, rows already in its memory and rows that are copied there, V8 with and
// without 256-bit vectors. The two processes of a pair alternate, as in peers/.
import { spawnSync } from "node:child_process";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { ownBuild } from "./builds.mjs";
import { describeMachine } from "./machine.mjs";
import { Contender, TaskFiles } from "./peers/contenders.mjs";
import { TASKS } from "./peers/tasks.mjs";
import { save } from "./results.mjs";
import { summarizePair } from "./statistics.mjs";
import { align, figure, place, range, times } from "./table.mjs";

const HELP = `node bench/variants.mjs [options]
  --set NAME      threads, zero-copy or revectorize; repeatable; default all that this Node knows
  --seconds N     time per pair; default 2
  --save          writes bench/results/variants-….json; only for a whole run`;

const REVECTORIZE = "--experimental-wasm-revectorize";
const [mnist, wide, predictMany] = ["mnist", "wide", "predict-many"].map((name) => {
  const task = TASKS.find((each) => each.name === name);
  if (!task) throw new Error(`there is no task ${name}`);
  return task;
});

/** @typedef {import("./peers/tasks.mjs").Task} Task */
/**
 * Two variants of the same work. Several threads are measured in wall-clock time, and in slices long enough that starting them,
 * some milliseconds per call of `fit`, weighs as little as in a long training run.
 * @typedef {object} Pair
 * @property {Task} task
 * @property {string} about
 * @property {{ name: string, options?: object, flags?: string[] }[]} sides the default first
 * @property {"least" | "wall"} [clock]
 * @property {number} [sliceMs]
 */

/** @type {Record<string, Pair[]>} */
const SETS = {
  "threads": [mnist, wide].map((task) => ({
    task: { ...task, batch: 128 },
    about: `train ${task.sizes.join("-")}, batch 128`,
    clock: "wall",
    sliceMs: 1000,
    sides: [1, 2].map((threads) => ({ name: threads === 1 ? "1 thread" : "2 threads", options: { threads } })),
  })),
  "zero-copy": [1, 2, 4, 8, 16, 32, 64, 128].map((rows) => ({
    // `batch` stays: with `batch` 1 the rows would be predicted one by one.
    task: { ...predictMany, rows },
    about: `predict 784-128-10, ${rows} rows per call`,
    sides: [{ name: "Float32Array" }, { name: "inputBuffer", options: { zeroCopy: true } }],
  })),
  "revectorize": [mnist, wide].map((task) => ({
    task,
    about: `train ${task.sizes.join("-")}, batch ${task.batch}`,
    sides: [{ name: "usual" }, { name: REVECTORIZE, flags: [REVECTORIZE] }],
  })),
};

/**
 * @typedef {{ name: string, rowsPerSlice: number, ms: number[] }} Side
 * @typedef {{ set: string, task: string, about: string, rows: number, batch: number, sides: Side[] }} VariantMeasurement
 * @typedef {{ kind: "variants", machine: import("./machine.mjs").Machine, measurements: VariantMeasurement[] }} VariantResults
 */

try {
  const { values } = parseArgs({
    options: {
      set: { type: "string", multiple: true },
      seconds: { type: "string", default: "2" },
      save: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) console.log(HELP);
  else await main(values);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** @param {{ set?: string[], seconds: string, save?: boolean }} options */
async function main({ set, seconds, save: saves }) {
  if (saves && set) throw new Error("--save takes a whole run: no --set");
  const unknown = set?.find((name) => !Object.hasOwn(SETS, name));
  if (unknown !== undefined) throw new Error(`there is no set "${unknown}"; choose from ${Object.keys(SETS).join(", ")}`);
  const machine = describeMachine();
  const build = pathToFileURL(ownBuild().file).href;
  const files = new TaskFiles();
  const measurements = [];
  try {
    for (const name of set ?? Object.keys(SETS).filter((name) => name !== "revectorize" || nodeKnows(REVECTORIZE))) {
      for (const pair of SETS[name]) {
        if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${name}: ${pair.about} …`);
        const { task, about } = pair;
        const sides = await duel(pair, files.write(task).files, build, Number(seconds));
        measurements.push({ set: name, task: task.name, about, rows: task.rows, batch: task.batch, sides });
      }
    }
  } finally {
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
    files.remove();
  }
  /** @type {VariantResults} */
  const results = { kind: "variants", machine, measurements };
  console.log(variantsTable(results));
  if (saves) console.error(`saved ${save(results)}`);
}

/** @param {string} flag of V8's */
function nodeKnows(flag) {
  return spawnSync(process.execPath, ["--v8-options"], { encoding: "utf8" }).stdout.includes(flag);
}

/** @param {Pair} pair @param {import("./peers/contenders.mjs").Files} files @param {string} build @param {number} seconds */
async function duel({ task, sides, clock = "least", sliceMs }, files, build, seconds) {
  /** @type {Contender[]} */
  const contenders = [];
  try {
    for (const { name, options, flags } of sides) {
      const contender = await Contender.open(
        { name, file: "wasmlp.mjs", options: { build, ...options }, ...(flags && { flags }) },
        task,
        files,
      );
      if (!(contender instanceof Contender)) throw new Error(`${name}: ${JSON.stringify(contender)}`);
      contender.clock = clock;
      if (sliceMs !== undefined) contender.sliceMs = sliceMs;
      contenders.push(contender);
      await contender.warmUp({ least: 600, most: 1500 });
    }
    const end = performance.now() + seconds * 1000;
    for (let round = 0; round < 5 || performance.now() < end; round++) {
      for (const each of round % 2 ? contenders.toReversed() : contenders) await each.measure();
    }
    return contenders.map((contender, i) => ({ name: sides[i].name, ...contender.take() }));
  } finally {
    for (const contender of contenders) await contender.close();
  }
}

/** @param {VariantResults} results */
function variantsTable({ machine, measurements }) {
  const rows = measurements.map((measurement) => {
    const { usual, other, ratio } = summarizePair(measurement);
    const [{ name }, second] = measurement.sides;
    return [
      measurement.about,
      name,
      figure(usual.median),
      second.name,
      figure(other.median),
      times(ratio.median),
      range(ratio, times),
      String(second.ms.length),
    ];
  });
  return [place(machine), "", ...align([["", "", "rows/s", "", "rows/s", "ratio", "quartiles", "n"], ...rows], 1)].join("\n");
}
