// One workload in a process of its own, so that no other's types and garbage weigh on it. Started by run.mjs, which sends
// the job and awaits the samples.
import { loadData } from "./data.mjs";
import { measure } from "./measure.mjs";
import { openPeak } from "./roofline.mjs";

/** Windows counts it too coarsely. */
function processorTime() {
  const { user, system } = process.cpuUsage();
  return process.platform === "win32" ? Infinity : (user + system) / 1000;
}

process.once("message", async (/** @type {import("./measure.mjs").Job} */ job) => {
  try {
    const measurement = await measure(job, {
      loadData: ({ data }, dtype) => loadData(data, dtype),
      openPeak,
      processorTime,
    });
    process.send?.({ measurement });
  } catch (error) {
    process.send?.({ error: error instanceof Error ? error.message : String(error) });
  }
  process.disconnect?.();
});
