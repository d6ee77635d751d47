// One input, one output, no bias: p = σ(x·w) goes from x = 0.1 to the target 0.3, at two learning rates.
// Draws the prediction and the error of every iteration to one-input.svg.
import { writeFileSync } from "node:fs";
import { NN } from "wasmlp";
import { lineChart } from "./chart.mjs";

const x = [[0.1]];
const y = [[0.3]];
const iterations = 1000;

const runs = [0.01, 0.5].map((learningRate) => {
  const nn = new NN({
    layers: [1, { units: 1, activation: "sigmoid", bias: false }],
    loss: "squaredError", // (p − t)²
    optimizer: { name: "sgd", learningRate },
    dtype: "float64",
  });
  nn.setWeights([{ kernel: [0.5] }]);

  const predictions = [];
  const errors = [];
  for (let i = 0; i < iterations; i++) {
    predictions.push(nn.predict(x)[0][0]);
    errors.push(nn.partialFit(x, y)); // one step of gradient descent; returns the error before it
  }
  return { learningRate, nn, predictions, errors };
});

const report = ({ learningRate, nn }, done) => {
  const weight = nn.getWeights()[0].kernel[0];
  const [[p]] = nn.predict(x);
  console.log(
    `learning rate ${learningRate}, ${done} iterations: weight ${weight.toFixed(6)}, prediction ${p.toFixed(6)}, ` +
      `error ${nn.evaluate(x, y).loss.toPrecision(3)}`,
  );
};
for (const run of runs) report(run, iterations);

// The larger rate gets there in the end: σ(0.1·w) = 0.3 where w = 10·ln(0.3/0.7) = −8.472979.
const end = 80_000;
runs[1].nn.fit(x, y, { epochs: end - iterations });
report(runs[1], end);

const curves = (key) => runs.map((run) => ({ name: `learning rate ${run.learningRate}`, values: run[key] }));
const svg = lineChart({
  xLabel: "iteration",
  panels: [
    {
      title: "prediction",
      from: 0.25,
      lines: [...curves("predictions"), { name: "target", values: Array(iterations).fill(0.3), dashed: true }],
    },
    { title: "error", lines: curves("errors"), from: 0 },
  ],
});
writeFileSync(new URL("one-input.svg", import.meta.url), svg);
