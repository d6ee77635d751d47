// The words every part of the library shares: a network's complete description, once defaults are filled in.

/** Names of activation functions, as users write them. */
export const ACTIVATIONS = [
  "linear", "sigmoid", "tanh", "relu", "leakyRelu", "elu", "softplus", "swish", "gelu", "softmax",
] as const;
export type Activation = (typeof ACTIVATIONS)[number];

/** The least and the greatest value that each activation comes close to or reaches. */
export const OUTPUT_RANGES: Readonly<Record<Activation, readonly [low: number, high: number]>> = {
  linear: [-Infinity, Infinity], sigmoid: [0, 1], tanh: [-1, 1], relu: [0, Infinity], leakyRelu: [-Infinity, Infinity], elu: [-1, Infinity],
  // The minima of z·sigmoid(z) and of the tanh form of gelu, rounded down.
  softplus: [0, Infinity], swish: [-0.278465, Infinity], gelu: [-0.170041, Infinity], softmax: [0, 1],
};

export const LOSSES = [
  "halfSquaredError", "squaredError", "meanSquaredError", "meanAbsoluteError", "huber",
  "binaryCrossentropy", "categoricalCrossentropy",
] as const;
export type Loss = (typeof LOSSES)[number];
/** Whether predictions are classes, right or wrong, and their loss comes from the logits. */
export const isCrossentropy = (loss: Loss): boolean => loss.endsWith("Crossentropy");

export const OPTIMIZERS = ["sgd", "rmsprop", "adam", "adamw"] as const;
export type OptimizerName = (typeof OPTIMIZERS)[number];

export const INITIALIZERS = [
  "fanInNormal", "glorotUniform", "glorotNormal", "heNormal", "heUniform", "uniform", "zeros",
] as const;
export type Initializer = (typeof INITIALIZERS)[number];

export const SCALINGS = ["none", "standard", "minmax"] as const;
export type Scaling = (typeof SCALINGS)[number];

export const DTYPES = ["float32", "float64"] as const;
export type Dtype = (typeof DTYPES)[number];
/** Bytes of one number. */
export const itemSize = (dtype: Dtype): 4 | 8 => (dtype === "float32" ? 4 : 8);

export type Reduction = "mean" | "sum";

/** A row-major array of numbers in a network's own precision. */
export type FloatArray = Float32Array | Float64Array;

/** The learning rate, or a function of the epoch (counted from 0 over the network's whole life). */
export type LearningRate = number | ((epoch: number) => number);

/** One dense layer: `units` outputs f(x·kernel + bias) of `inputs` inputs. */
export interface Layer {
  readonly inputs: number;
  readonly units: number;
  readonly activation: Activation;
  readonly bias: boolean;
  /** The fraction of this layer's outputs set to zero while training; the others grow by 1/(1 − dropout). */
  readonly dropout: number;
  readonly initializer: Initializer;
}

/** An optimiser with every hyperparameter filled in; `name` says which of them apply. */
export interface Optimizer {
  readonly name: OptimizerName;
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly rho: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

/** Everything an engine needs to know to hold and train a network. */
export interface ModelSpec {
  readonly layers: readonly Layer[];
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  readonly reduction: Reduction;
  /** Adds ½·l2·Σw² over kernels (not biases) to the objective. */
  readonly l2: number;
  /** The ceiling of the global gradient norm; Infinity for none. */
  readonly clipNorm: number;
  readonly dtype: Dtype;
  /** An unsigned 32-bit integer. */
  readonly seed: number;
}

/** One layer's parameters: `kernel` is inputs × units, row-major; `bias` has one value a unit. */
export interface LayerParameters {
  kernel: FloatArray;
  bias?: FloatArray;
}

export const inputsOf = ({ layers }: ModelSpec): number => layers[0]!.inputs;
export const outputsOf = ({ layers }: ModelSpec): number => layers.at(-1)!.units;
