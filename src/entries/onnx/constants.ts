// Decodes and checks the constants of a graph: initializers and Constant nodes.
import { ModelFormatError, type FloatArray } from "../../index.js";
import { BOOL, DOUBLE, FLOAT, INT64, type Attribute, type Tensor } from "./schema.js";

export interface Constant {
  readonly dims: readonly number[];
  readonly dataType: number;
  readonly data: FloatArray | Int8Array | readonly number[];
  /** Whether `dims` describe the transpose of `data`. */
  readonly transposed?: boolean;
}

const TYPES = {
  [FLOAT]: [Float32Array, "floats"],
  [DOUBLE]: [Float64Array, "doubles"],
  [INT64]: [BigInt64Array, "longs"],
  [BOOL]: [Int8Array, "integers"],
} as const;

/** @throws ModelFormatError when the number of values does not match the dimensions, or the values are not in this file */
export function readTensor(tensor: Tensor, name: string): Constant {
  const { dims, dataType = 0, raw, location } = tensor;
  const refuse = (problem: string): never => {
    throw new ModelFormatError(`${name} ${problem}`);
  };
  if (location) refuse("has its numbers in another file");
  const [Numbers, list] =
    (TYPES as Partial<Record<number, (typeof TYPES)[keyof typeof TYPES]>>)[dataType] ??
    refuse(`is of data type ${dataType}, not float32 or float64`);
  const count = raw?.length ? raw.length / Numbers.BYTES_PER_ELEMENT : tensor[list].length;
  if (dims.some((dim) => dim < 1) || dims.reduce((size, dim) => size * dim, 1) !== count) {
    refuse(`has the shape [${dims.slice(0, 8).join(", ")}], and ${count} numbers`);
  }
  // Copied for alignment; slice() of Node's Buffer would not copy.
  const data = raw?.length ? new Numbers(new Uint8Array(raw).buffer) : tensor[list];
  return { dims, dataType, data: data instanceof BigInt64Array ? Array.from(data, Number) : data };
}

/** The value of a Constant node, in any of its attributes. */
export function readConstantNode([{ t, f, i, floats, ints }]: readonly Attribute[], name: string): Constant {
  if (t) return readTensor(t, name);
  const data = floats.length ? floats : ints.length ? ints : [f ?? i ?? 0];
  return { dims: [data.length], dataType: f === undefined && !floats.length ? INT64 : FLOAT, data };
}

/** The constant's value, if it is a single number. */
export const scalarOf = ({ data }: Constant): number | undefined => (data.length === 1 ? data[0] : undefined);

/** Whether at most one dimension is larger than 1, so that the order of the numbers does not depend on the shape. */
export const isLine = ({ dims }: Constant): boolean => dims.filter((dim) => dim > 1).length < 2;
