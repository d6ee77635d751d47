// What users may import.
export { NN, type Gradients } from "./nn.js";
export { DivergenceError, ModelFormatError } from "./errors.js";
export type { ModelJSON } from "./formats/json.js";
export type { LayerWeights, Weights } from "./parameters.js";
export type { Backend } from "./engine/engine.js";
export type { Matrix, Predictions, Row } from "./data.js";
export type { AsyncFitOptions, AsyncOptions, BatchLogs, EarlyStopping, EpochLogs, FitOptions, Signal } from "./fit-options.js";
export type { History } from "./history.js";
export type { Chunk, Chunks } from "./stream.js";
export type {
  AdamOptions, AdamwOptions, ExtraOptions, LayerOptions, NetworkOptions, OptimizerOptions, RmspropOptions, SgdOptions,
} from "./options.js";
export type {
  Activation, Dtype, FloatArray, Initializer, Layer, LearningRate, Loss, OptimizerName, Reduction, Scaling, TypedArray,
} from "./spec.js";
