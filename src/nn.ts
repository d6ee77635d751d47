// The class NN: a thin layer over the modules for checks, data, engines and training.
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
  parseAsyncOptions,
  parseGradientOptions,
  parsePartialFitOptions,
  type AsyncFitOptions,
  type AsyncOptions,
  type FitOptions,
  type PartialFitOptions,
} from "./options/fit.js";
import { parseNetwork } from "./options/network.js";
import type { ExtraOptions, NetworkOptions, Settings } from "./options/network-types.js";
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

/** A checked model from a file, for the constructor. The class is not exported, so other code cannot create instances. */
class Restored {
  constructor(readonly model: SavedModel) {}
}

/** JavaScript engines quote the source of this function in their error message. */
const uncloneable = (): string => "a network cannot be cloned or posted: use nn.clone(), or send nn.save() and NN.load it there";

/**
 * A feed-forward network (multi-layer perceptron), trained by backpropagation.
 *
 * Rows are a list of lists, or one flat typed array, row-major; see `Matrix`.
 *
 * @example
 * const nn = new NN(2, 3, 1, 0.5, 5000, { seed: 1 });       // inputs, hidden, outputs, learning rate, epochs
 * nn.fit([[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]);
 * nn.predict([0, 1]);                                       // [0.9…]
 */
export class NN {
  readonly #network: NetworkState;
  /** Makes `structuredClone`, `postMessage` and `workerData` refuse a network; they would copy an empty object. @internal */
  readonly uncloneable = uncloneable;
  /** A JSON value of your choice, saved and loaded with the network: at most 65,536 characters, an object 4,194,304. */
  metadata: unknown;

  /**
   * The textbook network: sigmoid in all layers, biases, half squared error summed over rows, plain full-batch gradient descent, weights
   * from N(0, inputs^-1/2), float32.
   * @param inputs number of inputs
   * @param hidden number of hidden units, or a list of them, layer by layer
   * @param outputs number of outputs
   * @param learningRate the optimiser's step, or a function of the epoch
   * @param epochs the number of passes of `fit` through the rows
   * @param options any option of the general form but `layers`
   */
  constructor(
    inputs: number,
    hidden: number | readonly number[],
    outputs: number,
    learningRate: number | ((epoch: number) => number),
    epochs: number,
    options?: ExtraOptions,
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
      settings,
      engine,
      scalers: saved?.scalers ?? givenScalers(settings),
      training: false,
      threads: 1,
      reading: { active: false },
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

  /** The number of weights and biases. */
  get parameterCount(): number {
    return parameterCount(this.#spec.layers);
  }

  /** `wasm-relaxed-simd`, `wasm-simd` or `js`. */
  get backend(): Backend {
    return this.#network.engine.backend;
  }

  /** The number of compute threads of the current or last training. */
  get threads(): number {
    return this.#network.threads;
  }

  /**
   * Trains on rows `x` with targets `y`, continuing from the present weights and optimiser state.
   * @param x rows × inputs
   * @param y rows × outputs; with `categoricalCrossentropy` also one class index per row; with `labels` also one label per row
   * @returns the figures of each epoch
   * @throws TypeError, RangeError for bad input, before anything has changed
   * @throws DivergenceError when the loss or a weight is not finite; the network is then at its last finite epoch
   */
  fit(x: Matrix, y: Targets, options?: FitOptions): History;
  fit(...args: unknown[]): History {
    this.#refuseWhileTraining("fit");
    const [x, y, options] = takeArguments("fit", args, "x, y, options");
    return fitSync(this.#network, x, y, options);
  }

  /**
   * Trains on a stream of chunks `[x, y]`, one of which is in memory at a time: an async iterable, or a function that returns one for each
   * epoch. Chunks may have any size; a batch may span several.
   */
  fitAsync(chunks: Chunks, options?: AsyncFitOptions): Promise<History>;
  /**
   * As `fit`, but without blocking the calling thread: in workers, on the requested number of threads, or, where workers are unavailable,
   * in short slices on the event loop. During training, `predict` and other methods that only read use the weights of the last completed
   * epoch; methods that change the network throw. Rows must not be changed before the promise is settled.
   * @throws (rejects) as `fit`; with the signal's reason; when a worker dies: the network is then at its last completed epoch
   */
  fitAsync(x: Matrix, y: Targets, options?: AsyncFitOptions): Promise<History>;
  async fitAsync(...args: unknown[]): Promise<History> {
    this.#refuseWhileTraining("fitAsync");
    if (isStream(args[0])) {
      // Callers with a stream may pass `undefined` as y.
      const [chunks, options, late] = takeArguments(
        "fitAsync",
        args,
        args[1] === undefined ? "chunks, y, options" : "chunks, options",
      );
      return await fitInWorkers(this.#network, chunks, undefined, options ?? late);
    }
    const [x, y, options] = takeArguments("fitAsync", args, "x, y, options");
    return await fitInWorkers(this.#network, x, y, options);
  }

  /**
   * One optimiser step on these rows as one batch.
   * @returns the mean loss per row before the step, each row's loss multiplied by its weight
   * @throws as `fit`
   */
  partialFit(x: Matrix, y: Targets, options?: PartialFitOptions): number;
  /**
   * One optimiser step on a custom loss, with dropout, `l2` and `clipNorm`, but without averaging over rows. `x` and the outputs are scaled
   * according to the options; `targetScaling` must be fitted already, or given as numbers.
   * @returns the result of the loss function
   * @throws TypeError when the loss or its gradient is not finite; the network is then unchanged
   * @example
   * nn.partialFit(states, (outputs, gradient, rows) => {
   *   let loss = 0;
   *   for (let i = 0; i < outputs.length; i++) {
   *     const error = outputs[i] - targets[i];
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
   * One optimiser step with given gradients, in the form that `gradients` returns, such as those of a replica trained on other rows.
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
   * The network's outputs, in the form of `x`: a list of rows for a list of rows, one row for one row, a flat typed array
   * (rows × outputs) for a typed array.
   * @throws TypeError, RangeError for bad input
   */
  predict<X extends Matrix>(x: X): Predictions<X>;
  /**
   * The same for a flat typed array of rows, writing to `out`, a flat typed array of rows × outputs in the network's precision.
   * @returns `out`
   * @throws TypeError, RangeError for bad input; `out` is then unchanged
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
   * As `predict` with the present weights, but in a worker, unless the work is too small to justify one.
   * @throws (rejects) as `predict`; with the signal's reason
   */
  predictAsync<X extends Matrix>(x: X, options?: AsyncOptions): Promise<Predictions<X>>;
  async predictAsync(...args: unknown[]): Promise<unknown> {
    this.#refuseWhileReading("predictAsync");
    const [x, options] = takeArguments("predictAsync", args, "x, options");
    return await predictInWorkers(this.#network, readInputs(this.#network, x), parseAsyncOptions(options));
  }

  /**
   * An array of rows × inputs in the network's own memory and precision, which `predict`, `fit` and other methods do not copy. Further
   * calls return the same memory. Training on more rows may grow the memory, which detaches this array (length 0); call `inputBuffer` again.
   * @throws RangeError when `rows` is not a positive integer, or the memory is exhausted
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
   * Each row's class: the index of its largest output (the first, among equals); for one output, 1 if it is above 0.5, else 0. A network
   * with `labels` returns these instead: `predictClasses<string>(x)`.
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

  /** The mean data loss per row, without dropout; with the two cross-entropies also the fraction of correct predictions. */
  evaluate(x: Matrix, y: Targets): { loss: number; accuracy?: number };
  evaluate(...args: unknown[]): { loss: number; accuracy?: number } {
    this.#refuseWhileReading("evaluate");
    const [x, y] = takeArguments("evaluate", args, "x, y");
    const samples = readSamples(this.#network, x, y);
    const scaled = this.#network.scalers ? scaleSamples(samples, this.#network.scalers) : samples;
    return figures(this.#network.engine.evaluate(scaled.x, scaled.y), samples.x.count, isCrossentropy(this.#spec.loss));
  }

  /**
   * The gradient of the objective for these rows as one batch, including l2, without dropout; nothing is updated. With `{ inputs: true }`
   * also ∂C/∂x.
   * @throws TypeError, RangeError for bad input
   */
  gradients(x: Matrix, y: Targets, options: { inputs: true }): InputGradients;
  gradients(x: Matrix, y: Targets, options?: { inputs?: boolean }): Gradients;
  /** The same for a custom loss; nothing is averaged over rows. */
  gradients(x: Matrix, loss: LossFunction, options: { inputs: true }): InputGradients;
  gradients(x: Matrix, loss: LossFunction, options?: { inputs?: boolean }): Gradients;
  gradients(...args: unknown[]): Gradients {
    this.#refuseWhileReading("gradients");
    const [x, y, options] = takeArguments("gradients", args, "x, y, options");
    const { inputs = false } = parseGradientOptions(options);
    return typeof y === "function"
      ? gradientsOnLoss(this.#network, x, y as LossFunction, inputs)
      : gradientsOnSamples(this.#network, x, y, inputs);
  }

  /** Copies of all weights, one entry per layer. */
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

  /** An independent copy of the network, including its optimiser state. */
  clone(): NN {
    return new NN(new Restored({ ...this.#model(), metadata: copyMetadata(this.metadata) }) as unknown as NetworkOptions);
  }

  /**
   * weights ← (1 − tau)·own + tau·other's: the soft update of a target network. Optimiser state and scalers stay.
   * @param other a network of the same layers
   * @param tau from 0 to 1
   */
  blend(other: NN, tau: number): void {
    this.#refuseWhileTraining("blend");
    if (!isObject(other) || !(#network in other)) refuse("other", other, "an NN", true);
    const shapeOf = ({ layers }: ModelSpec): string =>
      layers.map(({ inputs, units, bias }) => `${inputs} × ${units}${bias ? "" : " without bias"}`).join(", ");
    const [own, others] = [shapeOf(this.#spec), shapeOf(other.#spec)];
    if (own !== others) throw new RangeError(`other has layers ${others}; this network has ${own}`);
    const { engine } = other.#network;
    // Weights of a float64 network may be too large for a float32 one.
    const readable = other.dtype === this.dtype ? engine : readParameters(engine.getParameters(), this.#spec, "other.weights");
    this.#network.engine.blend(readable, fraction(tau, "tau"));
  }

  /**
   * Creates a network with given weights.
   * @param options the constructor's options, and `weights` in the form of `setWeights`
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
   * The network as one safetensors file: weights as `layers.N.weight` ([units, inputs], PyTorch's shape) and `layers.N.bias`; the metadata
   * has everything else that further training needs: options, scalers, optimiser state, counters. A learning-rate schedule is saved as its
   * present value.
   */
  save(): Uint8Array<ArrayBuffer> {
    return encode(this.#model());
  }

  /**
   * Loads a network saved by `save`; training continues as if it had never stopped.
   * @throws ModelFormatError
   */
  static load(bytes: Uint8Array): NN;
  /**
   * Creates a network with the weights of another program's safetensors file, such as a PyTorch state_dict.
   * @param options the constructor's options, of which `layers` is required, and those for finding the tensors: see `TensorOptions`
   * @throws ModelFormatError when the file is damaged or does not contain these layers; TypeError, RangeError for bad options
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
    return NN.#ofWeights(
      settings,
      asFormatErrors(() => readPlainWeights(bytes, settings.spec, { names, orientation })),
    );
  }

  /** The network as a JSON value, with the same contents as `save`; `JSON.stringify(nn)` calls this. */
  toJSON(): ModelJSON {
    return toJSON(this.#model());
  }

  /**
   * Creates a network from the result of `toJSON`.
   * @throws ModelFormatError
   */
  static fromJSON(value: unknown): NN {
    return NN.#restore(() => fromJSON(value));
  }

  /** The text that the console of Node, Bun and Deno shows. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return inspect(this.#network.settings, this.backend);
  }

  /** A text with a table of layers, shapes and parameters. */
  summary(): string {
    const { spec, learningRate } = this.#network.settings;
    return summarize(spec, this.backend, learningRate);
  }

  #model(): SavedModel {
    return {
      settings: this.#network.settings,
      state: this.#network.engine.getState(),
      scalers: this.#network.scalers,
      metadata: this.metadata,
    };
  }

  static #restore(read: () => SavedModel): NN {
    return new NN(new Restored(asFormatErrors(read)) as unknown as NetworkOptions);
  }

  get #spec(): ModelSpec {
    return this.#network.settings.spec;
  }

  #refuseWhileTraining(method: string): void {
    if (this.#network.training)
      throw new Error(`${method} was called while this network is training; wait for the training to end`);
    this.#refuseWhileReading(method);
  }

  /** Refuses a call from a getter of the rows that the network is reading: both calls would write to the same memory. */
  #refuseWhileReading(method: string): void {
    if (this.#network.reading.active) throw new Error(`${method} was called while this network is reading rows; read them first`);
  }
}
