// How a network's own thread and its workers work together.
//
// A worker knows nothing of networks: it has a memory and a build of the kernels, and makes the calls it is told to make.
// The thread that has the network writes what a call needs into the memory (src/engine/wasm/engine.ts), asks for the call, and
// reads what it left there. Callbacks, epochs, validation and the end of a run are decided there, between calls.
//
//   Join       a worker gets its memory and its build, and says ready
//              shared memory: worker 0 leads, workers 1 … n−1 go into `help` until the run is over (assembly/barrier.ts)
//              no sharing: one worker has a memory of its own, and is sent the whole image of the other one
//   Write      no sharing: bytes for the worker's memory, in pieces that keep no thread for long
//   Request    worker 0 makes one call; Answer: what the kernel returned and, without sharing, the bytes that it wrote
//   Leave      the worker forgets memory and build, and is free for the next run; those in `help` leave it on their own
//
// Answers bear the number of what they answer: a worker of a `fit` speaks to a thread that listens only when the run is over.
//
// When anything fails, the run's workers are ended and replaced: their memory is a twin's, and the network has kept
// what every completed epoch left.
import type { KernelCall } from "../engine/engine.js";

export interface Join {
  readonly kind: "join";
  readonly id: number;
  readonly module: WebAssembly.Module;
  /** The memory that all share, or none. */
  readonly memory?: WebAssembly.Memory | undefined;
  /** How large the memory is, in bytes. */
  readonly size: number;
  /** 0 leads, or is alone. */
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
  /** How large the memory is by now. */
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

export type Answer =
  | Result
  | { readonly kind: "ready"; readonly id: number }
  | { readonly kind: "failed"; readonly id: number; readonly message: string };
