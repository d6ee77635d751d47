// neataptic: objects for neurons and connections; batches sum the updates of their rows.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** @type {Record<string, import("./tasks.mjs").Limit>} */
export const limits = {
  "mnist": { rows: 32, epochs: 20 },
  "wide": { not: "a row takes more than a tenth of a second" },
  "predict-one": { rows: 32 },
  "predict-many": { rows: 32 },
};

/** @param {import("./tasks.mjs").Task} task */
export function open({ sizes, batch, learningRate }) {
  const { architect, config } = require("neataptic");
  config.warnings = false;
  return {
    version: require("neataptic/package.json").version,
    settings: "train with batchSize and rate / batchSize, because it sums the updates of a batch; noTraceActivate to predict",
    /** @param {import("./host.mjs").Rows} data */
    network({ inputs, targetRows }) {
      const net = new architect.Perceptron(...sizes);
      const rows = inputs.map((input, i) => ({ input: Array.from(input), output: Array.from(targetRows[i]) }));
      const batchSize = Math.min(batch, rows.length);
      const run = () => rows.map(({ input }) => net.noTraceActivate(input));
      return {
        train: (/** @type {number} */ iterations) => net.train(rows, { iterations, rate: learningRate / batchSize, batchSize }),
        predictEach: run,
        predictAll: run,
        outputs: () => run().flat(),
      };
    },
  };
}
