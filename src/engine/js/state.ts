// The state of training in the plain engine: parameters, optimiser slots and counters; and the snapshots that `rollback` returns to.
import { assignBlock, copyBlock, createArray, parameterCount, slotCount, viewBlock } from "../../model/parameters.js";
import type { FloatArray, LayerParameters, ModelSpec } from "../../model/spec.js";
import type { TrainingState } from "../engine.js";

interface Snapshot {
  /** The parameters, then the slots, in one array that is quick to copy. */
  readonly memory: FloatArray;
  /** Optimiser steps taken, and epochs completed. */
  step: number;
  epoch: number;
}

export class JsState implements Snapshot {
  readonly memory: FloatArray;
  step = 0;
  epoch = 0;
  /** Parts of the memory. */
  readonly parameters: FloatArray;
  readonly slots: readonly FloatArray[];
  /** The parameters as layers. */
  readonly layers: LayerParameters[];
  readonly #spec: ModelSpec;
  /** The snapshot that `rollback` returns to, and the one before it. */
  #snapshot: Snapshot | undefined;
  #olderSnapshot: Snapshot | undefined;

  constructor(spec: ModelSpec) {
    this.#spec = spec;
    const { layers, dtype, optimizer } = spec;
    const slots = slotCount(optimizer);
    const size = parameterCount(layers);
    this.memory = createArray(dtype, size * (1 + slots));
    this.parameters = this.memory.subarray(0, size);
    this.slots = Array.from({ length: slots }, (_, i) => this.memory.subarray((i + 1) * size, (i + 2) * size));
    this.layers = viewBlock(layers, this.parameters);
  }

  get isFinite(): boolean {
    const { memory } = this;
    for (let i = 0; i < memory.length; i++) if (!Number.isFinite(memory[i])) return false;
    return true;
  }

  copy(): TrainingState {
    return {
      parameters: copyBlock(this.layers),
      slots: this.slots.map((slot) => copyBlock(viewBlock(this.#spec.layers, slot))),
      step: this.step,
      epoch: this.epoch,
    };
  }

  assign({ parameters, slots, step, epoch }: TrainingState): void {
    assignBlock(this.layers, parameters);
    this.slots.forEach((slot, i) => assignBlock(viewBlock(this.#spec.layers, slot), slots[i]));
    this.step = step;
    this.epoch = epoch;
  }

  /** Copies another state: the present one when `live`, else its snapshot. */
  copyStateFrom(other: JsState, live: boolean): void {
    const { memory, step, epoch } = (!live && other.#snapshot) || other;
    this.memory.set(memory);
    this.step = step;
    this.epoch = epoch;
  }

  takeSnapshot(): void {
    const snapshot = this.#olderSnapshot ?? { memory: createArray(this.#spec.dtype, this.memory.length), step: 0, epoch: 0 };
    snapshot.memory.set(this.memory);
    snapshot.step = this.step;
    snapshot.epoch = this.epoch;
    this.#olderSnapshot = this.#snapshot;
    this.#snapshot = snapshot;
  }

  /** Discards the last snapshot; the one before it takes its place. */
  discardSnapshot(): void {
    [this.#snapshot, this.#olderSnapshot] = [this.#olderSnapshot, this.#snapshot];
  }

  rollback(): void {
    this.copyStateFrom(this, false);
  }
}
