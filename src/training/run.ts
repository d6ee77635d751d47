// A network's state, and the runs that change it. One run at a time: it begins, commits what its epochs have made of the network, or
// aborts and leaves the last completed epoch.
import type { RowReader } from "../data/samples.js";
import type { Scalers } from "../data/scalers.js";
import { now } from "../platform.js";
import type { Cooperative, Engine, TrainingSet } from "../engine/engine.js";

/** A network as its class keeps it. */
export interface NetworkState extends RowReader {
  readonly engine: Engine;
  /** Complete from the first training on; before it those that the options give, or undefined. */
  scalers: Scalers | undefined;
  /** Whether a run is under way, and how many threads it, or the last one, computes with. */
  training: boolean;
  threads: number;
}

/**
 * One run of training. It computes on the network's own engine, or on a replica whose state becomes the network's epoch by epoch;
 * either way the network can be read meanwhile, and is usable whenever the run ends.
 */
export class TrainingRun {
  readonly network: NetworkState;
  /** When the run began, by the clock of platform.ts. */
  readonly startedAt = now();
  /** Epochs that the network had completed before. */
  readonly firstEpoch: number;
  /** The engine that computes. */
  engine: Engine;
  /** The scalers of this run's rows. */
  scalers: Scalers | undefined;
  readonly #scalersBefore: Scalers | undefined;
  /** Whether the engine has taken a snapshot that `rollback` may return to. */
  #prepared = false;

  private constructor(network: NetworkState) {
    this.network = network;
    this.engine = network.engine;
    this.firstEpoch = network.engine.epoch;
    this.scalers = this.#scalersBefore = network.scalers;
  }

  /** Begins a run; until it ends, the network refuses what would change it. */
  static begin(network: NetworkState): TrainingRun {
    // A getter of the options, or a learning rate by epoch, may have begun another run.
    if (network.training) throw new Error("this network is already training; wait for the training to end");
    network.training = true;
    return new TrainingRun(network);
  }

  /** Epochs that this run has completed. */
  get epochs(): number {
    return this.network.engine.epoch - this.firstEpoch;
  }

  /** Makes the run compute on this engine, with this number of threads. */
  computeOn(engine: Engine, threads: number): void {
    this.engine = engine;
    this.network.threads = threads;
  }

  /** Brings a training set into the engine. */
  *prepare(set: TrainingSet): Cooperative<void> {
    yield* this.engine.prepare(set);
    this.#prepared = true;
    // On the network's own engine the weights begin to change now, and predictions go with them.
    if (this.#isLocal) this.network.scalers = this.scalers;
  }

  /** Takes a snapshot, for a run without a training set. */
  takeSnapshot(): void {
    this.engine.takeSnapshot();
    this.#prepared = true;
  }

  /** Makes the network what the run has made of it: as it stands when `live`, else as of the last epoch with finite figures. */
  commit(live: boolean): void {
    if (!this.#isLocal) this.network.engine.copyStateFrom(this.engine, live);
    this.network.scalers = this.scalers;
  }

  /** Returns the engine to its last epoch with finite figures, and the network with it. */
  rollback(): void {
    if (!this.#prepared) return;
    this.engine.rollback();
    this.commit(true);
  }

  /** Ends a run that failed, with the network at its last completed epoch. */
  abort(): void {
    // A replica is dropped: the network has what its epochs left.
    if (this.#isLocal) this.rollback();
    if (this.epochs === 0) this.network.scalers = this.#scalersBefore;
  }

  /** Lets the network be changed again. */
  end(): void {
    this.network.training = false;
  }

  get #isLocal(): boolean {
    return this.engine === this.network.engine;
  }
}
