// Where one core, threads, a queue and PyTorch's DistributedDataParallel pay: rows per second of one network, and trials per second of a
// search. Saved as bench/results/scale.json, from which docs/scale.md has its figures.
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual, parseArgs, promisify } from "node:util";
import { NN } from "wasmlp";
import { findRedis } from "../scripts/find-redis.mjs";
import { describeMachine } from "./machine.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const CLI = join(ROOT, "dist/cli.js");
const PYTHON = "/usr/bin/python3";
const PORT = 7379;

const { values } = parseArgs({
  options: { seconds: { type: "string", default: "1" }, save: { type: "boolean" }, help: { type: "boolean", short: "h" } },
});
if (values.help) {
  console.log("node bench/scale.mjs [--seconds 1] [--save]   about a minute; --save writes bench/results/scale.json");
  process.exit();
}
const seconds = Number(values.seconds);
const folder = mkdtempSync(join(tmpdir(), "wasmlp-scale-"));
const machine = describeMachine();
const results = { kind: "scale", machine, seconds, threads: await threads(), search: await searches(), ddp: await ddp() };
rmSync(folder, { recursive: true, force: true });
console.log(JSON.stringify(results, null, 2));
if (values.save) writeFileSync(new URL("results/scale.json", import.meta.url), `${JSON.stringify(results, null, 2)}\n`);

/** The median of rows per second of some rounds, for each number of threads, taken in turns. */
async function threads() {
  const list = [];
  for (const { layers, batchSize, rows } of [
    { layers: [20, 32, 2], batchSize: 32, rows: 20_000 },
    { layers: [20, 32, 2], batchSize: 1024, rows: 20_000 },
    { layers: [100, 128, 10], batchSize: 32, rows: 5000 },
    { layers: [784, 128, 10], batchSize: 32, rows: 2000 },
    { layers: [784, 512, 512, 10], batchSize: 128, rows: 512 },
    { layers: [2000, 1024, 10], batchSize: 256, rows: 512 },
  ]) {
    const [inputs] = layers;
    const outputs = layers.at(-1);
    const x = Float32Array.from({ length: rows * inputs }, (_, i) => ((i * 7919) % 1000) / 1000);
    const y = Uint32Array.from({ length: rows }, (_, i) => i % outputs);
    const nn = new NN({
      layers: layers.map((units, i) => (i ? { units, activation: i < layers.length - 1 ? "relu" : "softmax" } : units)),
      loss: "categoricalCrossentropy",
      seed: 1,
      batchSize,
    });
    const counts = [1, machine.cores].filter((each, i, all) => all.indexOf(each) === i);
    const rates = counts.map(() => []);
    for (const until = performance.now() + seconds * 1000; performance.now() < until || rates[0].length < 4;) {
      for (const [i, count] of counts.entries())
        rates[i].push((await nn.fitAsync(x, y, { epochs: 1, threads: count })).samplesPerSecond);
    }
    list.push({
      layers: layers.join("-"),
      batchSize,
      rowsPerSecond: Object.fromEntries(counts.map((count, i) => [count, Math.round(median(rates[i].slice(1)))])),
    });
  }
  return list;
}

function median(list) {
  return list.toSorted((a, b) => a - b)[list.length >> 1];
}

/** Seconds of the same search on this machine's workers and on two worker processes of a queue, small trials and larger ones. */
async function searches() {
  if (!findRedis()) return "no redis-server here";
  const redis = spawn(findRedis(), ["--port", String(PORT), "--bind", "127.0.0.1", "--save", "", "--dir", folder], {
    stdio: "ignore",
  });
  const url = `redis://127.0.0.1:${PORT}`;
  const list = [];
  try {
    for (const { rows, epochs, trials } of [
      { rows: 200, epochs: 2, trials: 40 },
      { rows: 5000, epochs: 10, trials: 20 },
    ]) {
      writeTable("table.csv", rows, 20);
      const args = [
        "search",
        "table.csv",
        "-t",
        "y",
        "--column",
        "y=category",
        "--trials",
        String(trials),
        "--folds",
        "3",
        "--epochs",
        String(epochs),
        "--json",
        "-q",
      ];
      const workers = Array.from({ length: 2 }, () =>
        spawn(process.execPath, [CLI, "work", "--redis", url, "--concurrency", "1", "-q"], { stdio: "ignore" }),
      );
      const run = async (...more) =>
        JSON.parse(
          (await promisify(execFile)(process.execPath, [CLI, ...args, ...more], { cwd: folder, maxBuffer: 1 << 26 })).stdout,
        );
      const one = await run("--workers", "1");
      const both = await run("--workers", "2");
      const queue = await run("--redis", url);
      for (const worker of workers) worker.kill();
      const same = [both, queue].every(({ best }) => isDeepStrictEqual(best, one.best));
      list.push({
        rows,
        epochs,
        trials,
        folds: 3,
        seconds: { "1 worker": one.seconds, "2 workers": both.seconds, "2 processes of a queue": queue.seconds },
        same,
      });
    }
  } finally {
    redis.kill();
  }
  return list;
}

function writeTable(name, rows, inputs) {
  let state = 1;
  const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const lines = Array.from({ length: rows }, () => {
    const x = Array.from({ length: inputs }, () => random().toFixed(3));
    return [...x, x[0] > x[1] ? 1 : 0].join(",");
  });
  writeFileSync(join(folder, name), [[...Array.from({ length: inputs }, (_, i) => `f${i}`), "y"].join(","), ...lines].join("\n"));
}

/** Seconds of epochs by PyTorch on one and on two processes, start-up taken off, and of the same network here. */
async function ddp() {
  if (!existsSync(PYTHON)) return "no python3 here";
  const rows = 4096,
    inputs = 256;
  writeTable("rows.csv", rows, inputs);
  const list = [];
  for (const hidden of [64, 1024]) {
    const nn = new NN({
      layers: [inputs, { units: hidden, activation: "relu" }, { units: 2, activation: "softmax" }],
      loss: "categoricalCrossentropy",
      seed: 1,
      batchSize: 128,
    });
    writeFileSync(join(folder, "model.safetensors"), nn.save());
    const train = async (world, epochs) => {
      const began = performance.now();
      await Promise.all(
        Array.from({ length: world }, (_, rank) =>
          promisify(execFile)(
            PYTHON,
            [join(ROOT, "examples/pytorch/ddp_train.py"), "model.safetensors", "rows.csv", "out.safetensors", String(epochs)],
            {
              cwd: folder,
              env: {
                ...process.env,
                RANK: String(rank),
                WORLD_SIZE: String(world),
                MASTER_ADDR: "127.0.0.1",
                MASTER_PORT: String(PORT + 1),
                OMP_NUM_THREADS: "1",
                GLOO_SOCKET_IFNAME: "lo",
              },
            },
          ),
        ),
      );
      return (performance.now() - began) / 1000;
    };
    try {
      const rate = async (world) => (rows * 6) / Math.max(0.001, (await train(world, 7)) - (await train(world, 1)));
      const x = Float32Array.from({ length: rows * inputs }, (_, i) => ((i * 7919) % 1000) / 1000);
      const { samplesPerSecond } = await nn.fitAsync(
        x,
        Uint32Array.from({ length: rows }, (_, i) => i % 2),
        { epochs: 6, threads: 1 },
      );
      list.push({
        layers: `${inputs}-${hidden}-2`,
        batchSize: 128,
        rowsPerSecond: {
          "wasmlp, 1 thread": Math.round(samplesPerSecond),
          "PyTorch, 1 process": Math.round(await rate(1)),
          "PyTorch DDP, 2 processes": Math.round(await rate(2)),
        },
      });
    } catch (error) {
      return `python3-torch does not run here: ${String(error.stderr ?? error.message)
        .trim()
        .split("\n")
        .at(-1)}`;
    }
  }
  return list;
}
