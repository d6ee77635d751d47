// The register tile: up to 6 rows × 2 vectors of C = start + A·B, accumulated in registers, one k a turn; 4 vectors where the
// engine pairs them in registers twice as wide.
//
// A tile's height belongs to the build: 12 accumulators fit V8's 15 vector registers only when multiply and add are
// one instruction. Each element is one running sum over k = 0, 1, 2 …, so results do not depend on the tile.
import { Constant } from "../abi";
import { madd } from "../lanes";

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

/** As many of `rows` rows as tiles of 4 and, where it is the tallest, 6 rows make up: with 6, every even number from 4 on. */
@inline
export function tiledRows(rows: i32, tallest: i32): i32 {
  return rows & (tallest == 6 && rows > 3 ? -2 : -4);
}

/** Bytes of a row of C that a tile of 2 vectors covers. */
@inline
export const PIECE: usize = 32;

/**
 * C[r][c] = start[r][c] + Σ_k A[r][k]·B[k][c] for r < rows, c < vectors·lanes; or, with a `rate` (the address of a vector),
 * C ← C + rate·(start + A·B): the step of plain gradient descent, taken where the gradient is.
 *
 * `rows` (1, 4, 6), `vectors` (1, 2, 4) and `folded` must be constants where this is inlined. Pointers are byte addresses;
 * element A[r][k] lies at a + r·aRow + k·aStep, the vectors of B[k] at b + k·bRow, those of C[r] at c + r·cRow, and the
 * starting values at start + r·startRow (0 to start every row from the same vectors). depth ≥ 1. C may be start; C must not
 * overlap A or B.
 *
 * Folded (4 × 2), the tile's rows are consecutive pieces of one row of C: A has one row, and B's vectors, like C's, go on from
 * piece to piece (cRow = PIECE, startRow = PIECE or 0). With its 2 sums alone, a row would wait for them at every k.
 */
@inline
export function tile<T>(
  rows: i32, vectors: i32, folded: bool,
  a: usize, aRow: usize, aStep: usize,
  b: usize, bRow: usize, depth: i32,
  start: usize, startRow: usize,
  c: usize, cRow: usize, rate: usize,
): void {
  // Each row's address and accumulators; those that this tile lacks stay copies, and the compiler drops them.
  let a1 = a + aRow, a2 = a1 + aRow, a3 = a2 + aRow, a4 = a3 + aRow, a5 = a4 + aRow;
  let c00 = v128.load(start), c01 = c00, c02 = c00, c03 = c00, c10 = c00, c11 = c00, c12 = c00, c13 = c00;
  let c20 = c00, c21 = c00, c22 = c00, c23 = c00, c30 = c00, c31 = c00, c32 = c00, c33 = c00;
  let c40 = c00, c41 = c00, c42 = c00, c43 = c00, c50 = c00, c51 = c00, c52 = c00, c53 = c00;
  if (vectors > 1) c01 = v128.load(start, 16);
  if (vectors > 2) {
    c02 = v128.load(start, 32);
    c03 = v128.load(start, 48);
  }
  if (rows > 1) {
    start += startRow;
    c10 = v128.load(start);
    if (vectors > 1) c11 = v128.load(start, 16);
    if (vectors > 2) {
      c12 = v128.load(start, 32);
      c13 = v128.load(start, 48);
    }
    start += startRow;
    c20 = v128.load(start);
    if (vectors > 1) c21 = v128.load(start, 16);
    if (vectors > 2) {
      c22 = v128.load(start, 32);
      c23 = v128.load(start, 48);
    }
    start += startRow;
    c30 = v128.load(start);
    if (vectors > 1) c31 = v128.load(start, 16);
    if (vectors > 2) {
      c32 = v128.load(start, 32);
      c33 = v128.load(start, 48);
    }
  }
  if (rows > 4) {
    start += startRow;
    c40 = v128.load(start);
    if (vectors > 1) c41 = v128.load(start, 16);
    if (vectors > 2) {
      c42 = v128.load(start, 32);
      c43 = v128.load(start, 48);
    }
    start += startRow;
    c50 = v128.load(start);
    if (vectors > 1) c51 = v128.load(start, 16);
    if (vectors > 2) {
      c52 = v128.load(start, 32);
      c53 = v128.load(start, 48);
    }
  }
  do {
    let b0 = v128.load(b), b1 = b0, b2 = b0, b3 = b0;
    if (vectors > 1) b1 = v128.load(b, 16);
    if (vectors > 2) {
      b2 = v128.load(b, 32);
      b3 = v128.load(b, 48);
    }
    let x = v128.load_splat<T>(a);
    c00 = madd<T>(x, b0, c00);
    if (vectors > 1) c01 = madd<T>(x, b1, c01);
    if (vectors > 2) {
      c02 = madd<T>(x, b2, c02);
      c03 = madd<T>(x, b3, c03);
    }
    if (rows > 1) {
      if (folded) {
        b0 = v128.load(b, PIECE);
        b1 = v128.load(b, PIECE + 16);
      } else {
        x = v128.load_splat<T>(a1);
      }
      c10 = madd<T>(x, b0, c10);
      if (vectors > 1) c11 = madd<T>(x, b1, c11);
      if (vectors > 2) {
        c12 = madd<T>(x, b2, c12);
        c13 = madd<T>(x, b3, c13);
      }
      if (folded) {
        b0 = v128.load(b, 2 * PIECE);
        b1 = v128.load(b, 2 * PIECE + 16);
      } else {
        x = v128.load_splat<T>(a2);
      }
      c20 = madd<T>(x, b0, c20);
      if (vectors > 1) c21 = madd<T>(x, b1, c21);
      if (vectors > 2) {
        c22 = madd<T>(x, b2, c22);
        c23 = madd<T>(x, b3, c23);
      }
      if (folded) {
        b0 = v128.load(b, 3 * PIECE);
        b1 = v128.load(b, 3 * PIECE + 16);
      } else {
        x = v128.load_splat<T>(a3);
      }
      c30 = madd<T>(x, b0, c30);
      if (vectors > 1) c31 = madd<T>(x, b1, c31);
      if (vectors > 2) {
        c32 = madd<T>(x, b2, c32);
        c33 = madd<T>(x, b3, c33);
      }
    }
    if (rows > 4) {
      x = v128.load_splat<T>(a4);
      c40 = madd<T>(x, b0, c40);
      if (vectors > 1) c41 = madd<T>(x, b1, c41);
      if (vectors > 2) {
        c42 = madd<T>(x, b2, c42);
        c43 = madd<T>(x, b3, c43);
      }
      x = v128.load_splat<T>(a5);
      c50 = madd<T>(x, b0, c50);
      if (vectors > 1) c51 = madd<T>(x, b1, c51);
      if (vectors > 2) {
        c52 = madd<T>(x, b2, c52);
        c53 = madd<T>(x, b3, c53);
      }
    }
    a += aStep;
    a1 += aStep;
    a2 += aStep;
    a3 += aStep;
    a4 += aStep;
    a5 += aStep;
    b += bRow;
  } while (--depth);
  if (rate) {
    const r = v128.load(rate);
    let old = c;
    c00 = madd<T>(r, c00, v128.load(old));
    if (vectors > 1) c01 = madd<T>(r, c01, v128.load(old, 16));
    if (vectors > 2) {
      c02 = madd<T>(r, c02, v128.load(old, 32));
      c03 = madd<T>(r, c03, v128.load(old, 48));
    }
    if (rows > 1) {
      old += cRow;
      c10 = madd<T>(r, c10, v128.load(old));
      if (vectors > 1) c11 = madd<T>(r, c11, v128.load(old, 16));
      if (vectors > 2) {
        c12 = madd<T>(r, c12, v128.load(old, 32));
        c13 = madd<T>(r, c13, v128.load(old, 48));
      }
      old += cRow;
      c20 = madd<T>(r, c20, v128.load(old));
      if (vectors > 1) c21 = madd<T>(r, c21, v128.load(old, 16));
      if (vectors > 2) {
        c22 = madd<T>(r, c22, v128.load(old, 32));
        c23 = madd<T>(r, c23, v128.load(old, 48));
      }
      old += cRow;
      c30 = madd<T>(r, c30, v128.load(old));
      if (vectors > 1) c31 = madd<T>(r, c31, v128.load(old, 16));
      if (vectors > 2) {
        c32 = madd<T>(r, c32, v128.load(old, 32));
        c33 = madd<T>(r, c33, v128.load(old, 48));
      }
    }
    if (rows > 4) {
      old += cRow;
      c40 = madd<T>(r, c40, v128.load(old));
      if (vectors > 1) c41 = madd<T>(r, c41, v128.load(old, 16));
      if (vectors > 2) {
        c42 = madd<T>(r, c42, v128.load(old, 32));
        c43 = madd<T>(r, c43, v128.load(old, 48));
      }
      old += cRow;
      c50 = madd<T>(r, c50, v128.load(old));
      if (vectors > 1) c51 = madd<T>(r, c51, v128.load(old, 16));
      if (vectors > 2) {
        c52 = madd<T>(r, c52, v128.load(old, 32));
        c53 = madd<T>(r, c53, v128.load(old, 48));
      }
    }
  }
  v128.store(c, c00);
  if (vectors > 1) v128.store(c, c01, 16);
  if (vectors > 2) {
    v128.store(c, c02, 32);
    v128.store(c, c03, 48);
  }
  if (rows > 1) {
    c += cRow;
    v128.store(c, c10);
    if (vectors > 1) v128.store(c, c11, 16);
    if (vectors > 2) {
      v128.store(c, c12, 32);
      v128.store(c, c13, 48);
    }
    c += cRow;
    v128.store(c, c20);
    if (vectors > 1) v128.store(c, c21, 16);
    if (vectors > 2) {
      v128.store(c, c22, 32);
      v128.store(c, c23, 48);
    }
    c += cRow;
    v128.store(c, c30);
    if (vectors > 1) v128.store(c, c31, 16);
    if (vectors > 2) {
      v128.store(c, c32, 32);
      v128.store(c, c33, 48);
    }
  }
  if (rows > 4) {
    c += cRow;
    v128.store(c, c40);
    if (vectors > 1) v128.store(c, c41, 16);
    if (vectors > 2) {
      v128.store(c, c42, 32);
      v128.store(c, c43, 48);
    }
    c += cRow;
    v128.store(c, c50);
    if (vectors > 1) v128.store(c, c51, 16);
    if (vectors > 2) {
      v128.store(c, c52, 32);
      v128.store(c, c53, 48);
    }
  }
}
