// ml-fnn: full batches as matrices. It ignores the activation option and uses tanh; its output is always a softmax.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** @type {Record<string, import("./tasks.mjs").Limit>} */
export const limits = { mnist: { rows: 256 }, wide: { rows: 128 } };

/** @param {import("./tasks.mjs").Task} task */
export function open({ sizes, classes, batch, learningRate }) {
  const FeedForwardNeuralNetworks = require("ml-fnn");
  const { Matrix } = require("ml-matrix");
  const outputs = classes || 2;
  return {
    version: require("ml-fnn/package.json").version,
    settings:
      "tanh, because it ignores the activation option; batches by its own propagate and backpropagation, because train " +
      `renumbers the classes each time; learningRate / batch, because it sums gradients; inputs as its Matrix${classes ? "" : "; two outputs, because it only has softmax"}`,
    /** @param {import("./host.mjs").Rows} data */
    network({ inputs, labels, targets }) {
      const classOf = classes ? labels : Uint8Array.from(targets);
      const size = Math.min(batch, inputs.length);
      const net = new FeedForwardNeuralNetworks({
        hiddenLayers: sizes.slice(1, -1),
        iterations: 1,
        learningRate: learningRate / size,
        regularization: 1e-12,
      });
      net.buildNetwork(sizes[0], outputs);
      const each = Array.from({ length: outputs }, (_, i) => [i, i]);
      net.dicts = { inputs: Object.fromEntries(each), outputs: Object.fromEntries(each) };
      const matrix = (/** @type {Float32Array[]} */ rows) => new Matrix(rows.map((row) => Float64Array.from(row)));
      const batches = Array.from({ length: Math.ceil(inputs.length / size) }, (_, i) => ({
        x: matrix(inputs.slice(i * size, (i + 1) * size)),
        y: classOf.slice(i * size, (i + 1) * size),
      }));
      const all = matrix(inputs);
      const single = inputs.map((input) => matrix([input]));
      return {
        train(/** @type {number} */ epochs) {
          for (let i = 0; i < epochs; i++) for (const { x, y } of batches) net.backpropagation(x, y, net.propagate(x));
        },
        predictEach: () => single.forEach((x) => net.predict(x)),
        predictAll: () => net.predict(all),
        outputs: () =>
          net
            .propagate(all)
            .to2DArray()
            .flatMap((row) => (classes ? [...row] : [row[1]])),
      };
    },
  };
}
