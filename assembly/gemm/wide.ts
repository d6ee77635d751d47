// The matrix product's column panels of 4 vectors, where the engine pairs two 128-bit vectors in one 256-bit register.
import { tile4x4, tile6x4 } from "./wide-tiles";

/** The tiled rows of a column panel of 4 vectors, as `column` in multiply.ts: a function of its own, to have registers of its own. */
export function wideColumn<T>(
  tallest: i32, rows: i32,
  a: usize, aRow: usize, aStep: usize,
  b: usize, bRow: usize, depth: i32,
  start: usize, startRow: usize,
  c: usize, cRow: usize, rate: usize,
): void {
  if (tallest == 6) {
    for (; rows == 6 || rows > 8; rows -= 6) {
      tile6x4<T>(a, aRow, aStep, b, bRow, depth, start, startRow, c, cRow, rate);
      a += 6 * aRow;
      c += 6 * cRow;
      start += 6 * startRow;
    }
  }
  for (; rows > 0; rows -= 4) {
    tile4x4<T>(a, aRow, aStep, b, bRow, depth, start, startRow, c, cRow, rate);
    a += 4 * aRow;
    c += 4 * cRow;
    start += 4 * startRow;
  }
}
