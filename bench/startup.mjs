// Time to the first prediction: importing the library, constructing a network, predicting a row, each time in a new process. And
// memory after a thousand networks that were constructed, used and released.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { describeMachine } from "./machine.mjs";
import { spread } from "./statistics.mjs";

const SELF = fileURLToPath(import.meta.url);
const STEPS = ["import", "construct", "predict", "total"];
/** Networks on the default engine. */
const NETWORKS = {
  "5-10-1": [5, 10, 1, 0.1, 1000],
  "784-128-10": [{ layers: [784, { units: 128, activation: "relu" }, 10], loss: "categoricalCrossentropy" }],
};

const HELP = `node bench/startup.mjs [options]
  --processes N   new processes for each network; default 21
  --networks N    networks made, used and dropped; default 1000
  --json          prints JSON`;

const { values } = parseArgs({
  options: {
    processes: { type: "string", default: "21" },
    networks: { type: "string", default: "1000" },
    json: { type: "boolean" },
    help: { type: "boolean", short: "h" },
    child: { type: "string" },
  },
});
if (values.help) console.log(HELP);
else if (values.child === undefined) await report(Number(values.processes), Number(values.networks));
else if (values.child === "memory") console.log(JSON.stringify(await memory(Number(values.networks))));
else console.log(JSON.stringify(await start(values.child)));

/** Milliseconds of each step in this process. @param {string} network */
async function start(network) {
  const began = performance.now();
  const { NN } = await import("wasmlp");
  const imported = performance.now();
  const nn = new NN(...NETWORKS[network]);
  const constructed = performance.now();
  nn.predict(new Float32Array(nn.layers[0].inputs).fill(0.5));
  const predicted = performance.now();
  return {
    backend: nn.backend,
    import: imported - began,
    construct: constructed - imported,
    predict: predicted - constructed,
    total: predicted - began,
  };
}

/** Resident memory in MB after each tenth of the networks, without forcing garbage collection. @param {number} count */
async function memory(count) {
  const { NN } = await import("wasmlp");
  const row = new Float32Array(784).fill(0.5);
  const megabytes = [];
  for (let i = 1; i <= count; i++) {
    new NN(...NETWORKS["784-128-10"]).predict(row);
    // V8 releases unreachable memories between two tasks.
    if (i % 10 === 0) await new Promise((done) => setImmediate(done));
    if (i % Math.ceil(count / 10) === 0) megabytes.push(Math.round(process.memoryUsage.rss() / 2 ** 20));
  }
  return megabytes;
}

/** @param {number} processes @param {number} networks */
async function report(processes, networks) {
  const machine = describeMachine();
  /** Samples by network; the networks alternate. */
  const samples = Object.fromEntries(Object.keys(NETWORKS).map((name) => [name, []]));
  for (let i = 0; i < processes; i++) {
    for (const name in NETWORKS) samples[name].push(await child(name));
  }
  const milliseconds = Object.fromEntries(
    Object.keys(NETWORKS).map((name) => [
      name,
      Object.fromEntries(STEPS.map((step) => [step, spread(samples[name].map((sample) => sample[step]))])),
    ]),
  );
  const residentMegabytes = await child("memory", "--networks", String(networks));
  const { backend } = samples["5-10-1"][0];
  if (values.json) {
    console.log(JSON.stringify({ machine, backend, processes, milliseconds, networks, residentMegabytes }));
    return;
  }
  console.log(`Node ${process.versions.node}, ${backend}; milliseconds in ${processes} processes: median (quartiles)`);
  for (const name in NETWORKS) {
    const figures = STEPS.map((step) => {
      const { q1, median, q3 } = milliseconds[name][step];
      return `${step} ${median.toFixed(2)} (${q1.toFixed(2)}…${q3.toFixed(2)})`;
    });
    console.log(`  ${name.padEnd(11)} ${figures.join("  ")}`);
  }
  console.log(`MB resident while ${networks} networks are constructed, used and released: ${residentMegabytes.join(" ")}`);
}

/** The output of a new process. @param {string[]} args */
async function child(...args) {
  const { stdout } = await promisify(execFile)(process.execPath, [...process.execArgv, SELF, "--child", ...args]);
  return JSON.parse(stdout);
}
