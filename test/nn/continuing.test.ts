// Training goes on from where it was: two runs are one long run bit for bit, and the learning rate counts a life's epochs.
import { describe, expect, test } from "vitest";
import { NN, type OptimizerOptions } from "../../src/index.js";
import { BUSY, CASES, X, Y, bare, table, weightsOf } from "./support.js";

const OPTIMIZERS: OptimizerOptions[] = [
  { name: "sgd" },
  { name: "sgd", momentum: 0.9 },
  { name: "sgd", momentum: 0.9, nesterov: true },
  { name: "rmsprop" },
  { name: "adam" },
  { name: "adamw", weightDecay: 0.1 },
];

describe.each(CASES)("$name", ({ options }) => {
  test.each(OPTIMIZERS)("two calls of fit equal one with as many epochs, with %j", (optimizer) => {
    for (const batchSize of [4, Infinity]) {
      const settings = { ...BUSY, ...options, optimizer, batchSize, clipNorm: batchSize === 4 ? Infinity : 1 };
      const [once, twice, often] = [0, 1, 2].map(() => new NN(settings));
      const { loss } = once.fit(X, Y, { epochs: 7 });
      const halves = [twice.fit(X, Y, { epochs: 3 }), twice.fit(X, Y, { epochs: 4 })];
      const pieces = Array.from({ length: 7 }, () => often.fit(X, Y, { epochs: 1 }));
      expect(halves.flatMap((history) => history.loss)).toEqual(loss);
      expect(pieces.flatMap((history) => history.loss)).toEqual(loss);
      expect(weightsOf(twice)).toEqual(weightsOf(once));
      expect(weightsOf(often)).toEqual(weightsOf(once));
      // The optimiser's memory is in there: without it the second half would be another.
      const fresh = new NN(settings);
      fresh.setWeights(once.getWeights());
      if (optimizer.name !== "sgd" || "momentum" in optimizer) {
        fresh.fit(X, Y, { epochs: 1, shuffle: false });
        once.fit(X, Y, { epochs: 1, shuffle: false });
        expect(weightsOf(fresh)).not.toEqual(weightsOf(once));
      }
    }
  });

  test("one run of thousands of epochs equals as many runs of one epoch, and history has them all", () => {
    const settings = { layers: [2, 3, 1], optimizer: "adam", learningRate: 0.01, batchSize: 2, seed: 6, ...options } as const;
    const x = [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ];
    const y = [[0], [1], [1], [0]];
    const [long, watched] = [new NN(settings), new NN(settings)];
    const { loss, epochs } = long.fit(x, y, { epochs: 3000 });
    expect([epochs, loss.length]).toEqual([3000, 3000]);
    expect(watched.fit(x, y, { epochs: 3000, onEpochEnd: () => {} }).loss).toEqual(loss);
    expect(weightsOf(watched)).toEqual(weightsOf(long));
    expect(loss.at(-1)).toBeLessThan(0.05);
  });

  test("a batch size above the number of rows uses all rows", () => {
    const [all, more] = [Infinity, 999].map((batchSize) => new NN({ ...BUSY, ...options, batchSize }));
    expect(more.fit(X, Y, { epochs: 2 }).loss).toEqual(all.fit(X, Y, { epochs: 2 }).loss);
    expect(weightsOf(more)).toEqual(weightsOf(all));
  });

  test("predictions and evaluations on other rows between two runs make no difference", () => {
    const [alone, busy] = [0, 1].map(() => new NN({ ...BUSY, ...options }));
    for (const nn of [alone, busy]) nn.fit(X, Y, { epochs: 2 });
    busy.predict(table(1000, 3, 9));
    busy.evaluate(table(300, 3, 9), table(300, 2, 10));
    busy.fit(table(50, 3, 9), table(50, 2, 10), { epochs: 0, shuffle: false, batchSize: 7 });
    expect(busy.fit(X, Y, { epochs: 2 }).loss).toEqual(alone.fit(X, Y, { epochs: 2 }).loss);
    expect(weightsOf(busy)).toEqual(weightsOf(alone));
  });

  test("one network trains on sets of many sizes in any order", () => {
    const sets = [7, 300, 1, 40].map((rows) => [table(rows, 3, rows), table(rows, 2, rows + 1)]);
    const [once, again] = [0, 1].map(() => new NN({ ...BUSY, ...options }));
    for (const [x, y] of sets) {
      const first = once.fit(x, y, { epochs: 2 });
      const parts = [again.fit(x, y, { epochs: 1 }), again.fit(x, y, { epochs: 1 })];
      expect(parts.flatMap(({ loss }) => loss)).toEqual(first.loss);
    }
    expect(weightsOf(again)).toEqual(weightsOf(once));
  });

  test("a learning-rate function is called for each epoch since the network was constructed", () => {
    const rates = [0.5, 0, 0.25, 1, 0.125];
    const asked = new Set<number>();
    // |w − 1000| pulls w up by the rate in every epoch.
    const nn = bare(1, 1, { loss: "meanAbsoluteError", ...options, learningRate: (epoch) => (asked.add(epoch), rates[epoch]) });
    const path: number[] = [];
    const watch = { onEpochEnd: () => void path.push(weightsOf(nn)[0]) };
    nn.fit([[1]], [[1000]], { epochs: 2, ...watch });
    nn.fit([[1]], [[1000]], { epochs: 2 });
    nn.fit([[1]], [[1000]], { epochs: 1, ...watch });
    expect(path).toEqual([0.5, 0.5, 1.875]);
    expect([...asked]).toEqual([0, 1, 2, 3, 4]);
  });

  test("a learning-rate function applies in a long run without callbacks", () => {
    const nn = bare(1, 1, { loss: "meanAbsoluteError", ...options, learningRate: (epoch) => epoch });
    nn.fit([[1]], [[1e6]], { epochs: 100 });
    expect(weightsOf(nn)).toEqual([4950]);
  });

  test("partialFit uses the current epoch's learning rate and does not count as an epoch", () => {
    const nn = bare(1, 1, { loss: "meanAbsoluteError", ...options, learningRate: (epoch) => [1, 10, 100][epoch] });
    nn.partialFit([[1]], [[1000]]);
    nn.partialFit([[1]], [[1000]]);
    expect(weightsOf(nn)).toEqual([2]);
    nn.fit([[1]], [[1000]], { epochs: 1 });
    expect(weightsOf(nn)).toEqual([3]);
    nn.partialFit([[1]], [[1000]]);
    expect(weightsOf(nn)).toEqual([13]);
  });

  test("a function that returns a constant equals that learning rate, in the short form too", () => {
    const [number, by, short, shortBy] = [
      new NN({ ...BUSY, ...options, learningRate: 0.03 }),
      new NN({ ...BUSY, ...options, learningRate: () => 0.03 }),
      new NN(3, 4, 2, 0.03, 5, { ...options, seed: 1 }),
      new NN(3, 4, 2, () => 0.03, 5, { ...options, seed: 1 }),
    ];
    for (const nn of [number, by, short, shortBy]) nn.fit(X, Y);
    expect(weightsOf(by)).toEqual(weightsOf(number));
    expect(weightsOf(shortBy)).toEqual(weightsOf(short));
  });

  test("partialFit and fit share the optimiser's state", () => {
    const settings = { ...BUSY, ...options, optimizer: "adam", batchSize: Infinity, shuffle: false } as const;
    const [mixed, fitted] = [new NN(settings), new NN(settings)];
    fitted.fit(X, Y, { epochs: 4 });
    mixed.partialFit(X, Y);
    mixed.fit(X, Y, { epochs: 2 });
    mixed.backprop(X, Y);
    expect(weightsOf(mixed)).toEqual(weightsOf(fitted));
  });

  test.each(["sgd", "adam"] as const)("counters of steps and epochs that are at their end stay there, with %s", (optimizer) => {
    const most = 2 ** 32 - 1;
    const nn = NN.fromJSON({ ...new NN({ ...BUSY, ...options, optimizer }).toJSON(), step: most - 1, epoch: most - 1 });
    expect(nn.fit(X, Y, { epochs: 3, onEpochEnd: () => {} }).epochs).toBe(3);
    nn.partialFit(X, Y);
    expect(NN.load(nn.save()).toJSON()).toMatchObject({ step: most, epoch: most });
  });
});
