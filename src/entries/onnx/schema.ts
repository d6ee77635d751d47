// The parts of onnx.proto that are read and written: message types with their field numbers. Graphs in attributes are omitted, so that
// no type contains itself.
import type { Fields } from "./protobuf.js";

/** TensorProto.DataType. */
export const FLOAT = 1;
export const INT64 = 7;
export const BOOL = 9;
export const DOUBLE = 11;

/** A message to be written; absent fields are omitted. */
export type Written<T> = T extends Uint8Array | string | number | undefined
  ? T
  : T extends readonly (infer U)[]
    ? readonly Written<U>[]
    : { readonly [K in keyof T]?: Written<T[K]> };

export interface Tensor {
  readonly dims: readonly number[];
  readonly dataType?: number;
  readonly floats: readonly number[];
  readonly integers: readonly number[];
  readonly longs: readonly number[];
  readonly doubles: readonly number[];
  readonly name?: string;
  readonly raw?: Uint8Array;
  /** 1 if the numbers are in another file. */
  readonly location?: number;
}

export interface Attribute {
  readonly name?: string;
  readonly f?: number;
  readonly i?: number;
  readonly s?: Uint8Array;
  readonly t?: Tensor;
  readonly floats: readonly number[];
  readonly ints: readonly number[];
  readonly type?: number;
}

export interface Node {
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly name?: string;
  readonly op?: string;
  readonly attributes: readonly Attribute[];
  readonly domain?: string;
}

export interface ValueInfo {
  readonly name?: string;
  readonly type?: { readonly tensor?: { readonly dataType?: number; readonly shape?: { readonly dims: readonly Dimension[] } } };
}

/** A size, or the name of a size that is only known when the model runs. */
export interface Dimension {
  readonly value?: number;
  readonly parameter?: string;
}

export interface Graph {
  readonly nodes: readonly Node[];
  readonly name?: string;
  readonly initializers: readonly Tensor[];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
}

export interface Model {
  readonly irVersion?: number;
  readonly producer?: string;
  readonly graph?: Graph;
  readonly opsets: readonly { readonly domain?: string; readonly version?: number }[];
  readonly metadata: readonly { readonly key?: string; readonly value?: string }[];
}

const TENSOR: Fields = {
  1: ["dims", "int", "many"],
  2: ["dataType", "int"],
  4: ["floats", "float", "many"],
  5: ["integers", "int", "many"],
  7: ["longs", "int", "many"],
  8: ["name", "text"],
  9: ["raw", "bytes"],
  10: ["doubles", "double", "many"],
  14: ["location", "int"],
};
const ATTRIBUTE: Fields = {
  1: ["name", "text"],
  2: ["f", "float"],
  3: ["i", "int"],
  4: ["s", "bytes"],
  5: ["t", TENSOR],
  7: ["floats", "float", "many"],
  8: ["ints", "int", "many"],
  20: ["type", "int"],
};
const NODE: Fields = {
  1: ["input", "text", "many"],
  2: ["output", "text", "many"],
  3: ["name", "text"],
  4: ["op", "text"],
  5: ["attributes", ATTRIBUTE, "many"],
  7: ["domain", "text"],
};
const SHAPE: Fields = { 1: ["dims", { 1: ["value", "int"], 2: ["parameter", "text"] }, "many"] };
const TENSOR_TYPE: Fields = { 1: ["dataType", "int"], 2: ["shape", SHAPE] };
const VALUE_INFO: Fields = { 1: ["name", "text"], 2: ["type", { 1: ["tensor", TENSOR_TYPE] }] };
const GRAPH: Fields = {
  1: ["nodes", NODE, "many"],
  2: ["name", "text"],
  5: ["initializers", TENSOR, "many"],
  11: ["inputs", VALUE_INFO, "many"],
  12: ["outputs", VALUE_INFO, "many"],
};
export const MODEL: Fields = {
  1: ["irVersion", "int"],
  2: ["producer", "text"],
  7: ["graph", GRAPH],
  8: ["opsets", { 1: ["domain", "text"], 2: ["version", "int"] }, "many"],
  14: ["metadata", { 1: ["key", "text"], 2: ["value", "text"] }, "many"],
};
