// The types of arguments and results, except for options, without internal types.
import type { FloatArray } from "./model/spec.js";

/** The engine: WebAssembly with SIMD, the same with relaxed SIMD (fused multiply-adds), or plain JavaScript. */
export type Backend = "wasm-simd" | "wasm-relaxed-simd" | "js";

/** Any typed array of numbers, not of bigints. */
export type TypedArray =
  | FloatArray
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;
/** One row's numbers. */
export type Row = readonly number[] | TypedArray;
/**
 * Rows of finite numbers: a list of rows, `[[0, 1], [1, 0]]`; a flat typed array, row-major; or one row as a plain list of numbers.
 * For a network with one input or one output, each number of a plain list is a row. With `categoricalCrossentropy`, y may be class
 * indices from 0: a plain list or a typed array, one integer per row.
 */
export type Matrix = readonly Row[] | Row;

/** The result of `predict` for an argument of type X: the same form, with typed arrays in the network's precision. */
export type Predictions<X> = X extends TypedArray ? FloatArray : X extends readonly number[] ? number[] : number[][];

/** Targets: rows × outputs, class indices, or class labels, one per row. */
export type Targets = Matrix | readonly string[];

/** Some rows and their targets. */
export type Chunk = readonly [x: Matrix, y: Targets];
/** A stream of chunks; or a function that opens a new stream, called once per epoch. */
export type Chunks = AsyncIterable<Chunk> | (() => AsyncIterable<Chunk> | Iterable<Chunk>);

/** A network without its weights and optimiser state, as JSON: the constructor's options, scalers and counters. */
export interface Description {
  /** The version of this description. */
  readonly version: 1;
  /** Options of the general form. A batchSize of null is Infinity; a learning-rate schedule is saved as its present value. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly step: number;
  readonly epoch: number;
  readonly scalers?: { readonly input?: ScalerDescription | undefined; readonly target?: ScalerDescription | undefined };
}

export interface ScalerDescription {
  readonly shift: readonly number[];
  readonly scale: readonly number[];
}

export interface PlainParameters {
  readonly kernel: readonly number[];
  readonly bias?: readonly number[];
}

/** The result of `toJSON`. JSON text preserves all numbers exactly, except that −0 becomes 0. */
export interface ModelJSON extends Description {
  readonly format: "wasmlp";
  /** `nn.metadata`, if set. */
  readonly metadata?: unknown;
  /** As `getWeights`: kernel inputs × units, row-major. */
  readonly weights: readonly PlainParameters[];
  /** The optimiser's slots: none, or one or two lists shaped as `weights`. */
  readonly slots: readonly (readonly PlainParameters[])[];
}
