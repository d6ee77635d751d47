// A browser's address space holds some hundred memories for all its threads; a failed allocation collects only its own thread's garbage.
import { afterEach, expect, test, vi } from "vitest";
import { NN } from "../../src/index.js";
import type { Reply } from "../../src/threads/protocol.js";
import { confineTo, PLACES } from "./support.js";

let restore = (): void => undefined;
afterEach(() => restore());

/** Allocates memories until none is left. */
function takeRoom(): WebAssembly.Memory[] {
  const taken: WebAssembly.Memory[] = [];
  try {
    for (;;) taken.push(new WebAssembly.Memory({ initial: 1, maximum: 65536 }));
  } catch {
    return taken;
  }
}

test.each(PLACES.slice(0, 2))(
  "a worker can allocate when only this page's garbage occupies the address space: %s",
  async (place) => {
    confineTo("slices here")(); // no worker is left over from earlier runs
    restore = confineTo(place);
    let results = 0;
    vi.stubGlobal(
      "Worker",
      class extends Worker {
        constructor(...args: ConstructorParameters<typeof Worker>) {
          super(...args);
          this.addEventListener("message", ({ data }: MessageEvent<Reply>) => void (results += Number(data.kind === "result")));
          // Unreachable at once, but not collected.
          expect(takeRoom().length).toBeGreaterThan(10);
        }
      },
    );
    const nn = new NN({ layers: [16, 600, 8], batchSize: 128, seed: 1 });
    const like = NN.load(nn.save());
    const x = new Float32Array(256 * 16),
      y = new Float32Array(256 * 8);
    await nn.fitAsync(x, y, { epochs: 2, threads: "auto" });
    like.fit(x, y, { epochs: 2 });
    expect(results).toBeGreaterThan(0);
    expect(nn.getWeights()).toEqual(like.getWeights());
  },
);
