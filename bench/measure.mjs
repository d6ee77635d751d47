// Measures one workload, in Node or in a page: checks that the engines agree, then alternates slices of each until the time is up.
import { findWorkload, flopPerRow, runner } from "./workloads.mjs";

/**
 * @typedef {import("./workloads.mjs").Workload} Workload
 * @typedef {import("./workloads.mjs").NNClass} NNClass
 * @typedef {import("./workloads.mjs").NN} NN
 * @typedef {import("./workloads.mjs").Dtype} Dtype
 */
/**
 * A process's job.
 * @typedef {object} Job
 * @property {string} workload
 * @property {Dtype} dtype
 * @property {number} seconds for the slices of all engines together
 * @property {string[]} engines
 * @property {Record<string, string>} builds name → file URL of its index.js
 */
/**
 * The differences between Node and a page.
 * @typedef {object} Platform
 * @property {(workload: Workload, dtype: Dtype) => import("./data.mjs").Data | Promise<import("./data.mjs").Data>} loadData
 * @property {(engine: string, dtype: Dtype) => Promise<import("./peak.mjs").Peak | undefined> | undefined} openPeak
 * @property {() => number} processorTime CPU time of this process in milliseconds; Infinity where it is unknown
 */
/**
 * Work that an engine repeats in a slice; `reset`, which runs before it, is not timed.
 * @typedef {{ engine: string, reset(): void, run(iterations: number): void }} Work
 * One network under test.
 * @typedef {Work & { build: string, nn: NN }} Contender
 */

/** Target duration of a slice: long compared with the clock's resolution and the start of a `fit`, short compared with changes in load. */
const SLICE_MS = 100;
/** V8 needs about a second to optimise JavaScript fully. */
const WARM_UP_MS = { js: 1200, wasm: 300, most: 2000 };
const FEWEST_ROUNDS = 5;
const SEED = 1;
/** Each engine's name, and the options that select it. @type {Record<string, object>} */
const ENGINES = {
  "js": { backend: "js" },
  "wasm-simd": { backend: "wasm", reproducible: true },
  "wasm-relaxed-simd": { backend: "wasm", reproducible: false },
};
/** Tolerated difference between engines: relative for losses, absolute for predictions between 0 and 1. */
const TOLERANCE = { float32: 1e-5, float64: 1e-12 };

/** @param {Job} job @param {Platform} platform @returns {Promise<import("./statistics.mjs").Measurement>} */
export async function measure({ workload: name, dtype, seconds, engines, builds }, { loadData, openPeak, processorTime }) {
  const workload = findWorkload(name);
  const data = await loadData(workload, dtype);
  const contenders = await openContenders(workload, data, { dtype, engines, builds });
  if (!contenders.length) throw new Error(`this machine has none of the engines ${engines.join(", ")}`);
  checkAgreement(name, workload, data, dtype, contenders);

  const samples = await alternate(contenders, dtype, seconds, { openPeak, processorTime });
  return {
    name,
    about: workload.about,
    data: data.source,
    flopPerRow: flopPerRow(workload),
    peaks: samples.peaks,
    tracks: contenders.map(({ engine, build }, i) => ({
      engine,
      build,
      rowsPerSlice: samples.iterations[i] * workload.rows,
      ms: samples.ms[i],
    })),
  };
}

/**
 * Warms up, then alternates slices of each, with the peaks in the same rounds, until the time is up.
 * @param {Work[]} works @param {Dtype} dtype @param {number} seconds @param {Pick<Platform, "openPeak" | "processorTime">} platform
 * @returns {Promise<{ iterations: number[], ms: number[][], peaks: Record<string, number[]> }>} iterations per slice, and the milliseconds of each slice
 */
export async function alternate(works, dtype, seconds, { openPeak, processorTime }) {
  /** @type {Record<string, { sample(): number, gflops: number[] }>} */
  const peaks = {};
  for (const engine of new Set(works.map(({ engine }) => engine))) {
    const peak = await openPeak(engine, dtype);
    if (peak) peaks[engine] = { ...peak, gflops: [] };
  }
  const time = timer(processorTime);
  const iterations = [];
  for (const work of works) iterations.push(await warmUp(work, time));

  const ms = works.map(() => /** @type {number[]} */ ([]));
  const end = performance.now() + seconds * 1000;
  for (let round = 0; round < FEWEST_ROUNDS || performance.now() < end; round++) {
    for (const peak of Object.values(peaks)) peak.gflops.push(peak.sample());
    // A different one starts each round: after a slow slice the caches may be cold, or the processor hot.
    for (let i = 0; i < works.length; i++) {
      const which = (i + round) % works.length;
      ms[which].push(time(works[which], iterations[which]));
    }
  }
  return { iterations, ms, peaks: Object.fromEntries(Object.entries(peaks).map(([engine, { gflops }]) => [engine, gflops])) };
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
 * A network on this engine, or undefined where the machine does not support it.
 * @param {Workload} workload @param {NNClass} Class @param {string} engine @param {Dtype} dtype
 */
function open(workload, Class, engine, dtype) {
  let nn;
  try {
    nn = workload.create(Class, { dtype, seed: SEED, ...ENGINES[engine] });
  } catch (error) {
    // A missing engine is reported by this error; any other failure is rethrown.
    if (engine !== "js" && /WebAssembly with SIMD is missing/.test(String(error))) return undefined;
    throw error;
  }
  return nn.backend === engine ? nn : undefined;
}

/**
 * Throws unless all engines, from the same weights, reach the same decreasing losses in the same few epochs, and the same
 * predictions: only engines that do the same work may be compared.
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
 * Returns a function that measures one slice in milliseconds: the CPU time, where that is less than the wall-clock time because
 * other processes ran in between. One thread computes and never waits.
 * @param {() => number} processorTime
 */
function timer(processorTime) {
  return (/** @type {Work} */ { reset, run }, /** @type {number} */ iterations) => {
    reset();
    const before = performance.now();
    const processorBefore = processorTime();
    run(iterations);
    const processor = processorTime() - processorBefore;
    const elapsed = performance.now() - before;
    return processor < elapsed ? processor : elapsed;
  };
}

/**
 * Runs until the code is optimised: until two consecutive slices are no faster than the fastest so far. Returns how many
 * iterations make a slice.
 * @param {Work} work @param {ReturnType<typeof timer>} time
 */
async function warmUp(work, time) {
  const least = work.engine === "js" ? WARM_UP_MS.js : WARM_UP_MS.wasm;
  let elapsed = 0,
    fastest = Infinity,
    noFaster = 0;
  for (let iterations = 1; ;) {
    const ms = time(work, iterations);
    elapsed += ms;
    noFaster = ms / iterations < 0.97 * fastest ? 0 : noFaster + 1;
    fastest = Math.min(fastest, ms / iterations);
    const enough = Math.max(1, Math.round(SLICE_MS / fastest));
    if (elapsed > WARM_UP_MS.most || (elapsed > least && noFaster > 1 && ms > SLICE_MS / 2)) return enough;
    iterations = ms < SLICE_MS / 2 ? 2 * iterations : enough;
    await new Promise((done) => setTimeout(done, 1));
  }
}
