// The protocol between the thread that owns a network and its workers.
//
// A worker knows nothing about networks: it has a memory and a compiled build of the kernels, and makes the calls that it receives.
// The owning thread writes the arguments of a call into the memory (src/engine/wasm/engine.ts), requests the call, and reads its
// results there. Callbacks, epochs, validation and the end of a run are handled on the owning thread, between calls.
//
//   Join       a worker gets its memory and its build, and replies ready
//              shared memory: worker 0 leads, workers 1 … n−1 enter `help` until the run is over (assembly/barrier.ts)
//              no sharing: one worker has a memory of its own, and is sent a copy of the engine's memory
//   Write      no sharing: bytes for the worker's memory, in chunks that block no thread for long
//   Request    worker 0 makes one call; the reply has the kernel's result and, without sharing, the bytes that it wrote
//   Leave      the worker drops memory and build and returns to the pool; workers in `help` leave it on their own
//
// Replies carry the number of their request, because a worker of a `fit` may reply after the run is over, when the blocked thread
// reads its messages again.
//
// When anything fails, the run's workers are terminated and replaced. Their memory is a replica's; the network has kept the state of
// every completed epoch.
import type { KernelCall } from "../engine/engine.js";

export interface Join {
  readonly kind: "join";
  readonly id: number;
  readonly module: WebAssembly.Module;
  /** The shared memory; undefined where the worker has one of its own. */
  readonly memory?: WebAssembly.Memory | undefined;
  /** The size of the memory in bytes. */
  readonly size: number;
  /** The index of the thread; 0 leads. */
  readonly thread: number;
}

export interface Request {
  readonly kind: "call";
  readonly id: number;
  readonly call: KernelCall;
}

export interface Write {
  readonly kind: "write";
  readonly id: number;
  readonly from: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The present size of the memory in bytes. */
  readonly size: number;
}

export interface Leave {
  readonly kind: "leave";
}

export type Message = Join | Write | Request | Leave;

export interface Result {
  readonly kind: "result";
  readonly id: number;
  readonly result: number;
  readonly written: readonly (readonly [from: number, bytes: Uint8Array])[];
}

export type Reply =
  | Result
  | { readonly kind: "ready"; readonly id: number }
  | { readonly kind: "failed"; readonly id: number; readonly message: string };
