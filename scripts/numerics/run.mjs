// node scripts/numerics/run.mjs [--build simd] [--threads 2] [--blocks 4096]: passes every float32 through the kernels' functions, and
// writes results.json and the table in docs/numerics.md. Ten minutes of processor time a build. It is done in stages, each of which is
// saved, so that a run that was stopped goes on where it was; numbers near 1 come first.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { describeMachine } from "../../bench/machine.mjs";
import { compileFunctions } from "./kernels.mjs";
import { FUNCTIONS } from "./oracles.mjs";
import { replaceTable } from "./report.mjs";
import { BLOCK } from "./sweep.mjs";

const STAGE = 128;
const { values } = parseArgs({
  options: {
    build: { type: "string", multiple: true, default: ["simd", "relaxed"] },
    threads: { type: "string", default: "2" },
    blocks: { type: "string", default: String(2 ** 32 / BLOCK) },
  },
});
const threads = Number(values.threads),
  blocks = Number(values.blocks);
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const names = Object.keys(FUNCTIONS);
/** All blocks, those with exponents near 0 first. */
const order = Array.from({ length: 2 ** 32 / BLOCK }, (_, block) => block).sort((a, b) => distance(a) - distance(b) || a - b);

for (const build of values.build) {
  const kernels = await compileFunctions(build);
  const code = createHash("sha256").update(kernels.bytes).update(kernels.constants).digest("hex").slice(0, 16);
  const results = JSON.parse(readFileSync(here("results.json"), "utf8"));
  if (results[build]?.code !== code) {
    const { cpu, node, date } = describeMachine();
    const functions = Object.fromEntries(names.map((name) => [name, { count: 0, rounded: 0, wrong: 0, worst: 0, argument: 0 }]));
    results[build] = { code, machine: { cpu, node, date }, blocks: 0, seconds: 0, functions };
  }
  const result = results[build];
  while (result.blocks < blocks) {
    const before = process.cpuUsage();
    const stage = order.slice(result.blocks, Math.min(blocks, result.blocks + STAGE));
    const parts = Array.from({ length: threads }, (_, i) => stage.filter((_, at) => at % threads === i));
    await Promise.all(parts.map((part) => sweep(kernels, part, result.functions)));
    const { user, system } = process.cpuUsage(before);
    result.seconds += Math.round((user + system) / 1e6);
    result.blocks += stage.length;
    writeFileSync(here("results.json"), JSON.stringify(results, null, 2) + "\n");
    console.error(`${build}: ${result.blocks} of ${order.length} blocks, ${result.seconds} s of processor time`);
  }
  const docs = here("../../docs/numerics.md");
  writeFileSync(docs, replaceTable(readFileSync(docs, "utf8"), results));
}

function distance(block) {
  return Math.abs(((block >> 3) & 255) - 127);
}

/** Has a worker measure blocks, and adds what it found to the totals. */
function sweep(kernels, part, totals) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(here("sweep.mjs"), { workerData: { ...kernels, part, names } });
    let done = 0;
    worker
      .on("message", (found) => {
        for (const [name, each] of found) add(totals[name], each);
        done++;
      })
      .on("error", reject)
      .on("exit", () => (done === part.length ? resolve() : reject(new Error(`${done} of ${part.length} blocks were measured`))));
  });
}

function add(total, { count, rounded, wrong, worst, argument }) {
  total.count += count;
  total.rounded += rounded;
  total.wrong += wrong;
  // Of equal errors the smallest argument, whichever worker was first. A NaN stays.
  if (!(worst <= total.worst) || (worst === total.worst && worst > 0 && argument < total.argument))
    Object.assign(total, { worst, argument });
}
