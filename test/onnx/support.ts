// Shared by the suites of the ONNX format: networks with everything in them, and rows that reach all parts of an activation.
import { NN, type Activation, type Dtype, type ExtraOptions } from "../../src/index.js";

export const ACTIVATIONS: readonly Activation[] = [
  "linear",
  "sigmoid",
  "tanh",
  "relu",
  "leakyRelu",
  "elu",
  "softplus",
  "swish",
  "gelu",
  "softmax",
];
export const DTYPES = ["float32", "float64"] as const;

/** Rows × columns of numbers that float32 holds, small and large, of both signs. */
export const rowsOf = (rows: number, columns: number): number[][] =>
  Array.from({ length: rows }, (_, r) =>
    Array.from({ length: columns }, (_, c) => Math.fround(4 * Math.sin(7 * r + 2 * c + 1) + c)),
  );

/** A trained network of 4 inputs and 3 outputs with an activation in it: in the hidden layer, softmax in the last. */
export function networkWith(activation: Activation, dtype: Dtype, options: ExtraOptions = {}): NN {
  const isSoftmax = activation === "softmax";
  const make = (seed: number): NN =>
    new NN({
      layers: [
        4,
        { units: 6, activation: isSoftmax ? "tanh" : activation },
        { units: 5, activation: isSoftmax ? "relu" : activation, bias: false },
        {
          units: 3,
          activation: isSoftmax ? "softmax" : activation,
        },
      ],
      loss: isSoftmax ? "categoricalCrossentropy" : "meanSquaredError",
      dtype,
      seed,
      reproducible: true,
      ...options,
    });
  const nn = make(5);
  const x = rowsOf(20, 4);
  // Targets within reach of this network's last layer.
  const y = isSoftmax ? x.map((_, r) => [0, 1, 2].map((c) => Number(r % 3 === c))) : make(6).predict(x);
  nn.fit(x, options.targetScaling === "minmax" ? y.map(([a, b, c]) => [a, 4 * b, 300 + 100 * c]) : y, { epochs: 3 });
  return nn;
}
