// Trains two small networks and saves them: the files that a later library must still load, and PyTorch has opened.
// Run after `npm run build`; then load_in_pytorch.py computes their outputs (see README.md).
import { writeFileSync } from "node:fs";
import { NN } from "../../dist/index.js";

const row = (r, columns) => Array.from({ length: columns }, (_, c) => 3 * Math.sin(7 * r + 2 * c) + c);
const rows = Array.from({ length: 40 }, (_, r) => r);
const save = (name, nn) => writeFileSync(new URL(name, import.meta.url), nn.save());

const classifier = new NN({
  layers: [4, { units: 8, activation: "relu", dropout: 0.2 }, { units: 6, activation: "swish", bias: false }, 3],
  loss: "categoricalCrossentropy",
  optimizer: { name: "adamw", learningRate: 0.02 },
  inputScaling: "standard",
  batchSize: 8,
  seed: 12,
  reproducible: true,
});
classifier.fit(
  rows.map((r) => row(r, 4)),
  rows.map((r) => (row(r, 1)[0] > 1 ? 2 : r % 2)),
  { epochs: 30 },
);
save("saved.safetensors", classifier);

const regression = new NN({
  layers: [3, { units: 7, activation: "gelu" }, { units: 5, activation: "elu" }, 2],
  loss: "meanSquaredError",
  dtype: "float64",
  optimizer: { name: "rmsprop", learningRate: 0.01 },
  inputScaling: "minmax",
  targetScaling: "standard",
  seed: 13,
  reproducible: true,
});
regression.fit(
  rows.map((r) => row(r, 3)),
  rows.map((r) => [100 + 10 * Math.cos(r), row(r, 2)[1] ** 2]),
  { epochs: 30 },
);
save("saved-float64.safetensors", regression);
