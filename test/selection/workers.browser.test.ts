// Searches in a page: one web worker at a time, or slices on the page's own thread, with the same result.
import { afterEach, expect, test, vi } from "vitest";
import { crossValidate, search } from "../../src/entries/selection.js";
import { confineTo, PLACES } from "../threads/support.js";
import { SPACE, X, Y } from "./support.js";

let restore = (): void => undefined;
afterEach(() => {
  restore();
  vi.unstubAllGlobals();
});

test.each(PLACES)("in %s, trials score as cross-validation on this thread does", async (place) => {
  restore = confineTo(place);
  const { trials } = await search(SPACE, X, Y, { trials: 3, seed: 4, folds: 2 });
  for (const { options, scores } of trials) expect(scores).toEqual(crossValidate(options, X, Y, { folds: 2, seed: 4 }).scores);
});

/** From now on the addresses of workers are noted, and how many there were at once. */
function watchWebWorkers(): { urls: Set<string>; most: number } {
  const seen = { urls: new Set<string>(), most: 0 };
  let alive = 0;
  vi.stubGlobal(
    "Worker",
    class extends Worker {
      constructor(url: string | URL, options?: WorkerOptions) {
        super(url, options);
        seen.urls.add(String(url));
        seen.most = Math.max(seen.most, ++alive);
      }
      override terminate(): void {
        alive--;
        super.terminate();
      }
    },
  );
  return seen;
}

test("trials are run one after another, when nobody says how many workers there are", async () => {
  const seen = watchWebWorkers();
  // Free workers are not used for more than 16 runs, so that some are started here.
  await search(SPACE, X, Y, { trials: 5, seed: 5, folds: 5 });
  expect(seen.most).toBe(1);
});

test("workers come from workerUrl; where that has none, the page's own thread trains", async () => {
  const seen = watchWebWorkers();
  const options = { trials: 2, seed: 5, folds: 2 };
  const { best } = await search(SPACE, X, Y, { ...options, workerUrl: "/no-such-worker.js" });
  expect(seen.urls).toEqual(new Set(["/no-such-worker.js"]));
  expect(best).toEqual((await search(SPACE, X, Y, options)).best);
});
