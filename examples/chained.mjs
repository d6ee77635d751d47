// Two networks, one behind the other, trained as one: the first squeezes 64 pixels into 8 numbers, the second draws the digit again from
// them. Each has layers, options and an optimizer of its own; what joins them is the loss's gradient by the second one's inputs.
import { NN } from "wasmlp";
import { readDigits, splitFolds } from "./datasets/table.mjs";

const PIXELS = 64,
  CODE = 8,
  seed = 1,
  epochs = 12,
  batch = 32;
const [{ train, test }] = splitFolds(readDigits());
/** Rows as one flat array, from 0 (paper) to 1 (ink). */
const flat = (rows) => Float32Array.from(rows.flat(), (ink) => ink / 16);
const [x, held] = [flat(train.x), flat(test.x)];

const encoder = new NN({
  layers: [PIXELS, { units: 48, activation: "relu" }, { units: CODE, activation: "tanh" }],
  learningRate: 0.003,
  seed,
});
const decoder = new NN({
  layers: [CODE, { units: 48, activation: "relu" }, { units: PIXELS, activation: "sigmoid" }],
  loss: "squaredError",
  learningRate: 0.003,
  seed: seed + 1,
});
const reconstruct = (rows) => decoder.predict(encoder.predict(rows));
const error = (rows) => reconstruct(rows).reduce((sum, p, i) => sum + (p - rows[i]) ** 2, 0) / rows.length;

/** One step of both networks on these rows; returns the loss before it. */
function step(rows) {
  return encoder.partialFit(rows, (codes, gradient) => {
    // The decoder's loss on these codes, and how it changes with them: that is the loss's gradient by the encoder's outputs.
    const { loss, layers, inputs } = decoder.gradients(codes, rows, { inputs: true });
    gradient.set(inputs);
    decoder.applyGradients(layers);
    return loss;
  });
}

console.log("epoch   training loss   mean squared error of digits not seen in training");
console.log(`${"0".padStart(5)}   ${"".padStart(13)}   ${error(held).toFixed(4)}`);
for (let epoch = 1; epoch <= epochs; epoch++) {
  let [loss, steps] = [0, 0];
  for (let at = 0; at + batch * PIXELS <= x.length; at += batch * PIXELS, steps++)
    loss += step(x.subarray(at, at + batch * PIXELS));
  console.log(`${String(epoch).padStart(5)}   ${(loss / steps).toFixed(4).padStart(13)}   ${error(held).toFixed(4)}`);
}

const SHADES = " .:-=+*#%@";
const draw = (pixels) =>
  Array.from({ length: 8 }, (_, y) =>
    Array.from({ length: 8 }, (_, c) => SHADES[Math.round(pixels[8 * y + c] * 9)].repeat(2)).join(""),
  );
const some = held.subarray(0, PIXELS);
const [before, after] = [draw(some), draw(reconstruct(some))];
console.log(`\na digit, and the same from ${CODE} numbers`);
before.forEach((line, i) => console.log(`${line}   ${after[i]}`.trimEnd()));
