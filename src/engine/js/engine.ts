// The engine in plain TypeScript: the readable reference, the fallback where WebAssembly is missing, and the baseline of the benchmark.
// This file decides which rows are computed when.
import { assignBlock, copyBlock, createArray, viewBlock } from "../../model/parameters.js";
import { shuffledOrder } from "../../model/random.js";
import { inputsOf, outputsOf, type FloatArray, type LayerParameters, type ModelSpec } from "../../model/spec.js";
import {
  rowsOf,
  sliceRows,
  type Cooperative,
  type Engine,
  type EngineGradients,
  type EngineTask,
  type GradientOptions,
  type Rows,
  type RowTotals,
  type Slice,
  type SliceReport,
  type Totals,
  type TrainingSet,
  type TrainingState,
} from "../engine.js";
import { Tile } from "./network.js";
import { clipNorm, updateRules, type UpdateRule } from "./optimizers.js";
import { gather, prepareSet, type PreparedSet } from "./set.js";
import { JsState } from "./state.js";

export class JsEngine implements Engine {
  readonly backend = "js";

  readonly #state: JsState;
  readonly #gradient: FloatArray;
  readonly #gradientLayers: LayerParameters[];
  readonly #spec: ModelSpec;
  readonly #update: UpdateRule;
  readonly #tile: Tile;
  #prepared: PreparedSet | undefined;
  /** The array that `inputBuffer` returns. */
  #buffer: FloatArray;
  /** Rows of this set trained on in the current epoch; and the epoch's totals, including those of earlier sets. */
  #position = 0;
  #epochTotals = { loss: 0, correct: 0, rows: 0 };
  readonly #batchTotals: Totals = { loss: 0, correct: 0 };
  /** Totals of the validation rows measured so far. */
  #validationTotals: Totals = { loss: 0, correct: 0 };

  constructor(spec: ModelSpec, parameters: readonly LayerParameters[]) {
    this.#spec = spec;
    this.#update = updateRules[spec.optimizer.name](spec.optimizer);
    this.#state = new JsState(spec);
    this.#gradient = createArray(spec.dtype, this.#state.parameters.length);
    this.#gradientLayers = viewBlock(spec.layers, this.#gradient);
    this.#buffer = createArray(spec.dtype, 0);
    this.#tile = new Tile(spec, this.#state.layers);
    this.setParameters(parameters);
  }

  get epoch(): number {
    return this.#state.epoch;
  }

  replica(): JsEngine {
    const replica = new JsEngine(this.#spec, this.#state.layers);
    replica.copyStateFrom(this, true);
    return replica;
  }

  copyStateFrom(replica: Engine, live: boolean): void {
    this.#state.copyStateFrom((replica as JsEngine).#state, live);
  }

  inputBuffer(rows: number): FloatArray {
    const length = rows * inputsOf(this.#spec);
    if (this.#buffer.length < length) this.#buffer = createArray(this.#spec.dtype, length);
    return this.#buffer.subarray(0, length);
  }

  getParameters(): LayerParameters[] {
    return copyBlock(this.#state.layers);
  }

  setParameters(parameters: readonly LayerParameters[]): void {
    assignBlock(this.#state.layers, parameters);
  }

  getState(): TrainingState {
    return this.#state.copy();
  }

  setState(state: TrainingState): void {
    this.#state.assign(state);
    this.#restartEpoch();
  }

  predict(x: Rows, out: FloatArray): void {
    const outputs = outputsOf(this.#spec);
    this.#eachTile(x, undefined, undefined, (rows, first) => {
      out.set(this.#tile.outputs.subarray(0, rows * outputs), first * outputs);
    });
  }

  evaluate(x: Rows, y: Rows, weights?: FloatArray): Totals {
    const totals = { loss: 0, correct: 0 };
    this.#eachTile(x, y, weights, (rows) => this.#tile.measure(rows, totals));
    return totals;
  }

  gradients(x: Rows, y: Rows, { weights, given = false, inputs = false }: GradientOptions = {}): EngineGradients {
    const totals = { loss: 0, correct: 0 };
    const slopes = inputs ? createArray(this.#spec.dtype, x.count * x.columns) : undefined;
    this.#startGradient();
    this.#tile.withLoss(given, () =>
      this.#eachTile(x, y, weights, (rows, first) => {
        this.#tile.measure(rows, totals);
        this.#tile.differentiate(rows, given ? 1 : this.#reduction(x.count), this.#gradientLayers);
        if (slopes) this.#tile.inputGradients(rows, slopes.subarray(first * x.columns));
      }),
    );
    return { ...totals, layers: copyBlock(this.#gradientLayers), ...(slopes && { inputs: slopes }) };
  }

  *prepare(set: TrainingSet): Cooperative<void> {
    const prepared = this.#prepared;
    this.#prepared = undefined;
    this.#prepared = yield* prepareSet(this.#spec.dtype, set, prepared);
    this.#position = 0;
    if (set.continues) return;
    this.#restartEpoch();
    this.takeSnapshot();
    if (!set.once) this.takeSnapshot();
  }

  takeSnapshot(): void {
    this.#state.takeSnapshot();
  }

  validate(first: number, rows: number): EngineTask<Totals> {
    const { x, y } = this.#loaded.validation!;
    return later(() => {
      if (first === 0) this.#validationTotals = { loss: 0, correct: 0 };
      this.#eachTile(sliceRows(x, first, rows), sliceRows(y, first, rows), undefined, (count) =>
        this.#tile.measure(count, this.#validationTotals),
      );
      return { ...this.#validationTotals };
    });
  }

  predictions(): EngineTask<FloatArray> {
    const { x, rows } = this.#loaded;
    return later(() => {
      const out = createArray(this.#spec.dtype, rows * outputsOf(this.#spec));
      this.predict(rowsOf(x, inputsOf(this.#spec)), out);
      return out;
    });
  }

  train(slice: Slice): EngineTask<SliceReport> {
    return later(() => this.#runSync(slice));
  }

  #runSync(slice: Slice): SliceReport {
    const set = this.#loaded;
    const epochs: RowTotals[] = [];
    let steps = 0;
    let rows = 0;
    let diverged = false;
    while (steps < slice.steps && epochs.length < slice.epochs && !diverged) {
      if (this.#position === 0 && set.shuffle) shuffledOrder(set.order, this.#spec.seed, this.#state.epoch);
      const isFirst = this.#epochTotals.rows === 0;
      rows = Math.min(set.batchSize, set.rows - this.#position);
      this.#trainBatch(set, set.order, this.#position, rows, slice.learningRate);
      steps++;
      this.#position += rows;
      this.#epochTotals.loss += this.#batchTotals.loss;
      this.#epochTotals.correct += this.#batchTotals.correct;
      this.#epochTotals.rows += rows;
      diverged = !Number.isFinite(this.#batchTotals.loss);
      if (diverged && isFirst) this.#state.discardSnapshot();
      if (this.#position < set.rows || diverged) continue;
      if (set.open) {
        this.#position = 0;
        break;
      }
      diverged = !Number.isFinite(this.#epochTotals.loss) || !this.#state.isFinite;
      if (!diverged) {
        epochs.push(this.#epochTotals);
        this.#state.epoch = increased(this.#state.epoch);
        this.#state.takeSnapshot();
      }
      this.#restartEpoch();
    }
    return { epochs, steps, batch: { ...this.#batchTotals, rows }, running: { ...this.#epochTotals }, diverged };
  }

  step(learningRate: number, scale?: number): Totals & { diverged: boolean } {
    const set = this.#loaded;
    this.#trainBatch(set, undefined, 0, set.rows, learningRate, scale);
    return { ...this.#batchTotals, diverged: !Number.isFinite(this.#batchTotals.loss) || !this.#state.isFinite };
  }

  trainingOutputs(): FloatArray {
    const { rows: count } = this.#loaded;
    const units = outputsOf(this.#spec);
    const out = createArray(this.#spec.dtype, count * units);
    this.#eachBatchTile(this.#loaded, undefined, 0, count, (rows, done) =>
      out.set(this.#tile.outputs.subarray(0, rows * units), done * units),
    );
    return out;
  }

  stepDown(gradient: FloatArray, learningRate: number): boolean {
    this.#loaded.y.set(gradient);
    return this.#tile.withLoss(true, () => this.step(learningRate, 1).diverged);
  }

  applyGradients(gradients: readonly LayerParameters[], learningRate: number): boolean {
    assignBlock(this.#gradientLayers, gradients);
    this.#descend(learningRate);
    return !this.#state.isFinite;
  }

  blend(others: Engine | readonly LayerParameters[], tau: number): void {
    const blocks = "getParameters" in others ? others.getParameters() : others;
    const mix = (to: FloatArray, from: FloatArray): void => {
      for (let i = 0; i < to.length; i++) to[i] = (1 - tau) * to[i] + tau * from[i];
    };
    this.#state.layers.forEach(({ kernel, bias }, l) => {
      mix(kernel, blocks[l].kernel);
      if (bias) mix(bias, blocks[l].bias!);
    });
  }

  rollback(): void {
    this.#state.rollback();
    this.#restartEpoch();
  }

  get #loaded(): PreparedSet {
    if (!this.#prepared) throw new Error("no training set is prepared");
    return this.#prepared;
  }

  #restartEpoch(): void {
    this.#position = 0;
    this.#epochTotals = { loss: 0, correct: 0, rows: 0 };
  }

  /** The factor of the sum of a batch's losses. */
  #reduction(rows: number): number {
    return this.#spec.reduction === "mean" ? 1 / rows : 1;
  }

  /** One optimiser step on `count` rows of the set, from position `first` of `order` on; sets `batchTotals`. */
  #trainBatch(
    set: PreparedSet,
    order: Uint32Array | undefined,
    first: number,
    count: number,
    learningRate: number,
    scale = this.#reduction(count),
  ): void {
    const tile = this.#tile,
      batchTotals = this.#batchTotals;
    batchTotals.loss = 0;
    batchTotals.correct = 0;
    this.#startGradient();
    this.#eachBatchTile(set, order, first, count, (rows, done) => {
      tile.measure(rows, batchTotals);
      tile.differentiate(rows, scale, this.#gradientLayers, this.#state.step, done);
    });
    this.#descend(learningRate);
  }

  /** Predicts the batch tile by tile, with dropout, and calls `visit` with each tile's number of rows and its first. */
  #eachBatchTile(
    set: PreparedSet,
    order: Uint32Array | undefined,
    first: number,
    count: number,
    visit: (rows: number, done: number) => void,
  ): void {
    const tile = this.#tile;
    const height = tile.reserve(count);
    for (let done = 0; done < count; done += height) {
      const rows = Math.min(height, count - done);
      gather(set, order, first + done, rows, tile);
      tile.predict(rows, this.#state.step, done);
      visit(rows, done);
    }
    tile.outputWeights = undefined;
  }

  /** Clips the gradient and updates the parameters. */
  #descend(learningRate: number): void {
    const state = this.#state;
    if (this.#spec.clipNorm < Infinity) clipNorm(this.#gradient, this.#spec.clipNorm);
    state.step = increased(state.step);
    this.#update(state.parameters, this.#gradient, state.slots, learningRate, state.step);
  }

  /** Initialises the gradient with that of ½·l2·Σ kernel². */
  #startGradient(): void {
    const { l2 } = this.#spec;
    this.#gradient.fill(0);
    if (l2 === 0) return;
    for (let l = 0; l < this.#gradientLayers.length; l++) {
      const from = this.#state.layers[l].kernel;
      const to = this.#gradientLayers[l].kernel;
      for (let i = 0; i < to.length; i++) to[i] = l2 * from[i];
    }
  }

  /** Predicts tile by tile, without dropout, and calls `visit` with each tile's number of rows and its first. */
  #eachTile(x: Rows, y: Rows | undefined, weights: FloatArray | undefined, visit: (rows: number, first: number) => void): void {
    const tile = this.#tile;
    const height = tile.reserve(x.count);
    for (let first = 0; first < x.count; first += height) {
      const rows = Math.min(height, x.count - first);
      x.write(tile.x, first, rows);
      y?.write(tile.targets, first, rows);
      for (let row = 0; row < rows; row++) tile.weights[row] = weights === undefined ? 1 : weights[first + row];
      tile.predict(rows);
      visit(rows, first);
    }
  }
}

/** A counter's next value; the largest 32-bit integer stays. */
const increased = (counter: number): number => Math.min(counter + 1, 2 ** 32 - 1);

/** A task that runs `work`. */
function later<R>(work: () => R): EngineTask<R> {
  let result: R;
  return {
    runLocally() {
      result = work();
      return 0;
    },
    finish: () => result,
  };
}
