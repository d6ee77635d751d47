// One seed, one network: weights, row order and dropout follow from it, alike in every engine. A probe makes orders visible.
import { describe, expect, test } from "vitest";
import { NN } from "../../src/index.js";
import { BACKENDS, BUSY, CASES, DTYPES, X, Y, bare, expectClose, oneHot, table, weightsOf } from "./support.js";

const range = (n: number): number[] => [...Array(n).keys()];
const sorted = (list: number[]): number[] => [...list].sort((a, b) => a - b);

/**
 * The rows of each batch, epoch by epoch. Row i is a one-hot input that nothing has been learnt from at rate 0, and its target
 * 2^i, so that its squared error is 4^i: a batch's loss spells its rows.
 */
function batches(nn: NN, rows: number, batchSize: number, epochs: number): number[][][] {
  const seen: number[][][] = range(epochs).map(() => []);
  nn.fit(
    oneHot(range(rows), rows),
    range(rows).map((i) => [2 ** i]),
    {
      epochs,
      batchSize,
      onBatchEnd: ({ epoch, batch, loss }) => {
        const sum = loss * Math.min(batchSize, rows - batch * batchSize);
        seen[epoch].push(range(rows).filter((i) => Math.floor(sum / 4 ** i) % 2));
      },
    },
  );
  return seen;
}
const probe = (rows: number, options: object): NN =>
  bare(rows, 1, { loss: "squaredError", learningRate: 0, shuffle: true, ...options });

/**
 * The order of the first epoch, without a callback: each row changes its own weight by 1, and momentum halves what that adds
 * with every step since, so that a weight says when its row came: w = 2 − 0.5^(steps since).
 */
function silentOrder(rows: number, options: object): number[] {
  const nn = bare(rows, 1, { optimizer: { name: "sgd", momentum: 0.5 }, batchSize: 1, ...options });
  nn.fit(
    oneHot(range(rows), rows),
    range(rows).map(() => [1]),
    { epochs: 1 },
  );
  const place = weightsOf(nn).map((w) => rows - 1 + Math.log2(2 - w));
  return range(rows).map((step) => place.indexOf(step));
}

describe.each(CASES)("$name", ({ options }) => {
  test("one seed gives the same network and training bit for bit, another seed different ones", () => {
    const train = (seed: number): unknown => {
      const nn = new NN({ ...BUSY, ...options, seed });
      const first = weightsOf(nn);
      const { loss } = nn.fit(X, Y, { epochs: 5 });
      return { first, loss, last: weightsOf(nn) };
    };
    for (const seed of [0, 1, -1, 2 ** 31]) {
      expect(train(seed)).toEqual(train(seed));
      expect(train(seed)).not.toEqual(train(seed + 5));
    }
  });

  test("a generated seed can be read and passed again", () => {
    const [one, other] = [0, 1].map(() => new NN({ ...BUSY, seed: undefined, ...options } as object as typeof BUSY));
    expect(one.seed).not.toBe(other.seed);
    expect(Number.isInteger(one.seed) && one.seed >= 0 && one.seed < 2 ** 32).toBe(true);
    const again = new NN({ ...BUSY, ...options, seed: one.seed });
    expect(again.seed).toBe(one.seed);
    expect(weightsOf(again)).toEqual(weightsOf(one));
    expect(again.fit(X, Y, { epochs: 3 }).loss).toEqual(one.fit(X, Y, { epochs: 3 }).loss);
  });

  test("shuffle uses every row once per epoch, in a different order each time", () => {
    const orders = batches(probe(12, { seed: 3, ...options }), 12, 1, 6).map((epoch) => epoch.flat());
    for (const order of orders) {
      expect(sorted(order)).toEqual(range(12));
      expect(order).not.toEqual(range(12));
    }
    expect(new Set(orders.map(String)).size).toBe(6);
    const inOrder = batches(probe(12, { seed: 3, shuffle: false, ...options }), 12, 1, 2);
    expect(inOrder.map((epoch) => epoch.flat())).toEqual([range(12), range(12)]);
  });

  test.each([5, 4, 7, 11])("batches of %i divide the shuffled order", (batchSize) => {
    const single = batches(probe(11, { seed: 3, ...options }), 11, 1, 3).map((epoch) => epoch.flat());
    const cut = batches(probe(11, { seed: 3, ...options }), 11, batchSize, 3);
    const pieces = (order: number[]): number[][] =>
      range(Math.ceil(11 / batchSize)).map((b) => sorted(order.slice(b * batchSize, (b + 1) * batchSize)));
    expect(cut).toEqual(single.map(pieces));
  });

  test("the sequence of orders continues across runs, whatever the batch size", () => {
    const [long, short] = [probe(9, { seed: 3, ...options }), probe(9, { seed: 3, ...options })];
    const expected = batches(long, 9, 1, 4);
    expect([...batches(short, 9, 1, 1), ...batches(short, 9, 1, 3)]).toEqual(expected);
  });

  test("the order is the same without callbacks", () => {
    const silent = silentOrder(20, { seed: 7, shuffle: true, ...options });
    expect(sorted(silent)).toEqual(range(20));
    expect(batches(probe(20, { seed: 7, ...options, dtype: "float64" }), 20, 1, 1)[0].flat()).toEqual(silent);
    expect(silentOrder(20, { shuffle: false, ...options })).toEqual(range(20));
  });

  test("every order is equally likely", () => {
    // 3 rows have 6 orders. Of 600 epochs each should take 100 ± 9.
    const seen = new Map<string, number>();
    for (const epoch of batches(probe(3, { seed: 5, ...options }), 3, 1, 600)) {
      const key = epoch.join();
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
    expect(seen.size).toBe(6);
    for (const count of seen.values()) expect(Math.abs(count - 100)).toBeLessThan(46); // 5 deviations
  });

  test("the seed determines order and dropout independently of the weights", () => {
    expect(silentOrder(20, { seed: 1, shuffle: true, ...options })).not.toEqual(
      silentOrder(20, { seed: 2, shuffle: true, ...options }),
    );
    const masked = [1, 1, 2].map((seed) => {
      const nn = new NN({ ...BUSY, ...options, seed, shuffle: false, batchSize: Infinity });
      nn.setWeights(new NN({ ...BUSY, ...options, seed: 9 }).getWeights());
      return nn.fit(X, Y).loss;
    });
    expect(masked[1]).toEqual(masked[0]);
    expect(masked[2]).not.toEqual(masked[0]);
  });
});

describe.each(DTYPES)("all engines, %s", (dtype) => {
  test("give the same weights for a seed", () => {
    for (const seed of [0, 7, -3]) {
      const [first, ...others] = BACKENDS.map(({ options }) => weightsOf(new NN({ ...BUSY, ...options, dtype, seed })));
      for (const weights of others) expect(weights).toEqual(first);
    }
  });

  test("take rows in the same order", () => {
    const [first, ...others] = BACKENDS.map(({ options }) => batches(probe(15, { seed: 21, ...options, dtype }), 15, 4, 5));
    for (const orders of others) expect(orders).toEqual(first);
  });

  test("drop the same units, so that training differs only by rounding", () => {
    const tolerance = dtype === "float64" ? 1e-11 : 1e-4;
    const x = table(40, 3, 7);
    const y = table(40, 2, 8);
    const [first, ...others] = BACKENDS.map(({ options }) => {
      const nn = new NN({ ...BUSY, ...options, dtype });
      const { loss } = nn.fit(x, y, { epochs: 5 });
      return [...loss, ...weightsOf(nn)];
    });
    for (const each of others) expectClose(each, first, tolerance);
  });
});
