// Instructions per row, for machines whose clock is too noisy: counted by the processor (`perf stat`) or, where the system does not
// expose its counters, by valgrind's simulation. The count of a process with n iterations is subtracted from one with 3n, so that
// starting, compiling and warming up cancel out.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { flopPerRow, findWorkload } from "./workloads.mjs";

/**
 * A tool that counts: its command line, how much work to give it, and how to read its output.
 * @typedef {object} Counter
 * @property {string} name
 * @property {number} instructions approximate count of a process, far above the noise of its start
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
      "valgrind",
      "--tool=callgrind",
      "--smc-check=all-non-file",
      "--callgrind-out-file=/dev/null",
      `--log-file=${file}`,
    ],
    parse: (text) => Number.parseInt(/Collected : (\d+)/.exec(text)?.[1] ?? "", 10),
  },
];
/** One thread and immediate compilation, so that two processes execute the same instructions. The optimised code is the same. */
const FLAGS = ["--single-threaded", "--no-liftoff"];
/** Estimates for a row, for the products and for everything else. They only determine how long a count takes. */
const FLOP_PER_INSTRUCTION = 2;
const OVERHEAD = 500;

/** One network. @typedef {{ workload: string, dtype: import("./data.mjs").Dtype, engine: string, build: string }} Counted `build`: a URL */

/** The exit code of count.mjs where the machine does not support the engine. */
export const NO_ENGINE = 3;

/** The first counter that works on this machine. @throws Error when none does */
export function findCounter() {
  const counter = COUNTERS.find((each) => count(each, ["-e", "0"]).instructions > 0);
  if (counter) return counter;
  throw new Error(`This machine cannot count instructions: tried ${COUNTERS.map(({ name }) => name).join(" and ")}.`);
}

/**
 * Instructions per row of one network; undefined where the machine does not support its engine.
 * @param {Counter} counter @param {Counted} counted
 */
export function instructionsPerRow(counter, counted) {
  const workload = findWorkload(counted.workload);
  const perRow = flopPerRow(workload) / FLOP_PER_INSTRUCTION + OVERHEAD;
  // Whole batches of the workload's rows, repeated; or fewer rows per call where even one pass is too long.
  const most = Math.max(1, Math.floor(counter.instructions / perRow));
  const rows = Math.min(workload.rows, workload.trains ? Math.ceil(most / workload.batch) * workload.batch : most);
  const iterations = Math.ceil(most / rows);
  const script = fileURLToPath(new URL("count.mjs", import.meta.url));
  const [once, thrice] = [iterations, 3 * iterations].map((iterations) =>
    count(counter, [...FLAGS, script, JSON.stringify({ ...counted, rows, iterations })]),
  );
  if (once.status === NO_ENGINE) return undefined;
  const failed = [once, thrice].find(({ status }) => status !== 0);
  if (failed) throw new Error(`${counted.workload} failed under ${counter.name}\n${failed.stderr}`);
  return (thrice.instructions - once.instructions) / (2 * iterations * rows);
}

/** Runs Node with these arguments under the counter. @param {Counter} counter @param {string[]} args */
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
