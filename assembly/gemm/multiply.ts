// C = start + A·B over whole matrices, tile by tile, for the forward product and the weight gradient.
import { PIECE, tiledRows, tileRows, tileVectors } from "./tile";
import { tile1x1, tile1x2, tile4x1, tile4x2, tile4x2Folded, tile6x1, tile6x2 } from "./tiles";
import { wideColumn } from "./wide";

/**
 * Terms of a sum that are added at once: what a column of tiles reads of A and B then stays in the L1 cache. In between, C holds
 * the partial sums, which is exact.
 */
const DEPTH: i32 = 256;

/**
 * C[r][c] = start[r][c] + Σ_k A[r][k]·B[k][c] for r < rows and all `vectors` vectors of a row. Strides in bytes, as in tile.ts.
 * depth ≥ 1, rows ≥ 1, vectors ≥ 1. C may be start; C must not overlap A or B. A start of 0 is Address.Zeros: every sum starts
 * from 0 (startRow must then be 0 as well). With a `rate`, as in tile.ts, depth ≤ 384: C cannot hold partial sums.
 * Error: |C − exact| ≤ (depth + 1)·ε·(|start| + |A|·|B|), ε the unit roundoff; a `rate` adds one rounding.
 */
export function multiply<T>(
  rows: i32, vectors: i32,
  a: usize, aRow: usize, aStep: usize,
  b: usize, bRow: usize, depth: i32,
  start: usize, startRow: usize,
  c: usize, cRow: usize, rate: usize,
): void {
  for (; depth > DEPTH + DEPTH / 2; depth -= DEPTH) {
    multiply<T>(rows, vectors, a, aRow, aStep, b, bRow, DEPTH, start, startRow, c, cRow, 0);
    a += <usize>DEPTH * aStep;
    b += <usize>DEPTH * bRow;
    start = c;
    startRow = cRow;
  }
  const startStep: usize = start ? PIECE : 0;
  const tallest = tileRows();
  const tiled = tiledRows(rows, tallest);
  for (let r: usize = tiled; r < <usize>rows; ++r) {
    singleRow<T>(vectors, a + r * aRow, aStep, b, bRow, depth, start + r * startRow, startStep, c + r * cRow, rate);
  }
  // Columns in the outer loop: a panel of B (depth × 2 or 4 vectors) stays in the L1 cache while every row tile uses it.
  const widest = tileVectors();
  for (; widest == 4 && vectors > 3; vectors -= 4) {
    wideColumn<T>(tallest, tiled, a, aRow, aStep, b, bRow, depth, start, startRow, c, cRow, rate);
    b += 2 * PIECE;
    c += 2 * PIECE;
    start += 2 * startStep;
  }
  for (; vectors > 1; vectors -= 2) {
    column<T>(2, tallest, tiled, a, aRow, aStep, b, bRow, depth, start, startRow, c, cRow, rate);
    b += PIECE;
    c += PIECE;
    start += startStep;
  }
  if (vectors) column<T>(1, tallest, tiled, a, aRow, aStep, b, bRow, depth, start, startRow, c, cRow, rate);
}

/** The tiled rows of one column panel. 8 rows are 4 + 4 rather than 6 + 2: short tiles are bound by the latency of their sums. */
@inline
function column<T>(
  vectors: i32, tallest: i32, rows: i32,
  a: usize, aRow: usize, aStep: usize,
  b: usize, bRow: usize, depth: i32,
  start: usize, startRow: usize,
  c: usize, cRow: usize, rate: usize,
): void {
  if (tallest == 6) {
    for (; rows == 6 || rows > 8; rows -= 6) {
      if (vectors == 2) tile6x2<T>(a, aRow, aStep, b, bRow, depth, start, startRow, c, cRow, rate);
      else tile6x1<T>(a, aRow, aStep, b, bRow, depth, start, startRow, c, cRow, rate);
      a += 6 * aRow;
      c += 6 * cRow;
      start += 6 * startRow;
    }
  }
  for (; rows > 0; rows -= 4) {
    if (vectors == 2) tile4x2<T>(a, aRow, aStep, b, bRow, depth, start, startRow, c, cRow, rate);
    else tile4x1<T>(a, aRow, aStep, b, bRow, depth, start, startRow, c, cRow, rate);
    a += 4 * aRow;
    c += 4 * cRow;
    start += 4 * startRow;
  }
}

/** A single row, 8 vectors at a time where it has that many: as many accumulators as a tile of 4 × 2. */
@inline
function singleRow<T>(
  vectors: i32,
  a: usize, aStep: usize,
  b: usize, bRow: usize, depth: i32,
  start: usize, startStep: usize,
  c: usize, rate: usize,
): void {
  for (; vectors >= 8; vectors -= 8) {
    tile4x2Folded<T>(a, 0, aStep, b, bRow, depth, start, startStep, c, PIECE, rate);
    b += 4 * PIECE;
    c += 4 * PIECE;
    start += 4 * startStep;
  }
  for (; vectors > 1; vectors -= 2) {
    tile1x2<T>(a, 0, aStep, b, bRow, depth, start, 0, c, 0, rate);
    b += PIECE;
    c += PIECE;
    start += startStep;
  }
  if (vectors) tile1x1<T>(a, 0, aStep, b, bRow, depth, start, 0, c, 0, rate);
}
