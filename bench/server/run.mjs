// `node bench/server/run.mjs`: how long requests take, and how many are served, while the same process trains by `fitAsync`. Writes
// bench/results/server.json. Each setting gets a server of its own, in turns, under autocannon's load.
import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { install } from "../../scripts/install.mjs";
import { describeMachine } from "../machine.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const RESULTS = fileURLToPath(new URL("../results/server.json", import.meta.url));
const [seconds = 5, rounds = 3] = process.argv.slice(2).map(Number);
const SETTINGS = ["none", "default", String(availableParallelism())];

if (!existsSync(new URL("node_modules", import.meta.url)) && install(here, "--ignore-scripts").status !== 0) process.exit(1);
const { default: autocannon } = await import("autocannon");

const machine = describeMachine();
const samples = [];
for (let round = 0; round < rounds; round++) for (const threads of SETTINGS) samples.push({ round, ...(await measure(threads)) });
const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
const summary = SETTINGS.map((threads) => {
  const own = samples.filter((sample) => sample.threads === threads);
  return {
    threads,
    used: own[0].used,
    ...Object.fromEntries(
      ["p50", "p99", "requestsPerSecond", "epochs"].map((key) => [key, median(own.map((each) => each[key]))]),
    ),
  };
});
console.table(summary);
writeFileSync(RESULTS, `${JSON.stringify({ kind: "server", machine, seconds, summary, samples }, null, 1)}\n`);

async function measure(threads) {
  const child = fork(`${here}server.mjs`, [threads]);
  let epochs = 0,
    used = 0;
  child.on("message", (message) => {
    if (message.epochs) ({ epochs, threads: used } = message);
  });
  const [{ port }] = await once(child, "message");
  const url = `http://127.0.0.1:${port}`;
  await autocannon({ url, connections: 10, duration: 2 }); // until the code is compiled and the training under way
  const before = epochs;
  const { latency, requests } = await autocannon({ url, connections: 10, duration: seconds });
  child.kill();
  await once(child, "exit");
  return { threads, used, p50: latency.p50, p99: latency.p99, requestsPerSecond: requests.average, epochs: epochs - before };
}
