// Which rows are kept for validation, and orders of rows, all by a seed.

/** Numbers in [0, 1) that a seed settles: SplitMix32. */
export function randomBy(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let z = state ^ (state >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z ^= z >>> 15;
    z = Math.imul(z, 0x735a2d97);
    return ((z ^ (z >>> 15)) >>> 0) / 2 ** 32;
  };
}

/** Shuffles a list in place, and returns it. */
export function shuffle(order: Uint32Array, random: () => number): Uint32Array {
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/**
 * Chooses a fraction of rows, but at least one, each class in its proportion as nearly as whole rows allow.
 * @param classes the class of each row
 * @returns the rows that are not chosen, and those that are
 */
export function divideRows(classes: readonly unknown[], fraction: number, seed: number): [number[], number[]] {
  const ranks = new Map<unknown, number>();
  const order = shuffle(Uint32Array.from(classes.keys()), randomBy(seed));
  const rankOf = (row: number): number => {
    const rank = (ranks.get(classes[row]) ?? 0) + 1;
    ranks.set(classes[row], rank);
    return rank - 0.5;
  };
  const places = Float64Array.from(order, rankOf);
  // Where a row stands in its class, from 0 to 1: the lowest of all are chosen, so that each class gives its share.
  const sorted = Array.from(order, (row, i) => [row, places[i]! / ranks.get(classes[row])!] as const).sort(([, a], [, b]) => a - b).map(([row]) => row);
  const most = Math.max(1, sorted.length - Math.floor(sorted.length * (1 - fraction) + 1e-9));
  const byPlace = (rows: number[]): number[] => rows.sort((a, b) => a - b);
  return [byPlace(sorted.slice(most)), byPlace(sorted.slice(0, most))];
}
