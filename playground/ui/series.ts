// A curve that may grow for ever and stays drawable: when it has too many points, every second one goes.

const LIMIT = 1200;

export class Series {
  /** The xs, then a list for each curve; all of one length. The last point is always the newest. */
  readonly columns: (number | null)[][];
  #stride = 1;
  #sinceKept = 0;

  constructor(curves: number) {
    this.columns = Array.from({ length: curves + 1 }, () => []);
  }

  get length(): number {
    return this.columns[0].length;
  }

  clear(): void {
    for (const column of this.columns) column.length = 0;
    this.#stride = 1;
    this.#sinceKept = 0;
  }

  /** Adds a point; `undefined` for a curve that has none here. */
  push(x: number, ...ys: readonly (number | undefined)[]): void {
    // A point that is not to be kept is replaced by the next.
    if (this.length > 1 && this.#sinceKept < this.#stride) for (const column of this.columns) column.pop();
    else this.#sinceKept = 0;
    this.#sinceKept++;
    [x, ...ys].forEach((value, i) => this.columns[i].push(value ?? null));
    if (this.length > LIMIT) this.#thin();
  }

  #thin(): void {
    for (const column of this.columns) {
      let kept = 0;
      for (let i = 0; i < column.length; i += 2) column[kept++] = column[i];
      column.length = kept;
    }
    this.#stride *= 2;
  }
}
