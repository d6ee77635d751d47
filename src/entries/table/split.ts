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

/** 0 … count−1 in a random order. */
export function shuffledOrder(count: number, random: () => number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/**
 * Chooses a fraction of rows, but at least one, each class in its proportion as nearly as whole rows allow.
 * @param classes the class of each row
 * @returns for each row 1 where it is chosen
 */
export function chooseRows(classes: ArrayLike<number>, fraction: number, seed: number): Uint8Array {
  const count = classes.length;
  const order = shuffledOrder(count, randomBy(seed));
  const sizes = new Map<number, number>(), taken = new Map<number, number>();
  for (const row of order) sizes.set(classes[row]!, (sizes.get(classes[row]!) ?? 0) + 1);
  // Where a row stands in its class, from 0 to 1: the lowest of all are chosen, so each class gives its share.
  const places = new Float64Array(count);
  for (const row of order) {
    const rank = taken.get(classes[row]!) ?? 0;
    taken.set(classes[row]!, rank + 1);
    places[row] = (rank + 0.5) / sizes.get(classes[row]!)!;
  }
  const chosen = new Uint8Array(count);
  const most = Math.max(1, count - Math.floor(count * (1 - fraction) + 1e-9));
  for (const row of order.sort((a, b) => places[a]! - places[b]!).subarray(0, most)) chosen[row] = 1;
  return chosen;
}
