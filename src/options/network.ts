// The options of a network, their defaults, and the checks that convert either form of the constructor's arguments to complete settings.
import {
  ACTIVATION_FACTS,
  ACTIVATIONS,
  DTYPES,
  INITIALIZERS,
  isCrossentropy,
  LOSS_FACTS,
  LOSSES,
  OPTIMIZER_FACTS,
  OPTIMIZERS,
  SCALINGS,
} from "../model/spec.js";
import type { Activation, Initializer, Layer, LearningRate, Loss, Optimizer, OptimizerName, Scaling } from "../model/spec.js";
import {
  above0,
  atLeast0,
  batchSize,
  below1,
  boolean,
  checkOptions,
  count,
  finite,
  isObject,
  listOf,
  number,
  oneOf,
  OTHER_NAMES,
  outOfRange,
  plural,
  positiveInteger,
  refuse,
  show,
  thing,
} from "./checks.js";
import type { Check, Checked } from "./checks.js";
import type { ColumnScaling, Settings } from "./network-types.js";

Object.assign(OTHER_NAMES, {
  mse: "meanSquaredError",
  mae: "meanAbsoluteError",
  bce: "binaryCrossentropy",
  logloss: "binaryCrossentropy",
  crossentropy: "categoricalCrossentropy",
  logistic: "sigmoid",
  identity: "linear",
  silu: "swish",
  momentum: "sgd",
  lr: "learningRate",
  lecun: "fanInNormal",
  xavier: "glorotUniform",
  kaiming: "heNormal",
});

const rate: Check<LearningRate> = (value, name) =>
  typeof value === "function" ? (value as (epoch: number) => number) : atLeast0(value, name);

/** The learning rate of an epoch, counted from 0; checks the result of a function. */
export const rateAt = (learningRate: LearningRate, epoch: number): number =>
  typeof learningRate === "function" ? atLeast0(learningRate(epoch), `learningRate(${epoch})`) : learningRate;

const HYPERPARAMETERS = {
  name: oneOf(...OPTIMIZERS),
  learningRate: rate,
  momentum: below1,
  nesterov: boolean,
  rho: below1,
  beta1: below1,
  beta2: below1,
  weightDecay: atLeast0,
  epsilon: above0,
};
/** Values of hyperparameters that an optimiser does not have; they are never read. */
const UNUSED = { momentum: 0, nesterov: false, rho: 0.9, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 };
/** The hyperparameters that an optimiser has. */
export const hyperparametersOf = (name: OptimizerName): readonly Exclude<keyof Optimizer, "name">[] =>
  Object.keys(OPTIMIZER_FACTS[name].defaults) as Exclude<keyof Optimizer, "name">[];

function parseOptimizer(value: unknown, where: string): Optimizer & { learningRate?: LearningRate } {
  const options = typeof value === "object" && value ? (value as { name?: unknown }) : { name: value };
  const missing = options === value && options.name === undefined;
  const name = HYPERPARAMETERS.name(options.name, missing ? where + ".name" : where);
  const given = checkOptions(options, HYPERPARAMETERS, where, ["name", "learningRate", ...hyperparametersOf(name)]);
  const optimizer = { ...UNUSED, ...OPTIMIZER_FACTS[name].defaults, ...given, name };
  if (optimizer.nesterov && !optimizer.momentum) refuse(where + ".momentum", 0, "above 0 with nesterov");
  return optimizer;
}

const activation = oneOf(...ACTIVATIONS);
const initializer = oneOf(...INITIALIZERS);
const scalingName = oneOf(...SCALINGS);
const COLUMN_SCALING = { shift: listOf(finite), scale: listOf(above0) };
const scaling: Check<Scaling | ColumnScaling> = (value, name) => {
  if (typeof value === "string") return scalingName(value, name);
  if (!isObject(value)) refuse(name, value, SCALINGS.join(", ") + " or { shift, scale }", true);
  const { shift, scale } = checkOptions(value, COLUMN_SCALING, name);
  if (!shift || !scale) refuse(`${name}.${shift ? "scale" : "shift"}`, undefined, "an array of numbers, one per column", true);
  return { shift, scale };
};

/** Refuses given scalings that do not have one number per column. */
function checkColumns(name: string, given: Scaling | ColumnScaling, columns: number, noun: string): void {
  if (typeof given === "string") return;
  for (const part of ["shift", "scale"] as const) {
    const { length } = given[part];
    if (length !== columns)
      outOfRange(`${name}.${part} has ${plural(length, "value")}; this network has ${plural(columns, noun)}`);
  }
}

/** Class names must be distinct, as many as there are classes, and the loss must take classes as targets. */
function checkLabels(labels: readonly string[], units: number, loss: Loss): void {
  const classes = Math.max(2, units);
  if (labels.length !== classes) outOfRange(`labels has ${plural(labels.length, "name")}; this network has ${classes} classes`);
  const seen = new Set<string>();
  for (const label of labels) {
    if (seen.has(label)) outOfRange(`labels[${seen.size}] is ${show(label)}, which is already the label of another class`);
    seen.add(label);
  }
  if (units > 1 && !LOSS_FACTS[loss].targets?.labels)
    refuse("loss", loss, '"categoricalCrossentropy" with labels for several outputs');
}

const LAYER = { units: positiveInteger, activation, bias: boolean, dropout: below1, initializer };
const NETWORK = {
  activation,
  loss: oneOf(...LOSSES),
  optimizer: parseOptimizer,
  learningRate: rate,
  epochs: count,
  batchSize,
  shuffle: boolean,
  reduction: oneOf("mean", "sum"),
  l2: atLeast0,
  clipNorm: number((value) => value > 0, "a number above 0"),
  initializer,
  inputScaling: scaling,
  targetScaling: scaling,
  labels: listOf(thing<string>((value) => typeof value === "string", "a string")),
  dtype: oneOf(...DTYPES),
  seed: number((value) => value === value >> 0 || value === value >>> 0, "a 32-bit integer"),
  backend: oneOf("auto", "wasm", "js"),
  reproducible: boolean,
};
const LAYERS = {
  layers: thing<readonly unknown[]>(Array.isArray, "an array: the number of inputs, then layers"),
};

const DEFAULTS = {
  loss: "halfSquaredError",
  epochs: undefined,
  batchSize: 32,
  shuffle: true,
  reduction: "mean",
  l2: 0,
  clipNorm: Infinity,
  initializer: "fanInNormal",
  inputScaling: "none",
  targetScaling: "none",
  dtype: "float32",
  backend: "auto",
  reproducible: false,
} as const;
const TEXTBOOK = { batchSize: Infinity, shuffle: false, reduction: "sum" } as const;

/** The value of a setting that may be given in two places, but not with different values. */
function agree<T>(name: string, a: T | undefined, where: string, b: T | undefined): T | undefined {
  if (a !== undefined && b !== undefined && a !== b) {
    outOfRange(`${name} is ${show(a)} but ${where}.${name} is ${show(b)}; give one of them`);
  }
  return a ?? b;
}

/**
 * Settings from the arguments of either constructor: `(options)` or
 * `(inputs, hidden, outputs, learningRate, epochs, options?)`.
 */
export function parseNetwork(args: readonly unknown[], randomSeed: () => number): Settings {
  const textbook = typeof args[0] !== "object";
  if (args.length > (textbook ? 6 : 1)) {
    throw new TypeError("NN takes (options) or (inputs, hidden, outputs, learningRate, epochs, options)");
  }
  const [inputs, hidden, outputs, ownRate, ownEpochs, extra = {}] = args;
  let given: Checked<typeof NETWORK & typeof LAYERS>;
  if (textbook) {
    const layers = [
      positiveInteger(inputs, "inputs"),
      ...(Array.isArray(hidden)
        ? Array.from(hidden, (size, i) => positiveInteger(size, `hidden[${i}]`))
        : [positiveInteger(hidden, "hidden")]),
      positiveInteger(outputs, "outputs"),
    ];
    const options = checkOptions(extra, NETWORK);
    given = {
      ...TEXTBOOK,
      ...options,
      layers,
      learningRate: agree("learningRate", rate(ownRate, "learningRate"), "options", options.learningRate)!,
      epochs: agree("epochs", count(ownEpochs, "epochs"), "options", options.epochs)!,
    };
  } else given = checkOptions(args[0], { ...LAYERS, ...NETWORK });
  const { layers, activation, initializer, loss, optimizer, learningRate, reduction, l2, clipNorm, dtype, seed, ...rest } = {
    ...DEFAULTS,
    ...given,
  };
  const { learningRate: rated, ...update } = optimizer ?? parseOptimizer(textbook ? "sgd" : "adam", "");
  if (isCrossentropy(loss) && rest.targetScaling !== "none") {
    refuse("targetScaling", rest.targetScaling, `"none" with loss "${loss}"`);
  }
  const parsed = parseLayers(
    LAYERS.layers(layers, "layers"),
    defaultOutputActivation(loss, textbook, rest.targetScaling),
    loss,
    initializer,
    activation,
  );
  checkColumns("inputScaling", rest.inputScaling, parsed[0].inputs, "input");
  const { units } = parsed.at(-1)!;
  checkColumns("targetScaling", rest.targetScaling, units, "output");
  if (rest.labels) checkLabels(rest.labels, units, loss);
  return {
    spec: {
      layers: parsed,
      loss,
      optimizer: update,
      reduction,
      l2,
      clipNorm,
      dtype,
      seed: (seed ?? randomSeed()) >>> 0,
    },
    learningRate: agree("learningRate", learningRate, "optimizer", rated) ?? OPTIMIZER_FACTS[update.name].learningRate,
    ...rest,
  };
}

/** The default activation of the last layer. Targets scaled to mean 0 are outside the range of a sigmoid. */
function defaultOutputActivation(loss: Loss, textbook: boolean, targetScaling: Scaling | ColumnScaling): Activation {
  const { output, isCrossentropy: fixed } = LOSS_FACTS[loss];
  if (fixed) return output;
  if (targetScaling === "standard" || typeof targetScaling === "object") return "linear";
  return textbook ? "sigmoid" : output;
}

function parseLayers(
  list: readonly unknown[],
  output: Activation,
  loss: Loss,
  initializer: Initializer,
  hidden: Activation = "sigmoid",
): Layer[] {
  if (list.length < 2) outOfRange("layers has no layer after the number of inputs");
  let inputs = positiveInteger(list[0], "layers[0]");
  return Array.from(list.slice(1), (item, index) => {
    const where = `layers[${index + 1}]`;
    const isLast = index === list.length - 2;
    const given: Checked<typeof LAYER> =
      typeof item === "object" ? checkOptions(item, LAYER, where) : { units: positiveInteger(item, where) };
    const units = positiveInteger(given.units, where + ".units");
    const usual = { activation: isLast ? output : hidden, bias: true, dropout: 0, initializer } as const;
    const layer: Layer = { inputs, units, ...usual, ...given };
    const name = where + ".activation";
    const { isForLastLayer } = ACTIVATION_FACTS[layer.activation];
    inputs = units;
    if (!isLast) {
      if (isForLastLayer) refuse(name, layer.activation, `another: ${layer.activation} is for the last layer only`);
    } else if (layer.dropout) refuse(where + ".dropout", layer.dropout, "0 on the last layer");
    else {
      const { outputs } = LOSS_FACTS[loss];
      if (outputs && !outputs.includes(layer.activation)) {
        refuse(name, layer.activation, `${outputs.map((each) => `"${each}"`).join(" or ")} with loss "${loss}"`);
      }
      if (isForLastLayer && units < 2)
        refuse(where + ".units", units, `more for ${layer.activation}; one unit suits loss "binaryCrossentropy"`);
    }
    return layer;
  });
}
