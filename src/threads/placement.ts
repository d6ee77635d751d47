// Where a run computes, and on how many threads.
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
 * Minimum multiply-adds of a step per thread. Two threads with a core each gain from a tenth of it on (1.6 times as fast). Where another
 * process occupies one of two cores they lose, and smaller steps lose more (0.7 times as fast here, 0.3 at a tenth).
 */
const SHARE = 650_000;
/** Minimum forward multiply-adds of a whole `fit` that justify starting workers. */
const WHOLE = 1e9;
/** Milliseconds of work on the calling thread between yields to its event loop, where no worker can be started. */
export const LOCAL_MS = 4;
/** The same in a worker: long enough to make messages cheap; an abort does not wait for it. */
const REMOTE_MS = 20;

/** What computes: the network's own engine or a replica of it, and the workers that make the replica's calls, if any. */
export interface Placement {
  readonly engine: Engine;
  readonly workers: WorkerGroup | undefined;
  /** Compute threads. */
  readonly threads: number;
  readonly sliceMs: number;
}

/** Threads for work in workers: one core is left free for a calling thread that keeps a page or a server responsive. */
const coresForWorkers = (): number => Math.max(1, coreCount() - Number(mustStayResponsive()));

/** The maximum number of threads per network: threads beyond the number of cores only make the others wait. */
const mostThreads = (): number => Math.max(8, coreCount());

const PLAIN = "the plain JavaScript engine computes on one";

/** The options that decide where a run computes. */
export type ThreadOptions = Pick<FitSettings, "threads" | "batchSize" | "workerUrl">;

/**
 * The number of threads for a step on `rows` rows: as many as requested, but so few that each has enough work. Small steps are not split.
 */
function usefulThreads({ threads, batchSize }: ThreadOptions, { layers }: ModelSpec, rows: number, cores: number): number {
  const requested = threads === "auto" ? cores : Math.min(threads, mostThreads());
  return Math.max(1, Math.min(requested, Math.floor((Math.min(rows, batchSize, TILE_ROWS) * multiplyAdds(layers)) / SHARE)));
}

/** Multiply-adds of one row's forward pass. */
export function multiplyAdds(layers: ModelSpec["layers"]): number {
  return layers.reduce((sum, { inputs, units }) => sum + inputs * units, 0);
}

/** Where `fit` computes: on the network's engine, or in Node on a replica, with worker threads led by this one. */
export function planLocal(own: Engine, spec: ModelSpec, fit: FitSettings, rows: number): Placement {
  const local = { engine: own, workers: undefined, threads: 1, sliceMs: REMOTE_MS };
  warnOfTooMany(fit.threads);
  const threads = fit.epochs * rows * multiplyAdds(spec.layers) < WHOLE ? 1 : usefulThreads(fit, spec, rows, coreCount());
  if (threads === 1) return local;
  let reason = PLAIN;
  if (own instanceof WasmEngine) {
    reason = nodeModule("worker_threads") ? whyUnshared() : "fit has threads in Node, fitAsync wherever there are workers";
    for (const source of reason ? [] : sources()) {
      try {
        const engine = own.replica(threads);
        return { engine, workers: WorkerGroup.startHelpers(engine, source), threads, sliceMs: REMOTE_MS };
      } catch (error) {
        reason = (error as Error).message;
      }
    }
  }
  warnOfSingle(fit.threads, reason);
  return local;
}

/**
 * Where `fitAsync` computes: on a replica of the network's engine, in worker threads that share its memory, in one worker with a
 * memory of its own, or else on the calling thread in short slices.
 */
export async function planWorkers(own: Engine, spec: ModelSpec, fit: ThreadOptions, rows: number): Promise<Placement> {
  warnOfTooMany(fit.threads);
  const threads = usefulThreads(fit, spec, rows, coresForWorkers());
  let reason = PLAIN;
  if (own instanceof WasmEngine) {
    reason = whyUnshared();
    for (const shared of reason ? [0] : [threads, 0]) {
      for (const source of sources(fit.workerUrl)) {
        try {
          // Creating an engine and starting a worker take some milliseconds each.
          await yieldToEventLoop();
          const engine = own.replica(shared);
          await yieldToEventLoop();
          const workers = await WorkerGroup.start(engine, source, fit.workerUrl);
          if (threads > 1 && !shared) warnOfSingle(fit.threads, reason);
          return { engine, workers, threads: shared || 1, sliceMs: REMOTE_MS };
        } catch (error) {
          reason = (error as Error).message;
        }
      }
    }
  }
  if (threads > 1) warnOfSingle(fit.threads, reason);
  return { engine: own.replica(0), workers: undefined, threads: 1, sliceMs: LOCAL_MS };
}

function warnOfTooMany(requested: number | "auto"): void {
  if (requested === "auto" || requested <= mostThreads()) return;
  warn(`threads is ${requested}; at most ${mostThreads()} are used, as this machine runs ${coreCount()} at once`);
}

/** Warns when threads were requested by number and only one is used. */
function warnOfSingle(requested: number | "auto", why: string): void {
  if (requested !== "auto") warn(`threads is ${requested}, but this training has one: ${why}`);
}
