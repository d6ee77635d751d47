// One interface for workers: those of node:worker_threads in Node, Bun and Deno, and those of browsers.
import { builtinModule, startWorker } from "../platform.js";
import type { Message, Reply } from "./protocol.js";
import { SOURCE } from "./source.js";

/** A started worker; it has one listener at a time. */
export interface Thread {
  post(message: Message, transfer?: ArrayBuffer[]): void;
  /** Terminates the worker; no further events arrive. */
  terminate(): void;
  /** Whether the process has to stay alive for this worker. */
  setBusy(busy: boolean): void;
  onReply: (reply: Reply) => void;
  /** The worker could not be started, or it has exited. */
  onExit: (error: Error) => void;
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
 * @throws where the platform has no workers
 */
export function spawn(url?: string | URL): Thread {
  // Bun and Deno also have web workers, but idle ones would keep the process running.
  const threads = builtinModule<{ Worker?: new (code: string, options: object) => NodeWorker }>("worker_threads");
  return threads?.Worker ? spawnNode(new threads.Worker(SOURCE, { eval: true, execArgv: [], name: "wasmlp" })) : spawnWeb(url);
}

const unreadable = (): Error => new Error("a worker could not read a message");

const exited = (): Error => new Error("a worker ended while this network was training");

const threadOf = (worker: NodeWorker | Worker, setBusy: Thread["setBusy"]): Thread => ({
  post: (message, transfer = []) => worker.postMessage(message, transfer),
  terminate() {
    this.onExit = () => undefined;
    void worker.terminate();
  },
  setBusy,
  onReply() {},
  onExit() {},
});

function spawnNode(worker: NodeWorker): Thread {
  const thread = threadOf(worker, (busy) => (busy ? worker.ref() : worker.unref()));
  worker.on("message", (reply: Reply) => thread.onReply(reply));
  worker.on("error", (error: Error) => thread.onExit(error));
  worker.on("messageerror", () => thread.onExit(unreadable()));
  worker.on("exit", () => thread.onExit(exited()));
  return thread;
}

function spawnWeb(url?: string | URL): Thread {
  const { worker, forget } = startWorker(SOURCE, url);
  const thread = threadOf(worker, () => undefined);
  worker.addEventListener("message", ({ data }: MessageEvent<Reply>) => {
    forget();
    thread.onReply(data);
  });
  worker.addEventListener("error", (event) => {
    event.preventDefault();
    thread.onExit(
      new Error(event.message || `no worker could be started from ${url ?? "a blob: address; workerUrl takes another"}`),
    );
  });
  worker.addEventListener("messageerror", () => thread.onExit(unreadable()));
  return thread;
}
