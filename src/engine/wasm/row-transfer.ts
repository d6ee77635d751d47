// Copies the caller's rows into a network's linear memory, unless they are there already.
import { createArray } from "../../model/parameters.js";
import { pieceRows, rowsOf, writeRows, type Cooperative, type Rows } from "../engine.js";
import type { Kernels } from "./instantiate.js";
import type { NetworkMemory } from "./memory.js";

export class RowTransfer {
  readonly #m: NetworkMemory;
  readonly #kernels: Kernels;

  constructor(memory: NetworkMemory, kernels: Kernels) {
    this.#m = memory;
    this.#kernels = kernels;
  }

  /**
   * Copies some rows to memory. A flat array is copied in one go and scanned there, several times as fast as a loop in JavaScript. The
   * scan reads whole vectors: numbers after the last row may fail it, and then `write` checks the rows one by one.
   */
  put(rows: Rows, address: number, first: number, count: number): void {
    const { source, columns } = rows;
    const length = count * columns;
    // For a few numbers a loop is faster. `write` reports an array whose length has changed.
    if (length > 48 && source?.length === rows.count * columns) {
      const { itemBytes } = this.#m.layout;
      this.#m.numbers.set(
        count === rows.count ? source : source.subarray(first * columns, (first + count) * columns),
        address / itemBytes,
      );
      if (this.#kernels.isFinite(address, length * itemBytes)) return;
    }
    rows.write(this.#m.region(address, length), first, count);
  }

  /** Copies all rows to memory, piece by piece. */
  *copyIn(rows: Rows, address: number): Cooperative<void> {
    const { itemBytes } = this.#m.layout;
    const { count, columns } = rows;
    const most = pieceRows(columns);
    // A plain loop instead of `pieces`, because this runs for every optimiser step.
    for (let first = 0; first < count; first += most) {
      this.put(rows, address + first * columns * itemBytes, first, Math.min(most, count - first));
      yield undefined;
    }
  }

  /** Copies rows to a new array. */
  *copyOut(rows: Rows): Cooperative<Rows> {
    const values = createArray(this.#m.spec.dtype, rows.count * rows.columns);
    yield* writeRows(rows, values);
    return rowsOf(values, rows.columns);
  }

  /** The address of rows that are in this memory already, after a check that they are finite; 0 for others. */
  addressOf(rows: Rows): number {
    const address = this.#m.addressOf(rows.source);
    // As in `put`: a failed scan may be due to numbers after the last row.
    if (address && !this.#kernels.isFinite(address, rows.count * rows.columns * this.#m.layout.itemBytes)) {
      rows.write(this.#m.region(address, rows.count * rows.columns), 0, rows.count);
    }
    return address;
  }
}
