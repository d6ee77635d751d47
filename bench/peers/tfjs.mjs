// TensorFlow.js with its cpu and wasm backends: tensors stay in the backend, batches are sliced once, minimize runs on each.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);

/** @type {Record<string, import("./tasks.mjs").Limit>} */
export const limits = { mnist: { rows: 512 }, wide: { rows: 128 } };

/** @param {import("./tasks.mjs").Task} task @param {{ backend: "cpu" | "wasm" }} options */
export async function open({ sizes, batch, classes, learningRate }, { backend }) {
  const tf = require("@tensorflow/tfjs-core");
  const { sequential, layers } = require("@tensorflow/tfjs-layers");
  require(`@tensorflow/tfjs-backend-${backend}`);
  if (backend === "wasm") {
    const folder = join(dirname(require.resolve("@tensorflow/tfjs-backend-wasm/package.json")), "dist/");
    require("@tensorflow/tfjs-backend-wasm").setWasmPaths(folder);
  }
  tf.enableProdMode();
  await tf.setBackend(backend);
  await tf.ready();
  return {
    version: tf.version_core,
    settings:
      `${backend} backend, production mode; a sequential model of dense layers, optimizer.minimize per batch, batches converted to tensors beforehand; ` +
      "softmaxCrossEntropy from the logits; predictions read back by dataSync",
    /** @param {import("./host.mjs").Rows} data */
    network({ x, targets, rows, inputs }) {
      const [columns, ...units] = sizes;
      const model = sequential({
        layers: units.map((units, i, all) =>
          layers.dense({
            units,
            ...(i === 0 && { inputShape: [columns] }),
            activation: i < all.length - 1 || !classes ? "sigmoid" : "linear",
          }),
        ),
      });
      const optimizer = tf.train.sgd(learningRate);
      const size = Math.min(batch, rows);
      const outputs = units[units.length - 1];
      const all = tf.tensor2d(x, [rows, columns]);
      const y = tf.tensor2d(targets, [rows, outputs]);
      const single = inputs.map((input) => tf.tensor2d(input, [1, columns]));
      const batches = Array.from({ length: Math.ceil(rows / size) }, (_, i) => {
        const [start, count] = [i * size, Math.min(size, rows - i * size)];
        return [tf.slice(all, [start, 0], [count, columns]), tf.slice(y, [start, 0], [count, outputs])];
      });
      const loss = (/** @type {any} */ x, /** @type {any} */ y) => {
        const output = model.apply(x);
        return classes ? tf.losses.softmaxCrossEntropy(y, output) : tf.mul(tf.losses.meanSquaredError(y, output), 0.5);
      };
      const read = (/** @type {any} */ x) =>
        tf.tidy(() => {
          const output = model.predictOnBatch(x);
          return (classes ? tf.softmax(output) : output).dataSync();
        });
      return {
        train(/** @type {number} */ epochs) {
          for (let i = 0; i < epochs; i++) for (const [x, y] of batches) tf.tidy(() => void optimizer.minimize(() => loss(x, y)));
        },
        predictEach: () => single.forEach(read),
        predictAll: () => read(all),
        outputs: () => read(all),
      };
    },
  };
}
