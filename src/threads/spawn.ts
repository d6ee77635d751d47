// A worker on whatever this is: that of node:worker_threads in Node, Bun and Deno, or a browser's.
import { builtinModule, startWorker } from "../platform.js";
import type { Answer, Message } from "./protocol.js";
import { SOURCE } from "./source.js";

/** A worker that has been started; one who listens at a time. */
export interface Thread {
  post(message: Message, transfer?: ArrayBuffer[]): void;
  /** Ends it; it has no more to say. */
  end(): void;
  /** Whether the process may not end while this worker runs. */
  hold(busy: boolean): void;
  onanswer: (answer: Answer) => void;
  /** It could not be started, or it is gone. */
  onend: (error: Error) => void;
}

interface NodeWorker {
  on(event: string, listener: (value: never) => void): void;
  postMessage(message: Message, transfer: ArrayBuffer[]): void;
  terminate(): Promise<unknown>;
  ref(): void;
  unref(): void;
}

/**
 * Starts a worker.
 * @param url where the page serves `wasmlp/worker.js`, for content-security policies that forbid blob: workers
 * @throws where there are no workers
 */
export function spawn(url?: string | URL): Thread {
  // Bun and Deno have web workers, too, but those keep the process waiting even when they have nothing to do.
  const threads = builtinModule<{ Worker: new (code: string, options: object) => NodeWorker }>("worker_threads");
  return threads ? spawnNode(new threads.Worker(SOURCE, { eval: true, execArgv: [], name: "wasmlp" })) : spawnWeb(url);
}

const gone = (): Error => new Error("a worker ended while this network was training");

const threadOf = (worker: NodeWorker | Worker, hold: Thread["hold"]): Thread => ({
  post: (message, transfer = []) => worker.postMessage(message, transfer),
  end() {
    this.onend = () => undefined;
    void worker.terminate();
  },
  hold,
  onanswer() {},
  onend() {},
});

function spawnNode(worker: NodeWorker): Thread {
  const thread = threadOf(worker, (busy) => (busy ? worker.ref() : worker.unref()));
  worker.on("message", (answer: Answer) => thread.onanswer(answer));
  worker.on("error", (error: Error) => thread.onend(error));
  worker.on("exit", () => thread.onend(gone()));
  return thread;
}

function spawnWeb(url?: string | URL): Thread {
  const { worker, forget } = startWorker(SOURCE, url);
  const thread = threadOf(worker, () => undefined);
  worker.addEventListener("message", ({ data }: MessageEvent<Answer>) => {
    forget();
    thread.onanswer(data);
  });
  worker.addEventListener("error", (event) => {
    event.preventDefault();
    thread.onend(new Error(event.message || `no worker could be started from ${url ?? "a blob: address; workerUrl takes another"}`));
  });
  worker.addEventListener("messageerror", () => thread.onend(new Error("a worker could not take what it was sent")));
  return thread;
}
