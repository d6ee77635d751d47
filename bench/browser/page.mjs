// The page's half: takes a job as a child process does, and gets its rows and its rooflines from the server.
import { measure } from "../measure.mjs";
import { measurePeak } from "../peak.mjs";

/** A page's clock ticks every 5 µs, not every few ns. */
const BURST_TURNS = 400_000;

/** @param {string} path */
async function get(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${response.statusText}`);
  return response;
}

/** One half of a workload's rows; the server names their type in a header. @param {string} path */
async function getArray(path) {
  const response = await get(path);
  const Type = /** @type {any} */ (globalThis)[response.headers.get("x-type") ?? ""];
  return { array: new Type(await response.arrayBuffer()), source: response.headers.get("x-source") ?? "" };
}

/** What the server calls for each workload. @param {import("../measure.mjs").Job} job */
export const run = (job) => measure(job, {
  async loadData(_, dtype) {
    const path = `/data/${encodeURIComponent(job.workload)}/${dtype}`;
    const [x, y] = await Promise.all([getArray(`${path}/x`), getArray(`${path}/y`)]);
    return { x: x.array, y: y.array, source: x.source };
  },
  async openPeak(engine, dtype) {
    if (engine === "js") return undefined;
    const bytes = new Uint8Array(await (await get(`/roofline/${engine}`)).arrayBuffer());
    if (!WebAssembly.validate(bytes)) return undefined;
    const { instance } = await WebAssembly.instantiate(bytes);
    return measurePeak(/** @type {any} */ (instance.exports), engine, dtype, BURST_TURNS);
  },
  processorTime: () => Infinity,
});
