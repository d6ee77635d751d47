// Runs one workload, or one matrix product, in its own process. Started by fork.mjs, which sends the job and awaits the samples.
import { loadData } from "./data.mjs";
import { measure } from "./measure.mjs";
import { measureProduct } from "./products.mjs";
import { openPeak } from "./roofline.mjs";

/** @typedef {import("./measure.mjs").Job | import("./products.mjs").ProductJob} Job */

/** CPU time. Windows measures it too coarsely. */
function processorTime() {
  const { user, system } = process.cpuUsage();
  return process.platform === "win32" ? Infinity : (user + system) / 1000;
}

process.once("message", async (/** @type {Job} */ job) => {
  const platform = { openPeak, processorTime };
  try {
    const measurement =
      "product" in job
        ? await measureProduct(job, platform)
        : await measure(job, { ...platform, loadData: ({ data }, dtype) => loadData(data, dtype) });
    process.send?.({ measurement });
  } catch (error) {
    process.send?.({ error: error instanceof Error ? error.message : String(error) });
  }
  process.disconnect?.();
});
