// One workload, in Node or in a page: first whether the engines agree, then slices of each in turn until the time is up.
import { findWorkload, flopPerRow, runner } from "./workloads.mjs";

/**
 * @typedef {import("./workloads.mjs").Workload} Workload
 * @typedef {import("./workloads.mjs").NNClass} NNClass
 * @typedef {import("./workloads.mjs").NN} NN
 * @typedef {import("./workloads.mjs").Dtype} Dtype
 */
/**
 * What a process is to do.
 * @typedef {object} Job
 * @property {string} workload
 * @property {Dtype} dtype
 * @property {number} seconds for the slices, all engines together
 * @property {string[]} engines
 * @property {Record<string, string>} builds name → file URL of its index.js
 */
/**
 * What differs between Node and a page.
 * @typedef {object} Platform
 * @property {(workload: Workload, dtype: Dtype) => import("./data.mjs").Data | Promise<import("./data.mjs").Data>} loadData
 * @property {(engine: string, dtype: Dtype) => Promise<import("./peak.mjs").Peak | undefined> | undefined} openPeak
 * @property {() => number} processorTime milliseconds that this process has had; Infinity where nobody counts them
 */
/**
 * What an engine does a number of times a slice; what `reset` does before it is not timed.
 * @typedef {{ engine: string, reset(): void, run(turns: number): void }} Work
 * One network under test.
 * @typedef {Work & { build: string, nn: NN }} Contender
 */

/** What a slice should take: long against the clock and the start of a `fit`, short against the machine's moods. */
const SLICE_MS = 100;
/** V8 takes a second to settle on JavaScript's last form. */
const WARM_UP_MS = { js: 1200, wasm: 300, most: 2000 };
const FEWEST_ROUNDS = 5;
const SEED = 1;
/** Each engine's name, and the options that ask for it. @type {Record<string, object>} */
const ENGINES = {
  "js": { backend: "js" },
  "wasm-simd": { backend: "wasm", reproducible: true },
  "wasm-relaxed-simd": { backend: "wasm", reproducible: false },
};
/** How far engines may be apart: relative for losses, absolute for predictions between 0 and 1. */
const TOLERANCE = { float32: 1e-5, float64: 1e-12 };

/** @param {Job} job @param {Platform} platform @returns {Promise<import("./statistics.mjs").Measurement>} */
export async function measure({ workload: name, dtype, seconds, engines, builds }, { loadData, openPeak, processorTime }) {
  const workload = findWorkload(name);
  const data = await loadData(workload, dtype);
  const contenders = await openContenders(workload, data, { dtype, engines, builds });
  if (!contenders.length) throw new Error(`this machine has none of the engines ${engines.join(", ")}`);
  checkAgreement(name, workload, data, dtype, contenders);

  const samples = await takeTurns(contenders, dtype, seconds, { openPeak, processorTime });
  return {
    name, about: workload.about, data: data.source, flopPerRow: flopPerRow(workload), peaks: samples.peaks,
    tracks: contenders.map(({ engine, build }, i) => ({ engine, build, rowsPerSlice: samples.turns[i] * workload.rows, ms: samples.ms[i] })),
  };
}

/**
 * Warms up, then measures slices of each in turn, and the peaks in the same rounds, until the time is up.
 * @param {Work[]} works @param {Dtype} dtype @param {number} seconds @param {Pick<Platform, "openPeak" | "processorTime">} platform
 * @returns {Promise<{ turns: number[], ms: number[][], peaks: Record<string, number[]> }>} each work's turns a slice, and its slices' milliseconds
 */
export async function takeTurns(works, dtype, seconds, { openPeak, processorTime }) {
  /** @type {Record<string, { sample(): number, gflops: number[] }>} */
  const peaks = {};
  for (const engine of new Set(works.map(({ engine }) => engine))) {
    const peak = await openPeak(engine, dtype);
    if (peak) peaks[engine] = { ...peak, gflops: [] };
  }
  const time = timer(processorTime);
  const turns = [];
  for (const work of works) turns.push(await warmUp(work, time));

  const ms = works.map(() => /** @type {number[]} */ ([]));
  const end = performance.now() + seconds * 1000;
  for (let round = 0; round < FEWEST_ROUNDS || performance.now() < end; round++) {
    for (const peak of Object.values(peaks)) peak.gflops.push(peak.sample());
    // Another goes first each time: whoever follows a slow slice may find a cold cache or a warm processor.
    for (let i = 0; i < works.length; i++) {
      const which = (i + round) % works.length;
      ms[which].push(time(works[which], turns[which]));
    }
  }
  return { turns, ms, peaks: Object.fromEntries(Object.entries(peaks).map(([engine, { gflops }]) => [engine, gflops])) };
}

/**
 * Every build on every engine that this machine has.
 * @param {Workload} workload @param {import("./data.mjs").Data} data
 * @param {{ dtype: Dtype, engines: string[], builds: Record<string, string> }} asked
 */
export async function openContenders(workload, data, { dtype, engines, builds }) {
  /** @type {Contender[]} */
  const contenders = [];
  for (const [build, url] of Object.entries(builds)) {
    const { NN } = await import(url);
    for (const engine of engines) {
      const nn = open(workload, NN, engine, dtype);
      if (nn) contenders.push({ engine, build, nn, ...runner(workload, nn, data) });
    }
  }
  return contenders;
}

/**
 * A network on this engine, or undefined where the machine lacks it.
 * @param {Workload} workload @param {NNClass} Class @param {string} engine @param {Dtype} dtype
 */
function open(workload, Class, engine, dtype) {
  let nn;
  try {
    nn = workload.create(Class, { dtype, seed: SEED, ...ENGINES[engine] });
  } catch (error) {
    // Without WebAssembly SIMD the plain build says so; any other failure is one.
    if (engine !== "js" && /WebAssembly with SIMD is missing/.test(String(error))) return undefined;
    throw error;
  }
  return nn.backend === engine ? nn : undefined;
}

/**
 * Throws unless all engines, from the same weights, come to the same losses after the same few steps, less at the end
 * than at the start, and to the same predictions. Only engines that do the same work may be compared.
 * @param {string} name @param {Workload} workload @param {import("./data.mjs").Data} data
 * @param {Dtype} dtype @param {Contender[]} contenders
 */
function checkAgreement(name, { sizes, trains, batch }, { x, y }, dtype, contenders) {
  const rows = trains ? Math.min(2 * batch, x.length / sizes[0]) : Math.min(100, x.length / sizes[0]);
  const someX = x.subarray(0, rows * sizes[0]);
  const someY = y.subarray(0, (y.length / (x.length / sizes[0])) * rows);
  const results = contenders.map(({ nn }) => {
    const start = nn.getWeights();
    const losses = trains ? nn.fit(someX, someY, { epochs: 4 }).loss : [];
    const predictions = Array.from(nn.predict(someX));
    nn.setWeights(start);
    return { losses, predictions };
  });
  const tolerance = TOLERANCE[dtype];
  const [first] = results;
  results.forEach(({ losses, predictions }, i) => {
    const who = `${name}: ${contenders[i].engine}${contenders[i].build === "other" ? " (other build)" : ""}`;
    const against = contenders[0].engine;
    if (trains && !(losses[3] < losses[0])) throw new Error(`${who} does not learn: its losses are ${losses.join(", ")}`);
    losses.forEach((loss, epoch) => {
      if (!(Math.abs(loss - first.losses[epoch]) <= tolerance * Math.abs(first.losses[epoch]))) {
        throw new Error(`${who} has a loss of ${loss} in epoch ${epoch}, ${against} of ${first.losses[epoch]}`);
      }
    });
    predictions.forEach((prediction, at) => {
      if (!(Math.abs(prediction - first.predictions[at]) <= tolerance)) {
        throw new Error(`${who} predicts ${prediction} at ${at}, ${against} ${first.predictions[at]}`);
      }
    });
  });
}

/**
 * A function that gives the milliseconds of one slice: of the processor's time, where that is less than the clock's, because
 * others had the processor for the rest. One thread computes and never waits.
 * @param {() => number} processorTime
 */
function timer(processorTime) {
  return (/** @type {Work} */ { reset, run }, /** @type {number} */ turns) => {
    reset();
    const before = performance.now();
    const processorBefore = processorTime();
    run(turns);
    const processor = processorTime() - processorBefore;
    const elapsed = performance.now() - before;
    return processor < elapsed ? processor : elapsed;
  };
}

/**
 * Runs until the optimised code has come: until two slices in a row are no faster than the fastest before. Finds how many
 * turns make a slice on the way, and returns that.
 * @param {Work} work @param {ReturnType<typeof timer>} time
 */
async function warmUp(work, time) {
  const least = work.engine === "js" ? WARM_UP_MS.js : WARM_UP_MS.wasm;
  let elapsed = 0, fastest = Infinity, noFaster = 0;
  for (let turns = 1; ; ) {
    const ms = time(work, turns);
    elapsed += ms;
    noFaster = ms / turns < 0.97 * fastest ? 0 : noFaster + 1;
    fastest = Math.min(fastest, ms / turns);
    const enough = Math.max(1, Math.round(SLICE_MS / fastest));
    if (elapsed > WARM_UP_MS.most || (elapsed > least && noFaster > 1 && ms > SLICE_MS / 2)) return enough;
    turns = ms < SLICE_MS / 2 ? 2 * turns : enough;
    await new Promise((done) => setTimeout(done, 1));
  }
}
