// A Worker that learns XOR in its first request and answers with its predictions. The condition `workerd` brings the WebAssembly builds as
// modules, since a Worker may not compile any itself. Wrangler needs no configuration for it.
import { NN } from "wasmlp";

const x = [[0, 0], [0, 1], [1, 0], [1, 1]];
const y = [[0], [1], [1], [0]];
let network;

async function train() {
  const nn = new NN(2, 3, 1, 0.5, 2000, { seed: 1 });
  await nn.fitAsync(x, y); // in slices: other requests are served in between
  return nn;
}

export default {
  async fetch() {
    network ??= train();
    const nn = await network;
    return Response.json({ backend: nn.backend, predictions: nn.predict(x) });
  },
};
