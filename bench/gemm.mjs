// Measures the three matrix products of a dense layer, each in its own process: `node bench/gemm.mjs --help`.
import { parseArgs } from "node:util";
import { inOwnProcess } from "./fork.mjs";
import { describeMachine } from "./machine.mjs";
import { PRODUCTS, SIZE } from "./products.mjs";
import { save } from "./results.mjs";
import { buildRooflines } from "./roofline.mjs";
import { withFigures } from "./statistics.mjs";
import { textTable } from "./table.mjs";

const HELP = `node bench/gemm.mjs [options]: the three products of a layer of ${SIZE} inputs and ${SIZE} units, batch ${SIZE}
  --dtype TYPE   float32 (default) or float64
  --seconds N    time per product, all engines together; default 4
  --json         results with raw samples on stdout
  --save         writes them to bench/results/`;

try {
  const { values } = parseArgs({
    options: {
      dtype: { type: "string", default: "float32" },
      seconds: { type: "string", default: "4" },
      json: { type: "boolean" },
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

/** @param {{ dtype: string, seconds: string, json?: boolean, save?: boolean }} options */
async function main({ dtype, seconds: given, json, save: saves }) {
  if (dtype !== "float32" && dtype !== "float64") throw new Error(`there is no dtype "${dtype}"; choose from float32, float64`);
  const seconds = Number(given);
  if (!(seconds >= 0)) throw new Error(`--seconds is "${given}", not a number of 0 or more`);
  const machine = describeMachine();
  await buildRooflines();
  const measurements = [];
  for (const product of Object.keys(PRODUCTS)) measurements.push(await inOwnProcess({ product, dtype, seconds }, product));
  /** @type {import("./table.mjs").Results} */
  const results = { kind: "gemm", machine, dtype, seconds, measurements };
  console.log(json ? JSON.stringify(withFigures(results)) : textTable(results));
  if (saves) console.error(`saved ${save(results)}`);
}
