// Runs in the page: takes a job as child.mjs does, and fetches its rows and rooflines from the server.
import { measure } from "../measure.mjs";
import { measurePeak } from "../peak.mjs";

/** A page's clock has a resolution of 5 µs, not of nanoseconds. */
const BURST_LINKS = 400_000;

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

/** Runs a workload; chromium.mjs calls it. @param {import("../measure.mjs").Job} job */
export const run = (job) =>
  measure(job, {
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
      return measurePeak(/** @type {any} */ (instance.exports), engine, dtype, BURST_LINKS);
    },
    processorTime: () => Infinity,
  });
