// The workers of one run: they make the calls of an engine whose memory they share, or have a copy of (protocol.ts).
import { Address, Barrier } from "../../assembly/abi.js";
import type { KernelCall } from "../engine/engine.js";
import type { WasmEngine } from "../engine/wasm/engine.js";
import { MAXIMUM_PAGES } from "../engine/wasm/memory.js";
import { after, now, wasm } from "../platform.js";
import { yieldToEventLoop } from "./event-loop.js";
import { giveBack, take, type Source } from "./pool.js";
import type { Answer, Join, Message, Result } from "./protocol.js";
import type { Thread } from "./spawn.js";

/** How long workers may take to come, in milliseconds: where all are started; and before `fit` tries that, for free ones may have ended. */
const COMING_MS = { new: 10_000, free: 1000 };

/** Bytes sent at once: some milliseconds' work. */
const PIECE = 2 ** 22;

/** Messages that were to be answered, so far. */
let asked = 0;

const late = (): Error => new Error("workers did not start in time");

/**
 * Engines have room for some hundred memories, all threads' together, and collect the garbage of the thread that finds none: a
 * worker's want of room does not free what this thread has dropped.
 */
function makeRoom(): void {
  try {
    void new wasm.Memory({ initial: 1, maximum: MAXIMUM_PAGES });
  } catch {
    // There is no garbage, either.
  }
}

export class WorkerGroup {
  readonly #engine: WasmEngine;
  readonly #url: string | URL | undefined;
  readonly #source: Source;
  readonly #threads: Thread[] = [];
  /** Who waits for answers, to be told when none will come. */
  readonly #waiting = new Set<(error: Error) => void>();
  /** Which of the engine's training sets a worker without sharing has seen. */
  #seen = -1;
  #failure: Error | undefined;

  private constructor(engine: WasmEngine, source: Source, url?: string | URL) {
    this.#engine = engine;
    this.#source = source;
    this.#url = url;
  }

  /**
   * Brings workers together for an engine: as many as share its memory, or one that gets a copy of it.
   * @throws where workers cannot be had
   */
  static async start(engine: WasmEngine, source: Source, url?: string | URL): Promise<WorkerGroup> {
    const workers = new WorkerGroup(engine, source, url);
    const inTime = after(COMING_MS.new, () => workers.fail(late()));
    try {
      await Promise.all(Array.from({ length: Math.max(1, engine.threads) }, (_, i) => workers.#join(i)));
      return workers;
    } catch (error) {
      workers.fail(error as Error);
      throw error;
    } finally {
      inTime();
    }
  }

  /**
   * Brings together all but the first of the threads that share an engine's memory, and waits for them: the calling thread
   * leads. For Node, where the main thread may wait and workers start without it.
   * @throws where workers cannot be had, or free ones have ended
   */
  static startHelpers(engine: WasmEngine, source: Source): WorkerGroup {
    const workers = new WorkerGroup(engine, source);
    try {
      for (let i = 1; i < engine.threads; i++) workers.#enlist(i).post(workers.#joining(i, 0));
      const end = now() + COMING_MS[source];
      for (let ready = 0; ready < engine.threads - 1; ready = Atomics.load(workers.#words, Barrier.Ready / 4)) {
        if (Atomics.wait(workers.#words, Barrier.Ready / 4, ready, end - now()) === "timed-out") throw late();
      }
      return workers;
    } catch (error) {
      workers.fail(error as Error);
      throw error;
    }
  }

  /** Has worker 0 make a call; without sharing, what it writes comes back with what it returns. */
  async call(call: KernelCall): Promise<number> {
    if (!this.#engine.threads) await this.#send();
    const { result, written } = (await this.#ask(0, (id) => ({ kind: "call", id, call }))) as Result;
    for (const [from, bytes] of written) new Uint8Array(this.#engine.memory.buffer).set(bytes, from);
    return result;
  }

  /** Brings a worker's own memory up to date: when the training set is new all of it, else what tells a call what to do. */
  async #send(): Promise<void> {
    const { memory: { buffer }, loads } = this.#engine;
    const end = this.#seen === loads ? Address.Layers : buffer.byteLength;
    for (let from = 0; from < end; from += PIECE) {
      const bytes = new Uint8Array(buffer).slice(from, Math.min(end, from + PIECE));
      await this.#ask(0, (id) => ({ kind: "write", id, from, bytes, size: buffer.byteLength }), [bytes.buffer]);
    }
    this.#seen = loads;
  }

  /** Ends the run. Workers are free for the next one; those in the middle of a call are ended. */
  end(): void {
    if (this.#waiting.size > 0) this.fail(new Error("the run was ended"));
    this.#release();
    for (const [index, thread] of this.#threads.splice(0).entries()) {
      if (!thread) continue;
      if (index === 0) thread.post({ kind: "leave" });
      giveBack(thread, this.#url);
    }
  }

  get #words(): Int32Array {
    return new Int32Array(this.#engine.memory.buffer);
  }

  async #join(index: number): Promise<void> {
    // One worker a turn of the event loop: to start one takes the calling thread a millisecond or more.
    for (let earlier = 0; earlier < index; earlier++) await yieldToEventLoop();
    if (this.#failure) throw this.#failure;
    this.#enlist(index);
    // Once more where there was no room for its memory.
    const join = (): Promise<Answer> => this.#ask(index, (id) => this.#joining(index, id));
    await join().catch(() => {
      makeRoom();
      return join();
    });
  }

  #enlist(index: number): Thread {
    const thread = take(this.#url, this.#source);
    this.#threads[index] = thread;
    thread.onend = (error) => this.fail(error);
    return thread;
  }

  #joining(thread: number, id: number): Join {
    const { module, memory, threads } = this.#engine;
    return { kind: "join", id, module, memory: threads ? memory : undefined, size: memory.buffer.byteLength, thread };
  }

  /** Sends a worker a message and waits for its answer; rejects where the worker failed. */
  #ask(index: number, message: (id: number) => Message, transfer: ArrayBuffer[] = []): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#failure) throw this.#failure;
      const thread = this.#threads[index];
      const id = ++asked;
      this.#waiting.add(reject);
      thread.onanswer = (answer) => {
        // An earlier run's answers may still be on their way.
        if (answer.id !== id) return;
        this.#waiting.delete(reject);
        if (answer.kind === "failed") reject(new Error(answer.message));
        else resolve(answer);
      };
      thread.post(message(id), transfer);
    });
  }

  /** Nothing of this group can be trusted any more: whoever waits is told, and all its workers are ended. */
  fail(error: Error): void {
    this.#failure ??= error;
    for (const reject of this.#waiting) reject(this.#failure);
    this.#waiting.clear();
    this.#release();
    for (const thread of this.#threads.splice(0)) thread?.end();
  }

  /** Lets helpers out of `help`. */
  #release(): void {
    if (!this.#engine.threads) return;
    Atomics.store(this.#words, Barrier.Closed / 4, 1);
    for (const word of [Barrier.Generation, Barrier.Arrived]) Atomics.notify(this.#words, word / 4);
  }
}
