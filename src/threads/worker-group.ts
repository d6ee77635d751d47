// The workers of one run: they make kernel calls on the memory of an engine, shared or copied (protocol.ts).
import { Address, Barrier } from "../../assembly/abi.js";
import type { KernelCall } from "../engine/engine.js";
import type { WasmEngine } from "../engine/wasm/engine.js";
import { MAXIMUM_PAGES } from "../engine/wasm/memory.js";
import { after, now, wasm } from "../platform.js";
import { yieldToEventLoop } from "./event-loop.js";
import { acquire, release, type Source } from "./pool.js";
import type { Join, Message, Reply, Result } from "./protocol.js";
import type { Thread } from "./spawn.js";

/** Start-up timeout in milliseconds for new workers; shorter for pooled ones, which may have died. */
const START_TIMEOUT_MS = { new: 10_000, pooled: 1000 };

/** Bytes per message: some milliseconds' work. */
const CHUNK_BYTES = 2 ** 22;

/** The number of the last request. */
let lastRequest = 0;

const timeout = (): Error => new Error("workers did not start in time");

/**
 * Triggers garbage collection on this thread. JavaScript engines limit the address space of memories, some hundred of them for all
 * threads together, and a failed allocation collects the garbage of its own thread alone: an allocation failure in a worker does not
 * free the memories that this thread has dropped.
 */
function collectMemories(): void {
  try {
    void new wasm.Memory({ initial: 1, maximum: MAXIMUM_PAGES });
  } catch {
    // Nothing could be collected.
  }
}

export class WorkerGroup {
  readonly #engine: WasmEngine;
  readonly #url: string | URL | undefined;
  readonly #source: Source;
  readonly #threads: Thread[] = [];
  /** Rejects the requests that are waiting for a reply. */
  readonly #pending = new Set<(error: Error) => void>();
  /** The training set that a worker without shared memory has received. */
  #sentLoad = -1;
  #failure: Error | undefined;

  private constructor(engine: WasmEngine, source: Source, url?: string | URL) {
    this.#engine = engine;
    this.#source = source;
    this.#url = url;
  }

  /**
   * Starts workers for an engine: as many as share its memory, or one that gets a copy of it.
   * @throws where workers cannot be started
   */
  static async start(engine: WasmEngine, source: Source, url?: string | URL): Promise<WorkerGroup> {
    const workers = new WorkerGroup(engine, source, url);
    const cancelTimeout = after(START_TIMEOUT_MS.new, () => workers.fail(timeout()));
    try {
      await Promise.all(Array.from({ length: Math.max(1, engine.threads) }, (_, i) => workers.#startWorker(i)));
      return workers;
    } catch (error) {
      workers.fail(error as Error);
      throw error;
    } finally {
      cancelTimeout();
    }
  }

  /**
   * Starts all but the first of the threads that share an engine's memory, and waits until they are ready. The calling thread is the
   * first. For Node, where the main thread may block and workers start nevertheless.
   * @throws where workers cannot be started, or pooled ones have exited
   */
  static startHelpers(engine: WasmEngine, source: Source): WorkerGroup {
    const workers = new WorkerGroup(engine, source);
    try {
      for (let i = 1; i < engine.threads; i++) workers.#acquire(i).post(workers.#joinMessage(i, 0));
      const end = now() + START_TIMEOUT_MS[source];
      for (let ready = 0; ready < engine.threads - 1; ready = Atomics.load(workers.#words, Barrier.Ready / 4)) {
        if (Atomics.wait(workers.#words, Barrier.Ready / 4, ready, end - now()) === "timed-out") throw timeout();
      }
      return workers;
    } catch (error) {
      workers.fail(error as Error);
      throw error;
    }
  }

  /** Has worker 0 make a call; without shared memory, the bytes that it writes are copied back. */
  async call(call: KernelCall): Promise<number> {
    if (!this.#engine.threads) await this.#updateMemory();
    const { result, written } = (await this.#request(0, (id) => ({ kind: "call", id, call }))) as Result;
    for (const [from, bytes] of written) new Uint8Array(this.#engine.memory.buffer).set(bytes, from);
    return result;
  }

  /** Updates a worker's own memory: all of it after a new training set has been loaded, else the header. */
  async #updateMemory(): Promise<void> {
    const {
      memory: { buffer },
      loads,
    } = this.#engine;
    const end = this.#sentLoad === loads ? Address.Layers : buffer.byteLength;
    for (let from = 0; from < end; from += CHUNK_BYTES) {
      const bytes = new Uint8Array(buffer).slice(from, Math.min(end, from + CHUNK_BYTES));
      await this.#request(0, (id) => ({ kind: "write", id, from, bytes, size: buffer.byteLength }), [bytes.buffer]);
    }
    this.#sentLoad = loads;
  }

  /** Ends the run. Idle workers return to the pool; a worker in the middle of a call is terminated. */
  end(): void {
    if (this.#pending.size > 0) this.fail(new Error("the run was ended"));
    this.#closeBarrier();
    for (const [index, thread] of this.#threads.splice(0).entries()) {
      if (!thread) continue;
      if (index === 0) thread.post({ kind: "leave" });
      release(thread, this.#url);
    }
  }

  get #words(): Int32Array {
    return new Int32Array(this.#engine.memory.buffer);
  }

  async #startWorker(index: number): Promise<void> {
    // One worker per turn of the event loop: starting one blocks the calling thread for a millisecond or more.
    for (let earlier = 0; earlier < index; earlier++) await yieldToEventLoop();
    if (this.#failure) throw this.#failure;
    this.#acquire(index);
    // Retried once, in case there was no address space for its memory.
    const join = (): Promise<Reply> => this.#request(index, (id) => this.#joinMessage(index, id));
    await join().catch(() => {
      collectMemories();
      return join();
    });
  }

  #acquire(index: number): Thread {
    const thread = acquire(this.#url, this.#source);
    this.#threads[index] = thread;
    thread.onExit = (error) => this.fail(error);
    return thread;
  }

  #joinMessage(thread: number, id: number): Join {
    const { module, memory, threads } = this.#engine;
    return { kind: "join", id, module, memory: threads ? memory : undefined, size: memory.buffer.byteLength, thread };
  }

  /** Sends a worker a message and waits for its reply; rejects where the worker failed. */
  #request(index: number, message: (id: number) => Message, transfer: ArrayBuffer[] = []): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.#failure) throw this.#failure;
      const thread = this.#threads[index];
      const id = ++lastRequest;
      this.#pending.add(reject);
      thread.onReply = (reply) => {
        // A reply to an earlier run may still arrive.
        if (reply.id !== id) return;
        this.#pending.delete(reject);
        if (reply.kind === "failed") reject(new Error(reply.message));
        else resolve(reply);
      };
      thread.post(message(id), transfer);
    });
  }

  /** Rejects all requests and terminates all workers of this group. */
  fail(error: Error): void {
    this.#failure ??= error;
    for (const reject of this.#pending) reject(this.#failure);
    this.#pending.clear();
    this.#closeBarrier();
    for (const thread of this.#threads.splice(0)) thread?.terminate();
  }

  /** Makes the other threads return from `help`. */
  #closeBarrier(): void {
    if (!this.#engine.threads) return;
    Atomics.store(this.#words, Barrier.Closed / 4, 1);
    for (const word of [Barrier.Generation, Barrier.Arrived]) Atomics.notify(this.#words, word / 4);
  }
}
