// synaptic: one row per update, cross-entropy on sigmoid outputs. It generates JavaScript source with one statement per connection,
// and compiles that.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** @type {Record<string, import("./tasks.mjs").Limit>} */
export const limits = {
  "mnist": { rows: 16, epochs: 12 },
  "wide": { not: "generating its source takes minutes: that of 784-128-10 is already 15 MB" },
  "predict-one": { rows: 16 },
  "predict-many": { rows: 16 },
};

/** @param {import("./tasks.mjs").Task} task */
export function open({ sizes }) {
  const { Architect, Trainer } = require("synaptic");
  return {
    version: require("synaptic/package.json").version,
    settings:
      "one row per update, rate 0.05 (with the default, 0.2, it does not learn digits); its Trainer with an optimised network, the default",
    /** @param {import("./host.mjs").Rows} data */
    network({ inputs, targetRows }) {
      const net = new Architect.Perceptron(...sizes);
      const trainer = new Trainer(net);
      const rows = inputs.map((input, i) => ({ input: Array.from(input), output: Array.from(targetRows[i]) }));
      const run = () => rows.map(({ input }) => net.activate(input));
      return {
        // It stops at an error of 0.005 by default, and treats 0 as not given.
        train: (/** @type {number} */ iterations) => trainer.train(rows, { iterations, rate: 0.05, error: Number.MIN_VALUE }),
        predictEach: run,
        predictAll: run,
        outputs: () => run().flat(),
      };
    },
  };
}
