// The performance targets: the figure that each is compared with, and whether it was reached.
import { findCompared } from "./peers/report.mjs";
import { spread, summarize, summarizePair } from "./statistics.mjs";
import { flopPerRow, WORKLOADS } from "./workloads.mjs";

/**
 * The newest results of each kind, where there are any.
 * @typedef {object} Sources
 * @property {import("./table.mjs").Results} [float32] in Node 24
 * @property {import("./table.mjs").Results} [float64] likewise
 * @property {import("./table.mjs").Results} [node20]
 * @property {import("./peers/run.mjs").PeerResults} [peers]
 * @property {import("./variants.mjs").VariantResults} [revectorize] in Node 26
 * @property {import("./table.mjs").Results} [gemm] in Node 24: a measurement for each of a layer's products of 512³
 * @property {Startup} [startup]
 * @property {number} [kilobytes] the limit of dist/index.js, compressed
 */
/** What bench/startup.mjs prints. @typedef {{ machine: import("./machine.mjs").Machine, backend: string, processes: number, networks: number,
 *   milliseconds: Record<string, Record<string, import("./statistics.mjs").Spread>>, residentMegabytes: number[] }} Startup */
/**
 * @typedef {object} Target
 * @property {string} id names the paragraph of performance-notes.md that says what limits it
 * @property {string} work
 * @property {"fraction" | "times" | "ms" | "kB"} unit
 * @property {number} aim the minimum, or for "ms" and "kB" the maximum
 * @property {string} against
 * @property {(sources: Sources) => number | undefined} figure
 * @property {(sources: Sources) => number | undefined} [needs] the share of the peak that the target requires; above 1 it is unreachable
 */
/** @typedef {Target & { value: number | undefined, reached: boolean | undefined, share: number | undefined }} Judged `share`: of the peak, what the target requires */

/** The best engine's figures on a workload. @param {import("./table.mjs").Results | undefined} results @param {string} workload */
function best(results, workload) {
  const measurement = results?.measurements.find(({ name }) => name === workload);
  const figures = measurement ? summarize(measurement) : [];
  return figures.find(({ engine }) => engine === "wasm-relaxed-simd") ?? figures.find(({ engine }) => engine === "wasm-simd");
}

/** The highest peak of a workload's engines, GFLOP/s. @param {import("./table.mjs").Results | undefined} results @param {string} workload */
function bestPeak(results, workload) {
  const peaks = Object.values(results?.measurements.find(({ name }) => name === workload)?.peaks ?? {});
  return peaks.length ? Math.max(...peaks.map((samples) => spread(samples).median)) : undefined;
}

/** @param {string} id @param {string} work @param {number} aim @param {string} workload @param {"float32" | "node20"} [source] @returns {Target} */
const ofPeak = (id, work, aim, workload, source = "float32") => ({
  id,
  work,
  unit: "fraction",
  aim,
  against: source === "node20" ? "of Node 20's peak" : "of the machine's wasm peak",
  figure: (sources) => best(sources[source], workload)?.ofPeak?.median,
  needs: () => aim,
});
/** @param {string} id @param {string} work @param {number} aim @param {string} task @param {string} peer @returns {Target} */
const versus = (id, work, aim, task, peer) => ({
  id,
  work,
  unit: "times",
  aim,
  against: `× ${peer}`,
  figure: ({ peers }) => peers && findCompared(peers, task, peer)?.ratio.median,
  needs({ peers, ...sources }) {
    const theirs = peers && findCompared(peers, task, peer);
    const peak = theirs && bestPeak(theirs.dtype === "float64" ? sources.float64 : sources.float32, task);
    return peak && (aim * theirs.rate.median * flopPerRow(WORKLOADS[task])) / 1e9 / peak;
  },
});
/** @param {string} id @param {string} work @param {number} aim @param {string} workload @returns {Target} */
const versusPlain = (id, work, aim, workload) => ({
  id,
  work,
  unit: "times",
  aim,
  against: "× the plain JavaScript engine",
  figure: ({ float32 }) => best(float32, workload)?.ratio?.median,
});

const MNIST = "train 784-128-10, batch 32";
const WIDE = "train 784-512-512-10, batch 128";
const TEXTBOOK = "train 5-10-1, one batch of 10 rows";
const ONE = "predict 784-128-10, one row per call";

/** The slowest of a layer's three products. @param {string} engine @param {number} aim @returns {Target} */
const products = (engine, aim) => ({
  id: `gemm-${engine}`,
  work: `products of 512 × 512 × 512, ${engine}, the slowest of the three`,
  unit: "fraction",
  aim,
  against: "of the machine's wasm peak",
  figure({ gemm }) {
    const shares = (gemm?.measurements ?? []).flatMap((each) =>
      summarize(each)
        .filter((one) => one.engine === engine)
        .map(({ ofPeak }) => ofPeak?.median ?? 0),
    );
    return shares.length ? Math.min(...shares) : undefined;
  },
  needs: () => aim,
});

/** @type {Target[]} */
export const TARGETS = [
  products("wasm-relaxed-simd", 0.9),
  products("wasm-simd", 0.75),
  ofPeak("mnist-peak", MNIST, 0.85, "mnist"),
  versus("mnist-numpy", MNIST, 1.1, "mnist", "NumPy"),
  versus("mnist-pytorch", MNIST, 1.6, "mnist", "PyTorch"),
  versus("mnist-brain", MNIST, 100, "mnist", "brain.js"),
  versus("mnist-brain-2", MNIST, 100, "mnist", "brain.js 2 beta"),
  versus("mnist-tfjs", MNIST, 30, "mnist", "tfjs wasm"),
  versusPlain("mnist-plain", MNIST, 35, "mnist"),
  ofPeak("wide-peak", WIDE, 0.88, "wide"),
  versus("wide-numpy", WIDE, 0.55, "wide", "NumPy"),
  versus("textbook-numpy", TEXTBOOK, 50, "textbook", "NumPy"),
  versus("textbook-brain-2", TEXTBOOK, 25, "textbook", "brain.js 2 beta"),
  versus("textbook-pytorch", TEXTBOOK, 300, "textbook", "PyTorch"),
  versusPlain("textbook-plain", TEXTBOOK, 8, "textbook"),
  ofPeak("digits-peak", "train 64-32-10, batch 16", 0.6, "digits"),
  ofPeak("iris-peak", "train 4-16-3, batch 8", 0.6, "iris"),
  versus("one-pytorch", ONE, 3, "predict-one", "PyTorch"),
  versus("one-brain", ONE, 30, "predict-one", "brain.js"),
  versus("one-brain-2", ONE, 30, "predict-one", "brain.js 2 beta"),
  ofPeak("many-peak", "predict 784-128-10, many rows per call", 0.9, "predict-many"),
  {
    id: "float64-float32",
    work: `${MNIST}, float64`,
    unit: "fraction",
    aim: 0.45,
    against: "of float32's speed",
    figure({ float32, float64 }) {
      const [single, double] = [best(float32, "mnist"), best(float64, "mnist")];
      return single && double && double.rowsPerSecond.median / single.rowsPerSecond.median;
    },
  },
  versus("float64-numpy", `${MNIST}, float64`, 1.2, "mnist", "NumPy float64"),
  ofPeak("node20-mnist-peak", `${MNIST}, Node 20`, 0.75, "mnist", "node20"),
  ofPeak("node20-wide-peak", `${WIDE}, Node 20`, 0.75, "wide", "node20"),
  {
    id: "revectorize",
    work: `${WIDE}, Node 26`,
    unit: "times",
    aim: 1.35,
    against: "× without --experimental-wasm-revectorize",
    figure({ revectorize }) {
      const pair = revectorize?.measurements.find(({ set, task }) => set === "revectorize" && task === "wide");
      return pair && summarizePair(pair).ratio.median;
    },
  },
  {
    id: "startup",
    work: "import, construct 5-10-1, first predict",
    unit: "ms",
    aim: 5,
    against: "ms",
    figure: ({ startup }) => startup?.milliseconds["5-10-1"]?.total.median,
  },
  {
    id: "size",
    work: "dist/index.js, compressed, every build inlined",
    unit: "kB",
    aim: 20,
    against: "kB",
    figure: ({ kilobytes }) => kilobytes,
  },
];

/** Whether less is better. @param {Target["unit"]} unit */
export const atMost = (unit) => unit === "ms" || unit === "kB";

/** @param {Sources} sources @returns {Judged[]} */
export const judge = (sources) =>
  TARGETS.map((target) => {
    const value = target.figure(sources);
    const reached = value === undefined ? undefined : atMost(target.unit) ? value <= target.aim : value >= target.aim;
    return { ...target, value, reached, share: target.needs?.(sources) };
  });
