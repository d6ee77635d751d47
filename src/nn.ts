// The class NN: says what happens, in order. Checks, data, engines and training live in files of their own.
import { largest, shapeOutput } from "./data/rows.js";
import { readInputs, readSamples, whileReading } from "./data/samples.js";
import { givenScalers, scaleSamples } from "./data/scalers.js";
import { createEngine } from "./engine/create.js";
import { fromJSON, toJSON } from "./formats/json.js";
import { asFormatErrors, copyMetadata, type SavedModel } from "./formats/model.js";
import { parseTensorOptions, readPlainWeights, type TensorOptions } from "./formats/plain-safetensors.js";
import { decode, encode } from "./formats/safetensors.js";
import { initialParameters } from "./model/initializers.js";
import { checkSize, freshState, parameterCount, readParameters, type LayerWeights, type Weights } from "./model/parameters.js";
import { randomSeed } from "./model/random.js";
import { isCrossentropy, type Dtype, type FloatArray, type Layer, type ModelSpec } from "./model/spec.js";
import { inspect, summarize } from "./model/summary.js";
import { checkOut, takeArguments } from "./options/arguments.js";
import { fraction, isObject, positiveInteger, refuse } from "./options/checks.js";
import {
  parseAsyncOptions, parseGradientOptions, parsePartialFitOptions, type AsyncFitOptions, type AsyncOptions, type FitOptions, type PartialFitOptions,
} from "./options/fit.js";
import { parseNetwork, type ExtraOptions, type NetworkOptions, type Settings } from "./options/network.js";
import type { Backend, Chunks, Matrix, ModelJSON, Predictions, Targets, TypedArray } from "./public-types.js";
import { figures } from "./training/epochs.js";
import { fitInWorkers, fitSync } from "./training/fit.js";
import { gradientsOnLoss, gradientsOnSamples, type Gradients, type InputGradients } from "./training/gradients.js";
import type { History } from "./training/history.js";
import type { LossFunction } from "./training/loss-function.js";
import { stepByGradients, stepOnLoss, stepOnSamples } from "./training/partial-fit.js";
import { outputsFor, outputsInto, predictInWorkers, predictTile } from "./training/predict.js";
import type { NetworkState } from "./training/run.js";
import { isStream } from "./training/stream.js";

/** A model that a format has read and checked, for the constructor. The class stays in this file: nobody else can make one. */
class Restored {
  constructor(readonly model: SavedModel) {}
}

/** Engines put its text into their message. */
const uncloneable = (): string => "a network cannot be cloned or posted: use nn.clone(), or send nn.save() and NN.load it there";

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
  readonly #network: NetworkState;
  /** Makes `structuredClone`, `postMessage` and `workerData` refuse a network instead of copying nothing of it. @internal */
  readonly uncloneable = uncloneable;
  /** A JSON value of the user's own, saved and loaded with the network: at most 65,536 characters, as an object 4,194,304. */
  metadata: unknown;

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
    const saved = args[0] instanceof Restored ? args[0].model : undefined;
    const settings = saved?.settings ?? parseNetwork(args, randomSeed);
    const { layers, dtype, seed } = settings.spec;
    if (!saved) checkSize(settings.spec);
    const engine = createEngine(settings, saved?.state.parameters ?? initialParameters(layers, dtype, seed));
    if (saved) engine.setState(saved.state);
    this.#network = {
      settings, engine, scalers: saved?.scalers ?? givenScalers(settings), training: false, threads: 1, reading: { active: false },
    };
    this.metadata = saved?.metadata;
  }

  /** The seed of weights, shuffling and dropout: an unsigned 32-bit integer. */
  get seed(): number {
    return this.#spec.seed;
  }

  get dtype(): Dtype {
    return this.#spec.dtype;
  }

  /** The layers after the inputs, each with its complete description. */
  get layers(): Layer[] {
    return this.#spec.layers.map((layer) => ({ ...layer }));
  }

  /** How many numbers training adjusts: weights and biases. */
  get parameterCount(): number {
    return parameterCount(this.#spec.layers);
  }

  /** `wasm-relaxed-simd`, `wasm-simd` or `js`. */
  get backend(): Backend {
    return this.#network.engine.backend;
  }

  /** With how many threads the last training, or the one under way, computes. */
  get threads(): number {
    return this.#network.threads;
  }

  /**
   * Trains on rows `x` with targets `y`, going on from where the network is, optimiser state included.
   * @param x rows × inputs
   * @param y rows × outputs; with `categoricalCrossentropy` also one class index a row; with `labels` also one label a row
   * @returns the figures of each epoch
   * @throws TypeError, RangeError for bad input, before anything has changed
   * @throws DivergenceError when the loss stops being finite; the network is then at its last good epoch
   */
  fit(x: Matrix, y: Targets, options?: FitOptions): History;
  fit(...args: unknown[]): History {
    this.#refuseWhileTraining("fit");
    const [x, y, options] = takeArguments("fit", args, "x, y, options");
    return fitSync(this.#network, x, y, options);
  }

  /**
   * Trains on a stream of chunks `[x, y]`, with one of them in memory at a time: an async iterable, or a function that makes
   * one for each epoch. Chunks may have any size; batches go on from one to the next.
   */
  fitAsync(chunks: Chunks, options?: AsyncFitOptions): Promise<History>;
  /**
   * As `fit`, but off the calling thread: in workers, on as many cores as asked for, or where none can be had in short slices
   * between turns of the event loop. Meanwhile `predict` and all that only reads serve the last completed epoch; what would
   * change the network is refused. Rows must not be changed before the promise is settled.
   * @throws (rejects) as `fit`; with the signal's reason; when a worker dies: the network is then at its last completed epoch
   */
  fitAsync(x: Matrix, y: Targets, options?: AsyncFitOptions): Promise<History>;
  async fitAsync(...args: unknown[]): Promise<History> {
    this.#refuseWhileTraining("fitAsync");
    if (isStream(args[0])) {
      // `undefined` in y's place, for callers that pass all three.
      const [chunks, options, late] = takeArguments("fitAsync", args, args[1] === undefined ? "chunks, y, options" : "chunks, options");
      return await fitInWorkers(this.#network, chunks, undefined, options ?? late);
    }
    const [x, y, options] = takeArguments("fitAsync", args, "x, y, options");
    return await fitInWorkers(this.#network, x, y, options);
  }

  /**
   * One optimiser step on these rows as one batch.
   * @returns their loss before the step, mean per row, each row's loss times its weight
   * @throws as `fit`
   */
  partialFit(x: Matrix, y: Targets, options?: PartialFitOptions): number;
  /**
   * One optimiser step down a loss of your own: with dropout, `l2` and `clipNorm`, but no averaging over rows. `x` and the outputs are scaled as
   * the options say; `targetScaling` must have been fitted before, or given.
   * @returns what the loss function returned
   * @throws TypeError when the loss is no finite number, or its gradient is not finite; the network is then as it was
   * @example
   * nn.partialFit(states, (outputs, gradient, rows) => {
   *   let loss = 0;
   *   for (let i = 0; i < outputs.length; i++) {
   *     const error = outputs[i] - wanted[i];
   *     loss += error ** 2 / rows;
   *     gradient[i] = 2 * error / rows;
   *   }
   *   return loss;
   * });
   */
  partialFit(x: Matrix, loss: LossFunction): number;
  partialFit(...args: unknown[]): number {
    this.#refuseWhileTraining("partialFit");
    if (typeof args[1] === "function") {
      const [x, loss] = takeArguments("partialFit", args, "x, loss");
      return stepOnLoss(this.#network, x, loss as LossFunction);
    }
    const [x, y, options] = takeArguments("partialFit", args, "x, y, options");
    return stepOnSamples(this.#network, x, y, parsePartialFitOptions(options));
  }

  /**
   * One optimiser step by gradients that came from elsewhere, as `gradients` gives them: another network's share of the rows, say.
   * `clipNorm` applies; `l2` does not, since the gradients contain it.
   * @throws TypeError, RangeError when a shape or a value does not fit, before anything has changed; DivergenceError
   */
  applyGradients(gradients: readonly Weights[]): void {
    this.#refuseWhileTraining("applyGradients");
    stepByGradients(this.#network, gradients);
  }

  /** The textbook's name for `partialFit`. */
  backprop(x: Matrix, y: Targets, options?: PartialFitOptions): number;
  backprop(...args: [Matrix, Matrix]): number {
    return this.partialFit(...args);
  }

  /**
   * The network's outputs, in the shape of `x`: a list of rows for a list of rows, one row for one row, a flat typed array
   * (rows × outputs) for a typed array.
   * @throws TypeError, RangeError for bad input
   */
  predict<X extends Matrix>(x: X): Predictions<X>;
  /**
   * The same for a flat typed array of rows into a flat typed array of rows × outputs in the network's precision, which is returned.
   * @throws TypeError, RangeError for bad input; `out` is then as it was
   */
  predict<Out extends FloatArray>(x: TypedArray, out: Out): Out;
  predict(...args: unknown[]): number[] | number[][] | FloatArray {
    this.#refuseWhileReading("predict");
    if (args.length === 2 && predictTile(this.#network, args[0], args[1])) return args[1] as FloatArray;
    const [x, out] = takeArguments("predict", args, "x, out");
    const rows = readInputs(this.#network, x);
    if (args.length > 1) return outputsInto(this.#network, rows, checkOut(this.#spec, rows, x as TypedArray, out));
    const outputs = outputsFor(this.#network, rows);
    return shapeOutput(outputs, rows.count, outputs.length / rows.count, rows.like);
  }

  /**
   * As `predict`, of the network as it is now, but off the calling thread, unless the work is too small to be worth the way.
   * @throws (rejects) as `predict`; with the signal's reason
   */
  predictAsync<X extends Matrix>(x: X, options?: AsyncOptions): Promise<Predictions<X>>;
  async predictAsync(...args: unknown[]): Promise<unknown> {
    this.#refuseWhileReading("predictAsync");
    const [x, options] = takeArguments("predictAsync", args, "x, options");
    return await predictInWorkers(this.#network, readInputs(this.#network, x), parseAsyncOptions(options));
  }

  /**
   * An array of rows × inputs in the network's own memory and precision: `predict`, `fit` and the others do not copy it. Asking
   * again gives the same memory. Training on more rows than it has may move it: the array is then empty; ask for it again.
   * @throws RangeError when `rows` is not a positive integer, or there is no memory for them
   */
  inputBuffer(rows: number): FloatArray {
    this.#refuseWhileTraining("inputBuffer");
    return this.#network.engine.inputBuffer(positiveInteger(rows, "rows"));
  }

  /** The textbook's name for `predict`. */
  forward<X extends Matrix>(x: X): Predictions<X>;
  forward<Out extends FloatArray>(x: TypedArray, out: Out): Out;
  forward(...args: [Matrix]): number[] | number[][] | FloatArray {
    return this.predict(...args);
  }

  /**
   * Each row's class: where its largest output is (the first, among equals); for one output whether it is above 0.5. A network with
   * `labels` returns those: `predictClasses<string>(x)`.
   */
  predictClasses<Class extends number | string = number>(x: Matrix): Class[];
  predictClasses(...args: unknown[]): (number | string)[] {
    this.#refuseWhileReading("predictClasses");
    const [x] = takeArguments("predictClasses", args, "x");
    const rows = readInputs(this.#network, x);
    const { labels } = this.#network.settings;
    const classes = largest(outputsFor(this.#network, rows), rows.count);
    return labels ? classes.map((each) => labels[each]) : classes;
  }

  /** The mean per row of the data loss, without dropout; for the two cross-entropies also the fraction of right answers. */
  evaluate(x: Matrix, y: Targets): { loss: number; accuracy?: number };
  evaluate(...args: unknown[]): { loss: number; accuracy?: number } {
    this.#refuseWhileReading("evaluate");
    const [x, y] = takeArguments("evaluate", args, "x, y");
    const samples = readSamples(this.#network, x, y);
    const scaled = this.#network.scalers ? scaleSamples(samples, this.#network.scalers) : samples;
    return figures(this.#network.engine.evaluate(scaled.x, scaled.y), samples.x.count, isCrossentropy(this.#spec.loss));
  }

  /**
   * The gradient of the objective on these rows as one batch, l2 included, without dropout; nothing is updated. With `{ inputs: true }` also
   * ∂C/∂x.
   * @throws TypeError, RangeError for bad input
   */
  gradients(x: Matrix, y: Targets, options: { inputs: true }): InputGradients;
  gradients(x: Matrix, y: Targets, options?: { inputs?: boolean }): Gradients;
  /** The same of a loss of your own: nothing is averaged over rows. */
  gradients(x: Matrix, loss: LossFunction, options: { inputs: true }): InputGradients;
  gradients(x: Matrix, loss: LossFunction, options?: { inputs?: boolean }): Gradients;
  gradients(...args: unknown[]): Gradients {
    this.#refuseWhileReading("gradients");
    const [x, y, options] = takeArguments("gradients", args, "x, y, options");
    const { inputs = false } = parseGradientOptions(options);
    return typeof y === "function" ? gradientsOnLoss(this.#network, x, y as LossFunction, inputs)
      : gradientsOnSamples(this.#network, x, y, inputs);
  }

  /** Copies of all weights: one entry a layer. */
  getWeights(): LayerWeights[] {
    return this.#network.engine.getParameters();
  }

  /**
   * Replaces all weights; the optimiser's state stays.
   * @throws TypeError, RangeError when a shape or a value does not fit, before anything has changed
   */
  setWeights(weights: readonly Weights[]): void {
    this.#refuseWhileTraining("setWeights");
    this.#network.engine.setParameters(whileReading(this.#network, () => readParameters(weights, this.#spec)));
  }

  /** A network in the same state, optimiser included, in a memory of its own. */
  clone(): NN {
    return new NN(new Restored({ ...this.#model(), metadata: copyMetadata(this.metadata) }) as unknown as NetworkOptions);
  }

  /**
   * weights ← (1 − tau)·own + tau·other's: a target network's soft update. The optimiser's state and scalers stay.
   * @param other a network of the same layers
   * @param tau from 0 to 1
   */
  blend(other: NN, tau: number): void {
    this.#refuseWhileTraining("blend");
    if (!isObject(other) || !(#network in other)) refuse("other", other, "an NN", true);
    const shapeOf = ({ layers }: ModelSpec): string => layers.map(({ inputs, units, bias }) => `${inputs} × ${units}${bias ? "" : " without bias"}`).join(", ");
    const [own, others] = [shapeOf(this.#spec), shapeOf(other.#spec)];
    if (own !== others) throw new RangeError(`other has layers ${others}; this network has ${own}`);
    const { engine } = other.#network;
    // Weights of a float64 network may be too large for a float32 one.
    const readable = other.dtype === this.dtype ? engine : readParameters(engine.getParameters(), this.#spec, "other.weights");
    this.#network.engine.blend(readable, fraction(tau, "tau"));
  }

  /**
   * A network of these weights: the options of the constructor and `weights` as `setWeights` takes them.
   * @throws TypeError, RangeError
   * @example
   * NN.fromWeights({ layers: [1, 1], weights: [{ kernel: [2], bias: [1] }], activation: "linear" });
   */
  static fromWeights(options: NetworkOptions & { weights: readonly Weights[] }): NN {
    if (!isObject(options)) refuse("options", options, "an object", true);
    const { weights, ...rest } = options;
    const settings = parseNetwork([rest], randomSeed);
    checkSize(settings.spec);
    return NN.#ofWeights(settings, readParameters(weights, settings.spec));
  }

  static #ofWeights(settings: Settings, parameters: LayerWeights[]): NN {
    const model = { settings, state: freshState(settings.spec, parameters), scalers: givenScalers(settings) };
    return new NN(new Restored(model) as unknown as NetworkOptions);
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
  static load(bytes: Uint8Array): NN;
  /**
   * A network of the weights in another program's safetensors file, such as a PyTorch state_dict.
   * @param options the network's, of which `layers` is required, and how to find the tensors: see `TensorOptions`
   * @throws ModelFormatError when the file is damaged or does not hold these layers; TypeError, RangeError for bad options
   * @example
   * NN.load(bytes, { layers: [4, { units: 16, activation: "relu" }, 3], loss: "categoricalCrossentropy", names: ["fc1", "fc2"] });
   */
  static load(bytes: Uint8Array, options: NetworkOptions & TensorOptions): NN;
  static load(...args: unknown[]): NN {
    const [bytes, options] = takeArguments("load", args, "bytes, options");
    if (!(bytes instanceof Uint8Array)) throw new TypeError("load takes the bytes of a file as a Uint8Array");
    if (options === undefined) return NN.#restore(() => decode(bytes));
    const { names, orientation, ...rest } = parseTensorOptions(options);
    const settings = parseNetwork([rest], randomSeed);
    checkSize(settings.spec);
    return NN.#ofWeights(settings, asFormatErrors(() => readPlainWeights(bytes, settings.spec, { names, orientation })));
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

  /** What a console shows of the network in Node, Bun and Deno. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return inspect(this.#network.settings, this.backend);
  }

  /** A table of layers, shapes and parameters, for people. */
  summary(): string {
    const { spec, learningRate } = this.#network.settings;
    return summarize(spec, this.backend, learningRate);
  }

  #model(): SavedModel {
    return { settings: this.#network.settings, state: this.#network.engine.getState(), scalers: this.#network.scalers, metadata: this.metadata };
  }

  static #restore(read: () => SavedModel): NN {
    return new NN(new Restored(asFormatErrors(read)) as unknown as NetworkOptions);
  }

  get #spec(): ModelSpec {
    return this.#network.settings.spec;
  }

  #refuseWhileTraining(method: string): void {
    if (this.#network.training) throw new Error(`${method} was called while this network is training; wait for the training to end`);
    this.#refuseWhileReading(method);
  }

  /** A getter of a row, say, may not use the network that reads it: both would write to the same memory. */
  #refuseWhileReading(method: string): void {
    if (this.#network.reading.active) throw new Error(`${method} was called while this network is reading rows; read them first`);
  }
}
