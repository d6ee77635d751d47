// Blocks shaped as a network's parameters: sizes, empty blocks, views, copies, and checked copies of the caller's weights.
import { isObject, outOfRange, plural, refuse } from "../options/checks.js";
import {
  itemSize,
  OPTIMIZER_FACTS,
  type Dtype,
  type FloatArray,
  type Layer,
  type LayerParameters,
  type ModelSpec,
  type Optimizer,
} from "./spec.js";

/** One layer's weights: `kernel` is inputs × units, row-major; `bias` has one number per unit, and is absent in layers without biases. */
export type LayerWeights = LayerParameters;

/** One layer's weights for `setWeights`: flat, or the kernel as a list of rows. */
export interface Weights {
  kernel: ArrayLike<number> | readonly (readonly number[])[];
  bias?: ArrayLike<number>;
}

export const parameterCount = (layers: readonly Layer[]): number =>
  layers.reduce((sum, layer) => sum + layer.units * (layer.inputs + +layer.bias), 0);

/** Refuses a network that is too large for any engine's memory, before anything is allocated. */
export function checkSize({ layers, dtype, optimizer }: ModelSpec): void {
  // The state, two snapshots of it, and the gradient.
  const blocks = 3 * (1 + slotCount(optimizer)) + 1;
  const gigabytes = (blocks * parameterCount(layers) * itemSize(dtype)) / 2 ** 30;
  if (gigabytes < 4) return;
  outOfRange(
    `this network has ${parameterCount(layers)} parameters and needs ${Math.ceil(gigabytes)} GB of memory; there can be 4`,
  );
}

/** The number of an optimiser's slots: numbers that it keeps per parameter. */
export const slotCount = (optimizer: Optimizer): number => OPTIMIZER_FACTS[optimizer.name].slots(optimizer);

/** A new array in a network's precision, or a view of a buffer. */
export const createArray = (dtype: Dtype, source: number | ArrayBufferLike): FloatArray =>
  // Both constructors accept both types of `source`, but only in separate overloads.
  new (dtype === "float32" ? Float32Array : Float64Array)(source as number);

/** A block of the arrays that `take` returns: layer by layer the kernel, then the bias. */
const blockOf = (layers: readonly Layer[], take: (length: number) => FloatArray): LayerParameters[] =>
  layers.map(({ inputs, units, bias }) => {
    const kernel = take(inputs * units);
    return bias ? { kernel, bias: take(units) } : { kernel };
  });

/** A block of zeros. */
export const emptyBlock = ({ layers, dtype }: Pick<ModelSpec, "layers" | "dtype">): LayerParameters[] =>
  blockOf(layers, (length) => createArray(dtype, length));

/** A block whose arrays are parts of a flat one. */
export function viewBlock(layers: readonly Layer[], flat: FloatArray): LayerParameters[] {
  let at = 0;
  return blockOf(layers, (length) => flat.subarray(at, (at += length)));
}

/** The state of training before its first step. */
export const freshState = (
  spec: ModelSpec,
  parameters: LayerParameters[],
): { parameters: LayerParameters[]; slots: LayerParameters[][]; step: number; epoch: number } => ({
  parameters,
  slots: Array.from({ length: slotCount(spec.optimizer) }, () => emptyBlock(spec)),
  step: 0,
  epoch: 0,
});

export const copyBlock = (block: readonly LayerParameters[]): LayerParameters[] =>
  block.map(({ kernel, bias }) => ({ kernel: kernel.slice(), ...(bias && { bias: bias.slice() }) }));

export function assignBlock(to: readonly LayerParameters[], from: readonly LayerParameters[]): void {
  to.forEach(({ kernel, bias }, l) => {
    kernel.set(from[l].kernel);
    bias?.set(from[l].bias ?? []);
  });
}

/**
 * Copies of `weights` in the network's precision.
 * @param what their name in messages
 * @throws TypeError, RangeError that name the place and the value
 */
export function readParameters(weights: unknown, { layers, dtype }: ModelSpec, what = "weights"): LayerParameters[] {
  if (!Array.isArray(weights)) refuse(what, weights, "an array with one entry per layer", true);
  if (weights.length !== layers.length) {
    outOfRange(`${what} has ${plural(weights.length, "layer")}; this network has ${plural(layers.length, "layer")}`);
  }
  const read = (value: unknown, name: string, length: number, rows = 0): FloatArray => {
    if (!Array.isArray(value) && !ArrayBuffer.isView(value)) refuse(name, value, "an array of numbers", true);
    const isNested = rows > 0 && Array.isArray(value) && typeof value[0] === "object";
    if (
      isNested &&
      (value.length !== rows || value.some((row) => (row as { length?: unknown } | null)?.length !== length / rows))
    ) {
      outOfRange(`${name} must have ${plural(rows, "row")} of ${plural(length / rows, "number")}`);
    }
    const list = (isNested ? value.flatMap((row) => Array.from(row as ArrayLike<unknown>)) : value) as ArrayLike<unknown>;
    if (list.length !== length) outOfRange(`${name} has ${plural(list.length, "value")}; it must have ${length}`);
    // Before anything is allocated: a sparse array has a length, but no values.
    for (let i = 0; i < length; i++) if (typeof list[i] !== "number") refuse(`${name}[${i}]`, list[i], "a number", true);
    const numbers = createArray(dtype, length);
    for (let i = 0; i < length; i++) {
      const number = list[i];
      numbers[i] = number as number;
      if (!Number.isFinite(numbers[i])) refuse(`${name}[${i}]`, number, `a finite ${dtype}`);
    }
    return numbers;
  };
  return layers.map((layer, l) => {
    const entry: unknown = weights[l];
    if (!isObject(entry)) refuse(`${what}[${l}]`, entry, "an object { kernel, bias }", true);
    const { kernel, bias } = entry as { kernel?: unknown; bias?: unknown };
    const parameters: LayerParameters = {
      kernel: read(kernel, `${what}[${l}].kernel`, layer.inputs * layer.units, layer.inputs),
    };
    if (layer.bias) parameters.bias = read(bias, `${what}[${l}].bias`, layer.units);
    else if (bias !== undefined) outOfRange(`${what}[${l}].bias is given; this layer has no bias`);
    return parameters;
  });
}
