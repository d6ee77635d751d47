// The protocol between the page and the worker of a lane.
//
// The page makes a worker for each lane and sends `prepare`; the worker answers `ready`, or `absent` when this browser cannot run
// its engine. Then the page sends `turn` to one lane at a time: the worker trains for about the given time and answers
// `turned`. After an error a worker answers `failed`.
import type { WorkloadId } from "./workloads.js";

export const LANES = ["js", "simd", "relaxed", "threads"] as const;
export type LaneId = (typeof LANES)[number];

export type ToWorker =
  | {
      readonly type: "prepare";
      readonly lane: LaneId;
      readonly workload: WorkloadId;
      readonly x: Float32Array;
      readonly y: Uint8Array | Float32Array;
      /** How long it trains before it is ready, in milliseconds. */
      readonly warmUp: number;
    }
  | { readonly type: "turn"; readonly milliseconds: number };

export type FromWorker =
  | { readonly type: "ready"; readonly engine: string }
  | { readonly type: "absent"; readonly why: string }
  | {
      readonly type: "turned";
      readonly rowsPerSecond: number;
      readonly epochs: number;
      readonly loss: number;
      readonly threads: number | undefined;
      /** The network's file. */
      readonly model: Uint8Array<ArrayBuffer>;
    }
  | { readonly type: "failed"; readonly message: string };
