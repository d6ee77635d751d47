// Encoded rows in a temporary file: text is parsed once, and each epoch reads numbers. Blocks of rows are taken in an order of their
// own each epoch, and those of a chunk are shuffled by the network, so that a file sorted by class is well mixed.
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { shuffledRows } from "../../entries/selection/random.js";
import type { Dtype, FloatArray } from "../../index.js";

/** Rows of a block, and numbers of a chunk of blocks. */
const BLOCK = 256;
const CHUNK = 1 << 20;

const inOrder = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

export class RowCache {
  readonly #inputs: number;
  readonly #targets: number;
  readonly #Type: Float32ArrayConstructor | Float64ArrayConstructor;
  readonly #folder = mkdtempSync(join(tmpdir(), "wasmlp-"));
  readonly #file: number;
  /** The block that is being filled: its rows' inputs, then their targets. */
  #block: FloatArray;
  rows = 0;

  /** @param targets numbers of a row's target */
  constructor(inputs: number, targets: number, dtype: Dtype) {
    this.#inputs = inputs;
    this.#targets = targets;
    this.#Type = dtype === "float64" ? Float64Array : Float32Array;
    this.#block = new this.#Type(BLOCK * (inputs + targets));
    this.#file = openSync(join(this.#folder, "rows"), "w+", 0o600);
    process.on("exit", this.#remove);
  }

  /** Adds one row. */
  add(x: Float64Array, y: Float64Array): void {
    const at = this.rows++ % BLOCK;
    this.#block.set(x, at * this.#inputs);
    this.#block.set(y, BLOCK * this.#inputs + at * this.#targets);
    if (at === BLOCK - 1) this.#write();
  }

  /** Writes the last block, which may hold fewer rows. */
  finish(): void {
    if (this.rows % BLOCK) this.#write();
  }

  /**
   * One epoch's rows.
   * @param seed settles the order of the blocks; undefined for that of the file
   */
  *chunks(seed: number | undefined): Generator<readonly [x: FloatArray, y: FloatArray], void> {
    const blocks = Math.ceil(this.rows / BLOCK);
    const order = seed === undefined ? inOrder(blocks) : shuffledRows(blocks, seed);
    const perChunk = Math.max(1, Math.floor(CHUNK / (BLOCK * (this.#inputs + this.#targets))));
    for (let first = 0; first < blocks; first += perChunk) yield this.#read(order.slice(first, first + perChunk));
  }

  /** All rows in order, if they fit into memory. */
  all(): readonly [x: FloatArray, y: FloatArray] {
    return this.#read(inOrder(Math.ceil(this.rows / BLOCK)));
  }

  #read(blocks: readonly number[]): readonly [x: FloatArray, y: FloatArray] {
    const inputs = this.#inputs,
      targets = this.#targets;
    const sizes = blocks.map((block) => Math.min(BLOCK, this.rows - block * BLOCK));
    const rows = sizes.reduce((sum, size) => sum + size, 0);
    const x = new this.#Type(rows * inputs),
      y = new this.#Type(rows * targets);
    let at = 0;
    for (const [i, size] of sizes.entries()) {
      readSync(this.#file, this.#block, 0, this.#block.byteLength, blocks[i]! * this.#block.byteLength);
      x.set(this.#block.subarray(0, size * inputs), at * inputs);
      y.set(this.#block.subarray(BLOCK * inputs, BLOCK * inputs + size * targets), at * targets);
      at += size;
    }
    return [x, y];
  }

  close(): void {
    closeSync(this.#file);
    process.off("exit", this.#remove);
    this.#remove();
  }

  #write(): void {
    writeSync(this.#file, this.#block);
  }

  readonly #remove = (): void => rmSync(this.#folder, { recursive: true, force: true });
}
