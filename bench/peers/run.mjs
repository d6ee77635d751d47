// `npm run bench:peers`: compares every library with wasmlp, each in its own process, alternating slices: accuracy and speed.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { ownBuild } from "../builds.mjs";
import { describeMachine } from "../machine.mjs";
import { save } from "../results.mjs";
import { Contender, TaskFiles } from "./contenders.mjs";
import { PEERS } from "./peers.mjs";
import { learns, squaredErrorOfGuessing } from "./quality.mjs";
import { peersTable } from "./report.mjs";
import { TASKS } from "./tasks.mjs";

const HELP = `npm run bench:peers -- [options]
  --task NAME     one of ${TASKS.map(({ name }) => name).join(", ")}; repeatable; default all
  --peer NAME     one of ${PEERS.map(({ name }) => `"${name}"`).join(", ")}; repeatable; default all
  --seconds N     time per library and task, both sides together; default 1.2
A whole run, without --task and --peer, is saved in bench/results/, and shown in docs/performance.md with its chart.`;

/** Milliseconds. V8 needs about a second to optimise JavaScript fully; Python does not. */
const WARM_UP = { javascript: { least: 800, most: 1600 }, python: { least: 200, most: 600 } };
const FEWEST_ROUNDS = 5;
/** Three rounds where slices are slow. */
const PATIENCE_MS = 4000;

/** @typedef {import("./tasks.mjs").Task} Task */
/** @typedef {{ before: import("./quality.mjs").Quality, after: import("./quality.mjs").Quality }} Learnt */
/** @typedef {{ rowsPerSlice: number, ms: number[] }} Slices */
/**
 * One library on one task, compared with wasmlp; or why it is missing.
 * @typedef {{ peer: string, absent?: string, not?: string, failed?: string }} Missing
 * @typedef {object} Comparison
 * @property {string} peer
 * @property {string} version
 * @property {string} settings
 * @property {number} rows
 * @property {string} dtype of wasmlp
 * @property {Slices} theirs
 * @property {Slices} ours in the same rounds
 * @property {{ epochs: number, guessing: number, theirs: Learnt, ours: Learnt, theyLearn: boolean, weLearn: boolean }} [learning]
 *   on the same rows; `guessing` is the squared error of a constant prediction
 */
/**
 * The saved results.
 * @typedef {object} PeerResults
 * @property {"peers"} kind
 * @property {import("../machine.mjs").Machine} machine
 * @property {{ task: Task, comparisons: (Comparison | Missing)[] }[]} measurements
 */

process.chdir(fileURLToPath(new URL(".", import.meta.url)));
try {
  const { values } = parseArgs({
    options: {
      task: { type: "string", multiple: true },
      peer: { type: "string", multiple: true },
      seconds: { type: "string", default: "1.2" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) console.log(HELP);
  else await main(values);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** @param {{ task?: string[], peer?: string[], seconds: string }} options */
async function main(options) {
  const tasks = chosen(options.task, TASKS, "task");
  const peers = chosen(options.peer, PEERS, "peer");
  const build = pathToFileURL(ownBuild().file).href;
  install();
  const machine = describeMachine();
  const files = new TaskFiles();
  const measurements = [];
  try {
    for (const task of tasks)
      measurements.push(await compare(task, peers, files.write(task), { build, seconds: Number(options.seconds) }));
  } finally {
    files.remove();
  }
  /** @type {PeerResults} */
  const results = { kind: "peers", machine, measurements };
  console.log(peersTable(results));
  if (options.task || options.peer) return;
  console.error(`saved ${save(results)}`);
  spawnSync(process.execPath, [fileURLToPath(new URL("../report.mjs", import.meta.url))], { stdio: "inherit" });
}

/** @template {{ name: string }} T @param {string[] | undefined} names @param {T[]} all @param {string} what */
function chosen(names, all, what) {
  return names
    ? names.map((name) => {
        const found = all.find((each) => each.name === name);
        if (!found) throw new Error(`there is no ${what} "${name}"; choose from ${all.map((each) => each.name).join(", ")}`);
        return found;
      })
    : all;
}

/** Installs the peers' packages by their lock file, without install scripts. Those that cannot be installed are reported as absent. */
function install() {
  const read = (/** @type {string} */ file) => (existsSync(file) ? readFileSync(file, "utf8") : "");
  const stamp = "node_modules/.installed-from";
  if (read(stamp) === read("package-lock.json")) return;
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  if (spawnSync(npm, args, { stdio: ["ignore", "inherit", "inherit"], shell: process.platform === "win32" }).status === 0) {
    writeFileSync(stamp, read("package-lock.json"));
  } else console.error("npm ci failed; JavaScript's libraries may be absent");
}

/**
 * @param {Task} task @param {import("./peers.mjs").Peer[]} peers @param {{ files: import("./contenders.mjs").Files, targets: Float32Array }} data
 * @param {{ build: string, seconds: number }} options
 */
async function compare(task, peers, { files, targets }, { build, seconds }) {
  /** wasmlp, one process per precision. @type {Record<string, Contender>} */
  const ours = {};
  const comparisons = [];
  try {
    for (const peer of peers) {
      if (peer.only && !peer.only.includes(task.name)) continue;
      if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${task.name}, ${peer.name} …`);
      const theirs = await Contender.open(peer, task, files);
      if (!(theirs instanceof Contender)) {
        comparisons.push({ peer: peer.name, ...theirs });
        continue;
      }
      const dtype = peer.dtype ?? "float32";
      ours[dtype] ??= await openOurs(task, files, { build, dtype });
      const width = task.sizes[task.sizes.length - 1];
      const guessing = squaredErrorOfGuessing(targets.subarray(0, theirs.introduction.rows * width), width);
      comparisons.push(await duel({ ...task, guessing }, peer, theirs, ours[dtype], dtype, seconds));
    }
  } finally {
    for (const each of Object.values(ours)) await each.close();
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  }
  return { task, comparisons };
}

/** @param {Task} task @param {import("./contenders.mjs").Files} files @param {object} options */
async function openOurs(task, files, options) {
  const opened = await Contender.open({ name: "wasmlp", file: "wasmlp.mjs", options }, task, files);
  if (!(opened instanceof Contender)) throw new Error(`wasmlp: ${JSON.stringify(opened)}`);
  await opened.warmUp({ least: 400, most: 1500 });
  return opened;
}

/**
 * @param {Task & { guessing: number }} task @param {import("./peers.mjs").Peer} peer @param {Contender} theirs @param {Contender} ours
 * @param {string} dtype @param {number} seconds @returns {Promise<Comparison | Missing>}
 */
async function duel({ guessing }, peer, theirs, ours, dtype, seconds) {
  const { rows, epochs } = theirs.introduction;
  try {
    const learning = epochs
      ? {
          epochs,
          guessing,
          theirs: await theirs.learn(epochs, rows),
          ours: await ours.learn(epochs, rows),
        }
      : undefined;
    await theirs.warmUp(WARM_UP[peer.file.endsWith(".mjs") ? "javascript" : "python"]);
    const start = performance.now();
    const elapsed = () => performance.now() - start;
    for (
      let round = 0;
      round < 3 || (elapsed() < PATIENCE_MS && (round < FEWEST_ROUNDS || elapsed() < seconds * 1000));
      round++
    ) {
      for (const each of round % 2 ? [theirs, ours] : [ours, theirs]) await each.measure();
    }
    return {
      peer: peer.name,
      ...theirs.introduction,
      dtype,
      theirs: theirs.take(),
      ours: ours.take(),
      ...(learning && {
        learning: { ...learning, theyLearn: learns(learning.theirs, guessing), weLearn: learns(learning.ours, guessing) },
      }),
    };
  } catch (error) {
    if (ours.ended) throw error;
    return { peer: peer.name, failed: error instanceof Error ? error.message : String(error) };
  } finally {
    ours.take();
    await theirs.close();
  }
}
