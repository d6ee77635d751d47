// Two networks alike but for their engine, WebAssembly and plain JavaScript, train in turn on the same rows, so that
// whatever else slows the machine slows both.
import { NN } from "wasmlp";

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/**
 * @param {object} options of the networks
 * @param {{ x: Float32Array, y: Uint8Array }} set
 * @param {number} turns an odd number
 * @returns rows a second of each engine, and how many times as fast WebAssembly is: the medians over all turns
 */
export function race(options, { x, y }, turns = 5) {
  const [wasm, js] = ["wasm", "js"].map((backend) => new NN({ ...options, backend }));
  const turn = (nn) => nn.fit(x, y, { epochs: 1 }).samplesPerSecond;
  const run = () => [turn(wasm), turn(js)];
  run(); // a first turn, in which the functions are compiled
  const speeds = Array.from({ length: turns }, run);
  return {
    turns,
    wasm: median(speeds.map(([fast]) => fast)),
    js: median(speeds.map(([, slow]) => slow)),
    ratio: median(speeds.map(([fast, slow]) => fast / slow)),
  };
}
