// Reads weights from another program's safetensors file, such as a PyTorch state_dict. The file has neither activations nor the order of
// layers, so the caller specifies the layers, and tensors are matched to them by name and shape.
import { malformed } from "../errors.js";
import { createArray } from "../model/parameters.js";
import type { FloatArray, Layer, LayerParameters, ModelSpec } from "../model/spec.js";
import { isObject, listOf, oneOf, plural, refuse, show, thing } from "../options/checks.js";
import { object } from "./bounded-json.js";
import { openFile, type SafetensorsFile } from "./safetensors.js";

/** The prefix of the names of a layer's tensors, or the names themselves. */
export type TensorName = string | { readonly kernel: string; readonly bias?: string };

/** Options of `NN.load`, besides those of the network, for finding the weights in a file. */
export interface TensorOptions {
  /**
   * One entry per layer: the names of its tensors, or their prefix, such as `"fc1"` for `fc1.weight` and `fc1.bias`. Default: tensors are
   * matched by shape, in the natural order of their names.
   */
  names?: readonly TensorName[];
  /** How kernels are stored: `"pytorch"`, units × inputs, is the default; `"keras"` is inputs × units. */
  orientation?: "pytorch" | "keras";
}

type TensorChoice = { [K in keyof Required<TensorOptions>]: TensorOptions[K] | undefined };

/** Checks the options for finding weights; those of the network are returned unchecked. */
export function parseTensorOptions(options: unknown): TensorChoice {
  if (!isObject(options)) refuse("options", options, "an object", true);
  const { names, orientation, ...rest } = options as TensorOptions;
  if (names !== undefined) listOf(tensorName)(names, "names");
  if (orientation !== undefined) oneOf("pytorch", "keras")(orientation, "orientation");
  return { ...rest, names, orientation };
}

const tensorName = thing<string | object>(
  (value) => typeof value === "string" || (isObject(value) && typeof (value as { kernel?: unknown }).kernel === "string"),
  "a name, or { kernel, bias }",
);

interface Tensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** Bytes per number, by safetensors' names of types. */
const ITEM_BYTES: Readonly<Record<string, number>> = { F64: 8, F32: 4, F16: 2, BF16: 2 };

/** @throws ModelFormatError if the file is damaged or does not contain these layers */
export function readPlainWeights(
  bytes: Uint8Array,
  { layers, dtype }: ModelSpec,
  { names, orientation }: TensorChoice,
): LayerParameters[] {
  const tensors = readTensors(openFile(bytes));
  if (names && names.length !== layers.length)
    malformed(`names has ${plural(names.length, "name")}; this network has ${plural(layers.length, "layer")}`);
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const found = names ? names.map((name, l) => namedTensors(byName, name, layers[l], l)) : matchTensors(tensors, layers);
  const turned = orientation !== "keras";
  return layers.map(({ inputs, units }, l) => {
    const { kernel, bias } = found[l];
    const numbers = readNumbers(kernel, turned ? [units, inputs] : [inputs, units], dtype);
    return {
      kernel: turned ? numbers.map((_, i) => numbers[(i % units) * inputs + Math.floor(i / units)]) : numbers,
      ...(bias && { bias: readNumbers(bias, [units], dtype) }),
    };
  });
}

function readTensors({ header, data }: SafetensorsFile): Tensor[] {
  return Object.entries(header)
    .filter(([name]) => name !== "__metadata__")
    .map(([name, value]) => {
      const { dtype, shape, data_offsets: place } = object(value, `tensor ${show(name)}`);
      if (typeof dtype === "string" && isCounts(shape) && isCounts(place) && place.length === 2) {
        const [from, to] = place;
        const itemBytes = ITEM_BYTES[dtype] ?? 0;
        const count = shape.reduce((product, size) => product * size, 1);
        if (from <= to && to <= data.length && (!itemBytes || to - from === count * itemBytes))
          return { name, dtype, shape, bytes: data.subarray(from, to) };
      }
      return malformed(`tensor ${show(name)} is damaged: its shape and data_offsets do not agree, or lie outside of the file`);
    });
}

const isCounts = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.length <= 8 && value.every((each) => Number.isSafeInteger(each) && each >= 0);

interface LayerTensors {
  readonly kernel: Tensor;
  readonly bias: Tensor | undefined;
}

function namedTensors(
  tensors: ReadonlyMap<string, Tensor>,
  given: TensorName,
  { bias: hasBias }: Layer,
  l: number,
): LayerTensors {
  const find = (...candidates: readonly string[]): Tensor =>
    tensors.get(candidates.find((name) => tensors.has(name)) ?? "") ??
    malformed(`names[${l}] needs a tensor "${candidates.join('" or "')}"; the file has ${listOfShapes([...tensors.values()])}`);
  const prefix = typeof given === "string" ? given : "";
  const { kernel, bias } = typeof given === "string" ? ({ bias: `${prefix}.bias` } as { kernel?: string; bias: string }) : given;
  if (hasBias && bias === undefined)
    malformed(`names[${l}] has no bias, but this layer has one; give its name, or the layer bias: false`);
  if (!hasBias && bias !== undefined && tensors.has(bias))
    malformed(`names[${l}] has a bias in the file, ${show(bias)}, but this layer has none; leave out bias: false`);
  return {
    kernel: kernel === undefined ? find(`${prefix}.weight`, `${prefix}.kernel`) : find(kernel),
    bias: hasBias ? find(bias!) : undefined,
  };
}

/** Matches tensors to layers in the natural order of their names: two-dimensional tensors are kernels, one-dimensional ones biases. */
function matchTensors(tensors: readonly Tensor[], layers: readonly Layer[]): LayerTensors[] {
  const keyed = tensors.map((tensor) => ({ tensor, key: naturalKey(tensor.name) }));
  const sorted = keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ tensor }) => tensor);
  const [biases, kernels] = [1, 2].map((rank) => sorted.filter(({ shape }) => shape.length === rank));
  const biased = layers.filter(({ bias }) => bias).length;
  if (kernels.length !== layers.length || biases.length !== biased) {
    malformed(
      `these layers need ${layers.length} tensors of two dimensions and ${biased} of one; say which by names; the file has ${listOfShapes(sorted)}`,
    );
  }
  let next = 0;
  return layers.map(({ bias }, l) => ({ kernel: kernels[l], bias: bias ? biases[next++] : undefined }));
}

/** A sort key that orders `2.weight` before `10.weight`, and `dense/kernel` before `dense_1/kernel`. */
const naturalKey = (name: string): string => name.replace(/[./]/g, "\0").replace(/\d+/g, (digits) => digits.padStart(9, "0"));

const listOfShapes = (tensors: readonly Tensor[]): string => {
  const some = tensors
    .slice(0, 12)
    .map(({ name, shape }) => `${show(name)} [${shape.join(", ")}]`)
    .join(", ");
  return tensors.length > 12 ? `${some} and ${tensors.length - 12} more` : some;
};

/** Reads a tensor's numbers, after checking its shape. */
function readNumbers({ name, dtype, shape, bytes }: Tensor, wanted: readonly number[], to: ModelSpec["dtype"]): FloatArray {
  const of = `tensor ${show(name)}`;
  if (String(shape) !== String(wanted)) {
    malformed(
      `${of} has shape [${shape.join(", ")}]; this network's layer needs [${wanted.join(", ")}]: check layers and orientation, or give names`,
    );
  }
  const itemBytes =
    ITEM_BYTES[dtype] ?? malformed(`${of} has dtype ${show(dtype)}; it must be one of ${Object.keys(ITEM_BYTES).join(", ")}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return createArray(to, bytes.length / itemBytes).map((_, i, numbers) => {
    const at = i * itemBytes;
    const value =
      dtype === "F64"
        ? view.getFloat64(at, true)
        : dtype === "F32"
          ? view.getFloat32(at, true)
          : fromHalf(view.getUint16(at, true), dtype === "BF16");
    if (!Number.isFinite(numbers instanceof Float32Array ? Math.fround(value) : value))
      malformed(`${of} holds a number that is not finite in ${to}`);
    return value;
  });
}

/** Converts 16 bits: IEEE 754 half precision, or bfloat16, the upper half of a float32. */
function fromHalf(bits: number, isBrain: boolean): number {
  // A half's exponent and fraction, read as those of a float32, give the number divided by 2^112.
  const magnitude = isBrain ? bits << 16 : (bits & 0x7fff) << 13;
  const value = new Float32Array(Int32Array.of(magnitude).buffer)[0];
  if (isBrain) return value;
  return (bits & 0x7c00) === 0x7c00 ? NaN : (bits & 0x8000 ? -1 : 1) * value * 2 ** 112;
}
