// The types of a network's options, as the caller passes them (checked by network.ts) and as the library uses them.
import type {
  Activation,
  Dtype,
  Initializer,
  LearningRate,
  Loss,
  ModelSpec,
  OptimizerName,
  Reduction,
  Scaling,
} from "../model/spec.js";

/** One dense layer. Example: `{ units: 128, activation: "relu", dropout: 0.2 }`. */
export interface LayerOptions {
  /** The number of outputs. Required. */
  units: number;
  /** Default: the network's `activation`; for the last layer, the loss's default. `softmax` on the last layer only. */
  activation?: Activation;
  /** Whether a bias is added to each unit. Default `true`. */
  bias?: boolean;
  /** The fraction of outputs set to zero in training, in [0, 1); not for the last layer. Default 0. */
  dropout?: number;
  /** The distribution of the initial weights. Default: the network's `initializer`. */
  initializer?: Initializer;
}

/** A scaling by given numbers, one per column: column c becomes (value − shift[c]) / scale[c]. */
export interface ColumnScaling {
  readonly shift: readonly number[];
  /** Above 0. */
  readonly scale: readonly number[];
}

interface Rated {
  /** Step size, 0 or more, or a function of the epoch (counted from 0). Default: 0.01 for sgd, else 0.001. */
  learningRate?: LearningRate;
}
/** Gradient descent, `torch.optim.SGD`. */
export interface SgdOptions extends Rated {
  name: "sgd";
  /** In [0, 1). Default 0. */
  momentum?: number;
  /** Nesterov's form of momentum; needs `momentum` above 0. Default `false`. */
  nesterov?: boolean;
}
/** `torch.optim.RMSprop`. */
export interface RmspropOptions extends Rated {
  name: "rmsprop";
  /** The decay of the mean square per step, in [0, 1). Default 0.9. */
  rho?: number;
  /** Above 0. Default 1e-8. */
  epsilon?: number;
}
interface Moments extends Rated {
  /** The decay of the gradients' mean per step, in [0, 1). Default 0.9. */
  beta1?: number;
  /** The decay of their mean square per step, in [0, 1). Default 0.999. */
  beta2?: number;
  /** Above 0. Default 1e-8. */
  epsilon?: number;
}
/** `torch.optim.Adam`. */
export interface AdamOptions extends Moments {
  name: "adam";
}
/** `torch.optim.AdamW`. */
export interface AdamwOptions extends Moments {
  name: "adamw";
  /** Each step multiplies weights and biases by 1 − learningRate · weightDecay. 0 or more; default 0.01. */
  weightDecay?: number;
}
/** An optimiser and its hyperparameters. Example: `{ name: "sgd", learningRate: 0.1, momentum: 0.9 }`. */
export type OptimizerOptions = SgdOptions | RmspropOptions | AdamOptions | AdamwOptions;

/**
 * Every option but `layers`; also the sixth argument of `new NN(inputs, hidden, outputs, learningRate, epochs)`. That
 * form has other defaults: every layer `sigmoid` (the last one `softmax` with categoricalCrossentropy), optimizer
 * `sgd`, reduction `sum`, batchSize `Infinity`, shuffle `false`.
 */
export interface ExtraOptions {
  /** The default activation of hidden layers; that of the last layer depends on the loss. Default `sigmoid`. */
  activation?: Exclude<Activation, "softmax">;
  /**
   * The loss that training minimises. Default `halfSquaredError`. It determines the default activation of the last layer: `softmax` for
   * categoricalCrossentropy; `sigmoid` for binaryCrossentropy, halfSquaredError and squaredError; else `linear`.
   */
  loss?: Loss;
  /** A name or `{ name, learningRate, … }`. Default `adam`. */
  optimizer?: OptimizerName | OptimizerOptions;
  /** Shorthand for the optimiser's `learningRate`. */
  learningRate?: LearningRate;
  /**
   * The number of passes of `fit` through the rows, 0 or more. Default: `fit` continues until the loss stops improving, for at most 10,000
   * optimiser steps and at least 10 epochs (`stopReason` is then `converged` or `completed`); a stream of chunks is read once.
   */
  epochs?: number;
  /** Rows per optimiser step, or `Infinity` for all of them. Default 32. */
  batchSize?: number;
  /** Whether the rows are shuffled in each epoch. Default `true`. */
  shuffle?: boolean;
  /** How the gradients of a batch's rows are combined: `mean` or `sum`. Default `mean`. */
  reduction?: Reduction;
  /** Adds ½·l2·Σw² over weights, not biases, to the objective. 0 or more; default 0. */
  l2?: number;
  /** The maximum norm of the whole gradient, above 0; larger gradients are scaled down. Default `Infinity`. */
  clipNorm?: number;
  /** The distribution of the initial weights. Default `fanInNormal`: N(0, inputs^-1/2). */
  initializer?: Initializer;
  /**
   * Names of the classes, one per output, or two for one output: `["no", "yes"]`. Targets may then be a flat list of them, and
   * `predictClasses` returns them. Saved with the model.
   */
  labels?: readonly string[];
  /**
   * How inputs are scaled: fitted in the first `fit`, or by given numbers, (value − shift) / scale per column:
   * `{ shift: [5, 100], scale: [2, 30] }`. Saved with the model. Default `none`.
   */
  inputScaling?: Scaling | ColumnScaling;
  /**
   * The same for targets. `predict` reverses the scaling; losses are those of scaled targets. With `standard` or given numbers, the
   * default activation of the last layer is `linear`. Not for the cross-entropies. Default `none`.
   */
  targetScaling?: Scaling | ColumnScaling;
  /** The precision of all arithmetic. Default `float32`. */
  dtype?: Dtype;
  /** A 32-bit integer that determines initial weights, shuffling and dropout. Default: random, see `nn.seed`. */
  seed?: number;
  /** The engine: WebAssembly, plain JavaScript, or `auto` for the fastest available. Default `auto`. */
  backend?: "auto" | "wasm" | "js";
  /** `true`: bit-identical results on every machine, somewhat slower. Default `false`. */
  reproducible?: boolean;
}

/**
 * A network in the general form. A wrong type is a TypeError, a wrong value a RangeError.
 * @example
 * new NN({
 *   layers: [784, { units: 128, activation: "relu" }, 10],
 *   loss: "categoricalCrossentropy",
 *   optimizer: { name: "adam", learningRate: 1e-3 },
 *   seed: 42,
 * });
 */
export interface NetworkOptions extends ExtraOptions {
  /** The number of inputs, then for each layer a number of units or an object. Required. */
  layers: readonly (number | LayerOptions)[];
}

/** The checked and complete options of a network; the seed is unsigned. */
export interface Settings {
  spec: ModelSpec;
  learningRate: LearningRate;
  /** Undefined to train until convergence. */
  epochs: number | undefined;
  batchSize: number;
  shuffle: boolean;
  inputScaling: Scaling | ColumnScaling;
  targetScaling: Scaling | ColumnScaling;
  labels?: readonly string[] | undefined;
  backend: "auto" | "wasm" | "js";
  reproducible: boolean;
}
