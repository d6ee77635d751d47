// While a network trains elsewhere: what would change it is refused, what reads it sees the last completed epoch; and an abort
// at any moment leaves it there.
import { describe, expect, test } from "vitest";
import { NN, type AsyncFitOptions, type NetworkOptions } from "../../src/index.js";
import { BACKENDS, BUSY, caught, table, weightsOf, X, Y } from "../nn/support.js";
import { tries } from "../sampling.js";
import { abortAt, expectSameLayers, expectSameNetwork, hurry, LARGE, LARGE_X, LARGE_Y, rejection, untimed } from "./support.js";

describe.each(BACKENDS)("$name", ({ name, options }) => {
  const most = name === "js" ? 1 : 3;
  const settings: NetworkOptions = { ...BUSY, inputScaling: "standard", targetScaling: "minmax", ...options };
  const make = (): NN => new NN(settings);
  const after = (epochs: number): NN => {
    const nn = make();
    if (epochs) nn.fit(X, Y, { epochs });
    return nn;
  };

  const changes: [string, (nn: NN) => unknown][] = [
    ["fit", (nn) => nn.fit(X, Y)],
    ["partialFit", (nn) => nn.partialFit(X, Y)],
    ["backprop", (nn) => nn.backprop(X, Y)],
    ["setWeights", (nn) => nn.setWeights(nn.getWeights())],
    ["inputBuffer", (nn) => nn.inputBuffer(3)],
    ["fitAsync", (nn) => nn.fitAsync(X, Y)],
  ];
  test.each(changes)("%s is refused throughout the training, which continues undisturbed", async (_name, change) => {
    const nn = make();
    const refused = async (): Promise<void> => {
      const error = await rejection((async () => await change(nn))());
      expect(error.message).toMatch(
        /^(fit|partialFit|setWeights|inputBuffer|fitAsync) was called while this network is training; wait/,
      );
    };
    const checks: Promise<void>[] = [];
    const check = (): void => void checks.push(refused());
    const training = nn.fitAsync(X, Y, { epochs: 3, onEpochEnd: check, onBatchEnd: check });
    await refused();
    expect((await training).stopReason).toBe("completed");
    await Promise.all(checks);
    expect(checks).toHaveLength(12);
    expectSameNetwork(nn, after(3));
    await change(nn);
  });

  test("predict, evaluate, getWeights, save and predictAsync use the last completed epoch", async () => {
    const nn = make();
    const others = table(300, 3, 5),
      truths = table(300, 2, 6);
    const predicted: [actual: Promise<number[][]>, expected: number[][]][] = [];
    const expectEpochs = (epochs: number): void => {
      const expected = after(epochs);
      expectSameNetwork(nn, expected);
      expect(nn.predict(others)).toEqual(expected.predict(others));
      expect(nn.predictClasses(others)).toEqual(expected.predictClasses(others));
      expect(nn.evaluate(others, truths)).toEqual(expected.evaluate(others, truths));
      expect(nn.gradients(others, truths)).toEqual(expected.gradients(others, truths));
      predicted.push(
        [nn.predictAsync(others), expected.predict(others)],
        [nn.predictAsync(X.slice(0, 1)), expected.predict(X.slice(0, 1))],
      );
    };
    await nn.fitAsync(X, Y, {
      epochs: 4,
      onBatchEnd: ({ epoch, batch }) => {
        expectEpochs(batch === 2 ? epoch + 1 : epoch);
      },
      onEpochEnd: ({ epoch }) => {
        expectEpochs(epoch + 1);
      },
    });
    expectEpochs(4);
    for (const [actual, expected] of predicted) expect(await actual).toEqual(expected);
    expect(predicted).toHaveLength(2 * 17);
  });

  test("the best weights of early stopping are used only at its end", async () => {
    const nn = make();
    let before: NN | undefined;
    const history = await nn.fitAsync(X, Y, {
      epochs: 99,
      earlyStopping: { monitor: "loss", patience: 2, minDelta: 0.1 },
      onEpochEnd: ({ epoch }) => {
        before = after(epoch + 1);
        expectSameNetwork(nn, before);
      },
    });
    expect(history.stopReason).toBe("earlyStopping");
    expectSameLayers(nn.getWeights(), after(history.bestEpoch! + 1).getWeights());
    expect(weightsOf(nn)).not.toEqual(weightsOf(before!));
  });

  test("an already aborted signal rejects with its reason, and nothing happens", async () => {
    const nn = make();
    const reason = { not: "even an error" };
    expect(await rejection(nn.fitAsync(X, Y, { epochs: 5, signal: AbortSignal.abort(reason) }))).toBe(reason);
    expectSameNetwork(nn, make());
    await nn.fitAsync(X, Y, { epochs: 5 });
    expectSameNetwork(nn, after(5));
    expect(await rejection(nn.predictAsync(table(20_000, 3), { signal: AbortSignal.abort(reason) }))).toBe(reason);
  });

  test.each(["epoch", "batch"])("an abort in a callback, after a %s, restores the last completed epoch", async (kind) => {
    const nn = make();
    const controller = new AbortController();
    const stop: AsyncFitOptions =
      kind === "epoch"
        ? {
            onEpochEnd: ({ epoch }) => {
              if (epoch === 2) controller.abort();
            },
          }
        : {
            onBatchEnd: ({ epoch, batch }) => {
              if (epoch === 3 && batch === 1) controller.abort();
            },
          };
    const error = await rejection(nn.fitAsync(X, Y, { epochs: 9, signal: controller.signal, ...stop }));
    expect(error).toBe(controller.signal.reason);
    expect(error.name).toBe("AbortError");
    expectSameNetwork(nn, after(3));
    await nn.fitAsync(X, Y, { epochs: 2 });
    expectSameNetwork(nn, after(5));
  });

  test.each(["onEpochEnd", "onBatchEnd"] as const)("an abort in the last call of %s rejects, too", async (callback) => {
    const nn = make();
    const controller = new AbortController();
    let calls = 0;
    const last = callback === "onEpochEnd" ? 2 : 6;
    const stop = (): void => {
      if (++calls === last) controller.abort("enough");
    };
    expect(await rejection(nn.fitAsync(X, Y, { epochs: 2, signal: controller.signal, [callback]: stop }))).toBe("enough");
    expectSameNetwork(nn, after(2));
  });

  test("an abort at any step restores the last completed epoch, and the network can be trained further at once", async () => {
    const large = { ...LARGE, ...options };
    // The plain engine is slow, and has one thread in one place.
    for (let round = 0; round < (name === "js" ? tries(6, 3) : tries(14, 6)); round++) {
      const nn = new NN(large);
      const reason = new Error(`round ${round}`);
      // From the start of workers on, in an epoch's batches, in the validation that follows.
      const signal = abortAt(1 + round, reason, round % 3 === 0);
      let told = 0;
      const fit: AsyncFitOptions = { epochs: 10_000, signal, threads: 1 + (round % most), validationSplit: 0.1 };
      // With and without callbacks: without, many epochs may complete between two checks.
      if (round % 2) fit.onEpochEnd = () => void told++;
      // Slices grow with the machine's speed; with this clock they do not.
      const clock = round % 4 < 2 ? hurry() : undefined;
      expect(await rejection(nn.fitAsync(LARGE_X, LARGE_Y, fit))).toBe(reason);
      clock?.stop();
      const { epoch } = nn.toJSON() as unknown as { epoch: number };
      // Before an epoch is told, its validation rows are measured.
      if (round % 2) expect([told, told + 1]).toContain(epoch);
      const expected = new NN(large);
      if (epoch) expected.fit(LARGE_X, LARGE_Y, { epochs: epoch, validationSplit: 0.1 });
      expectSameLayers(nn.getWeights(), expected.getWeights());
      expect(untimed(await nn.fitAsync(LARGE_X, LARGE_Y, { epochs: 1 }))).toEqual(
        untimed(expected.fit(LARGE_X, LARGE_Y, { epochs: 1 })),
      );
      expectSameLayers(nn.getWeights(), expected.getWeights());
    }
  });

  test.each([1, 2, 3])("predictAsync that is aborted in step %i rejects with the reason", async (step) => {
    const nn = new NN({ ...LARGE, ...options });
    const many = new Float32Array(90 * 9000);
    expect(await rejection(nn.predictAsync(many, { signal: abortAt(step, "enough", step > 1) }))).toBe("enough");
    expect(await nn.predictAsync(LARGE_X)).toEqual(nn.predict(LARGE_X));
  });

  test("predictAsync equals predict for rows of every kind and number", async () => {
    const nn = new NN({ ...LARGE, ...options, inputScaling: "standard" });
    nn.fit(LARGE_X, LARGE_Y);
    const many = Float64Array.from({ length: 90 * 5000 }, (_, i) => LARGE_X[i % LARGE_X.length] / (1 + (i % 7)));
    const rows = Array.from({ length: 700 }, (_, r) => Array.from(LARGE_X.subarray(r * 90, (r + 1) * 90)));
    for (let threads = 1; threads <= most; threads++) expect(await nn.predictAsync(many, { threads })).toEqual(nn.predict(many));
    for (const x of [rows, rows[5], LARGE_X.subarray(0, 90)]) expect(await nn.predictAsync(x)).toEqual(nn.predict(x));
    const wrong = rows.map((row, r) => (r === 650 ? row.with(7, NaN) : row));
    expect((await rejection(nn.predictAsync(wrong))).message).toBe(caught(() => nn.predict(wrong)).message);
    expect((await rejection(nn.predictAsync([[1]]))).message).toBe("x[0] has 1 value; this network takes 90 inputs");
  });

  test("predictAsync uses the network's state at the call", async () => {
    const make = (): NN => new NN({ ...LARGE, ...options, inputScaling: "standard" });
    const nn = make();
    const many = Float32Array.from({ length: 90 * 3000 }, (_, i) => LARGE_X[i % LARGE_X.length]);
    for (const change of [(): unknown => nn.fit(LARGE_X, LARGE_Y), (): unknown => nn.setWeights(make().getWeights())]) {
      const expected = nn.predict(many);
      const prediction = nn.predictAsync(many);
      change();
      expect(nn.predict(many)).not.toEqual(expected);
      expect(await prediction).toEqual(expected);
    }
  });

  test("the calling thread's event loop runs while a network trains", async () => {
    const nn = new NN({ ...LARGE, ...options });
    const controller = new AbortController();
    // The training ends by nothing but timers of this thread, one after the other.
    let turns = 0;
    const next = (): void => {
      if (++turns === 4) controller.abort("enough");
      else setTimeout(next, 0);
    };
    expect(
      await rejection(
        nn.fitAsync(LARGE_X, LARGE_Y, {
          epochs: 1e6,
          signal: controller.signal,
          onBatchEnd: ({ epoch, batch }) => {
            if (epoch + batch === 0) next();
          },
        }),
      ),
    ).toBe("enough");
    expect(turns).toBe(4);
  });
});
