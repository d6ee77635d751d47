// Runs the race: lanes take turns, one at a time, and their results are collected.
import { MOST_ROUNDS, TURN_MS } from "../limits.js";
import type { RaceRows } from "./data.js";
import { LANES, type FromWorker, type LaneId, type ToWorker } from "./protocol.js";
import type { WorkloadId } from "./workloads.js";

/** A lane's first run, in which functions are compiled. */
const WARM_UP_MS = Math.min(60, TURN_MS);
/** Rounds that medians are taken over. */
const REMEMBERED = 15;

export interface LaneState {
  readonly id: LaneId;
  /** The reason why it does not take part. */
  absent?: string;
  engine?: string;
  threads?: number | undefined;
  loss?: number;
  epochs: number;
  /** Rows a second of the latest turns. */
  rates: number[];
  /** Speed relative to plain JavaScript, round by round. */
  ratios: number[];
}

export interface RaceEvents {
  /** A lane has something new to show. */
  changed(lane: LaneState): void;
  /** The lane whose turn it is; undefined between races. */
  running(lane: LaneId | undefined): void;
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

export class Race {
  readonly lanes: readonly LaneState[] = LANES.map((id) => ({ id, epochs: 0, rates: [], ratios: [] }));
  /** The file of the network of the lane that ran last. */
  model: Uint8Array<ArrayBuffer> | undefined;
  rounds = 0;
  readonly #workers = new Map<LaneId, Worker>();
  readonly #events: RaceEvents;
  #stopped = false;

  constructor(events: RaceEvents) {
    this.#events = events;
  }

  /** Races until `stop` is called, or all rounds are over. */
  async run(workload: WorkloadId, { x, y }: RaceRows): Promise<void> {
    try {
      for (const lane of this.lanes) {
        if (this.#stopped) return;
        await this.#prepare(lane, { type: "prepare", lane: lane.id, workload, x, y, warmUp: WARM_UP_MS });
      }
      while (!this.#stopped && this.rounds < MOST_ROUNDS) await this.#round();
    } finally {
      for (const worker of this.#workers.values()) worker.terminate();
      this.#events.running(undefined);
    }
  }

  stop(): void {
    this.#stopped = true;
  }

  async #prepare(lane: LaneState, message: ToWorker): Promise<void> {
    if (lane.id === "threads" && !crossOriginIsolated) {
      lane.absent =
        "Threads share memory, which browsers allow only on pages served with the headers COOP and COEP. npm run playground sends them.";
      this.#events.changed(lane);
      return;
    }
    this.#events.running(lane.id);
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    this.#workers.set(lane.id, worker);
    const reply = await ask(worker, message);
    if (reply.type === "ready") lane.engine = reply.engine;
    else {
      lane.absent = reply.type === "absent" ? reply.why : reply.type === "failed" ? reply.message : "It does not answer.";
      worker.terminate();
      this.#workers.delete(lane.id);
    }
    this.#events.changed(lane);
  }

  /** One turn for every lane that takes part. */
  async #round(): Promise<void> {
    let baseline: number | undefined;
    for (const lane of this.lanes) {
      const worker = this.#workers.get(lane.id);
      if (!worker) continue;
      if (this.#stopped) return;
      this.#events.running(lane.id);
      const reply = await ask(worker, { type: "turn", milliseconds: TURN_MS });
      if (reply.type !== "turned") throw new Error(reply.type === "failed" ? reply.message : "A lane lost its way");
      baseline ??= reply.rowsPerSecond;
      lane.rates = [...lane.rates, reply.rowsPerSecond].slice(-REMEMBERED);
      lane.ratios = [...lane.ratios, reply.rowsPerSecond / baseline].slice(-REMEMBERED);
      lane.epochs += reply.epochs;
      lane.loss = reply.loss;
      lane.threads = reply.threads;
      this.model = reply.model;
      this.#events.changed(lane);
    }
    this.rounds++;
    this.#events.changed(this.lanes.at(-1)!);
  }
}

/** Sends a message and waits for the answer. */
const ask = (worker: Worker, message: ToWorker): Promise<FromWorker> =>
  new Promise((resolve) => {
    const listening = new AbortController();
    const answer = (reply: FromWorker): void => {
      listening.abort();
      resolve(reply);
    };
    const { signal } = listening;
    worker.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => answer(data), { signal });
    worker.addEventListener(
      "error",
      ({ message }) => answer({ type: "failed", message: message || "The worker could not be started." }),
      { signal },
    );
    worker.postMessage(message, []);
  });
