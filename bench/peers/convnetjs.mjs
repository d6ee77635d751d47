// convnetjs: processes one row at a time in objects called Vol, and updates after a batch. Its numbers are Float64Arrays.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** @type {Record<string, import("./tasks.mjs").Limit>} */
export const limits = { mnist: { rows: 256 }, wide: { rows: 128 } };

/** @param {import("./tasks.mjs").Task} task */
export function open({ sizes, classes, batch, learningRate }) {
  const { Net, Trainer, Vol } = require("convnetjs");
  return {
    version: require("convnetjs/package.json").version,
    settings: `sgd without momentum, batch_size, ${classes ? "softmax" : "a linear output, the only one that its regression has"}; rows as Vols`,
    /** @param {import("./host.mjs").Rows} data */
    network({ inputs, labels, targetRows }) {
      const net = new Net();
      net.makeLayers([
        { type: "input", out_sx: 1, out_sy: 1, out_depth: sizes[0] },
        ...sizes.slice(1, -1).map((units) => ({ type: "fc", num_neurons: units, activation: "sigmoid" })),
        classes ? { type: "softmax", num_classes: classes } : { type: "regression", num_neurons: 1 },
      ]);
      const trainer = new Trainer(net, {
        method: "sgd",
        learning_rate: learningRate,
        momentum: 0,
        batch_size: Math.min(batch, inputs.length),
        l1_decay: 0,
        l2_decay: 0,
      });
      const vols = inputs.map((input) => {
        const vol = new Vol(1, 1, sizes[0], 0);
        vol.w.set(input);
        return vol;
      });
      const y = classes ? Array.from(labels) : targetRows.map((row) => Array.from(row));
      const run = () => vols.map((vol) => net.forward(vol).w);
      return {
        train(/** @type {number} */ epochs) {
          for (let i = 0; i < epochs; i++) vols.forEach((vol, row) => trainer.train(vol, y[row]));
        },
        predictEach: run,
        predictAll: run,
        outputs: () => run().flatMap((output) => [...output]),
      };
    },
  };
}
