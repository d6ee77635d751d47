// Two inputs, one output: p = σ(x₁·w₁ + x₂·w₂ + b) goes from x = (0.1, 0.4) to the target 0.7, without a bias and with one.
import { NN } from "wasmlp";

const x = [[0.1, 0.4]];
const y = [[0.7]];

for (const bias of [false, true]) {
  const nn = new NN({
    layers: [2, { units: 1, activation: "sigmoid", bias }],
    loss: "squaredError", // (p − t)²
    optimizer: { name: "sgd", learningRate: 0.5 },
    dtype: "float64",
  });
  // Weights are random at first; setting them makes every run the same.
  nn.setWeights([bias ? { kernel: [0.5, -0.3], bias: [0] } : { kernel: [0.5, -0.3] }]);

  console.log(bias ? "\nwith a bias" : "without a bias");
  console.log("iterations  prediction  error     weights");
  let done = 0;
  for (const iterations of [0, 1, 10, 100, 1000]) {
    nn.fit(x, y, { epochs: iterations - done }); // continues from the present weights
    done = iterations;
    const [[p]] = nn.predict(x);
    const [layer] = nn.getWeights();
    const weights = [...layer.kernel, ...(layer.bias ?? [])].map((w) => w.toFixed(4)).join(", ");
    const error = nn.evaluate(x, y).loss.toExponential(1);
    console.log(`${String(iterations).padStart(10)}  ${p.toFixed(6).padStart(10)}  ${error.padEnd(8)}  ${weights}`);
  }
}
