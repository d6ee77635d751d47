// The layout of a network's linear memory: byte addresses from the network's sizes. All other files take the addresses from here.
//
//   0        zeros, header, constants, layer table (abi.ts)
//   state    step and epoch │ parameters │ the optimiser's slots, each shaped as the parameters
//   snapshot two copies of the state, which training can return to
//   gradient the whole gradient, shaped as the parameters
//   scratch  one tile of rows: inputs, targets, weights, totals; each layer's output, delta and derivative; for each thread
//            a panel of the gradient and a transposed kernel
//   data     the input buffer, if there is one; then the training set: x │ y │ row weights │ order │ validation rows. Every set gets
//            new addresses, and the memory grows as needed
//
// A layer's parameters: kernel, inputs × stride, then zero rows up to a whole number of vectors; bias, stride numbers.
// Rows are padded to whole vectors, and the padding of parameters, gradients and deltas stays zero. A stride that is a multiple of 1 kB
// gets another 64 bytes: otherwise the rows of a column would map to a few sets of the caches.
import { Address, Field, Limit, State } from "../../../assembly/abi.js";
import { slotCount } from "../../model/parameters.js";
import { ACTIVATION_FACTS, inputsOf, itemSize, outputsOf, type Layer, type ModelSpec } from "../../model/spec.js";

/**
 * Rows per pass through the network, unless they would need more scratch than TILE_BYTES. At most 384: deeper sums are split into parts,
 * which a step in registers does not support (assembly/gemm/multiply.ts).
 */
export const TILE_ROWS = 256;
const TILE_BYTES = 2 ** 26;
/** The maximum number of completed epochs that one call of `train` can report. */
export const RECORDS = 512;
/** Vector copies may read and write up to 15 bytes past a block. */
const SLACK = 16;

export interface LayerLayout {
  readonly inputs: number;
  readonly units: number;
  /** Vectors per row. */
  readonly vectors: number;
  /** Numbers from the start of a row to the next. */
  readonly stride: number;
  readonly kernel: number;
  readonly bias: number;
  readonly output: number;
  readonly delta: number;
  /** 0 if the derivative follows from the layer's output. */
  readonly derivative: number;
  readonly tailMask: number;
}

export interface NetworkLayout {
  readonly itemBytes: 4 | 8;
  /** Rows per tile; batches of up to this size need no gradient memory. */
  readonly tileRows: number;
  readonly layers: readonly LayerLayout[];
  readonly state: number;
  readonly stateBytes: number;
  readonly parameters: number;
  readonly parameterBytes: number;
  readonly snapshot: number;
  readonly olderSnapshot: number;
  readonly gradients: number;
  readonly records: number;
  /** Scratch of the first thread; that of each further thread starts threadBytes later. */
  readonly panel: number;
  readonly transposed: number;
  readonly threadBytes: number;
  readonly tileX: number;
  readonly tileY: number;
  readonly tileWeights: number;
  readonly tileOutputWeights: number;
  readonly tileTotals: number;
  /** A tile of targets and row weights, unpadded. */
  readonly stagedY: number;
  readonly stagedWeights: number;
  /** The address where data may begin. */
  readonly end: number;
}

export interface DataLayout {
  readonly x: number;
  readonly y: number;
  /** 0 when rows have no weights. */
  readonly weights: number;
  /** 0 when outputs have no weights. */
  readonly outputWeights: number;
  /** 0 when rows keep their order. */
  readonly order: number;
  readonly validationX: number;
  readonly validationY: number;
  readonly end: number;
}

/** Allocates addresses in sequence, each at the start of a cache line. */
class Allocator {
  #next: number;

  constructor(start: number) {
    this.#next = start;
  }

  take(bytes: number): number {
    const address = this.end;
    this.#next = address + bytes;
    return address;
  }

  get end(): number {
    return Math.ceil(this.#next / 64) * 64;
  }
}

const roundUp = (count: number, multiple: number): number => Math.ceil(count / multiple) * multiple;

/** Bytes from the start of a row of `vectors` vectors to the next. */
const rowStride = (vectors: number): number => 16 * vectors + (vectors % 64 ? 0 : 64);

/** Whether f′ must be kept from the forward pass, because it does not follow from the output. */
const keepsDerivative = ({ dropout, activation }: Layer): boolean =>
  dropout > 0 || ACTIVATION_FACTS[activation].keepsDerivative === true;

/** @param threads the number of compute threads; only the scratch and the addresses after it depend on it */
export function networkLayout(spec: ModelSpec, threads = 1): NetworkLayout {
  const itemBytes = itemSize(spec.dtype);
  const lanes = 16 / itemBytes;
  const inputs = inputsOf(spec);
  const outputs = outputsOf(spec);
  const vectors = spec.layers.map(({ units }) => Math.ceil(units / lanes));
  const strides = vectors.map((count) => rowStride(count) / itemBytes);

  const header = new Allocator(Address.Layers + spec.layers.length * Field.Bytes);
  const masks = header.take(16 * spec.layers.length);
  const records = header.take(16 * RECORDS);
  const state = header.take(State.Bytes);

  const parameters = state + State.Bytes;
  let next = parameters;
  const blocks = spec.layers.map((layer, i) => {
    const kernel = next;
    const bias = kernel + roundUp(layer.inputs, lanes) * strides[i] * itemBytes;
    next = bias + strides[i] * itemBytes;
    return { kernel, bias };
  });
  const parameterBytes = next - parameters;
  const stateBytes = State.Bytes + parameterBytes * (1 + slotCount(spec.optimizer));

  const rest = new Allocator(state + stateBytes);
  const snapshot = rest.take(stateBytes);
  const olderSnapshot = rest.take(stateBytes);
  const gradients = rest.take(parameterBytes);
  const own = new Allocator(0);
  // Not Math.max(...strides): a call has a limit of arguments.
  const widest = strides.reduce((most, stride) => Math.max(most, stride)) * itemBytes;
  const panelOffset = own.take(Math.max(Limit.PanelBytes, Limit.TileHeight * widest));
  const transposedOffset = own.take(Limit.NarrowUnits * widest);
  const threadBytes = own.end;
  const scratch = rest.take(threads * threadBytes);
  const rowBytes = (inputs + outputs + 3 * strides.reduce((sum, stride) => sum + stride)) * itemBytes;
  const tileRows = Math.max(1, Math.min(TILE_ROWS, Math.floor(TILE_BYTES / rowBytes)));
  const tile = (columns: number): number => rest.take(tileRows * columns * itemBytes + SLACK);
  const layers = spec.layers.map((layer, i) => ({
    inputs: layer.inputs,
    units: layer.units,
    vectors: vectors[i],
    stride: strides[i],
    ...blocks[i],
    output: tile(strides[i]),
    delta: tile(strides[i]),
    derivative: keepsDerivative(layer) ? tile(strides[i]) : 0,
    tailMask: masks + 16 * i,
  }));
  const placed = {
    // Padded, because the gradients with respect to the inputs overwrite them.
    tileX: tile(roundUp(inputs, lanes)),
    tileY: tile(strides.at(-1)!),
    tileWeights: tile(1),
    tileTotals: rest.take(tileRows * 16),
    tileOutputWeights: tile(strides.at(-1)!),
    stagedY: tile(outputs),
    stagedWeights: tile(1),
  };
  return {
    itemBytes,
    tileRows,
    layers,
    state,
    stateBytes,
    parameters,
    parameterBytes,
    snapshot,
    olderSnapshot,
    gradients,
    records,
    panel: scratch + panelOffset,
    transposed: scratch + transposedOffset,
    threadBytes,
    ...placed,
    end: rest.end,
  };
}

/**
 * The addresses of a training set and its validation rows, from `start` on.
 * @param x the address of the inputs if they are in memory already, else 0
 */
export function dataLayout(
  spec: ModelSpec,
  start: number,
  rows: number,
  validationRows: number,
  has: { readonly weights: boolean; readonly outputWeights: boolean; readonly order: boolean },
  x = 0,
): DataLayout {
  const itemBytes = itemSize(spec.dtype);
  const data = new Allocator(start);
  const inputs = (count: number): number => data.take(count * inputsOf(spec) * itemBytes + SLACK);
  const outputs = (count: number): number => data.take(count * outputsOf(spec) * itemBytes + SLACK);
  return {
    x: x || inputs(rows),
    y: outputs(rows),
    weights: has.weights ? data.take(rows * itemBytes) : 0,
    outputWeights: has.outputWeights ? outputs(rows) : 0,
    order: has.order ? data.take(rows * 4) : 0,
    validationX: inputs(validationRows),
    validationY: outputs(validationRows),
    end: data.end,
  };
}
