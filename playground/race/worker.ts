// A lane: one engine in a worker of its own, which trains when it is its turn.
import { NN } from "../../src/index.js";
import type { FromWorker, LaneId, ToWorker } from "./protocol.js";
import { WORKLOADS } from "./workloads.js";

/** What tells the lanes' networks apart. */
const ENGINES: Record<LaneId, { backend: "js" | "wasm"; reproducible?: boolean }> = {
  js: { backend: "js" }, simd: { backend: "wasm", reproducible: true }, relaxed: { backend: "wasm" }, threads: { backend: "wasm" },
};

let nn: NN;
let rows: { x: Float32Array; y: Uint8Array | Float32Array };
let count: number;

addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
  try {
    if (data.type === "prepare") prepare(data);
    else turn(data.milliseconds);
  } catch (error) {
    answer({ type: "failed", message: error instanceof Error ? error.message : String(error) });
  }
});

function answer(message: FromWorker): void {
  postMessage(message, message.type === "turned" ? { transfer: [message.model.buffer] } : {});
}

function prepare({ lane, workload, x, y }: Extract<ToWorker, { type: "prepare" }>): void {
  const { options } = WORKLOADS[workload];
  try {
    nn = new NN({ ...options, ...ENGINES[lane] });
  } catch (error) {
    answer({ type: "absent", why: error instanceof Error ? error.message : String(error) });
    return;
  }
  if (lane === "relaxed" && nn.backend !== "wasm-relaxed-simd") {
    answer({ type: "absent", why: "This browser’s WebAssembly has no relaxed SIMD." });
    return;
  }
  rows = { x, y };
  count = x.length / nn.layers[0]!.inputs;
  // A first epoch, in which functions are compiled.
  nn.fit(x, y, { epochs: 1 });
  answer({ type: "ready", engine: nn.backend });
}

function turn(milliseconds: number): void {
  const start = performance.now();
  const history = nn.fit(rows.x, rows.y, { epochs: 1e6, onEpochEnd: () => performance.now() - start < milliseconds });
  const seconds = (performance.now() - start) / 1000;
  answer({
    type: "turned", rowsPerSecond: (history.epochs * count) / seconds, epochs: history.epochs, loss: history.loss.at(-1)!,
    threads: undefined, model: nn.save(),
  });
}
