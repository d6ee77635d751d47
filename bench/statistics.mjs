// Figures from raw samples: medians and quartiles of rates, and of ratios within a round.

/** @typedef {{ median: number, q1: number, q3: number }} Spread */
/**
 * One network's slices of a workload, in milliseconds, one per round. In a comparison `build` is "this" or "other".
 * @typedef {{ engine: string, build: string, rowsPerSlice: number, ms: number[] }} Track
 */
/**
 * One workload's raw samples.
 * @typedef {object} Measurement
 * @property {string} name
 * @property {string} about
 * @property {string} data the origin of the rows
 * @property {number} flopPerRow
 * @property {Track[]} tracks
 * @property {Record<string, number[]>} peaks GFLOP/s of an engine's multiply-adds, one per round
 */
/**
 * A track's figures.
 * @typedef {{ engine: string, build: string, rowsPerSecond: Spread, gflops: Spread, ofPeak?: Spread, ratio?: Spread }} Figures
 */

/** Median and quartiles, by linear interpolation. @param {number[]} values @returns {Spread} */
export function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (/** @type {number} */ share) => {
    const place = share * (sorted.length - 1);
    const below = Math.floor(place);
    return sorted[below] + (place - below) * ((sorted[below + 1] ?? sorted[below]) - sorted[below]);
  };
  return { median: at(0.5), q1: at(0.25), q3: at(0.75) };
}

/**
 * The figures of each track of a workload. Fractions of the peak and ratios are taken within a round, in which the machine was
 * equally busy for both, and then summarised. `ratio` is relative to plain JavaScript, or, where two builds are compared, to the
 * same engine of the other build.
 * @param {Measurement} measurement @returns {Figures[]}
 */
export function summarize({ flopPerRow, tracks, peaks }) {
  const all = tracks.map(rates);
  const compares = tracks.some(({ build }) => build === "other");
  return tracks.map(({ engine, build }, i) => {
    const gflops = all[i].map((rate) => (rate * flopPerRow) / 1e9);
    const peak = peaks[engine];
    const base = tracks.findIndex((each) => (compares ? each.engine === engine && each.build === "other" : each.engine === "js"));
    return {
      engine,
      build,
      rowsPerSecond: spread(all[i]),
      gflops: spread(gflops),
      ...(peak && { ofPeak: spread(gflops.map((each, round) => each / peak[round])) }),
      ...(base >= 0 && base !== i && { ratio: spread(all[i].map((rate, round) => rate / all[base][round])) }),
    };
  });
}

/** Results with every measurement's figures beside its samples. @template {{ measurements: Measurement[] }} T @param {T} results */
export const withFigures = (results) => ({
  ...results,
  figures: Object.fromEntries(results.measurements.map((each) => [each.name, summarize(each)])),
});

/** Rows per second of slices. @param {{ rowsPerSlice: number, ms: number[] }} slices */
export const rates = ({ rowsPerSlice, ms }) => ms.map((each) => (rowsPerSlice / each) * 1000);

/**
 * Rows per second of two that alternated, and how many times as fast the second was, per round.
 * @param {{ sides: { rowsPerSlice: number, ms: number[] }[] }} pair
 */
export function summarizePair({ sides }) {
  const [first, second] = sides.map(rates);
  return { usual: spread(first), other: spread(second), ratio: spread(second.map((rate, round) => rate / first[round])) };
}
