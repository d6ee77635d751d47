// The WebAssembly engine: each network has a linear memory, with the layout of layout.ts, on which the kernels of assembly/ compute.
import { Header, Loss, Pass, State } from "../../../assembly/abi.js";
import { createArray, slotCount } from "../../model/parameters.js";
import { inputsOf, outputsOf, type FloatArray, type LayerParameters, type ModelSpec } from "../../model/spec.js";
import type { Backend } from "../../public-types.js";
import type {
  Cooperative,
  Engine,
  EngineGradients,
  EngineTask,
  GradientOptions,
  KernelCall,
  Rows,
  RowTotals,
  Slice,
  SliceReport,
  Totals,
  TrainingSet,
  TrainingState,
} from "../engine.js";
import { compile, instantiate, type Build, type Kernels } from "./instantiate.js";
import { dataLayout, RECORDS, type DataLayout } from "./layout.js";
import { NetworkMemory } from "./memory.js";
import { RowTransfer } from "./row-transfer.js";

interface LoadedSet extends DataLayout {
  readonly rows: number;
  readonly validationRows: number;
  readonly batchSize: number;
}

export class WasmEngine implements Engine {
  readonly backend: Backend;
  readonly build: Build;
  readonly #m: NetworkMemory;
  readonly #kernels: Kernels;
  readonly #rows: RowTransfer;
  #set: LoadedSet | undefined;
  /** The number of training sets loaded so far. */
  loads = 0;
  /** Rows of the input buffer, and the address after it, where data may begin. */
  #inputRows = 0;
  #dataStart: number;

  /** @param threads the number of threads that share the memory; 0 for an unshared one */
  constructor(
    spec: ModelSpec,
    parameters: readonly LayerParameters[],
    build: Build,
    readonly threads = 0,
  ) {
    this.backend = build === "relaxed" ? "wasm-relaxed-simd" : "wasm-simd";
    this.build = build;
    this.#m = new NetworkMemory(spec, build, threads > 0, Math.max(1, threads));
    this.#dataStart = this.#m.layout.end;
    this.#kernels = instantiate(spec.dtype, build, this.#m.memory, threads > 0);
    this.#rows = new RowTransfer(this.#m, this.#kernels);
    this.setParameters(parameters);
  }

  get memory(): WebAssembly.Memory {
    return this.#m.memory;
  }

  /** The compiled kernels for this memory. */
  get module(): WebAssembly.Module {
    return compile(this.#m.spec.dtype, this.build, this.threads > 0)!;
  }

  get epoch(): number {
    return this.#m.integer(this.#m.layout.state + State.Epoch);
  }

  replica(threads: number): WasmEngine {
    const replica = new WasmEngine(this.#m.spec, this.getParameters(), this.build, threads);
    replica.copyStateFrom(this, true);
    return replica;
  }

  copyStateFrom(other: Engine, live: boolean): void {
    const source = (other as WasmEngine).#m;
    const { state } = this.#m.layout;
    this.#m.copyState(live ? state : source.integer(Header.Snapshot), state, source);
  }

  getParameters(): LayerParameters[] {
    return this.#m.readBlock(this.#m.layout.parameters);
  }

  setParameters(parameters: readonly LayerParameters[]): void {
    this.#m.writeBlock(this.#m.layout.parameters, parameters);
  }

  getState(): TrainingState {
    const { parameters, parameterBytes, state } = this.#m.layout;
    const count = slotCount(this.#m.spec.optimizer);
    return {
      parameters: this.getParameters(),
      slots: Array.from({ length: count }, (_, i) => this.#m.readBlock(parameters + (i + 1) * parameterBytes)),
      step: this.#m.integer(state + State.Step),
      epoch: this.epoch,
    };
  }

  setState({ parameters, slots, step, epoch }: TrainingState): void {
    const { layout } = this.#m;
    this.setParameters(parameters);
    slots.forEach((slot, i) => this.#m.writeBlock(layout.parameters + (i + 1) * layout.parameterBytes, slot));
    this.#m.setInteger(layout.state + State.Step, step);
    this.#m.setInteger(layout.state + State.Epoch, epoch);
    this.#m.setInteger(Header.Cursor, 0);
  }

  inputBuffer(rows: number): FloatArray {
    const { layout, spec } = this.#m;
    const all = { weights: true, outputWeights: true, order: true };
    const { y: bufferEnd } = dataLayout(spec, layout.end, rows, 0, all);
    // Growing the memory later would detach the array, so space for training on these rows is reserved now: scaled copies, and
    // validation rows among them. Unused space only costs address space.
    this.#m.grow(dataLayout(spec, bufferEnd, rows, rows, all).end);
    if (rows > this.#inputRows) {
      this.#inputRows = rows;
      this.#dataStart = bufferEnd;
    }
    return this.#m.region(layout.end, rows * inputsOf(spec));
  }

  predict(x: Rows, out: FloatArray): void {
    const { tileX, stagedY } = this.#m.layout;
    const units = outputsOf(this.#m.spec);
    const inPlace = this.#rows.addressOf(x);
    this.#eachTile(x.count, (first, rows) => {
      if (!inPlace) this.#rows.put(x, tileX, first, rows);
      this.#bind(inPlace || tileX);
      this.#kernels.predict(inPlace ? first : 0, rows, stagedY, Pass.Predict);
      const { numbers } = this.#m;
      const from = stagedY / this.#m.layout.itemBytes - first * units;
      for (let i = first * units, end = i + rows * units; i < end; i++) out[i] = numbers[from + i];
    });
  }

  /**
   * Outputs for a flat array of rows in the network's precision, at most one tile of them, without allocating objects.
   * @returns false, with `out` unchanged, if the array has more rows, an incomplete row, or possibly a number that is not finite
   */
  predictTile(x: FloatArray, out: FloatArray): boolean {
    const {
      layout: { tileX, stagedY, tileRows, itemBytes },
      spec,
      numbers,
    } = this.#m;
    const rows = x.length / inputsOf(spec);
    const count = rows * outputsOf(spec);
    if (!(rows >= 1 && rows <= tileRows && rows % 1 === 0) || out.length !== count) return false;
    numbers.set(x, tileX / itemBytes);
    if (!this.#kernels.isFinite(tileX, x.byteLength)) return false;
    this.#bind(tileX);
    this.#kernels.predict(0, rows, stagedY, Pass.Predict);
    for (let i = 0, at = stagedY / itemBytes; i < count; i++, at++) out[i] = numbers[at];
    return true;
  }

  evaluate(x: Rows, y: Rows, weights?: FloatArray): Totals {
    return this.#evaluate(x, y, weights, Pass.Evaluate);
  }

  gradients(x: Rows, y: Rows, { weights, given, inputs }: GradientOptions = {}): EngineGradients {
    const slopes = inputs ? createArray(this.#m.spec.dtype, x.count * x.columns) : undefined;
    const differentiate = (): Totals => this.#evaluate(x, y, weights, Pass.Gradients, slopes);
    const totals = given ? this.#withGivenLoss(differentiate) : differentiate();
    this.#kernels.decayGradients();
    return { ...totals, layers: this.#m.readBlock(this.#m.layout.gradients), ...(slopes && { inputs: slopes }) };
  }

  /** Runs `work` with ∂C/∂outputs in place of targets. */
  #withGivenLoss<R>(work: () => R): R {
    const loss = this.#m.integer(Header.LossCode),
      mean = this.#m.integer(Header.Mean);
    this.#m.setInteger(Header.LossCode, Loss.Given);
    this.#m.setInteger(Header.Mean, 0);
    try {
      return work();
    } finally {
      this.#m.setInteger(Header.LossCode, loss);
      this.#m.setInteger(Header.Mean, mean);
    }
  }

  *prepare({
    x,
    y,
    weights,
    outputWeights,
    validation,
    batchSize,
    shuffle,
    open = false,
    continues = false,
    once = false,
  }: TrainingSet): Cooperative<void> {
    const inPlace = this.#rows.addressOf(x);
    const validationRows = validation?.x.count ?? 0;
    const has = { weights: weights !== undefined, outputWeights: outputWeights !== undefined, order: shuffle };
    const data = dataLayout(this.#m.spec, this.#dataStart, x.count, validationRows, has, inPlace);
    this.#set = undefined;
    if (this.#inputRows > 0 && this.#m.mustGrow(data.end)) {
      // Growing detaches the input buffer's views, so rows that may be read from them are copied first.
      if (!inPlace) x = yield* this.#rows.copyOut(x);
      y = yield* this.#rows.copyOut(y);
      outputWeights = outputWeights && (yield* this.#rows.copyOut(outputWeights));
      validation = validation && { x: yield* this.#rows.copyOut(validation.x), y: yield* this.#rows.copyOut(validation.y) };
    }
    this.#m.grow(data.end);
    if (!inPlace) yield* this.#rows.copyIn(x, data.x);
    yield* this.#rows.copyIn(y, data.y);
    if (weights) this.#m.region(data.weights, weights.length).set(weights);
    if (outputWeights) yield* this.#rows.copyIn(outputWeights, data.outputWeights);
    if (validation) {
      yield* this.#rows.copyIn(validation.x, data.validationX);
      yield* this.#rows.copyIn(validation.y, data.validationY);
    }
    this.#set = { ...data, rows: x.count, validationRows, batchSize: Math.min(batchSize, x.count) };
    this.loads++;
    this.#m.setInteger(Header.Open, Number(open));
    this.#m.setInteger(Header.Cursor, 0);
    if (continues) return;
    this.#m.setInteger(Header.EarlierRows, 0);
    this.takeSnapshot();
    if (!once) this.#m.copyState(this.#m.layout.state, this.#m.integer(Header.OlderSnapshot));
  }

  takeSnapshot(): void {
    this.#m.copyState(this.#m.layout.state, this.#m.integer(Header.Snapshot));
  }

  train({ steps, epochs, learningRate, mayBeLast }: Slice): EngineTask<SliceReport> {
    const { state, gradients, stateBytes } = this.#m.layout;
    this.#bindSet();
    this.#m.setDouble(Header.LearningRate, learningRate);
    const rows = this.#m.integer(Header.EarlierRows) + this.#loaded.rows;
    // A run may stop after a batch, and the next set of an epoch continues from the present state: both need it copied back.
    const end = mayBeLast || steps === 1 || this.#m.integer(Header.Open) ? state + stateBytes : state;
    return this.#call(
      {
        name: "train",
        args: [Math.min(steps, 2 ** 30), Math.min(epochs, RECORDS)],
        writes: [
          [0, end],
          [state, gradients],
        ],
      },
      (failed) => this.#report(failed !== 0, rows),
    );
  }

  validate(first: number, rows: number): EngineTask<Totals> {
    const { validationX, validationY, validationRows } = this.#loaded;
    this.#bind(validationX, validationY);
    if (first === 0) this.#clearTotals();
    const args = [first, rows, Pass.Evaluate, 0, validationRows];
    return this.#call({ name: "evaluate", args, writes: [[0, this.#m.layout.state]] }, () => this.#batchTotals());
  }

  predictions(): EngineTask<FloatArray> {
    const { x, y, rows } = this.#loaded;
    const count = rows * outputsOf(this.#m.spec);
    const end = y + count * this.#m.layout.itemBytes;
    this.#bind(x, y);
    return this.#call({ name: "predict", args: [0, rows, y, Pass.Predict], writes: [[y, end]] }, () => this.#m.region(y, count));
  }

  step(learningRate: number): Totals & { diverged: boolean } {
    this.#bindSet();
    this.#m.setInteger(Header.Order, 0);
    this.#m.setDouble(Header.LearningRate, learningRate);
    const isFinite = this.#kernels.step(0, this.#loaded.rows) !== 0;
    const totals = this.#batchTotals();
    return { ...totals, diverged: !isFinite || !Number.isFinite(totals.loss) };
  }

  trainingOutputs(): FloatArray {
    const { y, rows } = this.#loaded;
    this.#bindSet();
    this.#m.setInteger(Header.Order, 0);
    this.#withGivenLoss(() => this.#kernels.predict(0, rows, y, Pass.Train));
    return this.#m.region(y, rows * outputsOf(this.#m.spec)).slice();
  }

  stepDown(gradient: FloatArray, learningRate: number): boolean {
    this.#m.region(this.#loaded.y, gradient.length).set(gradient);
    return this.#withGivenLoss(() => this.step(learningRate).diverged);
  }

  applyGradients(gradients: readonly LayerParameters[], learningRate: number): boolean {
    this.#m.writeBlock(this.#m.layout.gradients, gradients);
    this.#m.setDouble(Header.LearningRate, learningRate);
    return this.#kernels.applyGradients() === 0;
  }

  blend(others: Engine | readonly LayerParameters[], tau: number): void {
    const { gradients, parameterBytes, itemBytes } = this.#m.layout;
    if (others instanceof WasmEngine) {
      // Of the same shape and precision, they are padded alike.
      this.#m.numbers.set(others.#m.region(others.#m.layout.parameters, parameterBytes / itemBytes), gradients / itemBytes);
    } else this.#m.writeBlock(gradients, "getParameters" in others ? others.getParameters() : others);
    this.#kernels.blend(tau);
  }

  rollback(): void {
    this.#m.copyState(this.#m.integer(Header.Snapshot), this.#m.layout.state);
    this.#m.setInteger(Header.Cursor, 0);
    this.#m.setInteger(Header.EarlierRows, 0);
  }

  get #loaded(): LoadedSet {
    if (!this.#set) throw new Error("no training set is prepared");
    return this.#set;
  }

  #call<R>(kernel: KernelCall, finish: (result: number) => R): EngineTask<R> {
    const run: (...args: readonly number[]) => unknown = this.#kernels[kernel.name];
    return { kernel, finish, runLocally: () => Number(run(...kernel.args)) };
  }

  #report(diverged: boolean, epochRows: number): SliceReport {
    const { records } = this.#m.layout;
    const epochs: RowTotals[] = [];
    // A plain loop, as this takes most of a small network's time in JavaScript.
    for (let i = 0, at = records; i < this.#m.integer(Header.EpochsDone); i++, at += 16) {
      epochs.push(this.#totals(at, epochRows));
    }
    return {
      epochs,
      steps: this.#m.integer(Header.StepsDone),
      batch: this.#totals(Header.BatchLoss, this.#m.integer(Header.BatchRows)),
      running: this.#totals(Header.EpochLoss, this.#m.integer(Header.EarlierRows) + this.#m.integer(Header.Cursor)),
      diverged,
    };
  }

  /** Evaluates rows tile by tile through the staging area, so that they need not be in memory beforehand. */
  #evaluate(x: Rows, y: Rows, weights: FloatArray | undefined, pass: Pass, slopes?: FloatArray): Totals {
    const { tileX, stagedY, stagedWeights } = this.#m.layout;
    this.#clearTotals();
    this.#bind(tileX, stagedY, weights ? stagedWeights : 0);
    this.#eachTile(x.count, (first, rows) => {
      this.#rows.put(x, tileX, first, rows);
      this.#rows.put(y, stagedY, first, rows);
      if (weights) this.#m.region(stagedWeights, rows).set(weights.subarray(first, first + rows));
      this.#kernels.evaluate(0, rows, pass, Number(first > 0), x.count);
      if (slopes) this.#readInputGradients(slopes.subarray(first * x.columns), rows, x.columns);
    });
    return this.#batchTotals();
  }

  /** Reads ∂C/∂x of the rows of the tile that was differentiated last. */
  #readInputGradients(to: FloatArray, rows: number, columns: number): void {
    const { itemBytes, tileX } = this.#m.layout;
    const rowBytes = Math.ceil((columns * itemBytes) / 16) * 16;
    this.#kernels.inputGradients(rows);
    for (let row = 0; row < rows; row++) to.set(this.#m.region(tileX + row * rowBytes, columns), row * columns);
  }

  #eachTile(count: number, visit: (first: number, rows: number) => void): void {
    const { tileRows } = this.#m.layout;
    for (let first = 0; first < count; first += tileRows) visit(first, Math.min(tileRows, count - first));
  }

  #bindSet(): void {
    const { x, y, weights, outputWeights, order, rows, batchSize } = this.#loaded;
    this.#bind(x, y, weights, order, outputWeights);
    this.#m.setInteger(Header.Rows, rows);
    this.#m.setInteger(Header.BatchSize, batchSize);
  }

  #bind(x: number, y = 0, weights = 0, order = 0, outputWeights = 0): void {
    this.#m.setInteger(Header.X, x);
    this.#m.setInteger(Header.Y, y);
    this.#m.setInteger(Header.RowWeights, weights);
    this.#m.setInteger(Header.Order, order);
    this.#m.setInteger(Header.OutputWeights, outputWeights);
  }

  #clearTotals(): void {
    this.#m.setDouble(Header.BatchLoss, 0);
    this.#m.setDouble(Header.BatchCorrect, 0);
  }

  /** Reads two float64, the loss and the number of correct predictions, of `rows` rows. */
  #totals(address: number, rows: number): RowTotals {
    return { loss: this.#m.double(address), correct: this.#m.double(address + 8), rows };
  }

  #batchTotals(): Totals {
    return { loss: this.#m.double(Header.BatchLoss), correct: this.#m.double(Header.BatchCorrect) };
  }
}
