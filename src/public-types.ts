// The types of what users pass and get back, beside options: they name nothing of the inside.
import type { FloatArray } from "./model/spec.js";

/** What computes: WebAssembly with SIMD, the same with fused multiply-adds, or the plain engine. */
export type Backend = "wasm-simd" | "wasm-relaxed-simd" | "js";

/** Any typed array of numbers (not of bigints). */
export type TypedArray = FloatArray | Int8Array | Uint8Array | Uint8ClampedArray | Int16Array | Uint16Array | Int32Array | Uint32Array;
/** One row's numbers. */
export type Row = readonly number[] | TypedArray;
/**
 * Rows of finite numbers: a list of rows, `[[0, 1], [1, 0]]`; or a flat typed array, row after row; or one row as a
 * plain list of numbers. For a network with one input or one output, a plain list has as many rows as numbers.
 * With `categoricalCrossentropy`, y may be class indices from 0: a plain list or a typed array, one integer a row.
 */
export type Matrix = readonly Row[] | Row;

/** What `predict` returns for an argument of type X: the same shape, typed arrays in the network's own precision. */
export type Predictions<X> = X extends TypedArray ? FloatArray : X extends readonly number[] ? number[] : number[][];

/** What a network learns: rows × outputs, class indices, or the classes' labels, one a row. */
export type Targets = Matrix | readonly string[];

/** Some rows and their targets. */
export type Chunk = readonly [x: Matrix, y: Targets];
/** Chunks one after another; or a function that begins anew, asked for once an epoch. */
export type Chunks = AsyncIterable<Chunk> | (() => AsyncIterable<Chunk> | Iterable<Chunk>);

/** Everything but numbers in bulk, as JSON: what `NN`'s constructor takes, and where training stands. */
export interface Description {
  /** The version of this description. */
  readonly version: 1;
  /** Options of the general form. A batchSize of null is Infinity; a learning rate by epoch is saved as its present value. */
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

/** What `toJSON` returns. Numbers keep every digit when they are written out and read again; only −0 becomes 0. */
export interface ModelJSON extends Description {
  readonly format: "wasmlp";
  /** `nn.metadata`, where it is set. */
  readonly metadata?: unknown;
  /** As `getWeights`: kernel inputs × units, row-major. */
  readonly weights: readonly PlainParameters[];
  /** The optimiser's memory: none, or one or two lists shaped as `weights`. */
  readonly slots: readonly (readonly PlainParameters[])[];
}
