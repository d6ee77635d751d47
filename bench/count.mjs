// Runs some iterations of one workload on one engine, while counters.mjs, which starts it, counts instructions.
import { NO_ENGINE } from "./counters.mjs";
import { loadData } from "./data.mjs";
import { openContenders } from "./measure.mjs";
import { findWorkload } from "./workloads.mjs";

const { workload: name, dtype, engine, build, rows, iterations } = JSON.parse(process.argv[2]);
const workload = findWorkload(name);
const { x, y, source } = loadData(workload.data, dtype);
const part = {
  x: x.subarray(0, rows * workload.sizes[0]),
  y: y.subarray(0, (rows * y.length) / (x.length / workload.sizes[0])),
  source,
};
const counted = { ...workload, rows, batch: Math.min(workload.batch, rows) };
const [contender] = await openContenders(counted, part, { dtype, engines: [engine], builds: { this: build } });
if (contender) contender.run(iterations);
else process.exitCode = NO_ENGINE;
