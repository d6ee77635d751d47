// The engine in WebAssembly: a network's own linear memory, laid out by layout.ts, computed on by assembly/.
import { Header, Pass, State } from "../../assembly/abi.js";
import {
  dataLayout, networkLayout, RECORDS, type DataLayout, type LayerLayout, type NetworkLayout,
} from "../layout.js";
import { createArray, slotCount } from "../parameters.js";
import type { FloatArray, LayerParameters, ModelSpec } from "../spec.js";
import { writeConstants } from "../wasm/constants.js";
import { instantiate, type Build, type Kernels } from "../wasm/instantiate.js";
import { writeTables } from "../wasm/tables.js";
import type { Backend, Engine, Rows, Slice, SliceReport, Totals, TrainingSet, TrainingState } from "./engine.js";

const PAGE = 65536;
const MAXIMUM_PAGES = 65536;

interface LoadedSet extends DataLayout {
  readonly rows: number;
  readonly batchSize: number;
}

export class WasmEngine implements Engine {
  readonly backend: Backend;
  readonly #spec: ModelSpec;
  readonly #layout: NetworkLayout;
  readonly #memory: WebAssembly.Memory;
  readonly #kernels: Kernels;
  /** The whole memory, as the network's numbers, as integers, and as float64; made anew when the memory has grown. */
  #numbers!: FloatArray;
  #integers!: Uint32Array;
  #doubles!: Float64Array;
  #set: LoadedSet | undefined;

  constructor(spec: ModelSpec, parameters: readonly LayerParameters[], build: Build) {
    this.backend = build === "relaxed" ? "wasm-relaxed-simd" : "wasm-simd";
    this.#spec = spec;
    this.#layout = networkLayout(spec);
    const pages = Math.ceil(this.#layout.end / PAGE);
    if (pages > MAXIMUM_PAGES) throw outOfMemory("this network", this.#layout.end);
    try {
      this.#memory = new WebAssembly.Memory({ initial: pages, maximum: MAXIMUM_PAGES });
    } catch {
      throw outOfMemory("this network", this.#layout.end);
    }
    this.#kernels = instantiate(spec.dtype, build, this.#memory);
    this.#refreshViews();
    writeConstants(this.#memory.buffer, spec.dtype);
    writeTables(this.#memory.buffer, spec, this.#layout);
    this.setParameters(parameters);
  }

  get epoch(): number {
    return this.#integers[(this.#layout.state + State.Epoch) / 4]!;
  }

  getParameters(): LayerParameters[] {
    return this.#readBlock(this.#layout.parameters);
  }

  setParameters(parameters: readonly LayerParameters[]): void {
    this.#writeBlock(this.#layout.parameters, parameters);
  }

  getState(): TrainingState {
    const { parameters, parameterBytes, state } = this.#layout;
    return {
      parameters: this.getParameters(),
      slots: Array.from({ length: slotCount(this.#spec.optimizer) }, (_, i) => this.#readBlock(parameters + (i + 1) * parameterBytes)),
      step: this.#integers[(state + State.Step) / 4]!,
      epoch: this.epoch,
    };
  }

  setState({ parameters, slots, step, epoch }: TrainingState): void {
    this.setParameters(parameters);
    slots.forEach((slot, i) => this.#writeBlock(this.#layout.parameters + (i + 1) * this.#layout.parameterBytes, slot));
    this.#integers[(this.#layout.state + State.Step) / 4] = step;
    this.#integers[(this.#layout.state + State.Epoch) / 4] = epoch;
    this.#setInteger(Header.Cursor, 0);
  }

  predict(x: Rows, out: FloatArray): void {
    const { units, stride, output } = this.#layout.layers.at(-1)!;
    const from = output / this.#layout.itemBytes;
    this.#eachTile(x.count, (first, rows) => {
      x.write(this.#region(this.#layout.tileX, rows * x.columns), first, rows);
      this.#kernels.forward(this.#layout.tileX, rows);
      const numbers = this.#numbers;
      for (let row = 0, to = first * units; row < rows; row++) {
        for (let at = from + row * stride, end = at + units; at < end; at++, to++) out[to] = numbers[at]!;
      }
    });
  }

  evaluate(x: Rows, y: Rows, weights?: FloatArray): Totals {
    return this.#evaluate(x, y, weights, Pass.Evaluate);
  }

  gradients(x: Rows, y: Rows, weights?: FloatArray): Totals & { layers: LayerParameters[] } {
    const totals = this.#evaluate(x, y, weights, Pass.Gradients);
    this.#kernels.decayGradients();
    return { ...totals, layers: this.#readBlock(this.#layout.gradients) };
  }

  prepare({ x, y, weights, batchSize, shuffle }: TrainingSet): void {
    const data = dataLayout(this.#spec, this.#layout.end, x.count, weights !== undefined, shuffle);
    this.#set = undefined;
    this.#grow(data.end);
    x.write(this.#region(data.x, x.count * x.columns), 0, x.count);
    y.write(this.#region(data.y, y.count * y.columns), 0, y.count);
    if (weights) this.#region(data.weights, weights.length).set(weights);
    this.#set = { ...data, rows: x.count, batchSize: Math.min(batchSize, x.count) };
    this.#copyState(this.#layout.state, this.#integer(Header.Snapshot));
    this.#copyState(this.#layout.state, this.#integer(Header.OlderSnapshot));
    this.#setInteger(Header.Cursor, 0);
  }

  train({ steps, epochs, learningRate }: Slice): SliceReport {
    this.#bindSet();
    this.#setDouble(Header.LearningRate, learningRate);
    const diverged = this.#kernels.train(Math.min(steps, 2 ** 30), Math.min(epochs, RECORDS)) !== 0;
    const records = this.#layout.records / 8;
    return {
      epochs: Array.from({ length: this.#integer(Header.EpochsDone) }, (_, i) => ({
        loss: this.#doubles[records + 2 * i]!,
        correct: this.#doubles[records + 2 * i + 1]!,
      })),
      steps: this.#integer(Header.StepsDone),
      batch: { ...this.#batchTotals(), rows: this.#integer(Header.BatchRows) },
      running: {
        loss: this.#doubles[Header.EpochLoss / 8]!, correct: this.#doubles[Header.EpochCorrect / 8]!, rows: this.#integer(Header.Cursor),
      },
      diverged,
    };
  }

  step(learningRate: number): Totals & { diverged: boolean } {
    this.#bindSet();
    this.#setInteger(Header.Order, 0);
    this.#setDouble(Header.LearningRate, learningRate);
    const isFinite = this.#kernels.step(0, this.#integer(Header.Rows)) !== 0;
    const totals = this.#batchTotals();
    return { ...totals, diverged: !isFinite || !Number.isFinite(totals.loss) };
  }

  rollback(): void {
    this.#copyState(this.#integer(Header.Snapshot), this.#layout.state);
    this.#setInteger(Header.Cursor, 0);
  }

  /** Tile by tile through the staging area: rows need not be in memory beforehand. */
  #evaluate(x: Rows, y: Rows, weights: FloatArray | undefined, pass: Pass): Totals {
    const { tileX, stagedY, stagedWeights } = this.#layout;
    this.#setDouble(Header.BatchLoss, 0);
    this.#setDouble(Header.BatchCorrect, 0);
    this.#bind(tileX, stagedY, weights ? stagedWeights : 0, 0);
    this.#eachTile(x.count, (first, rows) => {
      x.write(this.#region(tileX, rows * x.columns), first, rows);
      y.write(this.#region(stagedY, rows * y.columns), first, rows);
      if (weights) this.#region(stagedWeights, rows).set(weights.subarray(first, first + rows));
      this.#kernels.evaluate(0, rows, pass, Number(first > 0), x.count);
    });
    return this.#batchTotals();
  }

  #eachTile(count: number, visit: (first: number, rows: number) => void): void {
    const { tileRows } = this.#layout;
    for (let first = 0; first < count; first += tileRows) visit(first, Math.min(tileRows, count - first));
  }

  #bindSet(): void {
    if (!this.#set) throw new Error("no training set is prepared");
    const { x, y, weights, order, rows, batchSize } = this.#set;
    this.#bind(x, y, weights, order);
    this.#setInteger(Header.Rows, rows);
    this.#setInteger(Header.BatchSize, batchSize);
  }

  #bind(x: number, y: number, weights: number, order: number): void {
    this.#setInteger(Header.X, x);
    this.#setInteger(Header.Y, y);
    this.#setInteger(Header.RowWeights, weights);
    this.#setInteger(Header.Order, order);
  }

  #batchTotals(): Totals {
    return { loss: this.#doubles[Header.BatchLoss / 8]!, correct: this.#doubles[Header.BatchCorrect / 8]! };
  }

  /** A block shaped as the parameters, unpadded. */
  #readBlock(address: number): LayerParameters[] {
    return this.#layout.layers.map((layer, i) => {
      const kernel = createArray(this.#spec.dtype, layer.inputs * layer.units);
      this.#kernelRows(address, layer, (row, at) => kernel.set(this.#numbers.subarray(at, at + layer.units), row * layer.units));
      if (!this.#spec.layers[i]!.bias) return { kernel };
      return { kernel, bias: this.#region(this.#shifted(address, layer.bias), layer.units).slice() };
    });
  }

  #writeBlock(address: number, block: readonly LayerParameters[]): void {
    this.#layout.layers.forEach((layer, i) => {
      const { kernel, bias } = block[i]!;
      this.#kernelRows(address, layer, (row, at) => this.#numbers.set(kernel.subarray(row * layer.units, (row + 1) * layer.units), at));
      if (bias) this.#region(this.#shifted(address, layer.bias), layer.units).set(bias);
    });
  }

  #kernelRows(block: number, layer: LayerLayout, visit: (row: number, at: number) => void): void {
    const from = this.#shifted(block, layer.kernel) / this.#layout.itemBytes;
    for (let row = 0; row < layer.inputs; row++) visit(row, from + row * layer.stride);
  }

  /** The address in another block of what lies at `address` in the parameters. */
  #shifted(block: number, address: number): number {
    return address - this.#layout.parameters + block;
  }

  #region(address: number, length: number): FloatArray {
    const from = address / this.#layout.itemBytes;
    return this.#numbers.subarray(from, from + length);
  }

  #copyState(from: number, to: number): void {
    const { stateBytes, itemBytes } = this.#layout;
    this.#numbers.copyWithin(to / itemBytes, from / itemBytes, (from + stateBytes) / itemBytes);
  }

  #grow(end: number): void {
    const missing = Math.ceil(end / PAGE) - this.#memory.buffer.byteLength / PAGE;
    if (missing <= 0) return;
    try {
      this.#memory.grow(missing);
    } catch {
      throw outOfMemory("this network with these rows", end);
    }
    this.#refreshViews();
  }

  #refreshViews(): void {
    const { buffer } = this.#memory;
    this.#numbers = createArray(this.#spec.dtype, buffer);
    this.#integers = new Uint32Array(buffer);
    this.#doubles = new Float64Array(buffer);
  }

  #integer(field: Header): number {
    return this.#integers[field / 4]!;
  }

  #setInteger(field: Header, value: number): void {
    this.#integers[field / 4] = value;
  }

  #setDouble(field: Header, value: number): void {
    this.#doubles[field / 8] = value;
  }
}

function outOfMemory(what: string, bytes: number): RangeError {
  return new RangeError(
    `${what} needs ${Math.ceil(bytes / 2 ** 20)} MB of memory, which WebAssembly cannot provide here (at most 4096 MB, and what the machine has free)`,
  );
}
