// The libraries, and how each is started.

/** @typedef {import("./contenders.mjs").Spec & { dtype?: "float32" | "float64", only?: string[] }} Peer `only`: the tasks it gets */

/** @type {Peer[]} */
export const PEERS = [
  { name: "brain.js", file: "brain.mjs", options: { package: "brain.js" } },
  { name: "brain.js 2 beta", file: "brain.mjs", options: { package: "brain.js-2" } },
  { name: "synaptic", file: "synaptic.mjs" },
  { name: "neataptic", file: "neataptic.mjs" },
  { name: "ml-fnn", file: "ml-fnn.mjs" },
  { name: "convnetjs", file: "convnetjs.mjs" },
  { name: "tfjs cpu", file: "tfjs.mjs", options: { backend: "cpu" } },
  { name: "tfjs wasm", file: "tfjs.mjs", options: { backend: "wasm" } },
  { name: "NumPy", file: "with_numpy", options: { dtype: "float32" } },
  {
    name: "NumPy float64",
    file: "with_numpy",
    options: { dtype: "float64" },
    dtype: "float64",
    only: ["textbook", "mnist", "wide"],
  },
  { name: "PyTorch", file: "with_torch" },
  { name: "scikit-learn", file: "with_sklearn" },
];
