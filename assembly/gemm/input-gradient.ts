// dX = dY·Wᵀ: dot products of rows with rows, vectors along the units, each reduced once, at its end.
import { add, madd, splat } from "../lanes";

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
  for (let i = 0; i < inputs; i += 2) {
    let r = rows, y = dy, x = dx;
    for (; r >= 4; r -= 4) {
      dots<T>(4, y, dyRow, w, wRow, vectors, x, dxRow);
      y += 4 * dyRow;
      x += 4 * dxRow;
    }
    for (; r > 0; --r) {
      dots<T>(1, y, dyRow, w, wRow, vectors, x, dxRow);
      y += dyRow;
      x += dxRow;
    }
    w += 2 * wRow;
    dx += 2 * sizeof<T>();
  }
}

/** The dot products of 1 or 4 rows of dY with 2 rows of W; `rows` must be a constant where this is inlined. */
@inline
function dots<T>(
  rows: i32,
  y0: usize, dyRow: usize,
  w0: usize, wRow: usize, vectors: i32,
  x: usize, dxRow: usize,
): void {
  const zero = splat<T>(0);
  let c00 = zero, c01 = zero, c10 = zero, c11 = zero, c20 = zero, c21 = zero, c30 = zero, c31 = zero;
  let w1 = w0 + wRow, y1 = y0 + dyRow, y2 = y1 + dyRow, y3 = y2 + dyRow;
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
    w0 += 16;
    w1 += 16;
    y0 += 16;
    y1 += 16;
    y2 += 16;
    y3 += 16;
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
