// Networks of every activation, precision, scaler and head, as ONNX models by name: the same bytes wherever they are made.

const ACTIVATIONS = ["linear", "sigmoid", "tanh", "relu", "leakyRelu", "elu", "softplus", "swish", "gelu", "softmax"];

/**
 * @param {typeof import("../../src/index.js").NN} NN
 * @param {typeof import("../../src/entries/onnx.js").toONNX} toONNX
 * @returns {[name: string, bytes: Uint8Array][]}
 */
export function written(NN, toONNX) {
  const files = [];
  for (const dtype of /** @type {const} */ (["float32", "float64"])) {
    for (const activation of ACTIVATIONS) {
      const isSoftmax = activation === "softmax";
      const nn = new NN({
        layers: [4, { units: 6, activation: isSoftmax ? "tanh" : activation, bias: false }, { units: 3, activation }],
        loss: isSoftmax ? "categoricalCrossentropy" : "meanSquaredError",
        dtype,
        seed: 5,
        reproducible: true,
        inputScaling: "standard",
        targetScaling: activation === "tanh" ? "minmax" : "none",
      });
      const rows = [
        [1, 2, 3, 4],
        [2, 4, 1, 0],
        [3, 0, 2, 8],
      ];
      nn.fit(
        rows,
        [
          [1, 0, 0],
          [0, 1, 0],
          [0, 0, 1],
        ],
        { epochs: 1 },
      );
      for (const opset of [13, 17]) files.push([`${activation}-${dtype}-${opset}`, toONNX(nn, { opset, name: activation })]);
    }
    files.push([
      `one-output-${dtype}`,
      toONNX(new NN({ layers: [2, 3, 1], loss: "binaryCrossentropy", dtype, seed: 1, reproducible: true })),
    ]);
  }
  return files;
}
