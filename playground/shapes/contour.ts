// Where a grid of values crosses a level: line segments by marching squares.

/**
 * @param values size × size, row by row; `offset` and `stride` as for a column of a matrix
 * @param visit is called for each segment, in units of the grid: 0 is the centre of the first cell
 */
export function contour(
  values: ArrayLike<number>,
  size: number,
  level: number,
  offset: number,
  stride: number,
  visit: (x1: number, y1: number, x2: number, y2: number) => void,
): void {
  const at = (row: number, column: number): number => values[offset + stride * (row * size + column)] - level;
  // Where a side's values change sign, as a fraction of the side.
  const crossing = (a: number, b: number): number => a / (a - b);
  for (let row = 0; row + 1 < size; row++) {
    for (let column = 0; column + 1 < size; column++) {
      const [nw, ne, sw, se] = [at(row, column), at(row, column + 1), at(row + 1, column), at(row + 1, column + 1)];
      const signs = Number(nw > 0) + 2 * Number(ne > 0) + 4 * Number(sw > 0) + 8 * Number(se > 0);
      if (signs === 0 || signs === 15) continue;
      const crossings: number[] = [];
      if (nw > 0 !== ne > 0) crossings.push(column + crossing(nw, ne), row);
      if (nw > 0 !== sw > 0) crossings.push(column, row + crossing(nw, sw));
      if (ne > 0 !== se > 0) crossings.push(column + 1, row + crossing(ne, se));
      if (sw > 0 !== se > 0) crossings.push(column + crossing(sw, se), row + 1);
      for (let i = 0; i + 3 < crossings.length; i += 4) visit(crossings[i], crossings[i + 1], crossings[i + 2], crossings[i + 3]);
    }
  }
}
