// Which line of a file a row stands on: blank lines, and cells that contain line breaks, shift the two against each other.

/** More shifts than this are not kept; lines are then named as "about". */
const MOST = 100_000;

export class LineMap {
  /** Rows from which on the line is the row plus this. */
  readonly #rows: number[] = [];
  readonly #offsets: number[] = [];

  /** Says on which line, from 1, a row, from 0, begins. Rows come in order. */
  add(row: number, line: number): void {
    const offset = line - row;
    if (this.#offsets.at(-1) === offset || this.#rows.length === MOST) return;
    this.#rows.push(row);
    this.#offsets.push(offset);
  }

  /** `line 12`. */
  describe(row: number): string {
    let at = this.#rows.findLastIndex((first) => first <= row);
    if (at < 0) at = 0;
    return `line ${this.#rows.length === MOST ? "about " : ""}${row + (this.#offsets[at] ?? 1)}`;
  }

  clear(): void {
    this.#rows.length = this.#offsets.length = 0;
  }
}
