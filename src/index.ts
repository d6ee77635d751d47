// The public exports.
export { NN } from "./nn.js";
export { setModules, type Modules } from "./engine/wasm/modules.js";
export { DivergenceError, ModelFormatError } from "./errors.js";
export type { LayerWeights, Weights } from "./model/parameters.js";
export type { Backend, Chunk, Chunks, Matrix, ModelJSON, Predictions, Row, Targets, TypedArray } from "./public-types.js";
export type {
  AsyncFitOptions,
  AsyncOptions,
  BatchLogs,
  EarlyStopping,
  EpochLogs,
  FitOptions,
  PartialFitOptions,
  Signal,
} from "./options/fit.js";
export type { TensorName, TensorOptions } from "./formats/plain-safetensors.js";
export type { Gradients, InputGradients } from "./training/gradients.js";
export type { History } from "./training/history.js";
export type { LossFunction } from "./training/loss-function.js";
export type {
  AdamOptions,
  AdamwOptions,
  ColumnScaling,
  ExtraOptions,
  LayerOptions,
  NetworkOptions,
  OptimizerOptions,
  RmspropOptions,
  SgdOptions,
} from "./options/network-types.js";
export type {
  Activation,
  Dtype,
  FloatArray,
  Initializer,
  Layer,
  LearningRate,
  Loss,
  OptimizerName,
  Reduction,
  Scaling,
} from "./model/spec.js";
