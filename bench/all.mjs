// `npm run bench:all`: measures everything that README.md and docs/performance.md show, with the Node that runs it, and writes
// them. Takes about a quarter of an hour; `--step` selects parts.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { save } from "./results.mjs";

const at = (/** @type {string} */ name) => fileURLToPath(new URL(name, import.meta.url));

/**
 * The steps, in order. `saves`: the script prints JSON, which is saved as results of that kind.
 * @type {Record<string, { args: string[], saves?: boolean }>}
 */
const STEPS = {
  "build": { args: ["../scripts/build.mjs"] },
  "float32": { args: ["run.mjs", "--save"] },
  "float64": { args: ["run.mjs", "--dtype", "float64", "--save"] },
  "gemm": { args: ["gemm.mjs", "--save"] },
  "gemm-float64": { args: ["gemm.mjs", "--dtype", "float64", "--save"] },
  "sweep": { args: ["run.mjs", "--sweep", "--save"] },
  "browser": { args: ["run.mjs", "--browser", "--save"] },
  "peers": { args: ["peers/run.mjs"] },
  "variants": { args: ["variants.mjs", "--save"] },
  "startup": { args: ["startup.mjs", "--json"], saves: true },
  "report": { args: ["report.mjs"] },
};
const HELP = `npm run bench:all -- [--step NAME …]
  --step NAME   one of ${Object.keys(STEPS).join(", ")}; repeatable; default all
The Node that runs this is the one that is measured: PATH=/opt/node20/bin:$PATH npm run bench:all -- --step float32`;

const { values } = parseArgs({ options: { step: { type: "string", multiple: true }, help: { type: "boolean", short: "h" } } });
const chosen = values.step ?? Object.keys(STEPS);
const unknown = chosen.find((name) => !Object.hasOwn(STEPS, name));
if (values.help) console.log(HELP);
else if (unknown !== undefined) {
  console.error(`there is no step "${unknown}"; choose from ${Object.keys(STEPS).join(", ")}`);
  process.exitCode = 1;
} else {
  // A failed step does not stop the others.
  const failed = chosen.filter((name) => !step(name));
  if (failed.length) {
    console.error(`failed: ${failed.join(", ")}`);
    process.exitCode = 1;
  }
}

/** Runs one step, prints how long it took, and returns whether it succeeded. @param {string} name */
function step(name) {
  const {
    args: [script, ...args],
    saves = false,
  } = STEPS[name];
  console.log(`\n── ${name}`);
  const start = performance.now();
  const { status, stdout } = spawnSync(process.execPath, [...process.execArgv, at(script), ...args], {
    stdio: ["ignore", saves ? "pipe" : "inherit", "inherit"],
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  if (status === 0 && saves) console.log(`saved ${save({ kind: name, ...JSON.parse(stdout) })}`);
  console.log(`${status === 0 ? "done" : "FAILED"} after ${((performance.now() - start) / 1000).toFixed(0)} s`);
  return status === 0;
}
