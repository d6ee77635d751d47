// Callbacks that return promises: `fitAsync` awaits them, `fit` refuses them.
import { afterEach, describe, expect, test } from "vitest";
import { NN } from "../../src/index.js";
import { BACKENDS, BUSY, X, caught, table } from "../nn/support.js";
import { confineTo, expectSameNetwork, PLACES, rejection } from "./support.js";

const Y = table(10, 2, 2).map((row) => row.map(Math.abs));
let restore = (): void => undefined;
afterEach(() => restore());

describe.each(PLACES)("in %s", (place) => {
  describe.each(BACKENDS)("$name", ({ options }) => {
    const make = (): NN => new NN({ ...BUSY, ...options });
    const after = (epochs: number): NN => {
      const nn = make();
      nn.fit(X, Y, { epochs });
      return nn;
    };

    test("a promise of false ends the run", async () => {
      restore = confineTo(place);
      const nn = make();
      const history = await nn.fitAsync(X, Y, { epochs: 9, onEpochEnd: ({ epoch }) => Promise.resolve(epoch < 2) });
      expect(history).toMatchObject({ epochs: 3, stopReason: "callback" });
      expectSameNetwork(nn, after(3));
      const batches = await make().fitAsync(X, Y, { epochs: 9, onBatchEnd: ({ batch }) => Promise.resolve(batch < 1) });
      expect(batches).toMatchObject({ epochs: 0, stopReason: "callback" });
    });

    test("training waits until a promise is settled, and its rejection ends the run", async () => {
      restore = confineTo(place);
      const nn = make();
      const mine = new Error("mine");
      const seen: string[] = [];
      const error = await rejection(
        nn.fitAsync(X, Y, {
          epochs: 9,
          onEpochEnd: async ({ epoch }) => {
            seen.push(`begin ${epoch}`);
            for (let turn = 0; turn < 5; turn++) await Promise.resolve();
            seen.push(`end ${epoch}`);
            if (epoch === 1) throw mine;
          },
        }),
      );
      expect(error).toBe(mine);
      expect(seen).toEqual(["begin 0", "end 0", "begin 1", "end 1"]);
      expectSameNetwork(nn, after(2));
    });

    test("an abort does not wait for a promise", async () => {
      restore = confineTo(place);
      const nn = make();
      const controller = new AbortController();
      const training = nn.fitAsync(X, Y, {
        epochs: 9,
        signal: controller.signal,
        onEpochEnd: () => {
          queueMicrotask(() => controller.abort("enough"));
          return new Promise(() => undefined);
        },
      });
      expect(await rejection(training)).toBe("enough");
      expectSameNetwork(nn, after(1));
    });
  });
});

describe.each(BACKENDS)("fit, $name", ({ options }) => {
  test.each(["onEpochEnd", "onBatchEnd"] as const)(
    "refuses a promise from %s by name, and restores the last completed epoch",
    (name) => {
      const nn = new NN({ ...BUSY, ...options });
      // An unhandled rejection would fail this suite.
      const error = caught(() => nn.fit(X, Y, { epochs: 3, [name]: () => Promise.reject(new Error("unheard")) }));
      expect(error).toEqual(
        new TypeError(`${name} returned a promise, which fit does not wait for; use fitAsync, or a function that is not async`),
      );
      const expected = new NN({ ...BUSY, ...options });
      if (name === "onEpochEnd") expected.fit(X, Y, { epochs: 1 });
      expectSameNetwork(nn, expected);
    },
  );
});
