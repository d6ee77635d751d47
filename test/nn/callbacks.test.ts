// Callbacks that stop, throw, measure, or try to train: the network is then where the interface says, and can go on.
import { describe, expect, test, vi } from "vitest";
import { NN, type NetworkOptions } from "../../src/index.js";
import { BACKENDS, BUSY, X, Y, caught, table, weightsOf } from "./support.js";

describe.each(BACKENDS)("$name", ({ options }) => {
  const settings: NetworkOptions = { ...BUSY, ...options };
  const make = (): NN => new NN(settings);
  /** A network that made so many epochs and nothing else. */
  const after = (epochs: number): NN => {
    const nn = make();
    nn.fit(X, Y, { epochs });
    return nn;
  };
  /** The two are the same in all that training remembers. */
  const expectSame = (a: NN, b: NN): void => {
    expect(weightsOf(a)).toEqual(weightsOf(b));
    expect(a.fit(X, Y, { epochs: 3 }).loss).toEqual(b.fit(X, Y, { epochs: 3 }).loss);
    expect(weightsOf(a)).toEqual(weightsOf(b));
  };

  test("onEpochEnd that returns false ends training after that epoch", () => {
    const nn = make();
    const history = nn.fit(X, Y, { epochs: 9, onEpochEnd: ({ epoch }) => epoch < 2 });
    expect(history).toMatchObject({ epochs: 3, stopReason: "callback" });
    expect(history.loss).toHaveLength(3);
    expectSame(nn, after(3));
  });

  test("changes that onEpochEnd makes to its logs are not printed", () => {
    const stdout = (globalThis as Partial<typeof globalThis>).process?.stdout;
    const print = stdout ? vi.spyOn(stdout, "write").mockReturnValue(true) : vi.spyOn(console, "log").mockReturnValue(undefined);
    try {
      make().fit(X, Y, { epochs: 2, verbose: 1, onEpochEnd: (logs) => void Object.assign(logs, { loss: "none" }) });
      expect(print.mock.calls.join()).toMatch(/epoch 2\/2 +loss \d/);
    } finally {
      print.mockRestore();
    }
  });

  test("only false ends training, no other value", () => {
    for (const value of [undefined, null, 0, "", NaN, true]) {
      const history = make().fit(X, Y, { epochs: 2, onEpochEnd: () => value, onBatchEnd: () => value });
      expect(history).toMatchObject({ epochs: 2, stopReason: "completed" });
    }
  });

  test("onBatchEnd that returns false ends training after that batch", () => {
    const plain = { ...settings, shuffle: false };
    const [nn, byHand] = [new NN(plain), new NN(plain)];
    const epochs: number[] = [];
    const history = nn.fit(X, Y, {
      epochs: 9,
      onBatchEnd: ({ epoch, batch }) => epoch < 1 || batch < 1,
      onEpochEnd: ({ epoch }) => void epochs.push(epoch),
    });
    expect(history).toMatchObject({ epochs: 1, stopReason: "callback" });
    expect([history.loss.length, epochs]).toEqual([1, [0]]);
    for (const from of [0, 4, 8, 0, 4]) byHand.partialFit(X.slice(from, from + 4), Y.slice(from, from + 4));
    expect(weightsOf(nn)).toEqual(weightsOf(byHand));
  });

  test("onBatchEnd that returns false at an epoch's last batch ends training with the epoch complete", () => {
    const nn = make();
    const history = nn.fit(X, Y, { epochs: 9, onBatchEnd: ({ epoch, batch }) => !(epoch === 1 && batch === 2) });
    expect(history).toMatchObject({ epochs: 2, stopReason: "callback" });
    expectSame(nn, after(2));
  });

  test("an exception in onEpochEnd keeps the epoch that has just ended", () => {
    const nn = make();
    const mine = new Error("mine");
    expect(
      caught(() =>
        nn.fit(X, Y, {
          epochs: 9,
          onEpochEnd: ({ epoch }) => {
            if (epoch === 2) throw mine;
          },
        }),
      ),
    ).toBe(mine);
    expectSame(nn, after(3));
  });

  test.each([
    [0, 0],
    [0, 2],
    [2, 1],
  ])("an exception in onBatchEnd of epoch %i, batch %i restores the last completed epoch", (epoch, batch) => {
    const nn = make();
    const mine = new Error("mine");
    const onBatchEnd = (logs: { epoch: number; batch: number }): void => {
      if (logs.epoch === epoch && logs.batch === batch) throw mine;
    };
    expect(caught(() => nn.fit(X, Y, { epochs: 9, onBatchEnd }))).toBe(mine);
    // Batch 2 is the last of its epoch, which is whole then.
    expectSame(nn, after(batch === 2 ? epoch + 1 : epoch));
  });

  test("an exception in a later run keeps the results of earlier runs", () => {
    const nn = after(2);
    nn.partialFit(X, Y);
    const other = after(2);
    other.partialFit(X, Y);
    caught(() =>
      nn.fit(X, Y, {
        onBatchEnd: () => {
          throw new Error("mine");
        },
      }),
    );
    expectSame(nn, other);
  });

  test("an exception in the learning-rate function restores the last completed epoch", () => {
    const rate = (epoch: number): number => {
      if (epoch === 2) throw new Error("mine");
      return 0.01;
    };
    const nn = new NN({ ...settings, learningRate: rate });
    expect(caught(() => nn.fit(X, Y, { epochs: 9 })).message).toBe("mine");
    expect(weightsOf(nn)).toEqual(weightsOf(after(2)));
    const wrong = new NN({ ...settings, learningRate: (epoch) => (epoch < 2 ? 0.01 : NaN) });
    const error = caught(() => wrong.fit(X, Y, { epochs: 9 }));
    expect(error).toEqual(new RangeError("learningRate(2) is NaN; it must be a finite number, 0 or more"));
    expect(weightsOf(wrong)).toEqual(weightsOf(after(2)));
    expect(caught(() => wrong.fit(X, Y)).message).toContain("learningRate(2)");
    expect(caught(() => wrong.partialFit(X, Y)).message).toContain("learningRate(2)");
    expect(weightsOf(wrong)).toEqual(weightsOf(after(2)));
  });

  const training: [string, (nn: NN) => unknown][] = [
    ["fit", (nn) => nn.fit(X, Y)],
    ["partialFit", (nn) => nn.partialFit(X, Y)],
    ["backprop", (nn) => nn.backprop(X, Y)],
    ["setWeights", (nn) => nn.setWeights(nn.getWeights())],
  ];
  test.each(training)("%s in a callback is refused, and training continues undisturbed", (name, call) => {
    const nn = make();
    const errors: Error[] = [];
    const refused = (): void => void errors.push(caught(() => call(nn)));
    nn.fit(X, Y, { epochs: 2, onBatchEnd: refused, onEpochEnd: refused });
    expect(errors).toHaveLength(2 * 3 + 2);
    for (const error of errors) expect(error.message).toMatch(/(fit|setWeights) was called while this network is training/i);
    expectSame(nn, after(2));
    expect(caught(() => nn.fit(X, Y, { onEpochEnd: () => call(nn) })).message).toContain("while this network is training");
    expect(() => call(nn), name + " works again").not.toThrow();
  });

  test("predict, evaluate, gradients and getWeights in callbacks use the current state and disturb nothing", () => {
    const [nn, plain] = [make(), make()];
    const many = table(700, 3, 11);
    const truths = table(700, 2, 12);
    let measured = 0;
    const look = (): void => {
      const { loss } = nn.evaluate(many, truths);
      expect(nn.gradients(many, truths).loss).toBe(loss);
      expect(nn.predict(many)).toHaveLength(700);
      expect(nn.predict(X[0])).toEqual(nn.predict(X)[0]);
      const twin = make();
      twin.setWeights(nn.getWeights());
      expect(twin.evaluate(many, truths).loss).toBe(loss);
      measured++;
    };
    const { loss } = nn.fit(X, Y, { epochs: 3, onBatchEnd: look, onEpochEnd: look, validationData: [X, Y] });
    expect(measured).toBe(3 * 3 + 3);
    expect(plain.fit(X, Y, { epochs: 3 }).loss).toEqual(loss);
    expectSame(nn, plain);
  });

  test("another network may be trained in a callback", () => {
    const [outer, inner] = [make(), make()];
    const history = outer.fit(X, Y, { epochs: 3, onEpochEnd: () => void inner.fit(X, Y, { epochs: 1 }) });
    expect(weightsOf(inner)).toEqual(weightsOf(outer));
    expect(after(3).fit(X, Y, { epochs: 1 }).loss).toEqual(inner.fit(X, Y, { epochs: 1 }).loss);
    expect(history.epochs).toBe(3);
  });
});
