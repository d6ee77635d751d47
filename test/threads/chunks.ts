// Rows in chunks, for the suites of streams.
import type { Chunk } from "../../src/index.js";
import { table } from "../nn/support.js";

export const ROWS = 103;
export const X = table(ROWS, 3, 1),
  Y = table(ROWS, 2, 2);

/** All rows in chunks of these sizes, over and over. */
export function* cut(sizes: readonly number[], x: readonly unknown[] = X, y: readonly unknown[] = Y): Generator<Chunk> {
  for (let first = 0, i = 0; first < x.length; i++) {
    const end = first + sizes[i % sizes.length];
    yield [x.slice(first, end), y.slice(first, end)] as unknown as Chunk;
    first = end;
  }
}
/** The same, each after a microtask. */
export async function* later(chunks: Iterable<Chunk>): AsyncGenerator<Chunk> {
  for (const chunk of chunks) {
    await Promise.resolve();
    yield chunk;
  }
}
