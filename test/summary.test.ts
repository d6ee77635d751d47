// The text of a summary, in full.
import { expect, test } from "vitest";
import { parameterCount } from "../src/model/parameters.js";
import { summarize } from "../src/model/summary.js";
import { parseNetwork } from "../src/options/network.js";

test("a summary lists layers, parameters and what trains them", () => {
  const { spec, learningRate } = parseNetwork(
    [
      {
        layers: [784, { units: 128, activation: "relu", dropout: 0.2 }, { units: 10, bias: false }],
        loss: "categoricalCrossentropy",
      },
    ],
    () => 1,
  );
  expect(parameterCount(spec.layers)).toBe(784 * 128 + 128 + 1280);
  expect(summarize(spec, "wasm-simd", learningRate)).toBe(
    [
      "layer  shape      activation         parameters",
      "───────────────────────────────────────────────",
      "1      784 → 128  relu, dropout 0.2     100,480",
      "2      128 → 10   softmax, no bias        1,280",
      "───────────────────────────────────────────────",
      "total                                   101,760",
      "optimizer adam, learning rate 0.001; loss categoricalCrossentropy",
      "float32, 407.0 kB, 814.1 kB more to train; engine wasm-simd",
    ].join("\n"),
  );
});

test.each([
  ["sgd", 0],
  [{ name: "sgd", momentum: 0.9 }, 1],
  ["rmsprop", 1],
  ["adam", 2],
  ["adamw", 2],
])("training with %j remembers %i numbers a parameter", (optimizer, slots) => {
  const { spec } = parseNetwork([{ layers: [999, 1000], dtype: "float64", optimizer }], () => 1);
  const text = summarize(spec, "js", () => 0.1);
  expect(text).toContain("learning rate by epoch");
  expect(text).toContain(`float64, 8.0 MB, ${slots ? slots * 8 + ".0 MB" : "0.0 kB"} more to train; engine js`);
});
