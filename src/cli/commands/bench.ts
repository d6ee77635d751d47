// `wasmlp bench`: how fast this machine trains and predicts.
import { availableParallelism, cpus } from "node:os";
import { NN } from "../../index.js";
import type { Command } from "../command.js";
import { rate, short, table as drawTable } from "../format.js";
import { numberOf } from "../parse.js";
import { createProgress } from "../progress.js";
import { columnsOf, print } from "../terminal.js";

const WORKLOADS = [
  { name: "table", layers: [20, 32, 2], rows: 10_000 },
  { name: "digits", layers: [64, 32, 10], rows: 5000 },
  { name: "mnist", layers: [784, 128, 10], rows: 2000 },
] as const;

interface Result {
  workload: string;
  layers: string;
  threads: number;
  trainRowsPerSecond: number;
  predictRowsPerSecond: number;
}

/** Runs work again and again for so many milliseconds; returns how often it ran per second. */
async function pace(ms: number, work: () => Promise<unknown>): Promise<number> {
  await work();
  const began = performance.now();
  let runs = 0;
  do {
    await work();
    runs++;
  } while (performance.now() - began < ms);
  return (runs * 1000) / (performance.now() - began);
}

async function measure({ name, layers, rows }: (typeof WORKLOADS)[number], threads: number, ms: number): Promise<Result> {
  const [inputs, hidden, outputs] = layers;
  const x = Float32Array.from({ length: rows * inputs }, (_, i) => ((i * 7919) % 1000) / 1000);
  const y = Uint32Array.from({ length: rows }, (_, i) => i % outputs);
  const nn = new NN({
    layers: [inputs, { units: hidden, activation: "relu" }, outputs],
    loss: "categoricalCrossentropy",
    seed: 1,
    shuffle: false,
  });
  const trained = await pace(ms, () => nn.fitAsync(x, y, { epochs: 1, threads }));
  const predicted = await pace(ms, () => nn.predictAsync(x, { threads }));
  return {
    workload: name,
    layers: layers.join("-"),
    threads,
    trainRowsPerSecond: Math.round(trained * rows),
    predictRowsPerSecond: Math.round(predicted * rows),
  };
}

export const benchCommand: Command = {
  name: "bench",
  summary: "Measure how fast this machine trains and predicts.",
  description: [
    "Trains and predicts with made-up rows, with one thread and with all, for about half a second each. Other programs on the machine slow it down.",
  ],
  positionals: [],
  options: { seconds: { type: "string", value: "N", help: "How long each figure is measured. Default 0.5." } },
  examples: [
    ["wasmlp bench", "A table of rows per second."],
    ["wasmlp bench --seconds 3 --json", "Steadier figures, for programs."],
  ],
  async run(values) {
    const seconds =
      numberOf(values, "seconds", (value) => value > 0 && value <= 600, "a number of seconds, above 0 and at most 600") ?? 0.5;
    const progress = createProgress(Boolean(values.quiet));
    const cores = availableParallelism();
    const results: Result[] = [];
    for (const threads of cores > 1 ? [1, Math.min(cores, 8)] : [1]) {
      for (const workload of WORKLOADS) {
        progress.update(undefined, `${workload.name}, ${threads} thread${threads > 1 ? "s" : ""}`);
        results.push(await measure(workload, threads, seconds * 1000));
      }
    }
    progress.end();
    const { backend } = new NN(1, 1, 1, 0.1, 1);
    const cpu = cpus()[0]?.model ?? "unknown processor";
    if (values.json) {
      await print(`${JSON.stringify({ cpu, cores, node: process.version, backend, results })}\n`);
      return;
    }
    const lines = drawTable(
      ["workload", "layers", "threads", "train rows/s", "predict rows/s"],
      results.map((each) => [
        each.workload,
        each.layers,
        short(each.threads),
        rate(each.trainRowsPerSecond),
        rate(each.predictRowsPerSecond),
      ]),
      columnsOf(process.stdout),
    );
    await print(`${[`${cpu}, ${cores} cores, Node ${process.version}, ${backend}`, "", ...lines].join("\n")}\n`);
  },
};
