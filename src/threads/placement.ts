// Where a network's work is done, and by how many threads.
import type { Engine } from "../engine/engine.js";
import { WasmEngine } from "../engine/wasm/engine.js";
import { TILE_ROWS } from "../engine/wasm/layout.js";
import type { ModelSpec } from "../model/spec.js";
import type { FitSettings } from "../options/fit.js";
import { coreCount, mustStayResponsive, nodeModule, warn, whyUnshared } from "../platform.js";
import { yieldToEventLoop } from "./event-loop.js";
import { sources } from "./pool.js";
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

/** Threads for work in workers: where the calling thread has a page or a server to keep responsive, a core is left to it. */
const coresForWorkers = (): number => Math.max(1, coreCount() - Number(mustStayResponsive()));

/** The most threads of one network, whatever is asked for: more than cores only make the others wait. */
const mostThreads = (): number => Math.max(8, coreCount());

const PLAIN = "the plain JavaScript engine computes on one";

/** What of a training's options says where it is done. */
export type ThreadOptions = Pick<FitSettings, "threads" | "batchSize" | "workerUrl">;

/**
 * How many threads a step on so many rows is worth: as many as asked for, but not so many that a thread has too little to do.
 * Small work is not split.
 */
function worthwhile({ threads, batchSize }: ThreadOptions, { layers }: ModelSpec, rows: number, cores: number): number {
  const wanted = threads === "auto" ? cores : Math.min(threads, mostThreads());
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
  const threads = fit.epochs * rows * multiplyAdds(spec.layers) < WHOLE ? 1 : worthwhile(fit, spec, rows, coreCount());
  if (threads === 1) return here;
  let reason = PLAIN;
  if (home instanceof WasmEngine) {
    reason = nodeModule("worker_threads") ? whyUnshared() : "fit has threads in Node, fitAsync wherever there are workers";
    for (const source of reason ? [] : sources()) {
      try {
        const engine = home.replica(threads);
        return { engine, workers: WorkerGroup.startHelpers(engine, source), threads, sliceMs: REMOTE_MS };
      } catch (error) {
        reason = (error as Error).message;
      }
    }
  }
  warnOfOne(fit.threads, reason);
  return here;
}

/**
 * Where `fitAsync` computes: a twin of the network's engine, worked on by threads that share its memory, by a worker with a
 * memory of its own, or else in short slices.
 */
export async function planWorkers(home: Engine, spec: ModelSpec, fit: ThreadOptions, rows: number): Promise<Placement> {
  warnOfMany(fit.threads);
  const threads = worthwhile(fit, spec, rows, coresForWorkers());
  let reason = PLAIN;
  if (home instanceof WasmEngine) {
    reason = whyUnshared();
    for (const shared of reason ? [0] : [threads, 0]) {
      for (const source of sources(fit.workerUrl)) {
        try {
          // An engine, a worker, a compiled module each take some milliseconds.
          await yieldToEventLoop();
          const engine = home.replica(shared);
          await yieldToEventLoop();
          const workers = await WorkerGroup.start(engine, source, fit.workerUrl);
          if (threads > 1 && !shared) warnOfOne(fit.threads, reason);
          return { engine, workers, threads: shared || 1, sliceMs: REMOTE_MS };
        } catch (error) {
          reason = (error as Error).message;
        }
      }
    }
  }
  if (threads > 1) warnOfOne(fit.threads, reason);
  return { engine: home.replica(0), workers: undefined, threads: 1, sliceMs: LOCAL_MS };
}

function warnOfMany(asked: number | "auto"): void {
  if (asked === "auto" || asked <= mostThreads()) return;
  warn(`threads is ${asked}; at most ${mostThreads()} are used, as this machine runs ${coreCount()} at once`);
}

/** Threads that were asked for by number and cannot be had are worth a word. */
function warnOfOne(asked: number | "auto", why: string): void {
  if (asked !== "auto") warn(`threads is ${asked}, but this training has one: ${why}`);
}
