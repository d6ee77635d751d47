// What the page and both routes do: learn XOR and predict it.
import { NN } from "wasmlp";

const x = [[0, 0], [0, 1], [1, 0], [1, 1]];
const y = [[0], [1], [1], [0]];

export async function learnXor() {
  const nn = new NN(2, 3, 1, 0.5, 2000, { seed: 1 });
  await nn.fitAsync(x, y);
  return { backend: nn.backend, predictions: nn.predict(x) };
}
