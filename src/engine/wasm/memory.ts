// Access to a network's linear memory from JavaScript: numbers, header fields, blocks of parameters; and its growth.
import { type Header } from "../../../assembly/abi.js";
import { createArray, emptyBlock } from "../../model/parameters.js";
import type { FloatArray, LayerParameters, ModelSpec } from "../../model/spec.js";
import { wasm } from "../../platform.js";
import { writeConstants } from "./constants.js";
import type { Build } from "./instantiate.js";
import { networkLayout, type NetworkLayout } from "./layout.js";
import { writeTables } from "./tables.js";

const PAGE = 65536;
/** The maximum size of a linear memory, in pages of 64 kB. */
export const MAXIMUM_PAGES = 65536;

export class NetworkMemory {
  readonly layout: NetworkLayout;
  readonly memory: WebAssembly.Memory;
  /** Views of the whole memory: as numbers of the network's precision, as integers and as float64. Replaced when the memory has grown. */
  numbers!: FloatArray;
  #integers!: Uint32Array;
  #doubles!: Float64Array;

  /**
   * @param shared whether worker threads share the memory
   * @param threads the number of compute threads
   */
  constructor(
    readonly spec: ModelSpec,
    build: Build,
    shared: boolean,
    threads: number,
  ) {
    this.layout = networkLayout(spec, threads);
    const { end } = this.layout;
    const initial = Math.ceil(end / PAGE);
    if (initial > MAXIMUM_PAGES) throw outOfMemory("this network", end);
    try {
      this.memory = new wasm.Memory({ initial, maximum: MAXIMUM_PAGES, shared });
    } catch {
      throw outOfMemory("this network", end);
    }
    this.#refreshViews();
    writeConstants(this.memory.buffer, spec.dtype, build);
    writeTables(this.memory.buffer, spec, this.layout, threads);
  }

  integer(field: Header): number {
    return this.#integers[field / 4];
  }

  setInteger(field: Header, value: number): void {
    this.#integers[field / 4] = value;
  }

  double(address: number): number {
    return this.#doubles[address / 8];
  }

  setDouble(field: Header, value: number): void {
    this.#doubles[field / 8] = value;
  }

  region(address: number, length: number): FloatArray {
    const from = address / this.layout.itemBytes;
    return this.numbers.subarray(from, from + length);
  }

  /** The address of an array in the network's precision, or 0 if it is not in this memory. */
  addressOf(array: ArrayBufferView | undefined): number {
    return array?.buffer === this.memory.buffer && array.constructor === this.numbers.constructor ? array.byteOffset : 0;
  }

  /** A block shaped as the parameters, unpadded. */
  readBlock(address: number): LayerParameters[] {
    const block = emptyBlock(this.spec);
    this.#eachRow(address, block, (at, dense, from, count) => dense.set(this.numbers.subarray(at, at + count), from));
    return block;
  }

  writeBlock(address: number, block: readonly LayerParameters[]): void {
    this.#eachRow(address, block, (at, dense, from, count) => this.numbers.set(dense.subarray(from, from + count), at));
  }

  /** Copies a state (step, epoch, parameters, slots) between two addresses, or from another memory of the same network. */
  copyState(from: number, to: number, source: NetworkMemory = this): void {
    const { stateBytes, itemBytes } = this.layout;
    // Within one memory without a view of it: this runs once a step.
    if (source === this) this.numbers.copyWithin(to / itemBytes, from / itemBytes, (from + stateBytes) / itemBytes);
    else this.numbers.set(source.region(from, stateBytes / itemBytes), to / itemBytes);
  }

  /** Whether the memory ends before `end`. */
  mustGrow(end: number): boolean {
    return end > this.memory.buffer.byteLength;
  }

  /** Grows the memory up to `end`. Growing an unshared memory detaches all arrays over it. */
  grow(end: number): void {
    const missing = Math.ceil(end / PAGE) - this.memory.buffer.byteLength / PAGE;
    if (missing <= 0) return;
    try {
      this.memory.grow(missing);
    } catch {
      throw outOfMemory("this network with these rows", end);
    }
    this.#refreshViews();
  }

  /**
   * Visits the rows of all kernels, and the biases, in a block at `address` and in an unpadded one. `visit` receives the row's index in
   * `numbers`, the unpadded array, the row's index in that array, and its length.
   */
  #eachRow(
    address: number,
    block: readonly LayerParameters[],
    visit: (at: number, dense: FloatArray, from: number, count: number) => void,
  ): void {
    const { layers, parameters, itemBytes } = this.layout;
    block.forEach(({ kernel, bias }, l) => {
      const layer = layers[l];
      const { units } = layer;
      const start = (at: number): number => (at - parameters + address) / itemBytes;
      for (let row = 0; row < layer.inputs; row++) visit(start(layer.kernel) + row * layer.stride, kernel, row * units, units);
      if (bias) visit(start(layer.bias), bias, 0, units);
    });
  }

  #refreshViews(): void {
    const { buffer } = this.memory;
    this.numbers = createArray(this.spec.dtype, buffer);
    this.#integers = new Uint32Array(buffer);
    this.#doubles = new Float64Array(buffer);
  }
}

function outOfMemory(what: string, bytes: number): RangeError {
  return new RangeError(
    `${what} needs ${Math.ceil(bytes / 2 ** 20)} MB of memory, which WebAssembly cannot provide here (at most 4096 MB, and what the machine has free)`,
  );
}
