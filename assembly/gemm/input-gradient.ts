// dX = dY·Wᵀ: dot products of rows with rows, vectorised along the units, each reduced once at the end.
import { tiledRows, tileRows } from "./tile";
import { dots1x2, dots4x2, dots6x2 } from "./tiles";

/**
 * dX[r][i] = Σ_u dY[r][u]·W[i][u] for r < rows, i < inputs, u < vectors·lanes.
 *
 * `inputs` is a whole number of vectors: W has zero rows up to there, which make dX's padding zero. The padding of dY and of W
 * must be finite, and at least one of them zero. Strides in bytes; dX must not overlap the others.
 * Each dot product is `lanes` partial sums and one reduction in a fixed order, independent of the tile.
 * Error: |dX − exact| ≤ (vectors + lanes)·ε·(|dY|·|W|ᵀ).
 */
export function inputGradient<T>(
  rows: i32, inputs: i32,
  dy: usize, dyRow: usize,
  w: usize, wRow: usize, vectors: i32,
  dx: usize, dxRow: usize,
): void {
  const tallest = tileRows();
  const tiled = tiledRows(rows, tallest);
  let r = tiled;
  if (tallest == 6) {
    for (; r == 6 || r > 8; r -= 6) {
      strip<T>(6, inputs, dy, dyRow, w, wRow, vectors, dx, dxRow);
      dy += 6 * dyRow;
      dx += 6 * dxRow;
    }
  }
  for (; r > 0; r -= 4) {
    strip<T>(4, inputs, dy, dyRow, w, wRow, vectors, dx, dxRow);
    dy += 4 * dyRow;
    dx += 4 * dxRow;
  }
  for (r = rows - tiled; r > 0; --r) {
    strip<T>(1, inputs, dy, dyRow, w, wRow, vectors, dx, dxRow);
    dy += dyRow;
    dx += dxRow;
  }
}

/**
 * `rows` (1, 4 or 6, constant where this is inlined) rows of dX. W is read once for all of them, while these rows of dY stay in the
 * L1 cache.
 */
@inline
function strip<T>(
  rows: i32, inputs: i32,
  dy: usize, dyRow: usize,
  w: usize, wRow: usize, vectors: i32,
  dx: usize, dxRow: usize,
): void {
  for (; inputs > 0; inputs -= 2) {
    if (rows == 6) dots6x2<T>(dy, dyRow, w, wRow, vectors, dx, dxRow);
    else if (rows == 4) dots4x2<T>(dy, dyRow, w, wRow, vectors, dx, dxRow);
    else dots1x2<T>(dy, dyRow, w, wRow, vectors, dx, dxRow);
    w += 2 * wRow;
    dx += 2 * sizeof<T>();
  }
}
