// An HTTP server that predicts a row for each request, and meanwhile trains another network: not at all, or by `fitAsync` with as many threads
// as its first argument says. A child of run.mjs, which it tells its port.
import { createServer } from "node:http";
import { NN } from "../../dist/index.js";

const [threads] = process.argv.slice(2);
const options = {
  layers: [784, { units: 128, activation: "relu" }, 10],
  loss: "categoricalCrossentropy",
  batchSize: 128,
  seed: 1,
};
const serving = new NN(options);
const row = Float32Array.from({ length: 784 }, (_, i) => (i % 255) / 255);
const out = new Float32Array(10);

const server = createServer((_request, response) => {
  serving.predict(row, out);
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify([...out]));
});
server.listen(0, "127.0.0.1", () => process.send({ port: server.address().port }));

if (threads !== "none") {
  const rows = 2_000;
  const x = Float32Array.from({ length: rows * 784 }, (_, i) => ((i * 7919) % 1009) / 1009);
  const y = Int32Array.from({ length: rows }, (_, i) => i % 10);
  const training = new NN({
    ...options,
    layers: [784, { units: 512, activation: "relu" }, { units: 512, activation: "relu" }, 10],
  });
  const wanted = threads === "default" ? {} : { threads: Number(threads) };
  await training.fitAsync(x, y, {
    epochs: 1e6,
    ...wanted,
    onEpochEnd: ({ epoch }) => process.send({ epochs: epoch + 1, threads: training.threads }),
  });
}
