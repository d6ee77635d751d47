// dX = dY·Wᵀ: dot products of rows with rows, vectors along the units, each reduced once, at its end.
import { add, madd, splat } from "../lanes";
import { tiledRows, tileRows } from "./tile";

/**
 * dX[r][i] = Σ_u dY[r][u]·W[i][u] for r < rows, i < inputs, u < vectors·lanes.
 *
 * `inputs` is a whole number of vectors: W has zero rows up to there, which make dX's padding zero. dY's padding and
 * W's padding must be finite and at least one of them zero. Strides in bytes; dX overlaps nothing.
 * Each dot product runs in `lanes` partial sums, then one fixed reduction: independent of the tile.
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

/** Some rows of dX. W goes by outside, once for all of them, while these rows of dY stay in the nearest cache. */
@inline
function strip<T>(
  rows: i32, inputs: i32,
  dy: usize, dyRow: usize,
  w: usize, wRow: usize, vectors: i32,
  dx: usize, dxRow: usize,
): void {
  for (; inputs > 0; inputs -= 2) {
    dots<T>(rows, dy, dyRow, w, wRow, vectors, dx, dxRow);
    w += 2 * wRow;
    dx += 2 * sizeof<T>();
  }
}

/** The dot products of 1, 4 or 6 rows of dY with 2 rows of W; `rows` must be a constant where this is inlined. */
@inline
function dots<T>(
  rows: i32,
  y0: usize, dyRow: usize,
  w0: usize, wRow: usize, vectors: i32,
  x: usize, dxRow: usize,
): void {
  const zero = splat<T>(0);
  let c00 = zero, c01 = zero, c10 = zero, c11 = zero, c20 = zero, c21 = zero;
  let c30 = zero, c31 = zero, c40 = zero, c41 = zero, c50 = zero, c51 = zero;
  let w1 = w0 + wRow, y1 = y0 + dyRow, y2 = y1 + dyRow, y3 = y2 + dyRow, y4 = y3 + dyRow, y5 = y4 + dyRow;
  do {
    const a = v128.load(w0);
    const b = v128.load(w1);
    let y = v128.load(y0);
    c00 = madd<T>(y, a, c00);
    c01 = madd<T>(y, b, c01);
    if (rows > 1) {
      y = v128.load(y1);
      c10 = madd<T>(y, a, c10);
      c11 = madd<T>(y, b, c11);
      y = v128.load(y2);
      c20 = madd<T>(y, a, c20);
      c21 = madd<T>(y, b, c21);
      y = v128.load(y3);
      c30 = madd<T>(y, a, c30);
      c31 = madd<T>(y, b, c31);
    }
    if (rows > 4) {
      y = v128.load(y4);
      c40 = madd<T>(y, a, c40);
      c41 = madd<T>(y, b, c41);
      y = v128.load(y5);
      c50 = madd<T>(y, a, c50);
      c51 = madd<T>(y, b, c51);
    }
    w0 += 16;
    w1 += 16;
    y0 += 16;
    y1 += 16;
    y2 += 16;
    y3 += 16;
    y4 += 16;
    y5 += 16;
  } while (--vectors);
  storePair<T>(x, c00, c01);
  if (rows > 1) {
    x += dxRow;
    storePair<T>(x, c10, c11);
    x += dxRow;
    storePair<T>(x, c20, c21);
    x += dxRow;
    storePair<T>(x, c30, c31);
  }
  if (rows > 4) {
    x += dxRow;
    storePair<T>(x, c40, c41);
    x += dxRow;
    storePair<T>(x, c50, c51);
  }
}

/** The two vectors' sums, as (0+2)+(1+3) each in float32 and 0+1 in float64, side by side. */
@inline
function storePair<T>(x: usize, a: v128, b: v128): void {
  if (sizeof<T>() == 4) {
    const halves = add<T>(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
    v128.store_lane<i64>(x, add<T>(halves, v128.shuffle<f32>(halves, halves, 2, 3, 0, 1)), 0);
  } else {
    v128.store(x, add<T>(v128.shuffle<f64>(a, b, 0, 2), v128.shuffle<f64>(a, b, 1, 3)));
  }
}
