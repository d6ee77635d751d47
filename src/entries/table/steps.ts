// Work on many rows, with pauses: done at once, or in slices between turns of the event loop.
import type { Signal } from "../../index.js";
import { later, now } from "../../platform.js";

/** Work with pauses, between which the calling thread may do something else. */
export type Steps<R> = Generator<undefined, R>;
/** Rows between pauses. */
export const PIECE = 512;

/** How long a slice may take, in milliseconds. */
const SLICE_MS = 8;

/** Does all of it. */
export function finish<R>(steps: Steps<R>): R {
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

/** Does all of it, with turns of the event loop between. */
export async function finishInSlices<R>(steps: Steps<R>, signal: Signal | undefined): Promise<R> {
  let since = now();
  let step = steps.next();
  while (!step.done) {
    if (signal?.aborted) throw signal.reason;
    if (now() - since > SLICE_MS) {
      await new Promise<void>(later);
      since = now();
    }
    step = steps.next();
  }
  return step.value;
}
