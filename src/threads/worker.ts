// The program of a worker: kernel calls, as protocol.ts describes. It is bundled into a text of its own (scripts/build.mjs), so it
// imports only types, constants and a few functions of platform.ts.
import { Header, Barrier } from "../../assembly/abi.js";
import { builtinModule, wasm } from "../platform.js";
import type { Reply, Message, Write } from "./protocol.js";

interface Port {
  addEventListener(type: "message", listener: (event: { data: Message }) => void): void;
  postMessage(reply: Reply): void;
}
type Kernels = Record<string, (...args: readonly number[]) => number | undefined>;

const PAGE = 65536;
const port = builtinModule<{ parentPort: Port | null }>("worker_threads")?.parentPort ?? (globalThis as unknown as Port);

let memory: WebAssembly.Memory | undefined;
let shared = false;
let kernels: Kernels | undefined;

const bytes = (from: number, to: number): Uint8Array => new Uint8Array(memory!.buffer, from, to - from);

/** Writes to this worker's own memory, which grows when needed. */
function write({ from, bytes: given, size }: Write): void {
  const missing = size - memory!.buffer.byteLength;
  if (missing > 0) memory!.grow(missing / PAGE);
  bytes(from, from + given.length).set(given);
}

/** Handles a message. */
function handle(message: Message): void {
  switch (message.kind) {
    case "join":
      shared = message.memory !== undefined;
      memory = message.memory ?? new wasm.Memory({ initial: message.size / PAGE, maximum: PAGE });
      kernels = new wasm.Instance(message.module, { env: { memory } }).exports as unknown as Kernels;
      port.postMessage({ kind: "ready", id: message.id });
      if (message.thread === 0) return;
      Atomics.add(new Int32Array(memory.buffer), Barrier.Ready / 4, 1);
      Atomics.notify(new Int32Array(memory.buffer), Barrier.Ready / 4);
      kernels.help!(message.thread);
      memory = kernels = undefined;
      return;
    case "write":
      write(message);
      port.postMessage({ kind: "ready", id: message.id });
      return;
    case "call": {
      const { name, args, writes } = message.call;
      const result = kernels![name](...args) ?? 0;
      const ended = result !== 0 || new Int32Array(memory!.buffer)[Header.EpochsDone / 4] > 0;
      const written = shared ? [] : writes.slice(0, ended ? 2 : 1);
      port.postMessage({
        kind: "result",
        id: message.id,
        result,
        written: written.map(([from, to]) => [from, bytes(from, to).slice()]),
      });
      return;
    }
    case "leave":
      memory = kernels = undefined;
  }
}

port.addEventListener("message", ({ data }) => {
  try {
    handle(data);
  } catch (error) {
    port.postMessage({ kind: "failed", id: "id" in data ? data.id : 0, message: String(error) });
  }
});
