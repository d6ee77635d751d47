// brain.js, 1.6 and 2.0: one row per update, half squared error. Its matrices are Float32Arrays.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** @type {Record<string, import("./tasks.mjs").Limit>} */
export const limits = { mnist: { rows: 256 }, wide: { rows: 32 } };

/** @param {import("./tasks.mjs").Task} task @param {{ package: string }} options */
export function open({ sizes }, options) {
  const { NeuralNetwork } = require(options.package);
  const settings = { hiddenLayers: sizes.slice(1, -1), activation: "sigmoid", learningRate: 0.3, momentum: 0.1 };
  return {
    version: require(`${options.package}/package.json`).version,
    settings:
      "one row per update; learningRate 0.3 and momentum 0.1, the defaults; trainPatterns on rows converted to Float32Arrays beforehand",
    /** @param {import("./host.mjs").Rows} data */
    network({ inputs, targetRows }) {
      const net = new NeuralNetwork(settings);
      // From lists, which it converts to typed arrays once. It would treat typed arrays as objects with keys.
      const rows = inputs.map((input, i) => ({ input: Array.from(input), output: Array.from(targetRows[i]) }));
      const { data, preparedData = data } = net.prepTraining(rows, settings);
      const run = () => inputs.map((input) => net.run(input));
      return {
        train(/** @type {number} */ epochs) {
          for (let i = 0; i < epochs; i++) net.trainPatterns(preparedData);
        },
        predictEach: run,
        predictAll: run,
        outputs: () => run().flatMap((output) => [...output]),
      };
    },
  };
}
