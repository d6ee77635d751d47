// The worker of a lane: one engine, which trains in its turns.
import { NN } from "../../src/index.js";
import type { FromWorker, LaneId, ToWorker } from "./protocol.js";
import { WORKLOADS } from "./workloads.js";

/** The options in which the lanes' networks differ. */
const ENGINES: Record<LaneId, { backend: "js" | "wasm"; reproducible?: boolean }> = {
  js: { backend: "js" },
  simd: { backend: "wasm", reproducible: true },
  relaxed: { backend: "wasm" },
  threads: { backend: "wasm" },
};

let nn: NN;
let rows: { x: Float32Array; y: Uint8Array | Float32Array };
let count: number;
let isThreaded: boolean;
/** Epochs of the next run, from what the last one took. */
let epochs = 1;

addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
  (data.type === "prepare" ? prepare(data) : turn(data.milliseconds)).then(answer, (error: unknown) =>
    answer({ type: "failed", message: error instanceof Error ? error.message : String(error) }),
  );
});

function answer(message: FromWorker): void {
  postMessage(message, message.type === "turned" ? { transfer: [message.model.buffer] } : {});
}

async function prepare({ lane, workload, x, y, warmUp }: Extract<ToWorker, { type: "prepare" }>): Promise<FromWorker> {
  try {
    nn = new NN({ ...WORKLOADS[workload].options, ...ENGINES[lane] });
  } catch (error) {
    return { type: "absent", why: error instanceof Error ? error.message : String(error) };
  }
  if (lane === "relaxed" && nn.backend !== "wasm-relaxed-simd")
    return { type: "absent", why: "This browser’s WebAssembly has no relaxed SIMD." };
  rows = { x, y };
  count = x.length / nn.layers[0].inputs;
  isThreaded = lane === "threads";
  const start = performance.now();
  while (performance.now() - start < warmUp) await run(warmUp);
  return { type: "ready", engine: nn.backend };
}

/** Trains for about this long. */
async function run(milliseconds: number): Promise<{ seconds: number; done: number; loss: number }> {
  const start = performance.now();
  const { x, y } = rows;
  const history = isThreaded ? await nn.fitAsync(x, y, { epochs, threads: "auto" }) : nn.fit(x, y, { epochs });
  const took = performance.now() - start;
  epochs = Math.max(1, Math.round(epochs * Math.min(milliseconds / took, 8)));
  return { seconds: took / 1000, done: history.epochs, loss: history.loss.at(-1)! };
}

async function turn(milliseconds: number): Promise<FromWorker> {
  const { seconds, done, loss } = await run(milliseconds);
  return {
    type: "turned",
    rowsPerSecond: (done * count) / seconds,
    epochs: done,
    loss,
    threads: isThreaded ? nn.threads : undefined,
    model: nn.save(),
  };
}
