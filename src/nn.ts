// The class NN: says what happens, in order. Checks, data, engines and training live in files of their own.
import { shapeOutput, type DataRows, type Matrix, type Predictions } from "./data.js";
import { createEngine } from "./engine/create.js";
import type { Backend, Engine } from "./engine/engine.js";
import { DivergenceError } from "./errors.js";
import { fitScalers, readFitData, readInputs, readPair, scalePair, type Pair } from "./fit-data.js";
import { parseFitOptions, type FitOptions, type FitSettings } from "./fit-options.js";
import { fromJSON, toJSON, type ModelJSON } from "./formats/json.js";
import { asFormatErrors, type LoadedModel, type SavedModel, type Scalers } from "./formats/model.js";
import { decode, encode } from "./formats/safetensors.js";
import { Recorder, type History } from "./history.js";
import { initialParameters } from "./initializers.js";
import { parseNetwork, rateAt, type ExtraOptions, type NetworkOptions, type Settings } from "./options.js";
import { checkSize, createArray, parameterCount, readParameters, type LayerWeights, type Weights } from "./parameters.js";
import { randomSeed } from "./random.js";
import { scaledRows, unscale } from "./scaling.js";
import type { Dtype, FloatArray, Layer } from "./spec.js";
import { summarize } from "./summary.js";
import { figures, train } from "./training.js";

/** ∇C: the gradient of the objective, layer by layer, and the loss there. */
export interface Gradients {
  /** Mean per row of the data loss. */
  loss: number;
  /** One entry a layer: `kernel` is inputs × units, row-major; `bias` one number a unit, absent in layers without. */
  layers: LayerWeights[];
}

/**
 * A feed-forward network (multi-layer perceptron), trained by backpropagation.
 *
 * Rows are given as a list of lists, or as one flat typed array, row-major; see `Matrix`.
 *
 * @example
 * const nn = new NN(2, 3, 1, 0.5, 5000, { seed: 1 });       // inputs, hidden, outputs, learning rate, epochs
 * nn.fit([[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]);
 * nn.predict([0, 1]);                                       // [0.9…]
 */
export class NN {
  readonly #settings: Settings;
  readonly #engine: Engine;
  #training = false;
  /** Fitted by the first training. */
  #scalers: Scalers | undefined;

  /**
   * The textbook's network: sigmoid everywhere, biases, half squared error summed over rows, plain gradient descent on all
   * rows at once, weights from N(0, inputs^-1/2), float32.
   * @param inputs number of inputs
   * @param hidden number of hidden units, or a list of them, layer by layer
   * @param outputs number of outputs
   * @param learningRate the optimiser's step, or a function of the epoch
   * @param epochs how often `fit` goes through the rows
   * @param options any option of the general form but `layers`
   */
  constructor(
    inputs: number, hidden: number | readonly number[], outputs: number,
    learningRate: number | ((epoch: number) => number), epochs: number, options?: ExtraOptions,
  );
  /** The general form: see `NetworkOptions` for every option and its default. */
  constructor(options: NetworkOptions);
  constructor(...args: unknown[]) {
    this.#settings = parseNetwork(args, randomSeed);
    const { layers, dtype, seed } = this.#settings.spec;
    checkSize(this.#settings.spec);
    this.#engine = createEngine(this.#settings, initialParameters(layers, dtype, seed));
  }

  /** The seed of weights, shuffling and dropout: an unsigned 32-bit integer. */
  get seed(): number {
    return this.#settings.spec.seed;
  }

  get dtype(): Dtype {
    return this.#settings.spec.dtype;
  }

  /** The layers after the inputs, each with its complete description. */
  get layers(): Layer[] {
    return this.#settings.spec.layers.map((layer) => ({ ...layer }));
  }

  /** How many numbers training adjusts: weights and biases. */
  get parameterCount(): number {
    return parameterCount(this.#settings.spec.layers);
  }

  /** What computes: `wasm-relaxed-simd`, `wasm-simd` or `js`. */
  get backend(): Backend {
    return this.#engine.backend;
  }

  /**
   * Trains on rows `x` with targets `y`, going on from where the network is, optimiser state included.
   * @param x rows × inputs
   * @param y rows × outputs; with `categoricalCrossentropy` also one class index a row
   * @returns the figures of each epoch
   * @throws TypeError, RangeError for bad input, before anything has changed
   * @throws DivergenceError when the loss stops being finite; the network is then at its last good epoch
   */
  fit(x: Matrix, y: Matrix, options?: FitOptions): History {
    this.#refuseWhileTraining("fit");
    const settings = parseFitOptions(options, this.#settings);
    // oxlint-disable-next-line no-console
    if (Number(settings.threads) > 1) console.warn(`wasmlp: threads is ${settings.threads}; this version trains on one thread`);
    const run = this.#train(x, y, settings);
    for (;;) {
      const { done, value } = run.next();
      if (done) return value;
    }
  }

  /**
   * One optimiser step on these rows as one batch.
   * @returns their loss before the step, mean per row
   * @throws as `fit`
   */
  partialFit(x: Matrix, y: Matrix): number {
    this.#refuseWhileTraining("partialFit");
    const pair = readPair(this.#settings.spec, x, y);
    const learningRate = rateAt(this.#settings.learningRate, this.#engine.epoch);
    const scalers = this.#scalers ?? fitScalers(this.#settings, pair);
    this.#engine.prepare({ ...scalePair(pair, scalers), batchSize: Infinity, shuffle: false });
    const totals = this.#engine.step(learningRate);
    const loss = totals.loss / pair.x.count;
    if (totals.diverged) {
      this.#engine.rollback();
      throw new DivergenceError(new Recorder().finish("diverged"), { epoch: this.#engine.epoch + 1, loss, learningRate });
    }
    this.#scalers = scalers;
    return loss;
  }

  /** The textbook's name for `partialFit`. */
  backprop(x: Matrix, y: Matrix): number {
    return this.partialFit(x, y);
  }

  /**
   * The network's outputs, in the shape of `x`: a list of rows for a list of rows, one row for one row, a flat typed array
   * (rows × outputs) for a typed array.
   * @throws TypeError, RangeError for bad input
   */
  predict<X extends Matrix>(x: X): Predictions<X> {
    const { spec } = this.#settings;
    const rows = readInputs(spec, x);
    return shapeOutput(this.#outputs(rows), rows.count, spec.layers.at(-1)!.units, rows.like) as Predictions<X>;
  }

  /** The textbook's name for `predict`. */
  forward<X extends Matrix>(x: X): Predictions<X> {
    return this.predict(x);
  }

  /** Each row's class: where its largest output is (the first, among equals); for one output whether it is above 0.5. */
  predictClasses(x: Matrix): number[] {
    const { spec } = this.#settings;
    const outputs = spec.layers.at(-1)!.units;
    const rows = readInputs(spec, x);
    const out = this.#outputs(rows);
    return Array.from({ length: rows.count }, (_, r) => {
      if (outputs === 1) return Number(out[r]! > 0.5);
      let best = 0;
      for (let j = 1; j < outputs; j++) if (out[r * outputs + j]! > out[r * outputs + best]!) best = j;
      return best;
    });
  }

  /** The mean per row of the data loss, without dropout; for the two cross-entropies also the fraction of right answers. */
  evaluate(x: Matrix, y: Matrix): { loss: number; accuracy?: number } {
    const pair = this.#scaledPair(x, y);
    return figures(this.#engine.evaluate(pair.x, pair.y), pair.x.count, this.#measuresAccuracy);
  }

  /** The gradient of the objective on these rows as one batch, l2 included, without dropout; nothing is updated. */
  gradients(x: Matrix, y: Matrix): Gradients {
    const pair = this.#scaledPair(x, y);
    const { loss, layers } = this.#engine.gradients(pair.x, pair.y);
    return { loss: loss / pair.x.count, layers };
  }

  /** Copies of all weights: one entry a layer. */
  getWeights(): LayerWeights[] {
    return this.#engine.getParameters();
  }

  /**
   * Replaces all weights; the optimiser's state stays.
   * @throws TypeError, RangeError when a shape or a value does not fit, before anything has changed
   */
  setWeights(weights: readonly Weights[]): void {
    this.#refuseWhileTraining("setWeights");
    this.#engine.setParameters(readParameters(weights, this.#settings.spec));
  }

  /**
   * The network as one safetensors file: weights as `layers.N.weight` ([units, inputs], PyTorch's shape) and `layers.N.bias`,
   * and in its metadata everything that going on needs: options, scalers, optimiser state, counters. A learning rate by epoch
   * is saved as its present value.
   */
  save(): Uint8Array<ArrayBuffer> {
    return encode(this.#model());
  }

  /**
   * The network that `save` put into `bytes`; training it goes on as if it had never stopped.
   * @throws ModelFormatError
   */
  static load(bytes: Uint8Array): NN {
    if (!(bytes instanceof Uint8Array)) throw new TypeError("load takes the bytes of a file as a Uint8Array");
    return NN.#restore(() => decode(bytes));
  }

  /** The same as `save` in a value for JSON; `JSON.stringify(nn)` calls it. */
  toJSON(): ModelJSON {
    return toJSON(this.#model());
  }

  /**
   * The network that `toJSON` described.
   * @throws ModelFormatError
   */
  static fromJSON(value: unknown): NN {
    return NN.#restore(() => fromJSON(value));
  }

  /** A table of layers, shapes and parameters, for people. */
  summary(): string {
    const { spec, learningRate } = this.#settings;
    return summarize(spec, this.backend, learningRate);
  }

  #model(): SavedModel {
    return { settings: this.#settings, state: this.#engine.getState(), scalers: this.#scalers };
  }

  static #restore(read: () => LoadedModel): NN {
    const { options, state, scalers } = asFormatErrors(read);
    const nn = new NN(options);
    nn.#engine.setState(state);
    nn.#scalers = scalers;
    return nn;
  }

  get #measuresAccuracy(): boolean {
    return this.#settings.spec.loss.endsWith("Crossentropy");
  }

  /** Everything `fit` does, as a generator that pauses between slices of work. */
  *#train(x: Matrix, y: Matrix, fit: FitSettings): Generator<void, History, void> {
    const engine = this.#engine;
    const { learningRate } = this.#settings;
    const data = readFitData(this.#settings, fit, x, y, this.#scalers);
    const rows = data.x.count;
    const batchSize = Math.min(fit.batchSize, rows);
    const firstEpoch = engine.epoch;
    // Whatever is wrong with the validation rows is found out before anything changes.
    if (data.validation) engine.evaluate(data.validation.x, data.validation.y);
    engine.prepare({ x: data.x, y: data.y, weights: data.weights, batchSize, shuffle: fit.shuffle });
    const before = this.#scalers;
    this.#scalers = data.scalers;
    this.#training = true;
    try {
      return yield* train({
        engine, rows, batchSize, firstEpoch, validation: data.validation, measuresAccuracy: this.#measuresAccuracy,
        learningRate: (epoch) => rateAt(learningRate, epoch), constantRate: typeof learningRate === "number",
      }, fit);
    } catch (error) {
      if (engine.epoch === firstEpoch) this.#scalers = before;
      throw error;
    } finally {
      this.#training = false;
    }
  }

  /** Rows and targets as the network sees them; before its first training it has no scalers. */
  #scaledPair(x: Matrix, y: Matrix): Pair {
    const pair = readPair(this.#settings.spec, x, y);
    return this.#scalers ? scalePair(pair, this.#scalers) : pair;
  }

  /** The outputs for rows, in the targets' own units, row-major. */
  #outputs(rows: DataRows): FloatArray {
    const { spec } = this.#settings;
    const out = createArray(spec.dtype, rows.count * spec.layers.at(-1)!.units);
    this.#engine.predict(scaledRows(rows, this.#scalers?.input), out);
    unscale(out, this.#scalers?.target);
    return out;
  }

  #refuseWhileTraining(method: string): void {
    if (this.#training) throw new Error(`${method} was called while this network is training; wait for the training to end`);
  }
}
