// What the register tiles have in common. scripts/tiles.mjs generates the tiles themselves: tiles.ts, wide-tiles.ts.
//
// A tile `tile6x2` is 6 rows × 2 vectors of
//
//   C[r][c] = start[r][c] + Σ_k A[r][k]·B[k][c]
//
// accumulated in registers, one k an iteration; or, with a `rate` (the address of a vector), C ← C + rate·(start + A·B): a step of
// plain gradient descent, taken while the gradient is in registers.
//
// Pointers are byte addresses; element A[r][k] lies at a + r·aRow + k·aStep, the vectors of B[k] at b + k·bRow, those of C[r] at
// c + r·cRow, and the starting values at start + r·startRow (0 to start every row from the same vectors). depth ≥ 1. C may be
// start; C must not overlap A or B.
//
// A tile's rows may also be consecutive pieces of one row of C (`tile4x2Folded`): A has one row, and B's vectors, like C's, continue
// from piece to piece (cRow = PIECE, startRow = PIECE or 0). With only 2 accumulators a single row would be bound by their latency.
//
// `dots6x2` is the dot products of 6 rows of dY with 2 rows of W (input-gradient.ts).
//
// The tallest tile depends on the build: 12 accumulators fit V8's 15 vector registers only when multiply and add are one
// instruction. Each element is one running sum over k = 0, 1, 2 …, so results do not depend on the tile.
import { Constant } from "../abi";
import { add } from "../lanes";

/** Rows of the tallest tile, 4 or 6. */
@inline
export function tileRows(): i32 {
  return load<i32>(Constant.TileRows);
}

/** Vectors of the widest tile, 2 or 4. */
@inline
export function tileVectors(): i32 {
  return load<i32>(Constant.TileVectors);
}

/** How many of `rows` rows tiles of 4 and, where it is the tallest, 6 rows can cover: with 6, every even number from 4 on. */
@inline
export function tiledRows(rows: i32, tallest: i32): i32 {
  return rows & (tallest == 6 && rows > 3 ? -2 : -4);
}

/** Bytes of a row of C that a tile of 2 vectors covers. */
@inline
export const PIECE: usize = 32;

/** Reduces two vectors, each as (0+2)+(1+3) in float32 and 0+1 in float64, and stores both sums side by side. */
@inline
export function storeSums<T>(x: usize, a: v128, b: v128): void {
  if (sizeof<T>() == 4) {
    const halves = add<T>(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
    v128.store_lane<i64>(x, add<T>(halves, v128.shuffle<f32>(halves, halves, 2, 3, 0, 1)), 0);
  } else {
    v128.store(x, add<T>(v128.shuffle<f64>(a, b, 0, 2), v128.shuffle<f64>(a, b, 1, 3)));
  }
}
