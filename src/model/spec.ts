// The complete description of a network, with all defaults, and the tables of activations, losses, optimisers and initializers.

import { Activation as ActivationCode, Loss as LossCode, Optimizer as OptimizerCode } from "../../assembly/abi.js";

const names = <Name extends string>(table: Readonly<Record<Name, unknown>>): readonly Name[] => Object.keys(table) as Name[];

/** The properties of an activation function; the engines have the computations. */
interface ActivationFacts {
  /** Its code in the kernels. */
  readonly code: ActivationCode;
  /** The infimum and the supremum of its values. */
  readonly range: readonly [low: number, high: number];
  /** Whether the derivative must be kept from the forward pass, because it does not follow from the output. */
  readonly keepsDerivative?: true;
  /** Whether it is allowed on the last layer only. */
  readonly isForLastLayer?: true;
}

const ANY = [-Infinity, Infinity] as const;

/** Activation functions by their public names. */
const ACTIVATION_TABLE = {
  linear: { code: ActivationCode.Linear, range: ANY },
  sigmoid: { code: ActivationCode.Sigmoid, range: [0, 1] },
  tanh: { code: ActivationCode.Tanh, range: [-1, 1] },
  relu: { code: ActivationCode.Relu, range: [0, Infinity] },
  leakyRelu: { code: ActivationCode.LeakyRelu, range: ANY },
  elu: { code: ActivationCode.Elu, range: [-1, Infinity] },
  softplus: { code: ActivationCode.Softplus, range: [0, Infinity], keepsDerivative: true },
  // The minima of z·sigmoid(z) and of gelu's tanh approximation, rounded down.
  swish: { code: ActivationCode.Swish, range: [-0.278465, Infinity], keepsDerivative: true },
  gelu: { code: ActivationCode.Gelu, range: [-0.170041, Infinity], keepsDerivative: true },
  softmax: { code: ActivationCode.Softmax, range: [0, 1], isForLastLayer: true },
} as const satisfies Record<string, ActivationFacts>;
export type Activation = keyof typeof ACTIVATION_TABLE;
export const ACTIVATION_FACTS: Readonly<Record<Activation, ActivationFacts>> = ACTIVATION_TABLE;
export const ACTIVATIONS = names<Activation>(ACTIVATION_TABLE);

/** The properties of a loss; the engines have the computations. */
interface LossFacts {
  /** Its code in the kernels. */
  readonly code: LossCode;
  /** The default activation of the last layer. */
  readonly output: Activation;
  /** The allowed activations of the last layer; absent if all are. */
  readonly outputs?: readonly Activation[];
  /** Whether predictions are classes, so that accuracy is measured, and the loss is computed from logits. */
  readonly isCrossentropy?: true;
  /** The range of targets, if limited, apart from that of the last layer's outputs; `labels`: whether class indices are allowed. */
  readonly targets?: { readonly low: number; readonly high: number; readonly labels: boolean; readonly are: string };
}

/** Losses by their public names. */
const LOSS_TABLE = {
  halfSquaredError: { code: LossCode.HalfSquaredError, output: "sigmoid" },
  squaredError: { code: LossCode.SquaredError, output: "sigmoid" },
  meanSquaredError: { code: LossCode.MeanSquaredError, output: "linear" },
  meanAbsoluteError: { code: LossCode.MeanAbsoluteError, output: "linear" },
  huber: { code: LossCode.Huber, output: "linear" },
  binaryCrossentropy: {
    code: LossCode.BinaryCrossentropy,
    output: "sigmoid",
    outputs: ["sigmoid"],
    isCrossentropy: true,
    targets: { low: 0, high: 1, labels: false, are: "from 0 to 1" },
  },
  categoricalCrossentropy: {
    code: LossCode.CategoricalCrossentropy,
    output: "softmax",
    outputs: ["softmax", "sigmoid"],
    isCrossentropy: true,
    targets: { low: 0, high: Number.MAX_VALUE, labels: true, are: "of 0 or more" },
  },
} as const satisfies Record<string, LossFacts>;
export type Loss = keyof typeof LOSS_TABLE;
export const LOSS_FACTS: Readonly<Record<Loss, LossFacts>> = LOSS_TABLE;
export const LOSSES = names<Loss>(LOSS_TABLE);
export const isCrossentropy = (loss: Loss): boolean => LOSS_FACTS[loss].isCrossentropy === true;

type Hyperparameter = Exclude<keyof Optimizer, "name">;

/** The properties of an optimiser; the engines have the update rules. */
interface OptimizerFacts {
  /** Its code in the kernels. */
  readonly code: (optimizer: Optimizer) => OptimizerCode;
  /** The number of slots: numbers that it keeps per parameter. */
  readonly slots: (optimizer: Optimizer) => 0 | 1 | 2;
  /** The decay of the first slot, which its kernel reads as Beta1. */
  readonly decay: (optimizer: Optimizer) => number;
  readonly learningRate: number;
  /** Its hyperparameters with their defaults. */
  readonly defaults: Readonly<Partial<Pick<Optimizer, Hyperparameter>>>;
}

const MOMENTS = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** Optimisers by their public names. */
const OPTIMIZER_TABLE = {
  sgd: {
    code: ({ momentum, nesterov }) => (nesterov ? OptimizerCode.Nesterov : momentum ? OptimizerCode.Momentum : OptimizerCode.Sgd),
    slots: ({ momentum }) => (momentum ? 1 : 0),
    decay: ({ momentum }) => momentum,
    learningRate: 0.01,
    defaults: { momentum: 0, nesterov: false },
  },
  rmsprop: {
    code: () => OptimizerCode.RmsProp,
    slots: () => 1,
    decay: ({ rho }) => rho,
    learningRate: 0.001,
    defaults: { rho: 0.9, epsilon: 1e-8 },
  },
  adam: { code: () => OptimizerCode.Adam, slots: () => 2, decay: ({ beta1 }) => beta1, learningRate: 0.001, defaults: MOMENTS },
  adamw: {
    code: () => OptimizerCode.AdamW,
    slots: () => 2,
    decay: ({ beta1 }) => beta1,
    learningRate: 0.001,
    defaults: { ...MOMENTS, weightDecay: 0.01 },
  },
} as const satisfies Record<string, OptimizerFacts>;
export type OptimizerName = keyof typeof OPTIMIZER_TABLE;
export const OPTIMIZER_FACTS: Readonly<Record<OptimizerName, OptimizerFacts>> = OPTIMIZER_TABLE;
export const OPTIMIZERS = names<OptimizerName>(OPTIMIZER_TABLE);

/** How an initializer draws a layer's kernel. */
export interface InitializerFacts {
  /** `normal`: mean 0, standard deviation 1; `symmetric`: uniform in [−1, 1); `unit`: uniform in [0, 1). */
  readonly distribution: "normal" | "symmetric" | "unit" | "zero";
  /** The factor of the drawn numbers, from the layer's fan-in and fan-out. */
  readonly scale: (inputs: number, units: number) => number;
  /** Whether biases are also drawn, after the kernel; otherwise they are 0. */
  readonly biases?: true;
}

/**
 * Initializers by their public names; the formulas are those of
 *
 * - `fanInNormal`: LeCun, Bottou, Orr & Müller, "Efficient BackProp" (1998), §4.6.
 * - `glorotUniform`, `glorotNormal`: Glorot & Bengio, "Understanding the difficulty of training deep feedforward
 *   neural networks" (2010), eq. 16 and 12. The normal form is not truncated.
 * - `heNormal`, `heUniform`: He, Zhang, Ren & Sun, "Delving deep into rectifiers" (2015), eq. 10.
 * - `torchUniform`: what `torch.nn.Linear` draws by default, biases included.
 */
const INITIALIZER_TABLE = {
  fanInNormal: { distribution: "normal", scale: (inputs) => 1 / Math.sqrt(inputs) },
  glorotUniform: { distribution: "symmetric", scale: (inputs, units) => Math.sqrt(6 / (inputs + units)) },
  glorotNormal: { distribution: "normal", scale: (inputs, units) => Math.sqrt(2 / (inputs + units)) },
  heNormal: { distribution: "normal", scale: (inputs) => Math.sqrt(2 / inputs) },
  heUniform: { distribution: "symmetric", scale: (inputs) => Math.sqrt(6 / inputs) },
  torchUniform: { distribution: "symmetric", scale: (inputs) => 1 / Math.sqrt(inputs), biases: true },
  uniform: { distribution: "unit", scale: () => 1 },
  zeros: { distribution: "zero", scale: () => 0 },
} as const satisfies Record<string, InitializerFacts>;
export type Initializer = keyof typeof INITIALIZER_TABLE;
export const INITIALIZER_FACTS: Readonly<Record<Initializer, InitializerFacts>> = INITIALIZER_TABLE;
export const INITIALIZERS = names<Initializer>(INITIALIZER_TABLE);

export const SCALINGS = ["none", "standard", "minmax"] as const;
export type Scaling = (typeof SCALINGS)[number];

export const DTYPES = ["float32", "float64"] as const;
export type Dtype = (typeof DTYPES)[number];
/** Bytes of one number. */
export const itemSize = (dtype: Dtype): 4 | 8 => (dtype === "float32" ? 4 : 8);

export type Reduction = "mean" | "sum";

/** A row-major array of numbers in the network's precision. */
export type FloatArray = Float32Array | Float64Array;

/** The learning rate, or a function of the epoch (counted from 0 over all training of the network). */
export type LearningRate = number | ((epoch: number) => number);

/** One dense layer: `units` outputs f(x·kernel + bias) of `inputs` inputs. */
export interface Layer {
  readonly inputs: number;
  readonly units: number;
  readonly activation: Activation;
  readonly bias: boolean;
  /** The fraction of this layer's outputs set to zero in training; the others are multiplied by 1/(1 − dropout). */
  readonly dropout: number;
  readonly initializer: Initializer;
}

/** An optimiser with values for all hyperparameters; which of them apply depends on `name`. */
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

/** Everything an engine needs to store and train a network. */
export interface ModelSpec {
  readonly layers: readonly Layer[];
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  readonly reduction: Reduction;
  /** Adds ½·l2·Σw² over kernels (not biases) to the objective. */
  readonly l2: number;
  /** The maximum global norm of gradients; Infinity for none. */
  readonly clipNorm: number;
  readonly dtype: Dtype;
  /** An unsigned 32-bit integer. */
  readonly seed: number;
}

/** One layer's parameters: `kernel` is inputs × units, row-major; `bias` has one value per unit. */
export interface LayerParameters {
  kernel: FloatArray;
  bias?: FloatArray;
}

export const inputsOf = ({ layers }: ModelSpec): number => layers[0].inputs;
export const outputsOf = ({ layers }: ModelSpec): number => layers.at(-1)!.units;
