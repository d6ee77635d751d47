// Where a network's work is done, and by how many threads.
import type { Engine } from "../engine/engine.js";
import { WasmEngine } from "../engine/wasm/engine.js";
import { TILE_ROWS } from "../engine/wasm/layout.js";
import type { ModelSpec } from "../model/spec.js";
import type { FitSettings } from "../options/fit.js";
import { yieldToEventLoop } from "./event-loop.js";
import { sources } from "./pool.js";
import { nodeModule } from "./spawn.js";
import { WorkerGroup } from "./worker-group.js";

/**
 * Multiply-adds of a step that each thread should have at least. Two threads that have their cores to themselves gain from a tenth of
 * it on (1.6 times as fast); where another process takes one of two cores they lose, the more the smaller the step (0.7 here, 0.3 there).
 */
const SHARE = 650_000;
/** Multiply-adds, one way, that a whole `fit` should have before workers are started for it: they take a while to come. */
const WHOLE = 1e9;
/** Milliseconds of work on the calling thread between turns of its event loop, where no worker can be had. */
export const LOCAL_MS = 4;
/** The same in a worker: messages weigh little, and an abort need not wait. */
const REMOTE_MS = 20;

/** Who computes: a twin of a network's engine, and the workers that make its calls, or none. */
export interface Placement {
  readonly engine: Engine;
  readonly workers: WorkerGroup | undefined;
  /** Compute threads. */
  readonly threads: number;
  readonly sliceMs: number;
}

/** Threads that this machine runs at once. */
function cores(): number {
  const os = nodeModule<{ availableParallelism(): number }>("os");
  if (os) return os.availableParallelism();
  const count = globalThis.navigator?.hardwareConcurrency ?? 1;
  // A page needs one to stay fluent.
  return typeof document === "undefined" ? count : Math.max(1, count - 1);
}

/** The most threads of one network, whatever is asked for: more than cores only make the others wait. */
const mostThreads = (): number => Math.max(8, cores());

/** Why threads cannot share memory here; empty where they can. */
function unshared(): string {
  const { crossOriginIsolated } = globalThis as { crossOriginIsolated?: boolean };
  if (crossOriginIsolated === false) return "this page is not cross-origin isolated";
  return typeof SharedArrayBuffer === "undefined" ? "there is no SharedArrayBuffer here" : "";
}

const PLAIN = "the plain JavaScript engine computes on one";

/** What of a training's options says where it is done. */
export type ThreadOptions = Pick<FitSettings, "threads" | "batchSize" | "workerUrl">;

/**
 * How many threads a step on so many rows is worth: as many as asked for, but not so many that a thread has too little to do.
 * Small work is not split.
 */
function worthwhile({ threads, batchSize }: ThreadOptions, { layers }: ModelSpec, rows: number): number {
  const wanted = threads === "auto" ? cores() : Math.min(threads, mostThreads());
  return Math.max(1, Math.min(wanted, Math.floor((Math.min(rows, batchSize, TILE_ROWS) * multiplyAdds(layers)) / SHARE)));
}

/** A row's multiply-adds, one way. */
export function multiplyAdds(layers: ModelSpec["layers"]): number {
  return layers.reduce((sum, { inputs, units }) => sum + inputs * units, 0);
}

/** Where `fit` computes: the network's engine; or in Node its twin, with helpers that this thread leads. */
export function planLocal(home: Engine, spec: ModelSpec, fit: FitSettings, rows: number): Placement {
  const here = { engine: home, workers: undefined, threads: 1, sliceMs: REMOTE_MS };
  warnOfMany(fit.threads);
  const threads = fit.epochs * rows * multiplyAdds(spec.layers) < WHOLE ? 1 : worthwhile(fit, spec, rows);
  if (threads === 1) return here;
  let reason = PLAIN;
  if (home instanceof WasmEngine) {
    reason = nodeModule("worker_threads") ? unshared() : "fit has threads in Node, fitAsync wherever there are workers";
    for (const source of reason ? [] : sources()) {
      try {
        const engine = home.replica(threads);
        return { engine, workers: WorkerGroup.startHelpers(engine, source), threads, sliceMs: REMOTE_MS };
      } catch (error) {
        reason = (error as Error).message;
      }
    }
  }
  warn(fit.threads, reason);
  return here;
}

/**
 * Where `fitAsync` computes: a twin of the network's engine, worked on by threads that share its memory, by a worker with a
 * memory of its own, or else in short slices.
 */
export async function planWorkers(home: Engine, spec: ModelSpec, fit: ThreadOptions, rows: number): Promise<Placement> {
  warnOfMany(fit.threads);
  const threads = worthwhile(fit, spec, rows);
  let reason = PLAIN;
  if (home instanceof WasmEngine) {
    reason = unshared();
    for (const shared of reason ? [0] : [threads, 0]) {
      for (const source of sources(fit.workerUrl)) {
        try {
          // An engine, a worker, a compiled module each take some milliseconds.
          await yieldToEventLoop();
          const engine = home.replica(shared);
          await yieldToEventLoop();
          const workers = await WorkerGroup.start(engine, source, fit.workerUrl);
          if (threads > 1 && !shared) warn(fit.threads, reason);
          return { engine, workers, threads: shared || 1, sliceMs: REMOTE_MS };
        } catch (error) {
          reason = (error as Error).message;
        }
      }
    }
  }
  if (threads > 1) warn(fit.threads, reason);
  return { engine: home.replica(0), workers: undefined, threads: 1, sliceMs: LOCAL_MS };
}

function warnOfMany(asked: number | "auto"): void {
  if (asked === "auto" || asked <= mostThreads()) return;
  // oxlint-disable-next-line no-console
  console.warn(`wasmlp: threads is ${asked}; at most ${mostThreads()} are used, as this machine runs ${cores()} at once`);
}

/** Threads that were asked for by number and cannot be had are worth a word. */
function warn(asked: number | "auto", why: string): void {
  // oxlint-disable-next-line no-console
  if (asked !== "auto") console.warn(`wasmlp: threads is ${asked}, but this training has one: ${why}`);
}
