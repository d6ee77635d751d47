// wasmlp itself, under the same rules as its peers.

/** @param {import("./tasks.mjs").Task} task @param {{ build: string, dtype?: "float32" | "float64", threads?: number, zeroCopy?: boolean }} options */
export async function open({ sizes, batch, classes, learningRate }, { build, dtype = "float32", threads, zeroCopy = false }) {
  const { NN } = await import(build);
  const options = { dtype, seed: 1, shuffle: false };
  const create = () =>
    classes
      ? new NN({
          ...options,
          layers: sizes,
          loss: "categoricalCrossentropy",
          optimizer: { name: "sgd", learningRate },
          batchSize: batch,
        })
      : new NN(...sizes, learningRate / batch, 1, options);
  const Numbers = dtype === "float64" ? Float64Array : Float32Array;
  return {
    version: create().backend,
    settings: [
      `flat ${Numbers.name} in`,
      ...(threads ? [`threads: ${threads}`] : []),
      ...(zeroCopy ? ["rows in inputBuffer"] : []),
    ].join(", "),
    /** @param {import("./host.mjs").Rows} data */
    network(data) {
      const nn = create();
      const inputs = sizes[0];
      const y = classes ? data.labels : Numbers.from(data.targets);
      const x = zeroCopy ? nn.inputBuffer(data.rows) : new Numbers(data.x.length);
      x.set(data.x);
      const rows = Array.from({ length: data.rows }, (_, i) => x.subarray(i * inputs, (i + 1) * inputs));
      return {
        train: (/** @type {number} */ epochs) => nn.fit(x, y, threads ? { epochs, threads } : { epochs }),
        predictEach: () => rows.forEach((row) => nn.predict(row)),
        predictAll: () => nn.predict(x),
        outputs: () => nn.predict(x),
      };
    },
  };
}
