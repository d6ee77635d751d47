// synaptic: one row an update, cross-entropy on sigmoid outputs. It writes a network out as JavaScript text, a statement a
// connection, and compiles that.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** @type {Record<string, import("./tasks.mjs").Limit>} */
export const limits = {
  "mnist": { rows: 16, epochs: 12 },
  "wide": { not: "writing itself out takes it minutes: 784-128-10 is a text of 15 MB already" },
  "predict-one": { rows: 16 },
  "predict-many": { rows: 16 },
};

/** @param {import("./tasks.mjs").Task} task */
export function open({ sizes }) {
  const { Architect, Trainer } = require("synaptic");
  return {
    version: require("synaptic/package.json").version,
    settings: "one row an update, rate 0.05 (at its default, 0.2, it does not learn digits); its Trainer, network optimised, its default",
    /** @param {import("./host.mjs").Rows} data */
    network({ inputs, targetRows }) {
      const net = new Architect.Perceptron(...sizes);
      const trainer = new Trainer(net);
      const rows = inputs.map((input, i) => ({ input: Array.from(input), output: Array.from(targetRows[i]) }));
      const run = () => rows.map(({ input }) => net.activate(input));
      return {
        // It stops at an error of 0.005 unless told otherwise; 0 it takes for "not told".
        train: (/** @type {number} */ iterations) => trainer.train(rows, { iterations, rate: 0.05, error: Number.MIN_VALUE }),
        predictEach: run,
        predictAll: run,
        outputs: () => run().flat(),
      };
    },
  };
}
