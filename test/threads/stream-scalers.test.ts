// Scaling of a stream's rows: fitted in a separate pass through all of them, or given in numbers.
import { afterEach, describe, expect, test } from "vitest";
import { NN, type NetworkOptions } from "../../src/index.js";
import { BACKENDS, BUSY } from "../nn/support.js";
import { cut, later, X, Y } from "./chunks.js";
import { confineTo, expectSameNetwork, PLACES, rejection } from "./support.js";

let restore = (): void => undefined;
afterEach(() => restore());

describe.each(PLACES)("in %s", (place) => {
  describe.each(BACKENDS)("$name", ({ options }) => {
    const make = (more: Partial<NetworkOptions>): NN => new NN({ ...BUSY, shuffle: false, ...options, ...more });

    test.each([
      ["standard", "minmax"],
      ["minmax", "standard"],
    ] as const)(
      "scalers %s and %s are fitted on all rows of a sorted stream, as of the rows in one piece",
      async (inputScaling, targetScaling) => {
        restore = confineTo(place);
        const sorted = [...X.keys()].sort((a, b) => X[a][0] - X[b][0]);
        const [x, y] = [sorted.map((r) => X[r].map((value) => 1e3 + 50 * value)), sorted.map((r) => Y[r])];
        const [whole, streamed, typed] = [1, 2, 3].map(() => make({ inputScaling, targetScaling }));
        const fit = { epochs: 2, batchSize: 16 };
        whole.fit(x, y, fit);
        let passes = 0;
        await streamed.fitAsync(() => {
          passes++;
          return later(cut([20, 1, 7], x, y));
        }, fit);
        expect(passes).toBe(3);
        expectSameNetwork(streamed, whole);
        expect(streamed.predict(x)).toEqual(whole.predict(x));
        await typed.fitAsync(
          () => [
            [x.slice(0, 50), y.slice(0, 50)],
            [x.slice(50), y.slice(50)],
          ],
          fit,
        );
        expectSameNetwork(typed, whole);
        // A second run, whose scalers are there, needs no further pass.
        passes = 0;
        await streamed.fitAsync(() => {
          passes++;
          return cut([9], x, y);
        }, fit);
        expect(passes).toBe(2);
      },
    );

    test("a stream that can be read once accepts scaling given in numbers", async () => {
      restore = confineTo(place);
      const more = { inputScaling: { shift: [1, 2, 3], scale: [4, 5, 6] }, targetScaling: { shift: [-1, 1], scale: [2, 3] } };
      const [whole, streamed] = [make(more), make(more)];
      whole.fit(X, Y, { epochs: 1, batchSize: 16 });
      await streamed.fitAsync(later(cut([20])), { epochs: 1, batchSize: 16 });
      expectSameNetwork(streamed, whole);
    });
  });
});

describe("a stream", () => {
  test.each(["inputScaling", "targetScaling"] as const)(
    "that can be read once is refused with %s to fit, and both remedies are named",
    async (option) => {
      const nn = new NN({ ...BUSY, shuffle: false, [option]: "standard" });
      const before = nn.save();
      const error = await rejection(nn.fitAsync(later(cut([20]))));
      expect(error).toBeInstanceOf(RangeError);
      expect(error.message).toBe(
        `${option} is "standard", which takes a pass of its own, but this stream can be read only once; ` +
          `pass a function that makes a stream per pass, or ${option}: { shift, scale }`,
      );
      expect(nn.save()).toEqual(before);
    },
  );

  test("whose second pass is empty after fitting scalers is refused with a message that says so", async () => {
    const nn = new NN({ ...BUSY, shuffle: false, inputScaling: "standard" });
    const before = nn.save();
    const once = later(cut([10]));
    expect((await rejection(nn.fitAsync(() => once))).message).toBe(
      "the stream has no second epoch; pass a function that makes one per epoch",
    );
    expect(nn.save()).toEqual(before);
  });
});
