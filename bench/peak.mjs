// Measures the roofline: the highest rate of multiply-adds that WebAssembly reaches on this machine.

/** @typedef {import("./data.mjs").Dtype} Dtype */
/** `sample()` returns GFLOP/s, the best of a few bursts of well under a millisecond each. @typedef {{ sample(): number }} Peak */

/** Numbers of chains to try. Too few are bound by latency, too many do not fit V8's 15 vector registers. */
const CHAINS = [8, 9, 10, 11, 12, 13, 14];

/**
 * What roofline.ts exports: returns the sum of `chains` chains of `links` links each.
 * @typedef {Record<Dtype, (chains: number, links: number, x: number, y: number) => number>} Roofline
 */

/**
 * The peak of an engine's build, ready to be sampled.
 * @param {Roofline} roofline roofline.ts, compiled for that engine @param {string} engine @param {Dtype} dtype
 * @param {number} links length of a chain in a burst: hundreds of clock ticks, but short enough not to be interrupted
 * @returns {Promise<Peak>}
 */
export async function measurePeak(roofline, engine, dtype, links = 20_000) {
  const kernel = roofline[dtype];
  const lanes = dtype === "float32" ? 4 : 2;

  // V8 optimises in the background and replaces the code between two calls.
  for (let wait = 0; wait < 4; wait++) {
    for (const chains of CHAINS) for (let i = 0; i < 5; i++) kernel(chains, links, 0.5, 1);
    await new Promise((done) => setTimeout(done, 20));
  }

  /** Milliseconds, the best of some bursts. @param {number} chains @param {number} links @param {number} bursts */
  function best(chains, links, bursts) {
    let least = Infinity;
    for (let i = 0; i < bursts; i++) {
      const before = performance.now();
      const total = kernel(chains, links, 0.5, 1);
      least = Math.min(least, performance.now() - before);
      const right = expected(chains, links);
      if (total !== right) throw new Error(`the ${engine} roofline computed ${total}, not ${right}`);
    }
    return least;
  }

  /**
   * With x = ½, y = 1, exact in either precision: a chain ends at y/(1 − x) when plain, at its start + links·x·y when fused.
   * @param {number} chains @param {number} links
   */
  function expected(chains, links) {
    return lanes * (engine === "wasm-simd" ? 2 * chains : (chains * links) / 2 + (chains * (chains - 1)) / 2);
  }

  /** GFLOP/s. @param {number} chains @param {number} bursts */
  const rate = (chains, bursts) => (2 * lanes * chains * links) / best(chains, links, bursts) / 1e6;
  const rates = CHAINS.map((chains) => rate(chains, 20));
  const chains = CHAINS[rates.indexOf(Math.max(...rates))];
  const growth = best(chains, 2 * links, 50) / best(chains, links, 50);
  if (growth < 1.5 || growth > 2.5) throw new Error(`the ${engine} roofline takes ${growth} times as long for twice the work`);
  return { sample: () => rate(chains, 10) };
}
