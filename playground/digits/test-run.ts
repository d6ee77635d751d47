// Predictions for many rows, a few at every frame.
import type { NN } from "../../src/index.js";

const BUDGET_MS = 3;

/** Rows × outputs; undefined when it was stopped. The network may go on learning meanwhile. */
export async function predictGently(nn: NN, x: Float32Array, inputs: number, signal: AbortSignal): Promise<Float32Array | undefined> {
  const rows = x.length / inputs;
  const outputs = nn.layers.at(-1)!.units;
  const all = new Float32Array(rows * outputs);
  let most = 50;
  for (let from = 0; from < rows;) {
    const start = performance.now();
    const to = Math.min(from + most, rows);
    all.set(nn.predict(x.subarray(from * inputs, to * inputs)) as Float32Array, from * outputs);
    from = to;
    const took = performance.now() - start;
    most = Math.max(10, Math.min(Math.round((most * BUDGET_MS) / Math.max(took, 0.1)), 2 * most));
    await new Promise(requestAnimationFrame);
    if (signal.aborted) return undefined;
  }
  return all;
}
