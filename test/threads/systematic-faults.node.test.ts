// Every allocation, worker, message and compilation that a training needs fails once: the first, the second … until a training needs no
// more of them. Each time the training either completes by another way, with the same bits, or is rejected with a clear error and leaves
// the network as it was; no worker stays, and the next training works.
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { NN, type Chunk, type NetworkOptions } from "../../src/index.js";
import { confineTo, expectSameNetwork, LARGE_X, LARGE_Y, PLACES } from "./support.js";
import { allGone, beforeStart, endWorkers, onMessage, onStart, running, watchWorkers } from "./workers.js";

const MEMORY = /needs \d+ MB of memory, which WebAssembly cannot provide here/;
const GONE = "a worker ended while this network was training";

beforeAll(watchWorkers);
afterAll(endWorkers);
vi.spyOn(console, "warn").mockImplementation(() => undefined);
const cleanUps: (() => void)[] = [];
afterEach(() => cleanUps.splice(0).forEach((each) => each()));

/** A step is worth two threads. */
const NETWORK = {
  layers: [90, { units: 64, activation: "relu", dropout: 0.2 }, { units: 4, activation: "softmax" }],
  loss: "categoricalCrossentropy",
  optimizer: "adam",
  batchSize: 256,
  seed: 7,
} as const satisfies NetworkOptions;
const x = LARGE_X.subarray(0, 90 * 300),
  y = LARGE_Y.slice(0, 300);
const few = x.subarray(0, 90 * 20),
  fewY = y.slice(0, 20);
/** Predictions that are worth two threads. */
const MANY = new Float32Array(90 * 4000);
const chunks = (): Chunk[] => [
  [few, fewY],
  [x, y],
];
/** Trainings, each on a network that has been trained for an epoch on a few rows, so that its memory has to grow. */
const TRAININGS: Record<string, (nn: NN, epochs: number) => unknown> = {
  fit: (nn, epochs) => nn.fit(x, y, { epochs, validationSplit: 0.2 }),
  "fit in its input buffer": (nn, epochs) => {
    const own = nn.inputBuffer(300);
    own.set(x);
    nn.fit(own, y, { epochs });
  },
  // So many epochs are worth starting workers for.
  "fit on threads": (nn, epochs) => nn.fit(x, y, { epochs: 1000, threads: 2, onEpochEnd: ({ epoch }) => epoch + 1 < epochs }),
  fitAsync: (nn, epochs) => nn.fitAsync(x, y, { epochs, threads: 2 }),
  "fitAsync on a stream": (nn, epochs) => nn.fitAsync(chunks, { epochs, threads: 2 }),
  partialFit: (nn) => nn.partialFit(x, y),
  "partialFit on a loss function": (nn) =>
    nn.partialFit(x, (outputs, gradient) => {
      gradient.set(outputs.map((p) => p - 0.25));
      return 0;
    }),
  applyGradients: (nn) => nn.applyGradients(nn.gradients(x, y).layers),
  predictAsync: (nn) => nn.predictAsync(MANY, { threads: 2 }),
};
const ASYNCHRONOUS = Object.entries(TRAININGS).filter(([name]) => name.includes("Async"));

function start(): NN {
  const nn = new NN(NETWORK);
  nn.fit(few, fewY, { epochs: 1 });
  return nn;
}

/** The network after as many epochs as `nn` has completed of a training. */
const epochsOf = (nn: NN): number => (nn.toJSON() as unknown as { epoch: number }).epoch;

/** Ends the workers that are kept for a next run, without waiting for their time to pass. */
async function endFree(): Promise<void> {
  await Promise.all(running.map((worker) => worker.terminate()));
  await allGone();
}

/** Workers and ports that keep this process running. */
const handles = (): string[] =>
  process
    .getActiveResourcesInfo()
    .filter((name) => /worker|port/i.test(name))
    .toSorted();

interface Fault {
  /** Whether there was an nth time. */
  happened(): boolean;
  stop(): void;
}

/**
 * Trains with a fault at the first, second … nth occasion, until a training has fewer. Each outcome is a completed training or an error
 * that `expected` accepts.
 */
async function failEach(
  train: (nn: NN, epochs: number) => unknown,
  inject: (n: number) => Fault,
  isExpected: (error: Error) => boolean,
): Promise<{ failed: number; completed: number }> {
  const before = start();
  const done = start();
  await train(done, 2);
  await endFree();
  const handlesBefore = handles();
  let failed = 0,
    completed = 0;
  for (let n = 1; ; n++) {
    const nn = start();
    const fault = inject(n);
    let error: Error | undefined;
    try {
      await train(nn, 2);
    } catch (reason) {
      error = reason as Error;
    } finally {
      fault.stop();
    }
    const epoch = epochsOf(nn);
    if (error) {
      failed++;
      if (!isExpected(error)) expect.fail(`at fault ${n}: ${error.stack}`);
      // A fault in the middle leaves the last completed epoch.
      const reference = start();
      if (epoch > epochsOf(before)) await train(reference, epoch - epochsOf(before));
      expectSameNetwork(nn, reference);
    } else {
      completed++;
      expectSameNetwork(nn, done);
    }
    await endFree();
    expect(handles(), `handles after fault ${n}`).toEqual(handlesBefore);
    if (!fault.happened()) {
      expect(error).toBeUndefined();
      return { failed, completed: completed - 1 };
    }
    // It can be trained again.
    if (error) {
      if (epoch === epochsOf(before)) {
        await train(nn, 2);
        expectSameNetwork(nn, done);
      } else nn.partialFit(few, fewY);
      await endFree();
    }
    expect(n).toBeLessThan(200);
  }
}

/** The nth memory or growth of a memory is refused, or all from the nth on. */
function refuseMemory(n: number, all: boolean): Fault {
  let count = 0;
  const refuse = (): void => {
    count++;
    if (count === n || (all && count > n)) throw new RangeError("out of memory");
  };
  const { Memory } = WebAssembly;
  const { grow } = Memory.prototype;
  class Refusing extends Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      refuse();
      super(descriptor);
    }
  }
  WebAssembly.Memory = Refusing;
  Memory.prototype.grow = function refusing(this: WebAssembly.Memory, pages: number): number {
    refuse();
    return grow.call(this, pages);
  };
  const stop = (): void => {
    WebAssembly.Memory = Memory;
    Memory.prototype.grow = grow;
  };
  cleanUps.push(stop);
  return { stop, happened: () => count >= n };
}

describe.each([
  ["once", false],
  ["from then on", true],
])("memory that is refused %s", (_title, all) => {
  test.each(Object.keys(TRAININGS))(
    "at the nth occasion leaves %s completed or refused, and the network intact",
    async (name) => {
      const { failed, completed } = await failEach(
        TRAININGS[name]!,
        (n) => refuseMemory(n, all),
        ({ message }) => MEMORY.test(message),
      );
      // What needs memory of its own beside the network's has other ways.
      if (name.startsWith("predictAsync") && !all) expect(completed).toBeGreaterThan(0);
      else if (!name.startsWith("applyGradients")) expect(failed + completed).toBeGreaterThan(0);
    },
  );

  test("refuses the nth network that is made, loaded or cloned, with the memory that it needs", () => {
    const bytes = start().save();
    for (const make of [() => new NN(NETWORK), () => NN.load(bytes), (nn: NN) => nn.clone()]) {
      const nn = start();
      const fault = refuseMemory(1, all);
      expect(() => make(nn)).toThrow(MEMORY);
      fault.stop();
      expect(make(nn).getWeights()).toHaveLength(2);
      expectSameNetwork(nn, start());
    }
  });
});

describe.each(PLACES.slice(0, 2))("in %s", (place) => {
  test.each(ASYNCHRONOUS)("the nth worker of %s that cannot be started is done without", async (_name, train) => {
    cleanUps.push(confineTo(place));
    const { failed, completed } = await failEach(
      train,
      (n) => {
        let count = 0;
        beforeStart(() => {
          if (++count === n) throw new Error("no more workers");
        });
        return { happened: () => count >= n, stop: beforeStart };
      },
      () => false,
    );
    expect(failed).toBe(0);
    expect(completed).toBeGreaterThan(0);
  });

  test.each(ASYNCHRONOUS)("the nth worker of %s that exits when it has been started is done without", async (_name, train) => {
    cleanUps.push(confineTo(place));
    const { failed, completed } = await failEach(
      train,
      (n) => {
        let count = 0;
        onStart((worker) => {
          if (++count === n) void worker.terminate();
        });
        return { happened: () => count >= n, stop: onStart };
      },
      () => false,
    );
    expect(failed).toBe(0);
    expect(completed).toBeGreaterThan(0);
  });

  test.each(ASYNCHRONOUS)(
    "a worker of %s that exits at the nth message is done without, or ends the training at the last completed epoch",
    async (_name, train) => {
      cleanUps.push(confineTo(place));
      const { failed, completed } = await failEach(
        train,
        (n) => {
          let count = 0;
          onMessage((all, worker) => {
            count = all;
            if (all === n) void worker.terminate();
            return all !== n;
          });
          return { happened: () => count >= n, stop: onMessage };
        },
        ({ message }) => message === GONE,
      );
      expect(completed).toBeGreaterThan(0);
      expect(failed).toBeGreaterThan(0);
    },
  );

  test.each(ASYNCHRONOUS)("the nth message of %s that cannot be read is noticed", async (_name, train) => {
    cleanUps.push(confineTo(place));
    const { failed } = await failEach(
      train,
      (n) => {
        let count = 0;
        onMessage((all, worker) => {
          count = all;
          if (all === n) worker.emit("messageerror", new Error("unreadable"));
          return all !== n;
        });
        return { happened: () => count >= n, stop: onMessage };
      },
      ({ message }) => message === "a worker could not read a message",
    );
    expect(failed).toBeGreaterThan(0);
  });
});

test.each(ASYNCHRONOUS)(
  "a worker of %s that never says it is ready is given up when its time has passed",
  async (_name, train) => {
    const { failed, completed } = await failEach(
      train,
      (n) => {
        let count = 0;
        const clock = vi.spyOn(globalThis, "setTimeout");
        onMessage((_all, _worker, kind) => {
          if (kind !== "ready" || ++count !== n) return true;
          const [late] = clock.mock.calls.findLast(([, ms]) => ms === 10_000)!;
          late();
          return false;
        });
        return {
          happened: () => count >= n,
          stop: () => {
            onMessage();
            clock.mockRestore();
          },
        };
      },
      () => false,
    );
    expect([failed, completed > 0]).toEqual([0, true]);
  },
);

describe("WebAssembly that is refused", () => {
  test.each(["fit", "fitAsync"] as const)(
    "at the nth compilation makes a network with the next slower engine, by %s",
    async (method) => {
      const { Module } = WebAssembly;
      cleanUps.push(() => {
        WebAssembly.Module = Module;
      });
      const backends = new Map<string, string>();
      for (let n = 1, happened = true; happened; n++) {
        vi.resetModules();
        const { NN: Fresh } = await import("../../src/index.js");
        let count = 0;
        WebAssembly.Module = class extends Module {
          constructor(bytes: BufferSource) {
            if (++count === n) throw new WebAssembly.CompileError("refused");
            super(bytes);
          }
        };
        const nn = new Fresh({ ...NETWORK, reproducible: true });
        await nn[method](x, y, { epochs: 1, threads: 2 });
        happened = count >= n;
        if (happened) backends.set(String(n), nn.backend);
        if (nn.backend === "wasm-simd") {
          const expected = new NN({ ...NETWORK, reproducible: true });
          expected.fit(x, y, { epochs: 1 });
          expect(nn.save()).toEqual(expected.save());
        }
        WebAssembly.Module = Module;
        await endFree();
      }
      // The decoder, then the build; fitAsync's build for shared memory needs both again.
      expect([...backends.values()].slice(0, 2)).toEqual(["js", "js"]);
      expect([...backends.values()].slice(2)).toEqual(method === "fit" ? [] : ["wasm-simd", "wasm-simd"]);
    },
  );
});

test("the rows are many enough for the memory to grow", () => {
  const grow = vi.spyOn(WebAssembly.Memory.prototype, "grow");
  const nn = start();
  grow.mockClear();
  nn.fit(x, y);
  expect(grow).toHaveBeenCalledTimes(1);
  grow.mockRestore();
});
