// What one call of partialFit costs beside the work of its kernel: a network of 4-64-64-2 on 32 rows, as in reinforcement learning. The
// kernel's share is a fit of as many epochs of one step on the same rows, which is one call for all of them; its snapshot after every epoch and
// its check for finite numbers are those of a step. A loss function needs the outputs beforehand: one more forward pass. Usage:
//
//   node bench/partial-fit.mjs [--other DIST] [--save] [--rounds N]      DIST: a dist folder of another build, measured in the same rounds
import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { describeMachine } from "./machine.mjs";
import { compact } from "./results.mjs";
import { spread } from "./statistics.mjs";

const { values } = parseArgs({
  options: { other: { type: "string" }, save: { type: "boolean" }, rounds: { type: "string", default: "41" } },
});
const ROWS = 32,
  STEPS = 1000;
const folders = { this: new URL("../dist/", import.meta.url), ...(values.other && { other: pathToFileURL(`${values.other}/`) }) };

const flat = (/** @type {number} */ columns) =>
  Float32Array.from({ length: ROWS * columns }, (_, i) => Math.sin(i * columns + 1));
const [x, y] = [flat(4), flat(2)];
const lists = (/** @type {Float32Array} */ numbers) =>
  Array.from({ length: ROWS }, (_, r) =>
    Array.from(numbers.subarray((r * numbers.length) / ROWS, ((r + 1) * numbers.length) / ROWS)),
  );
const [rowsX, rowsY] = [lists(x), lists(y)];
const mask = Float32Array.from(y, (_, i) => i % 2);

/** @param {Float32Array} outputs @param {Float32Array} gradient @param {number} rows */
function loss(outputs, gradient, rows) {
  let sum = 0;
  for (let i = 0; i < outputs.length; i++) {
    const error = outputs[i] - y[i];
    sum += (error * error) / rows;
    gradient[i] = (2 * error) / rows;
  }
  return sum;
}

/** @typedef {typeof import("../dist/index.js").NN} NNClass */
/** STEPS calls of each kind. @type {Record<string, (nn: any, target: any) => void>} */
const KINDS = {
  "kernel": (nn) => nn.fit(x, y, { epochs: STEPS, batchSize: Infinity, shuffle: false }),
  "partialFit(x, y), typed": (nn) => {
    for (let i = 0; i < STEPS; i++) nn.partialFit(x, y);
  },
  "partialFit(x, y), lists": (nn) => {
    for (let i = 0; i < STEPS; i++) nn.partialFit(rowsX, rowsY);
  },
  "partialFit(x, y, { outputWeight })": (nn) => {
    for (let i = 0; i < STEPS; i++) nn.partialFit(x, y, { outputWeight: mask });
  },
  "partialFit(x, loss)": (nn) => {
    for (let i = 0; i < STEPS; i++) nn.partialFit(x, loss);
  },
  "blend": (nn, target) => {
    for (let i = 0; i < STEPS; i++) target.blend(nn, 0.01);
  },
};

const contenders = await Promise.all(
  Object.entries(folders).map(async ([build, folder]) => {
    const { NN } = /** @type {{ NN: NNClass }} */ (await import(new URL("index.js", folder).href));
    const nn = new NN({
      layers: [4, 64, 64, 2],
      activation: "relu",
      loss: "meanSquaredError",
      optimizer: { name: "adam", learningRate: 1e-4 },
      seed: 1,
    });
    return { build, nn, target: nn.clone(), start: nn.getWeights() };
  }),
);

/** Microseconds a call, a round each, by build and kind. @type {Record<string, Record<string, number[]>>} */
const microseconds = Object.fromEntries(
  contenders.map(({ build }) => [build, Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, []]))]),
);
const rounds = Number(values.rounds),
  warmUp = 5;
for (let round = -warmUp; round < rounds; round++) {
  for (const [kind, run] of Object.entries(KINDS)) {
    // Another build first each time.
    for (const { build, nn, target, start } of round % 2 ? contenders : contenders.toReversed()) {
      nn.setWeights(start);
      // The processor's own time where that is less: on a busy machine others have the rest.
      const [clock, cpu] = [performance.now(), process.cpuUsage()];
      run(nn, target);
      const { user, system } = process.cpuUsage(cpu);
      const taken = Math.min((performance.now() - clock) * 1000, user + system) / STEPS;
      if (round >= 0) microseconds[build][kind].push(taken);
    }
  }
}
const weights = contenders.map(({ nn }) => JSON.stringify(nn.getWeights()));
if (weights.some((each) => each !== weights[0])) console.log("the builds' weights are not the same bits");

const summary = Object.fromEntries(
  Object.entries(microseconds).map(([build, kinds]) => [
    build,
    Object.fromEntries(
      Object.entries(kinds).map(([kind, all]) => {
        const { median, q1, q3 } = spread(all);
        // Within a round, in which the machine was equally busy for both.
        const around =
          kind === "kernel" || kind === "blend" ? undefined : spread(all.map((each, i) => each - kinds.kernel[i])).median;
        return [kind, { median, q1, q3, ...(around !== undefined && { aroundKernel: around }) }];
      }),
    ),
  ]),
);
for (const [build, kinds] of Object.entries(summary)) {
  console.log(`${build} build, Node ${process.versions.node}: µs a call, and of it outside of the kernel`);
  for (const [kind, { median, aroundKernel }] of Object.entries(kinds)) {
    console.log(
      `  ${kind.padEnd(36)} ${median.toFixed(1).padStart(6)} ${aroundKernel === undefined ? "" : aroundKernel.toFixed(1).padStart(6)}`,
    );
  }
}
if (values.save) {
  writeFileSync(
    new URL("results/partial-fit.json", import.meta.url),
    compact({
      kind: "partial-fit",
      about: "4-64-64-2, adam, 32 rows; µs per call; aroundKernel: without the kernel's part, median over rounds",
      machine: describeMachine(),
      rounds,
      summary,
      microseconds,
    }),
  );
}
