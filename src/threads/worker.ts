// What runs in a worker: kernel calls, as protocol.ts says. Built into a text of its own (scripts/build.mjs): it imports
// types and constants alone.
import { Header, Meeting } from "../../assembly/abi.js";
import type { Bytes } from "../engine/engine.js";
import type { Answer, Message } from "./protocol.js";

interface Port {
  addEventListener(type: "message", listener: (event: { data: Message }) => void): void;
  postMessage(answer: Answer): void;
}
type Kernels = Record<string, (...args: readonly number[]) => number | undefined>;

const PAGE = 65536;
const node = (globalThis as { process?: { getBuiltinModule?: (name: string) => { parentPort: Port | null } | undefined } }).process;
const port = node?.getBuiltinModule?.("node:worker_threads")?.parentPort ?? (globalThis as unknown as Port);

let module: WebAssembly.Module | undefined;
let memory: WebAssembly.Memory | undefined;
let shared = false;
let kernels: Kernels | undefined;

const bytes = (from: number, to: number): Uint8Array => new Uint8Array(memory!.buffer, from, to - from);

function instantiate(): void {
  kernels = new WebAssembly.Instance(module!, { env: { memory: memory! } }).exports as unknown as Kernels;
}

/** Brings the image into a memory of this worker's own, which is made or grows when it is larger. */
function write(image: Uint8Array): void {
  const pages = Math.ceil(image.length / PAGE);
  if (!memory) {
    memory = new WebAssembly.Memory({ initial: pages, maximum: PAGE });
    instantiate();
  } else if (memory.buffer.byteLength < image.length) memory.grow(pages - memory.buffer.byteLength / PAGE);
  bytes(0, image.length).set(image);
}

/** Does as the message says; answers go out as soon as there is something to say. */
function obey(message: Message): void {
  switch (message.kind) {
    case "join":
      ({ module, memory } = message);
      shared = memory !== undefined;
      if (shared) instantiate();
      port.postMessage({ kind: "ready", id: message.id });
      if (message.thread === 0) return;
      Atomics.add(new Int32Array(memory!.buffer), Meeting.Ready / 4, 1);
      Atomics.notify(new Int32Array(memory!.buffer), Meeting.Ready / 4);
      kernels!.help!(message.thread);
      module = memory = kernels = undefined;
      return;
    case "call": {
      const { name, args, writes, writesByEpoch } = message.call;
      if (message.image) write(message.image);
      const result = kernels![name]!(...args) ?? 0;
      const ended = result !== 0 || new Int32Array(memory!.buffer)[Header.EpochsDone / 4]! > 0;
      const written: Bytes[] = shared ? [] : [...writes, ...(ended ? writesByEpoch : [])];
      port.postMessage({
        kind: "result", id: message.id, result, written: written.map(([from, to]) => [from, bytes(from, to).slice()]),
      });
      return;
    }
    case "leave":
      module = memory = kernels = undefined;
  }
}

port.addEventListener("message", ({ data }) => {
  try {
    obey(data);
  } catch (error) {
    port.postMessage({ kind: "failed", id: "id" in data ? data.id : 0, message: String(error) });
  }
});
