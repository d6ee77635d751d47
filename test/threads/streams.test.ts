// fitAsync on chunks: the network that all rows at once would have made, whatever the chunks' sizes and wherever it is done.
import { afterEach, describe, expect, test } from "vitest";
import {
  NN,
  type AsyncFitOptions,
  type BatchLogs,
  type Chunk,
  type Chunks,
  type EpochLogs,
  type NetworkOptions,
} from "../../src/index.js";
import { uniform, xoshiro128 } from "../../src/model/random.js";
import { yieldToEventLoop } from "../../src/threads/event-loop.js";
import { BACKENDS, BUSY, labels, table, weightsOf } from "../nn/support.js";
import { isTried } from "../sampling.js";
import { cut, later, ROWS, X, Y } from "./chunks.js";
import {
  confineTo,
  expectSameLayers,
  expectSameNetwork,
  LARGE,
  LARGE_ROWS,
  LARGE_X,
  LARGE_Y,
  PLACES,
  rejection,
  untimed,
} from "./support.js";

let restore = (): void => undefined;
afterEach(() => restore());

describe.each(PLACES)("in %s", (place) => {
  describe.each(BACKENDS)("$name", ({ options }) => {
    const settings: NetworkOptions = { ...BUSY, shuffle: false, ...options };
    const make = (more: Partial<NetworkOptions> = {}): NN => new NN({ ...settings, ...more });

    const sizes = [[103], [4], [1], [7], [50, 1, 2, 50], [3, 40, 1, 1, 1, 9]];
    test.each(sizes.map((sizes, i) => ({ sizes, i })))(
      "chunks of $sizes rows give the result of all rows at once",
      async ({ sizes, i }) => {
        restore = confineTo(place);
        for (const [at, batchSize] of [1, 4, 10, 64, 1000].entries()) {
          if (!isTried(i + at, 2)) continue;
          const [whole, streamed] = [make(), make()];
          const fit: AsyncFitOptions = { epochs: 3, batchSize };
          const expected = whole.fit(X, Y, fit);
          expect(untimed(await streamed.fitAsync(() => later(cut(sizes)), fit))).toEqual(untimed(expected));
          expectSameNetwork(streamed, whole);
          // A plain iterable made anew each epoch does as well; and training goes on.
          expect(untimed(await streamed.fitAsync(() => cut(sizes), fit))).toEqual(untimed(whole.fit(X, Y, fit)));
          expectSameNetwork(streamed, whole);
        }
      },
    );

    test("an infinite batch size makes each chunk a batch", async () => {
      restore = confineTo(place);
      const [byHand, streamed] = [make({ learningRate: 0.02 }), make({ learningRate: 0.02 })];
      const history = await streamed.fitAsync(() => later(cut([40, 3, 60])), { epochs: 2, batchSize: Infinity });
      for (let epoch = 0; epoch < 2; epoch++) {
        const losses = [...cut([40, 3, 60])].map(([x, y]) => byHand.partialFit(x, y) * (x as number[][]).length);
        expect(history.loss[epoch]).toBeCloseTo(losses.reduce((sum, loss) => sum + loss) / ROWS, 6);
      }
      expectSameLayers(streamed.getWeights(), byHand.getWeights());
    });

    test("gives the same result with validation rows, class weights, early stopping and all other options", async () => {
      restore = confineTo(place);
      const more: Partial<NetworkOptions> = {
        layers: [3, { units: 6, dropout: 0.2 }, 4],
        loss: "categoricalCrossentropy",
        l2: 0.01,
        clipNorm: 1,
        learningRate: (epoch) => 0.05 / (1 + epoch),
      };
      const classes = labels(ROWS, 4, 3);
      const fit: AsyncFitOptions = {
        epochs: 30,
        classWeight: [1, 2, 0, 0.5],
        validationData: [table(40, 3, 5), labels(40, 4, 6)],
        earlyStopping: { patience: 3, monitor: "valAccuracy" },
      };
      const [whole, streamed] = [make(more), make(more)];
      const seen: unknown[] = [];
      const follow = (logs: EpochLogs | BatchLogs): void => void seen.push(untimed(logs));
      const expected = whole.fit(X, classes, { ...fit, onBatchEnd: follow, onEpochEnd: follow });
      const wanted = seen.splice(0);
      const history = await streamed.fitAsync(() => later(cut([30, 11], X, classes)), {
        ...fit,
        onBatchEnd: follow,
        onEpochEnd: follow,
      });
      expect(untimed(history)).toEqual(untimed(expected));
      expect(seen).toEqual(wanted);
      expectSameNetwork(streamed, whole);
    });

    test("a run may end at any batch by a callback, an abort or an exception, also within a chunk", async () => {
      restore = confineTo(place);
      const expected = make();
      expected.fit(X, Y, { epochs: 2, batchSize: 8 });
      const at = new Error("here");
      for (const batch of [0, 4, 11]) {
        const [stopped, thrown, aborted] = [make(), make(), make()];
        const here = (logs: { epoch: number; batch: number }): boolean => logs.epoch === 2 && logs.batch === batch;
        const fit = { epochs: 9, batchSize: 8 };
        const chunks = (): Iterable<Chunk> => cut([30]);
        expect((await stopped.fitAsync(chunks, { ...fit, onBatchEnd: (logs) => !here(logs) })).stopReason).toBe("callback");
        const byHand = make();
        byHand.fit(X, Y, { ...fit, onBatchEnd: (logs) => !here(logs) });
        expectSameNetwork(stopped, byHand);
        expect(
          await rejection(
            thrown.fitAsync(chunks, {
              ...fit,
              onBatchEnd: (logs) => {
                if (here(logs)) throw at;
              },
            }),
          ),
        ).toBe(at);
        expectSameNetwork(thrown, expected);
        const controller = new AbortController();
        const { signal } = controller;
        expect(
          await rejection(
            aborted.fitAsync(chunks, {
              ...fit,
              signal,
              onBatchEnd: (logs) => {
                if (here(logs)) controller.abort(at);
              },
            }),
          ),
        ).toBe(at);
        expectSameNetwork(aborted, expected);
        await aborted.fitAsync(chunks, { epochs: 1, batchSize: 8 });
        const more = make();
        more.fit(X, Y, { epochs: 3, batchSize: 8 });
        expectSameNetwork(aborted, more);
      }
    });
  });

  test("large chunks are trained on threads", async () => {
    restore = confineTo(place);
    const rows = Array.from({ length: LARGE_ROWS }, (_, r) => LARGE_X.subarray(r * 90, (r + 1) * 90));
    const fit: AsyncFitOptions = { epochs: 2, batchSize: 256, shuffle: false };
    const expected = new NN(LARGE),
      streamed = new NN(LARGE);
    expected.fit(LARGE_X, LARGE_Y, fit);
    await streamed.fitAsync(() => cut([333, 1], rows, LARGE_Y), fit);
    expectSameNetwork(streamed, expected);
  });
});

describe("a stream", () => {
  const make = (): NN => new NN({ ...BUSY, shuffle: false });

  /** A stream that says when it was left. */
  function watched(chunks: (Chunk | Promise<Chunk>)[]): { stream: AsyncIterable<Chunk>; left: () => number } {
    let left = 0;
    const stream = {
      [Symbol.asyncIterator]: () => {
        let at = 0;
        return {
          next: async () =>
            at < chunks.length ? { done: false as const, value: await chunks[at++] } : { done: true as const, value: undefined },
          return: () => {
            left++;
            return Promise.resolve({ done: true as const, value: undefined });
          },
        };
      },
    };
    return { stream, left: () => left };
  }

  test("is closed when the run ends early, for any reason", async () => {
    const controller = new AbortController();
    const endings: [string, AsyncFitOptions, string?][] = [
      ["a callback", { onBatchEnd: () => false }],
      [
        "an exception",
        {
          onBatchEnd: () => {
            throw new Error("mine");
          },
        },
        "mine",
      ],
      ["an abort", { signal: controller.signal, onBatchEnd: () => controller.abort(new Error("stop")) }, "stop"],
    ];
    for (const [name, fit, message] of endings) {
      const { stream, left } = watched([...cut([10])]);
      const training = make().fitAsync(stream, { epochs: 1, batchSize: 4, ...fit });
      if (message) expect((await rejection(training)).message).toBe(message);
      else await training;
      expect([name, left()]).toEqual([name, 1]);
    }
  });

  test("that is pending can be aborted, and the network used at once", async () => {
    const never = new Promise<Chunk>(() => undefined);
    for (const place of PLACES) {
      restore = confineTo(place);
      const chunks: (Chunk | Promise<Chunk>)[] = [[X.slice(0, 10), Y.slice(0, 10)], never];
      const asked = new Promise<void>((resolve) => {
        Object.defineProperty(chunks, 1, {
          get: () => {
            resolve();
            return never;
          },
        });
      });
      const { stream, left } = watched(chunks);
      const nn = make();
      const controller = new AbortController();
      const training = nn.fitAsync(stream, { epochs: 1, batchSize: 4, signal: controller.signal });
      void asked.then(yieldToEventLoop).then(() => controller.abort("enough"));
      expect(await rejection(training)).toBe("enough");
      expect(left()).toBe(1);
      expectSameNetwork(nn, make());
      await nn.fitAsync(X, Y);
      const expected = make();
      expected.fit(X, Y);
      expectSameNetwork(nn, expected);
      restore();
    }
  });

  test("that throws rejects with its error, and restores the last completed epoch", async () => {
    const mine = new Error("the file is gone");
    let epoch = 0;
    async function* broken(): AsyncGenerator<Chunk> {
      yield* later(cut([10], X.slice(0, 50), Y.slice(0, 50)));
      if (++epoch === 3) throw mine;
      yield* later(cut([10], X.slice(50), Y.slice(50)));
    }
    const nn = make();
    expect(await rejection(nn.fitAsync(broken, { epochs: 9, batchSize: 4 }))).toBe(mine);
    const expected = make();
    expected.fit(X, Y, { epochs: 2, batchSize: 4 });
    expectSameNetwork(nn, expected);
    expect(
      await rejection(
        nn.fitAsync(() => {
          throw mine;
        }),
      ),
    ).toBe(mine);
    const sync = {
      [Symbol.iterator]: () => ({
        next: () => {
          throw mine;
        },
      }),
    } as Iterable<Chunk>;
    expect(await rejection(nn.fitAsync(() => sync))).toBe(mine);
    expectSameNetwork(nn, expected);
  });

  test("that aborts and fails at once rejects with the signal's reason, and nothing is left unhandled", async () => {
    const nn = make();
    const controller = new AbortController();
    async function* broken(): AsyncGenerator<Chunk> {
      yield [X, Y];
      controller.abort("enough");
      throw new Error("of no interest any more");
    }
    // An unhandled rejection fails this suite; in Node it would end the process.
    expect(await rejection(nn.fitAsync(broken(), { signal: controller.signal }))).toBe("enough");
    expectSameNetwork(nn, make());
  });

  test("that throws when it is closed does not change the result of the training", async () => {
    const mine = new Error("mine");
    const leaving = (): Iterable<Chunk> => {
      const chunks = cut([40]);
      const iterator = {
        next: () => chunks.next(),
        return: () => {
          throw new Error("while it is left");
        },
      };
      return { [Symbol.iterator]: () => iterator };
    };
    expect(
      await rejection(
        make().fitAsync(leaving, {
          onBatchEnd: () => {
            throw mine;
          },
        }),
      ),
    ).toBe(mine);
    expect((await make().fitAsync(leaving, { onBatchEnd: () => false })).stopReason).toBe("callback");
    expect((await make().fitAsync(leaving, { epochs: 2 })).epochs).toBe(2);
  });

  test("of the platform can be read once, and the error says so", async () => {
    const chunks = cut([40]);
    const stream = new ReadableStream<Chunk>({
      pull(controller) {
        const { done, value } = chunks.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
    });
    const nn = make();
    const training = nn.fitAsync(stream as unknown as AsyncIterable<Chunk>, { epochs: 2, batchSize: 4 });
    expect((await rejection(training)).message).toBe("the stream has no second epoch; pass a function that makes one per epoch");
    const expected = make();
    expected.fit(X, Y, { epochs: 1, batchSize: 4 });
    expectSameNetwork(nn, expected);
  });

  test("diverges as rows in memory do", async () => {
    const [whole, streamed] = [1, 2].map(
      () => new NN({ layers: [3, 2], loss: "meanSquaredError", learningRate: 1e15, optimizer: "sgd", shuffle: false, seed: 1 }),
    );
    const expected = await rejection(whole.fitAsync(X, Y, { epochs: 5 }));
    const error = await rejection(streamed.fitAsync(() => cut([40]), { epochs: 5 }));
    expect([error.name, error.message]).toEqual([expected.name, expected.message]);
    expect(error.name).toBe("DivergenceError");
    expectSameNetwork(streamed, whole);
  });

  const mistakes: [string, unknown, AsyncFitOptions, string][] = [
    ["no rows", () => [], {}, "the stream has no rows"],
    [
      "rows of another width",
      () =>
        cut(
          [10],
          X.map((row, r) => (r === 25 ? [1] : row)),
        ),
      {},
      "chunk 2[0][5] has 1 value; this network takes 3 inputs",
    ],
    ["too few targets", () => [[X, Y.slice(1)]], {}, "chunk 0[0] has 103 rows but chunk 0[1] has 102"],
    [
      "a value that is no number",
      () =>
        cut(
          [10],
          X,
          Y.map((row, r) => (r === 101 ? [0, NaN] : row)),
        ),
      {},
      "chunk 10[1][1][1] is NaN",
    ],
    ["a chunk that is none", () => [{ x: X, y: Y }], {}, "chunk 0 is an object; it must be [x, y]"],
    ["an empty chunk", () => [[[], []]], {}, "chunk 0[0] has no rows"],
    ["no stream for an epoch", () => 5, {}, "what the stream's function returned is 5; it must be an iterable of [x, y]"],
    [
      "one stream for several epochs",
      later(cut([10])),
      { epochs: 2 },
      "epochs is 2, but this stream can be read only once; pass a function that makes one per epoch",
    ],
    [
      "a part of the rows to validate with",
      () => cut([10]),
      { validationSplit: 0.1 },
      "validationSplit is given, but a stream's rows are not known beforehand",
    ],
    [
      "row weights",
      () => cut([10]),
      { sampleWeight: [1] },
      "sampleWeight is given, but a stream's rows are not known beforehand",
    ],
    [
      "validation rows of another width",
      () => cut([10]),
      { validationData: [[[1]], [[1]]] },
      "validationData[0][0] has 1 value; this network takes 3 inputs",
    ],
    ["an unknown option", () => cut([10]), { epoch: 1 } as AsyncFitOptions, 'unknown option "epoch"; did you mean "epochs"?'],
  ];
  test.each(mistakes)("with %s is refused, and nothing has changed", async (_title, stream, fit, message) => {
    for (const place of PLACES) {
      restore = confineTo(place);
      const nn = new NN({ ...BUSY, shuffle: false, inputScaling: { shift: [1, 1, 1], scale: [1, 1, 1] } });
      const before = nn.save();
      expect((await rejection(nn.fitAsync(stream as Chunks, fit))).message).toBe(message);
      expect(nn.save()).toEqual(before);
      restore();
    }
  });

  test("whose function returns the same iterator again has no second epoch", async () => {
    const nn = make();
    const once = later(cut([10]));
    expect((await rejection(nn.fitAsync(() => once, { epochs: 2, batchSize: 4 }))).message).toBe(
      "the stream has no second epoch; pass a function that makes one per epoch",
    );
    const expected = make();
    expected.fit(X, Y, { epochs: 1, batchSize: 4 });
    expectSameNetwork(nn, expected);
  });

  test("is for fitAsync alone", () => {
    expect(() => make().fit((() => cut([10])) as unknown as number[][], Y)).toThrow(
      "fit takes rows; a stream of chunks is for fitAsync",
    );
  });

  test("of random chunks with random batches gives the result of its rows", async () => {
    const random = xoshiro128(9);
    const between = (low: number, high: number): number => low + Math.floor(uniform(random) * (high - low + 1));
    for (let round = 0; round < 25; round++) {
      restore = confineTo(PLACES[round % 3]);
      const rows = between(1, ROWS);
      const sizes = Array.from({ length: between(1, 5) }, () => between(1, 40));
      const fit = { epochs: between(1, 3), batchSize: between(1, 50), shuffle: false };
      const [whole, streamed] = [make(), make()];
      whole.fit(X.slice(0, rows), Y.slice(0, rows), fit);
      await streamed.fitAsync(() => later(cut(sizes, X.slice(0, rows), Y.slice(0, rows))), fit);
      expect([rows, sizes, fit, weightsOf(streamed)]).toEqual([rows, sizes, fit, weightsOf(whole)]);
      restore();
    }
  });
});

test("an inline generator needs no type annotations, with or without options", async () => {
  const nn = new NN({ layers: [1, 1] });
  const chunks = [{ x: Float32Array.of(1, 2), y: Float32Array.of(0, 1) }];
  const history = await nn.fitAsync(
    async function* () {
      for (const { x, y } of chunks) yield [x, y];
    },
    { epochs: 2 },
  );
  expect(history.epochs).toBe(2);
});
