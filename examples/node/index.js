// Learns XOR, saves the network to a file, loads it and predicts with it.
import { NN } from "wasmlp";
import { loadFile, saveFile } from "wasmlp/node";

const x = [[0, 0], [0, 1], [1, 0], [1, 1]];
const y = [[0], [1], [1], [0]];

const nn = new NN(2, 3, 1, 0.5, 2000, { seed: 1 });
await nn.fitAsync(x, y);
await saveFile(nn, "xor.safetensors");

const loaded = await loadFile("xor.safetensors");
console.log(JSON.stringify({ backend: loaded.backend, predictions: loaded.predict(x) }));
