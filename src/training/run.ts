// A network's state, and the runs that change it, one at a time. A run begins, commits the state after each epoch, or aborts and leaves
// the network at its last completed epoch.
import type { RowReader } from "../data/samples.js";
import type { Scalers } from "../data/scalers.js";
import type { Cooperative, Engine, TrainingSet } from "../engine/engine.js";
import { now } from "../platform.js";

/** The state of an `NN`. */
export interface NetworkState extends RowReader {
  readonly engine: Engine;
  /** Undefined until the first training, unless the options give the scalers. */
  scalers: Scalers | undefined;
  /** Whether a run is in progress, and the number of threads of the current or last run. */
  training: boolean;
  threads: number;
}

/**
 * One run of training. It computes on the network's own engine, or on a replica whose state is copied to the network after each epoch.
 * The network can be read during the run, and is usable however the run ends.
 */
export class TrainingRun {
  readonly network: NetworkState;
  /** When the run began, by the clock of platform.ts. */
  readonly startedAt = now();
  /** Epochs that the network had completed before this run. */
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

  /** Begins a run; until it ends, the network refuses calls that would change it. */
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

  /** Copies a training set into the engine. */
  *prepare(set: TrainingSet): Cooperative<void> {
    yield* this.engine.prepare(set);
    this.#prepared = true;
    // On the network's own engine the weights change from now on, and predictions must use their scalers.
    if (this.#isLocal) this.network.scalers = this.scalers;
  }

  /** Takes a snapshot, for a run without a training set. */
  takeSnapshot(): void {
    this.engine.takeSnapshot();
    this.#prepared = true;
  }

  /** Copies the run's state to the network: the present one when `live`, else that of the last finite epoch. */
  commit(live: boolean): void {
    if (!this.#isLocal) this.network.engine.copyStateFrom(this.engine, live);
    this.network.scalers = this.scalers;
  }

  /** Returns the engine and the network to the last finite epoch. */
  rollback(): void {
    if (!this.#prepared) return;
    this.engine.rollback();
    this.commit(true);
  }

  /** Ends a failed run, with the network at its last completed epoch. */
  abort(): void {
    // A replica is dropped; the network has the state of its last epoch already.
    if (this.#isLocal) this.rollback();
    if (this.epochs === 0) this.network.scalers = this.#scalersBefore;
  }

  /** Ends the run: the network can be changed again. */
  end(): void {
    this.network.training = false;
  }

  get #isLocal(): boolean {
    return this.engine === this.network.engine;
  }
}
