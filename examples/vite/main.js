// Learns XOR while the page stays responsive, and shows its progress and its predictions.
import { NN } from "wasmlp";

const x = [[0, 0], [0, 1], [1, 0], [1, 1]];
const y = [[0], [1], [1], [0]];
const progress = document.querySelector("progress");

const nn = new NN(2, 3, 1, 0.5, 2000, { seed: 1 });
await nn.fitAsync(x, y, { onEpochEnd: ({ epoch }) => { progress.value = epoch + 1; } });
const result = { backend: nn.backend, predictions: nn.predict(x) };
document.querySelector("pre").textContent = JSON.stringify(result);
console.log(JSON.stringify(result));
