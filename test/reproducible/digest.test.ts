// `reproducible: true` gives the same bits in every engine, with any number of threads: one digest of training, committed. The value was
// computed by the library itself; that what it stands for is right, the other suites show, and here the plain engine, which shares no
// arithmetic with the kernels. Bun, Deno, workerd and all other consumers compute it in test/runtimes and test/consumers, Firefox in test/browser.
import { afterEach, describe, expect, test, vi } from "vitest";
import { NN } from "../../src/index.js";
import expected from "../consumers/digest.json" with { type: "json" };
import { trainingDigest } from "../consumers/fixtures/src/digest.js";
import { expectNear } from "../support.js";
import { confineTo, PLACES, SHARES } from "../threads/support.js";

let restore = (): void => undefined;
afterEach(() => restore());

test.each([1, 2, 3, 4])("training has the committed digest with %i threads", async (count) => {
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const { threads, ...rest } = await trainingDigest(NN, { threads: count });
  expect(rest).toMatchObject(expected);
  expect(Math.max(...threads)).toBe(SHARES ? count : 1);
});

describe.each(PLACES.slice(1))("in %s", (place) => {
  test("training has the committed digest", async () => {
    restore = confineTo(place);
    expect(await trainingDigest(NN, { threads: 1 })).toMatchObject(expected);
  });
});

// The bounds of docs/numerics.md.
test("the plain engine predicts the same to 1e-4 in float32 and 1e-10 in float64 after the same training", async () => {
  const [wasm, js] = [await trainingDigest(NN, { threads: 1 }), await trainingDigest(NN, {}, { backend: "js" })];
  expect(js.digest).not.toBe(wasm.digest);
  wasm.outputs.forEach((outputs, i) => expectNear(js.outputs[i]!, outputs, i < wasm.outputs.length / 2 ? 1e-4 : 1e-10));
});

test("the digest changes with a single bit of training", async () => {
  class Other extends NN {
    override fit(...args: Parameters<NN["fit"]>): ReturnType<NN["fit"]> {
      const history = super.fit(...args);
      const weights = this.getWeights();
      weights[0]!.kernel[0]! *= 1 + 2 ** -23;
      this.setWeights(weights);
      return history;
    }
  }
  const { digest, cases } = await trainingDigest(Other, { threads: 1 });
  expect(digest).not.toBe(expected.digest);
  for (const [name, each] of Object.entries(expected.cases)) expect(cases[name]).not.toBe(each);
});
