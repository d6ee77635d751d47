// A worker's share of the sweep: for blocks of consecutive float32 bit patterns the kernels' results beside the oracle's.
import { parentPort, workerData } from "node:worker_threads";
import { compare } from "./compare.mjs";
import { checkShortcuts, FUNCTIONS, oracleOf, wayOf } from "./oracles.mjs";

/** Bit patterns of a block: one exponent's mantissas are eight blocks. */
export const BLOCK = 2 ** 20;
/** Behind the constants. */
const ADDRESS = 65536;

/** The functions of a compiled scripts/numerics/functions.ts over a block, by name. */
export function instantiate({ bytes, constants, codes }) {
  const memory = new WebAssembly.Memory({ initial: 1 + (4 * BLOCK) / 65536, maximum: 65536 });
  new Uint8Array(memory.buffer).set(constants);
  const { activate, ...own } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } }).exports;
  const apply = (name, size) => (own[name] ? own[name](ADDRESS, size) : activate(codes[name], ADDRESS, size));
  return { memory, apply };
}

/** Measures one function on numbers, with their oracle. */
export function measure(kernels, name, inputs, compareThem = compare, oracle = oracleOf(FUNCTIONS[name])) {
  const results = new Float32Array(kernels.memory.buffer, ADDRESS, inputs.length);
  results.set(inputs);
  kernels.apply(name, inputs.byteLength);
  return compareThem(FUNCTIONS[name], oracle, inputs, results);
}

/** A block has one sign and one exponent, so that one way of the oracle serves all of it. */
async function measureBlock(kernels, name, inputs) {
  const each = FUNCTIONS[name];
  const [first, last] = [inputs[0], inputs.at(-1)];
  if (each.takes && !each.takes(first) && !each.takes(last) && !Number.isNaN(last)) return undefined;
  const way = wayOf(each, first);
  const own = await import(`./compare.mjs?${name}-${way}`);
  return measure(kernels, name, inputs, own.compare, each[way]);
}

if (workerData?.part) {
  checkShortcuts();
  const { part, names } = workerData;
  const kernels = instantiate(workerData);
  const patterns = new Uint32Array(BLOCK);
  const inputs = new Float32Array(patterns.buffer);
  for (const block of part) {
    for (let i = 0; i < BLOCK; i++) patterns[i] = block * BLOCK + i;
    const results = [];
    for (const name of names) results.push([name, await measureBlock(kernels, name, inputs)]);
    parentPort.postMessage(results.filter(([, each]) => each));
  }
}
