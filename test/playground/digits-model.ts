// A network that reads digits, for tests of what is done with one: trained once, before the tests, with the same bits everywhere.
import { gunzipSync } from "node:zlib";
import { PIXELS } from "../../playground/digits/files.js";
import { pack } from "../../playground/digits/mnist-plugin.js";
import { NN } from "../../src/index.js";

const ROWS = 10_000;
const EPOCHS = 4;

/** The Digits room's usual network after some epochs, as a file. */
export function trainDigits(): Uint8Array {
  const bytes = gunzipSync(
    pack(
      "train",
      Array.from({ length: ROWS }, (_, row) => row),
    ),
  );
  const x = Float32Array.from(bytes.subarray(0, ROWS * PIXELS), (grey) => grey / 255);
  const nn = new NN({
    layers: [PIXELS, { units: 128, activation: "relu", initializer: "heNormal" }, 10],
    loss: "categoricalCrossentropy",
    optimizer: { name: "adam", learningRate: 0.001 },
    seed: 1,
    reproducible: true,
  });
  nn.fit(x, bytes.subarray(ROWS * PIXELS), { epochs: EPOCHS });
  return nn.save();
}
