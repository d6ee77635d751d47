// The benchmark's command line: `npm run bench -- --help`. Runs each workload in a process of its own, then prints or saves.
import { fork } from "node:child_process";
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { describeMachine, resultName } from "./machine.mjs";
import { buildRooflines } from "./roofline.mjs";
import { summarize } from "./statistics.mjs";
import { textTable } from "./table.mjs";
import { WORKLOADS } from "./workloads.mjs";

const HELP = `npm run bench -- [options]
  --workload NAME    one of ${Object.keys(WORKLOADS).join(", ")}; repeatable; default all
  --engine NAME      js, wasm-simd or wasm-relaxed-simd; repeatable; default all this machine has
  --dtype TYPE       float32 (default) or float64
  --seconds N        time a workload, all engines together; default 4
  --compare PATH     another build, a folder or its index.js: alternates with dist/, ratio engine by engine
  --json             results, raw samples included, on stdout
  --save             writes them to bench/results/; only for a whole run`;

const ENGINES = ["js", "wasm-simd", "wasm-relaxed-simd"];
const HERE = fileURLToPath(new URL(".", import.meta.url));

try {
  const options = readOptions();
  if (options) await main(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** The options, checked; undefined when help was all that was wanted. */
function readOptions() {
  const { values } = parseArgs({
    options: {
      workload: { type: "string", multiple: true }, engine: { type: "string", multiple: true },
      dtype: { type: "string", default: "float32" }, seconds: { type: "string", default: "4" },
      compare: { type: "string" }, json: { type: "boolean" }, save: { type: "boolean" }, help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return void console.log(HELP);
  const { workload, engine, compare, json, save } = values;
  const workloads = chosen(workload, Object.keys(WORKLOADS), "workload");
  const engines = chosen(engine, compare ? ENGINES.slice(1) : ENGINES, "engine", ENGINES);
  const [dtype] = chosen([values.dtype], [], "dtype", ["float32", "float64"]);
  const seconds = Number(values.seconds);
  if (!(seconds >= 0)) throw new Error(`--seconds is "${values.seconds}", not a number of 0 or more`);
  if (save && (workload || engine || compare)) throw new Error("--save takes a whole run: no --workload, --engine, --compare");
  const builds = { this: entry(join(HERE, "../dist")), ...(compare !== undefined && { other: entry(resolve(compare)) }) };
  return { json, save, dtype: /** @type {"float32" | "float64"} */ (dtype), seconds, workloads, engines, builds };
}

/** @param {string[] | undefined} given @param {string[]} usual @param {string} name */
function chosen(given, usual, name, possible = usual) {
  for (const each of given ?? []) {
    if (!possible.includes(each)) throw new Error(`there is no ${name} "${each}"; choose from ${possible.join(", ")}`);
  }
  return given ?? usual;
}

/** A build's index.js, given it or a folder that has it. @param {string} path */
function entry(path) {
  const places = [path, join(path, "index.js"), join(path, "dist/index.js")];
  const file = places.find((place) => statSync(place, { throwIfNoEntry: false })?.isFile());
  if (!file) throw new Error(`there is no build at ${path}; \`npm run build\` makes dist/index.js`);
  return pathToFileURL(file).href;
}

/** @param {NonNullable<ReturnType<typeof readOptions>>} options */
async function main({ json, save, dtype, seconds, workloads, engines, builds }) {
  const machine = describeMachine();
  await buildRooflines();
  const measurements = [];
  for (const workload of workloads) {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${workload} …`);
    measurements.push(await inProcess({ workload, dtype, seconds, engines, builds }));
  }
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  const results = { machine, dtype, seconds, measurements };
  if (json) {
    const figures = Object.fromEntries(measurements.map((each) => [each.name, summarize(each)]));
    console.log(JSON.stringify({ ...results, figures }));
  } else console.log(textTable(results));
  if (save) {
    mkdirSync(join(HERE, "results"), { recursive: true });
    const file = join(HERE, "results", resultName(machine, dtype));
    writeFileSync(file, compact(results));
    console.error(`saved ${file}`);
  }
}

/**
 * Runs a job in a fresh process.
 * @param {import("./measure.mjs").Job} job @returns {Promise<import("./statistics.mjs").Measurement>}
 */
function inProcess(job) {
  return new Promise((done, fail) => {
    const child = fork(join(HERE, "measure.mjs"));
    child.once("message", (/** @type {{ measurement?: any, error?: string }} */ { measurement, error }) => {
      if (error === undefined) done(measurement);
      else fail(new Error(`refused: ${error}`));
    });
    child.once("exit", (code, signal) => fail(new Error(`${job.workload} ended without a result (${signal ?? `code ${code}`})`)));
    child.send(job);
  });
}

/** JSON to be read and compared: numbers to six digits, lists of them on one line. @param {object} results */
function compact(results) {
  const rounded = (/** @type {string} */ _, /** @type {unknown} */ value) =>
    typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
  const text = JSON.stringify(results, rounded, 2);
  return text.replace(/\[\s+([-\d.e,\s]+?)\s+\]/g, (_, list) => `[${list.replace(/\s+/g, " ")}]`) + "\n";
}
