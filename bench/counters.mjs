// Instructions a row, where a clock is too noisy to tell: counted by the processor (`perf stat`) or, where the system lets
// nobody see its counters, by valgrind's simulated one. A process that does n turns is taken from one that does 3n, so that
// starting, compiling and warming up cancel out.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { flopPerRow, findWorkload } from "./workloads.mjs";

/**
 * A way to count: the command that a process is put under, how much to count, and how to read what it writes.
 * @typedef {object} Counter
 * @property {string} name
 * @property {number} instructions about how many a process should take, far above the noise of a start
 * @property {(file: string) => string[]} command
 * @property {(text: string) => number} parse NaN when nothing was counted
 */
/** @type {Counter[]} */
export const COUNTERS = [
  {
    name: "perf stat -e instructions:u",
    instructions: 4e9,
    command: (file) => ["perf", "stat", "-x", ",", "-e", "instructions:u", "-o", file],
    parse: (text) => Number.parseInt(/^(\d+),[^,]*,instructions/m.exec(text)?.[1] ?? "", 10),
  },
  {
    name: "valgrind --tool=callgrind",
    instructions: 5e7,
    command: (file) => [
      "valgrind", "--tool=callgrind", "--smc-check=all-non-file", "--callgrind-out-file=/dev/null", `--log-file=${file}`,
    ],
    parse: (text) => Number.parseInt(/Collected : (\d+)/.exec(text)?.[1] ?? "", 10),
  },
];
/** Everything on one thread and compiled at once, so that two processes do the same; the same code, but sooner. */
const FLAGS = ["--single-threaded", "--no-liftoff"];
/** Rough figures of a row, for the products and for all else. They only decide how long a count takes. */
const FLOP_PER_INSTRUCTION = 2;
const OVERHEAD = 500;

/** One network. @typedef {{ workload: string, dtype: import("./data.mjs").Dtype, engine: string, build: string }} Counted `build`: a URL */

/** What count.mjs exits with where the machine lacks the engine. */
export const NO_ENGINE = 3;

/** The first that counts on this machine. @throws Error that says that none does */
export function findCounter() {
  const counter = COUNTERS.find((each) => count(each, ["-e", "0"]).instructions > 0);
  if (counter) return counter;
  throw new Error(`This machine gives no counts of instructions: tried ${COUNTERS.map(({ name }) => name).join(" and ")}.`);
}

/**
 * Instructions a row of one network; undefined where the machine lacks its engine.
 * @param {Counter} counter @param {Counted} counted
 */
export function instructionsPerRow(counter, counted) {
  const workload = findWorkload(counted.workload);
  const perRow = flopPerRow(workload) / FLOP_PER_INSTRUCTION + OVERHEAD;
  // Whole batches of the workload's rows, then turns over them, or fewer rows a call where even one is too much.
  const most = Math.max(1, Math.floor(counter.instructions / perRow));
  const rows = Math.min(workload.rows, workload.trains ? Math.ceil(most / workload.batch) * workload.batch : most);
  const turns = Math.ceil(most / rows);
  const script = fileURLToPath(new URL("count.mjs", import.meta.url));
  const [once, thrice] = [turns, 3 * turns].map((turns) => (
    count(counter, [...FLAGS, script, JSON.stringify({ ...counted, rows, turns })])
  ));
  if (once.status === NO_ENGINE) return undefined;
  const failed = [once, thrice].find(({ status }) => status !== 0);
  if (failed) throw new Error(`${counted.workload} failed under ${counter.name}\n${failed.stderr}`);
  return (thrice.instructions - once.instructions) / (2 * turns * rows);
}

/** Runs Node with these arguments and counts. @param {Counter} counter @param {string[]} args */
function count({ command, parse }, args) {
  const folder = mkdtempSync(join(tmpdir(), "wasmlp-count-"));
  const file = join(folder, "count");
  try {
    const [program, ...before] = command(file);
    const { status, stderr } = spawnSync(program, [...before, process.execPath, ...args], { encoding: "utf8" });
    return { status, stderr, instructions: status === 0 ? parse(readFileSync(file, "utf8")) : NaN };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
