// Which pixels speak for a digit? ∂output/∂input: how the probability of a digit's class changes with each pixel, drawn beside the digit.
import { NN } from "wasmlp";
import { readDigits, splitFolds } from "./datasets/table.mjs";

const SIZE = 8;
const SHADES = " .:-=+*#%@";
const [{ train, test }] = splitFolds(readDigits());

const nn = new NN({
  layers: [SIZE * SIZE, { units: 32, activation: "tanh" }, 10],
  loss: "categoricalCrossentropy",
  inputScaling: { shift: Array(SIZE ** 2).fill(0), scale: Array(SIZE ** 2).fill(16) },
  learningRate: 0.005,
  l2: 0.001,
  seed: 1,
});
nn.fit(train.x, train.y, { epochs: 30 });
console.log(`${(100 * nn.evaluate(test.x, test.y).accuracy).toFixed(1)} % of ${test.y.length} digits not seen in training`);

/** ∂p/∂pixel of one row, p being the probability of a class. */
function saliency(row, digit) {
  const { loss: probability, inputs } = nn.gradients(
    [row],
    (outputs, gradient) => {
      gradient[digit] = 1;
      return outputs[digit];
    },
    { inputs: true },
  );
  return { probability, slopes: inputs };
}

/** Lines of two characters a pixel. */
const draw = (pixel) =>
  Array.from({ length: SIZE }, (_, y) => Array.from({ length: SIZE }, (_, x) => pixel(y * SIZE + x)).join(""));

for (const digit of [0, 3, 7]) {
  const row = test.x[test.y.indexOf(digit)];
  const { probability, slopes } = saliency(row, digit);
  const strongest = Math.max(...slopes.map(Math.abs));
  const image = draw((i) => SHADES[Math.round((row[i] / 16) * (SHADES.length - 1))].repeat(2));
  // ++ where more ink makes the digit more probable, -- where it makes it less.
  const signs = draw((i) => (Math.abs(slopes[i]) < 0.25 * strongest ? " ·" : slopes[i] > 0 ? "++" : "--"));

  // The slopes say what a small change does: that much ink on the strongest pixel, and the prediction again.
  const at = slopes.findIndex((slope) => Math.abs(slope) === strongest);
  const change = 0.01;
  const [changed] = nn.predict([row.map((ink, i) => (i === at ? ink + change : ink))]);
  const measured = (changed[digit] - probability) / change;
  console.log(
    `\n${digit} with probability ${probability.toFixed(4)}; strongest slope ${slopes[at].toExponential(2)}, measured ${measured.toExponential(2)}`,
  );
  image.forEach((line, i) => console.log(`${line}   ${signs[i]}`.trimEnd()));
}
