// C = start + A·B over whole matrices, tile by tile: the loop that the forward and the weight-gradient product share.
import { tile, tileRows } from "./tile";

/**
 * C[r][c] = start[r][c] + Σ_k A[r][k]·B[k][c] for r < rows and all `vectors` vectors of a row. Strides in bytes, as in
 * tile(). depth ≥ 1, rows ≥ 1, vectors ≥ 1. C may be start; C must not overlap A or B. A start of 0 is Address.Zeros: every
 * sum starts from 0 (startRow must then be 0 as well).
 * Error: |C − exact| ≤ (depth + 1)·ε·(|start| + |A|·|B|), ε the unit roundoff.
 */
export function multiply<T>(
  rows: i32, vectors: i32,
  a: usize, aRow: usize, aStep: usize,
  b: usize, bRow: usize, depth: i32,
  start: usize, startRow: usize,
  c: usize, cRow: usize,
): void {
  const startStep: usize = start ? 32 : 0;
  const tallest = tileRows<T>();
  // Columns outside: a panel of B (depth × 2 vectors) stays in the nearest cache while every row tile uses it.
  for (; vectors > 1; vectors -= 2) {
    column<T>(2, tallest, rows, a, aRow, aStep, b, bRow, depth, start, startRow, c, cRow);
    b += 32;
    c += 32;
    start += startStep;
  }
  if (vectors) column<T>(1, tallest, rows, a, aRow, aStep, b, bRow, depth, start, startRow, c, cRow);
}

/** All rows of one column panel. 8 rows are 4 + 4 rather than 6 + 2: tiles of fewer than 4 rows wait for their sums. */
@inline
function column<T>(
  vectors: i32, tallest: i32, rows: i32,
  a: usize, aRow: usize, aStep: usize,
  b: usize, bRow: usize, depth: i32,
  start: usize, startRow: usize,
  c: usize, cRow: usize,
): void {
  while (rows > 0) {
    let height: i32;
    if (tallest == 6 && (rows == 6 || rows > 8)) {
      height = 6;
      tile<T>(6, vectors, a, aRow, aStep, b, bRow, depth, start, startRow, c, cRow);
    } else if (rows >= 4) {
      height = 4;
      tile<T>(4, vectors, a, aRow, aStep, b, bRow, depth, start, startRow, c, cRow);
    } else if (rows >= 2) {
      height = 2;
      tile<T>(2, vectors, a, aRow, aStep, b, bRow, depth, start, startRow, c, cRow);
    } else {
      height = 1;
      tile<T>(1, vectors, a, aRow, aStep, b, bRow, depth, start, startRow, c, cRow);
    }
    rows -= height;
    a += <usize>height * aRow;
    c += <usize>height * cRow;
    start += <usize>height * startRow;
  }
}
