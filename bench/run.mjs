// The benchmark's command line: `npm run bench -- --help`. Runs each workload in its own process or page, then
// prints or saves the results.
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { findBuild, ownBuild } from "./builds.mjs";
import { findCounter, instructionsPerRow } from "./counters.mjs";
import { inOwnProcess } from "./fork.mjs";
import { describeMachine } from "./machine.mjs";
import { save } from "./results.mjs";
import { buildRooflines } from "./roofline.mjs";
import { withFigures } from "./statistics.mjs";
import { countsTable, textTable } from "./table.mjs";
import { SWEEP_POINTS, WORKLOADS } from "./workloads.mjs";

const HELP = `npm run bench -- [options]
  --workload NAME    one of ${Object.keys(WORKLOADS).join(", ")}; repeatable; default all
  --engine NAME      js, wasm-simd or wasm-relaxed-simd; repeatable; default all that this machine supports
  --dtype TYPE       float32 (default) or float64
  --seconds N        time per workload, all engines together; default 4, in a sweep 0.5
  --sweep            instead of the workloads: the cost for growing batch, width, depth and rows, wasm only
  --compare WHAT     another build, a folder or its index.js, or a commit, which is built first:
                     alternates with dist/; the ratio of each engine
  --counters         instructions per row instead of time, wasm only unless --engine says otherwise
  --browser          in Chromium instead of Node
  --json             results with raw samples on stdout
  --save             writes them to bench/results/; only for a whole run`;

const ENGINES = ["js", "wasm-simd", "wasm-relaxed-simd"];

/**
 * Runs workloads.
 * @typedef {object} Runner
 * @property {string} [browser] the browser's name and version
 * @property {(job: Omit<import("./measure.mjs").Job, "builds">) => Promise<import("./statistics.mjs").Measurement>} run
 * @property {() => Promise<void>} close
 */

try {
  const options = readOptions();
  if (options) await main(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** The options, checked; undefined after printing the help. */
function readOptions() {
  const { values } = parseArgs({
    options: {
      workload: { type: "string", multiple: true },
      engine: { type: "string", multiple: true },
      dtype: { type: "string", default: "float32" },
      seconds: { type: "string" },
      sweep: { type: "boolean" },
      compare: { type: "string" },
      counters: { type: "boolean" },
      browser: { type: "boolean" },
      json: { type: "boolean" },
      save: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return void console.log(HELP);
  const { workload, engine, compare, counters, browser, sweep } = values;
  const named = [...Object.keys(WORKLOADS), ...SWEEP_POINTS];
  const workloads = chosen(workload, sweep ? SWEEP_POINTS : Object.keys(WORKLOADS), "workload", named);
  // Plain JavaScript would take most of a sweep's time, and its speed depends on when V8 compiles it.
  const engines = chosen(engine, compare || sweep || counters ? ENGINES.slice(1) : ENGINES, "engine", ENGINES);
  const [dtype] = chosen([values.dtype], [], "dtype", ["float32", "float64"]);
  const seconds = Number(values.seconds ?? (sweep ? 0.5 : 4));
  if (!(seconds >= 0)) throw new Error(`--seconds is "${values.seconds}", not a number of 0 or more`);
  if (counters && browser) throw new Error("--counters counts a process's instructions: no --browser");
  if (values.save && (workload || engine || compare))
    throw new Error("--save takes a whole run: no --workload, --engine, --compare");
  return { ...values, dtype: /** @type {"float32" | "float64"} */ (dtype), seconds, workloads, engines };
}

/** @param {string[] | undefined} given @param {string[]} usual @param {string} name */
function chosen(given, usual, name, possible = usual) {
  for (const each of given ?? []) {
    if (!possible.includes(each)) throw new Error(`there is no ${name} "${each}"; choose from ${possible.join(", ")}`);
  }
  return given ?? usual;
}

/** @param {NonNullable<ReturnType<typeof readOptions>>} options */
async function main(options) {
  const machine = describeMachine();
  const builds = { this: ownBuild(), ...(options.compare !== undefined && { other: findBuild(options.compare) }) };
  try {
    const files = Object.fromEntries(Object.entries(builds).map(([name, { file }]) => [name, file]));
    const results = options.counters ? count(machine, options, files) : await time(machine, options, files);
    if (options.json) print(results);
    else console.log(results.kind === "counters" ? countsTable(results) : textTable(results));
    if (options.save) console.error(`saved ${save(results)}`);
  } finally {
    for (const build of Object.values(builds)) build.close();
  }
}

/** @param {import("./table.mjs").Results | import("./table.mjs").Counts} results */
function print(results) {
  if (results.kind === "counters") return console.log(JSON.stringify(results));
  return console.log(JSON.stringify(withFigures(results)));
}

/**
 * @param {import("./machine.mjs").Machine} machine @param {NonNullable<ReturnType<typeof readOptions>>} options
 * @param {Record<string, string>} files of the builds
 * @returns {Promise<import("./table.mjs").Results>}
 */
async function time(machine, { sweep, dtype, seconds, workloads, engines, browser }, files) {
  await buildRooflines();
  const runner = browser ? await (await import("./browser/chromium.mjs")).openChromium(files) : inProcess(files);
  const measurements = [];
  try {
    for (const workload of workloads) {
      progress(workload);
      measurements.push(await runner.run({ workload, dtype, seconds, engines }));
    }
  } finally {
    await runner.close();
    progress();
  }
  const kind = sweep ? "sweep" : "workloads";
  return { kind, machine: { ...machine, ...(runner.browser && { browser: runner.browser }) }, dtype, seconds, measurements };
}

/**
 * @param {import("./machine.mjs").Machine} machine @param {NonNullable<ReturnType<typeof readOptions>>} options
 * @param {Record<string, string>} files of the builds
 * @returns {import("./table.mjs").Counts}
 */
function count(machine, { dtype, workloads, engines }, files) {
  const counter = findCounter();
  const measurements = [];
  for (const name of workloads) {
    const tracks = [];
    for (const engine of engines) {
      for (const [build, file] of Object.entries(files)) {
        progress(`${name}, ${engine}`);
        const instructions = instructionsPerRow(counter, { workload: name, dtype, engine, build: pathToFileURL(file).href });
        if (instructions !== undefined) tracks.push({ engine, build, instructionsPerRow: instructions });
      }
    }
    measurements.push({ name, tracks });
  }
  progress();
  return { kind: "counters", machine, dtype, counter: counter.name, measurements };
}

/** On a terminal, prints a line that the next one overwrites. */
function progress(doing = "") {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${doing && `${doing} …`}`);
}

/** Runs each job in a fresh process. @param {Record<string, string>} files @returns {Runner} */
function inProcess(files) {
  const builds = Object.fromEntries(Object.entries(files).map(([name, file]) => [name, pathToFileURL(file).href]));
  return {
    run: (job) => inOwnProcess({ ...job, builds }, job.workload),
    async close() {},
  };
}
