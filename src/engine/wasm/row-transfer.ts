// How a caller's rows get into a network's linear memory, and when they need not be copied.
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
   * Copies some rows to memory. A flat array is copied as it is and scanned there, several times as fast as a loop in
   * JavaScript. The scan reads whole vectors: numbers behind the last row may fail it, and then the rows check themselves.
   */
  put(rows: Rows, address: number, first: number, count: number): void {
    const { source, columns } = rows;
    const length = count * columns;
    // For a few numbers a loop is faster. An array that has shrunk since is the rows' to report.
    if (length > 48 && source?.length === rows.count * columns) {
      const { itemBytes } = this.#m.layout;
      this.#m.numbers.set(count === rows.count ? source : source.subarray(first * columns, (first + count) * columns), address / itemBytes);
      if (this.#kernels.isFinite(address, length * itemBytes)) return;
    }
    rows.write(this.#m.region(address, length), first, count);
  }

  /** Copies all rows to memory, piece by piece. */
  *bring(rows: Rows, address: number): Cooperative<void> {
    const { itemBytes } = this.#m.layout;
    const { count, columns } = rows;
    const most = pieceRows(columns);
    // Not by `pieces`: this runs for every optimiser step.
    for (let first = 0; first < count; first += most) {
      this.put(rows, address + first * columns * itemBytes, first, Math.min(most, count - first));
      yield undefined;
    }
  }

  /** Copies rows to an array of their own. */
  *hold(rows: Rows): Cooperative<Rows> {
    const values = createArray(this.#m.spec.dtype, rows.count * rows.columns);
    yield* writeRows(rows, values);
    return rowsOf(values, rows.columns);
  }

  /** The address of rows that already lie in this memory, once they are known to be finite; 0 for others. */
  addressOf(rows: Rows): number {
    const address = this.#m.addressOf(rows.source);
    // The scan reads whole vectors: numbers behind the last row may fail it, and then the rows check themselves.
    if (address && !this.#kernels.isFinite(address, rows.count * rows.columns * this.#m.layout.itemBytes)) {
      rows.write(this.#m.region(address, rows.count * rows.columns), 0, rows.count);
    }
    return address;
  }
}
