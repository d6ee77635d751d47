// How fast examples/dqn.mjs learns beside its twin in PyTorch (dqn_twin.py): the same algorithm and hyperparameters, each with random
// numbers of its own, over several seeds. Writes results/dqn.json: `node bench/dqn.mjs`, or with the numbers of seeds and of steps.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { curve, settings, train } from "../examples/dqn.mjs";
import { describeMachine } from "./machine.mjs";
import { compact } from "./results.mjs";
import { spread } from "./statistics.mjs";

const [seeds, steps] = [Number(process.argv[2] ?? 8), Number(process.argv[3] ?? 10_000)];
const width = 1000;
/** An agent that keeps the pole up this long, on average over this many steps, has learnt it. */
const LEARNT = 400;
const python = process.env.PYTHON ?? "/usr/bin/python3";
const twin = fileURLToPath(new URL("dqn_twin.py", import.meta.url));

/** @typedef {{ step: number, length: number }} Episode */
/** @type {Record<string, (seed: number) => Episode[]>} */
const agents = {
  wasmlp: (seed) => train({ seed, steps }),
  pytorch: (seed) =>
    JSON.parse(
      execFileSync(python, [twin, JSON.stringify(settings), String(seed), String(steps)], {
        encoding: "utf8",
        maxBuffer: 2 ** 26,
      }),
    ),
};
const version = execFileSync(python, ["-c", "import torch; print(torch.__version__)"], { encoding: "utf8" }).trim();

/** @type {Record<string, { curve: number[], seconds: number }[]>} */
const runs = { wasmlp: [], pytorch: [] };
for (let seed = 1; seed <= seeds; seed++) {
  for (const [name, run] of Object.entries(agents)) {
    const started = performance.now();
    const means = curve(run(seed), steps, width).map((mean) => Math.round(mean));
    const seconds = (performance.now() - started) / 1000;
    runs[name].push({ curve: means, seconds: Number(seconds.toFixed(1)) });
    console.log(`${name.padEnd(8)} seed ${seed}  ${means.join(" ")}  ${seconds.toFixed(1)} s`);
  }
}

const middle = (/** @type {number[]} */ values) => spread(values).median;
/** Steps until the mean length first was LEARNT; Infinity where it never was. @param {{ curve: number[] }} run */
const stepsToLearn = ({ curve: means }) => {
  const at = means.findIndex((mean) => mean >= LEARNT);
  return at < 0 ? Infinity : (at + 1) * width;
};
const summary = Object.fromEntries(
  Object.entries(runs).map(([name, all]) => [
    name,
    {
      medianCurve: Array.from({ length: steps / width }, (_, i) => middle(all.map(({ curve: means }) => means[i]))),
      meanOfSecondHalf: Math.round(
        all.reduce(
          (sum, { curve: means }) => sum + means.slice(means.length / 2).reduce((a, b) => a + b) / (means.length / 2),
          0,
        ) / seeds,
      ),
      stepsToLearn: all.map(stepsToLearn).map((each) => (each === Infinity ? null : each)),
      medianSeconds: middle(all.map(({ seconds }) => seconds)),
    },
  ]),
);
console.log(JSON.stringify(summary, undefined, 2));
writeFileSync(
  new URL("results/dqn.json", import.meta.url),
  compact({
    kind: "dqn",
    about: `mean length of the episodes that end in each ${width} steps, of at most 500; learnt: ${LEARNT}`,
    machine: describeMachine(),
    torch: version,
    settings,
    seeds,
    steps,
    width,
    summary,
    runs,
  }),
);
