// A network's linear memory, as JavaScript sees it: its numbers, header fields, blocks of parameters, and its growth.
import { type Header } from "../../assembly/abi.js";
import { networkLayout, type LayerLayout, type NetworkLayout } from "../layout.js";
import { createArray } from "../parameters.js";
import type { FloatArray, LayerParameters, ModelSpec } from "../spec.js";
import { writeConstants } from "../wasm/constants.js";
import type { Build } from "../wasm/instantiate.js";
import { writeTables } from "../wasm/tables.js";

const PAGE = 65536;
/** A linear memory has no more, of 64 kB each. */
export const MAXIMUM_PAGES = 65536;

export class NetworkMemory {
  readonly layout: NetworkLayout;
  readonly memory: WebAssembly.Memory;
  /** The whole memory, as the network's numbers, as integers, and as float64; made anew when the memory has grown. */
  numbers!: FloatArray;
  #integers!: Uint32Array;
  #doubles!: Float64Array;

  /** @param shared whether workers will compute on it, and how many threads in all */
  constructor(readonly spec: ModelSpec, build: Build, shared: boolean, threads: number) {
    this.layout = networkLayout(spec, threads);
    const { end } = this.layout;
    const initial = Math.ceil(end / PAGE);
    if (initial > MAXIMUM_PAGES) throw outOfMemory("this network", end);
    try {
      this.memory = new WebAssembly.Memory({ initial, maximum: MAXIMUM_PAGES, shared });
    } catch {
      throw outOfMemory("this network", end);
    }
    this.#refreshViews();
    writeConstants(this.memory.buffer, spec.dtype, build);
    writeTables(this.memory.buffer, spec, this.layout, threads);
  }

  integer(field: Header): number {
    return this.#integers[field / 4]!;
  }

  setInteger(field: Header, value: number): void {
    this.#integers[field / 4] = value;
  }

  double(address: number): number {
    return this.#doubles[address / 8]!;
  }

  setDouble(field: Header, value: number): void {
    this.#doubles[field / 8] = value;
  }

  region(address: number, length: number): FloatArray {
    const from = address / this.layout.itemBytes;
    return this.numbers.subarray(from, from + length);
  }

  /** Where an array of the network's numbers lies in this memory, or 0 when it lies elsewhere. */
  addressOf(array: ArrayBufferView | undefined): number {
    return array?.buffer === this.memory.buffer && array.constructor === this.numbers.constructor ? array.byteOffset : 0;
  }

  /** A block shaped as the parameters, unpadded. */
  readBlock(address: number): LayerParameters[] {
    return this.layout.layers.map((layer, i) => {
      const kernel = createArray(this.spec.dtype, layer.inputs * layer.units);
      this.#kernelRows(address, layer, (row, at) => kernel.set(this.numbers.subarray(at, at + layer.units), row * layer.units));
      if (!this.spec.layers[i]!.bias) return { kernel };
      return { kernel, bias: this.region(this.#shifted(address, layer.bias), layer.units).slice() };
    });
  }

  writeBlock(address: number, block: readonly LayerParameters[]): void {
    this.layout.layers.forEach((layer, i) => {
      const { kernel, bias } = block[i]!;
      this.#kernelRows(address, layer, (row, at) => this.numbers.set(kernel.subarray(row * layer.units, (row + 1) * layer.units), at));
      if (bias) this.region(this.#shifted(address, layer.bias), layer.units).set(bias);
    });
  }

  /** Copies a state (step, epoch, parameters, slots) from one place to another, or from another memory of the same network. */
  copyState(from: number, to: number, source: NetworkMemory = this): void {
    const { stateBytes, itemBytes } = this.layout;
    this.numbers.set(source.region(from, stateBytes / itemBytes), to / itemBytes);
  }

  /** Makes room up to `end`. A memory that is not shared moves: arrays that lie in it are detached. */
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

  #kernelRows(block: number, layer: LayerLayout, visit: (row: number, at: number) => void): void {
    const from = this.#shifted(block, layer.kernel) / this.layout.itemBytes;
    for (let row = 0; row < layer.inputs; row++) visit(row, from + row * layer.stride);
  }

  /** The address in another block of what lies at `address` in the parameters. */
  #shifted(block: number, address: number): number {
    return address - this.layout.parameters + block;
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
