// A network's forward and backward pass over a tile of rows, in scratch arrays that are reused.
import { createArray } from "../../model/parameters.js";
import { dropoutKey, dropoutThreshold, isKept } from "../../model/random.js";
import type { FloatArray, LayerParameters, ModelSpec } from "../../model/spec.js";
import type { Totals } from "../engine.js";
import { activationFunctions } from "./activations.js";
import type { ActivationFunction } from "./activations.js";
import { addBiasGradient, addKernelGradient, multiply, multiplyTransposed } from "./dense.js";
import { accuracies, givenLoss, outputLoss, weightedValue } from "./losses.js";
import type { Accuracy, OutputLoss } from "./losses.js";

/** The maximum number of rows per tile, which limits the scratch memory. */
export const TILE_ROWS = 256;

/** In place of the number of an optimiser step: no dropout is applied. */
const INFERENCE = -1;

/** One layer's values for the tile's rows. */
interface LayerScratch {
  sums: FloatArray;
  /** The activation's values; the same array as `sums` where the sums are not needed afterwards. */
  outputs: FloatArray;
  /** The next layer's inputs in training: `outputs` after dropout; the same array without dropout. */
  passed: FloatArray;
  /** The objective's derivatives with respect to `passed`, then `outputs`, then `sums`. */
  deltas: FloatArray;
}

export class Tile {
  /** The rows' inputs, targets and weights, for the caller to fill. */
  x!: FloatArray;
  targets!: FloatArray;
  weights!: Float64Array;
  /** The outputs' weights, rows × outputs; undefined where all are 1. */
  outputWeights: FloatArray | undefined;

  readonly #spec: ModelSpec;
  readonly #parameters: readonly LayerParameters[];
  readonly #activations: ActivationFunction[];
  #loss: OutputLoss;
  #outputWeights: FloatArray | undefined;
  readonly #accuracy: Accuracy | undefined;
  readonly #units: number;
  #scratch: LayerScratch[] = [];
  #capacity = 0;

  constructor(spec: ModelSpec, parameters: readonly LayerParameters[]) {
    const { activation, units } = spec.layers.at(-1)!;
    this.#spec = spec;
    this.#parameters = parameters;
    this.#activations = spec.layers.map((layer) => activationFunctions[layer.activation]);
    this.#loss = outputLoss(spec.loss, activation);
    this.#accuracy = accuracies[spec.loss];
    this.#units = units;
  }

  get #last(): LayerScratch {
    return this.#scratch.at(-1)!;
  }

  get outputs(): FloatArray {
    return this.#last.outputs;
  }

  /** An array for the output weights of the tile's rows. */
  outputWeightsOf(units: number): FloatArray {
    const length = this.#capacity * units;
    if (this.#outputWeights?.length !== length) this.#outputWeights = createArray(this.#spec.dtype, length);
    return this.#outputWeights;
  }

  /** Runs `work`; where `given`, with derivatives with respect to the outputs in place of the targets. */
  withLoss<R>(given: boolean, work: () => R): R {
    const loss = this.#loss;
    if (given) this.#loss = givenLoss;
    try {
      return work();
    } finally {
      this.#loss = loss;
    }
  }

  /** Allocates scratch for `rows` rows, at most a tile; returns the number of rows of a tile. */
  reserve(rows: number): number {
    const needed = Math.min(rows, TILE_ROWS);
    if (needed > this.#capacity) {
      const { layers, dtype } = this.#spec;
      const array = (columns: number): FloatArray => createArray(dtype, needed * columns);
      this.#capacity = needed;
      this.x = array(layers[0].inputs);
      this.targets = array(this.#units);
      this.weights = new Float64Array(needed);
      this.#scratch = layers.map(({ units, dropout }, l) => {
        const sums = array(units);
        const keepsSums = this.#activations[l].needsSums || (l === layers.length - 1 && this.#loss.by === "sums");
        const outputs = keepsSums ? array(units) : sums;
        return { sums, outputs, passed: dropout ? array(units) : outputs, deltas: array(units) };
      });
    }
    return needed;
  }

  /**
   * Computes the outputs of the first `rows` rows.
   * @param step the number of the optimiser step, which makes dropout apply
   * @param first the index in the batch of the tile's first row
   */
  predict(rows: number, step = INFERENCE, first = 0): void {
    let input = this.x;
    const { layers } = this.#spec;
    for (let l = 0; l < layers.length; l++) {
      const { inputs, units } = layers[l];
      const { kernel, bias } = this.#parameters[l];
      const { sums, outputs } = this.#scratch[l];
      multiply(input, kernel, bias, sums, rows, inputs, units);
      this.#activations[l].apply(sums, outputs, rows, units);
      input = this.#passed(l, step);
      if (input !== outputs) this.#drop(l, outputs, input, rows, step, first);
    }
  }

  /** Adds the loss and the correct predictions of the last computed rows to `totals`. */
  measure(rows: number, totals: Totals): void {
    const units = this.#units;
    const { outputs, sums } = this.#last;
    const targets = this.#lossTargets(rows);
    const weights = targets === this.targets ? this.outputWeights : undefined;
    for (let row = 0; row < rows; row++) {
      const loss = weights
        ? weightedValue(this.#loss, outputs, targets, row * units, units, sums, weights)
        : this.#loss.value(outputs, targets, row * units, units, sums);
      // A float32 network's losses are float32, so that they overflow as in WebAssembly.
      // A weight of 0 also masks a loss that overflows.
      if (this.weights[row] !== 0) totals.loss += this.weights[row] * (this.#spec.dtype === "float32" ? Math.fround(loss) : loss);
      if (this.#accuracy) totals.correct += this.#accuracy(outputs, this.targets, row * units, units);
    }
  }

  /**
   * Adds the gradient of scale · Σ (row weight · loss) over the rows to `gradients`. Follows a `predict` of the same
   * rows, `step` and `first`.
   */
  differentiate(rows: number, scale: number, gradients: readonly LayerParameters[], step = INFERENCE, first = 0): void {
    const { layers } = this.#spec;
    const last = layers.length - 1;
    this.#startDeltas(rows, scale);
    for (let l = last; l >= 0; l--) {
      const { inputs, units } = layers[l];
      const { sums, outputs, deltas } = this.#scratch[l];
      if (this.#passed(l, step) !== outputs) this.#drop(l, deltas, deltas, rows, step, first);
      if (l < last || this.#loss.by === "outputs") this.#activations[l].chain(deltas, outputs, sums, rows, units);
      const { kernel, bias } = gradients[l];
      if (bias) addBiasGradient(deltas, bias, rows, units);
      addKernelGradient(l ? this.#passed(l - 1, step) : this.x, deltas, kernel, rows, inputs, units);
      if (l) multiplyTransposed(deltas, this.#parameters[l].kernel, this.#scratch[l - 1].deltas, rows, inputs, units);
    }
  }

  /** ∂(objective)/∂inputs of the last differentiated rows. */
  inputGradients(rows: number, to: FloatArray): void {
    const { inputs, units } = this.#spec.layers[0];
    multiplyTransposed(this.#scratch[0].deltas, this.#parameters[0].kernel, to, rows, inputs, units);
  }

  #startDeltas(rows: number, scale: number): void {
    const units = this.#units;
    const { outputs, sums, deltas } = this.#last;
    const targets = this.#lossTargets(rows);
    for (let row = 0; row < rows; row++) {
      this.#loss.differentiate(outputs, targets, row * units, units, sums, scale * this.weights[row], deltas);
    }
    const weights = targets === this.targets ? this.outputWeights : undefined;
    if (weights) for (let i = 0; i < rows * units; i++) deltas[i] *= weights[i];
  }

  /** The targets of the loss, multiplied by the output weights where the loss is linear in the targets. */
  #lossTargets(rows: number): FloatArray {
    const { outputWeights, targets } = this;
    if (!outputWeights || !this.#loss.isLinearInTargets) return targets;
    return targets.subarray(0, rows * this.#units).map((target, i) => target * outputWeights[i]);
  }

  /** The inputs of the next layer: in training the outputs after dropout. */
  #passed(l: number, step: number): FloatArray {
    const { outputs, passed } = this.#scratch[l];
    return step === INFERENCE ? outputs : passed;
  }

  /** Inverted dropout: a fraction of the values becomes 0, the others are scaled up to keep the expectation. */
  #drop(l: number, from: FloatArray, to: FloatArray, rows: number, step: number, first: number): void {
    const { units, dropout } = this.#spec.layers[l];
    const key = dropoutKey(this.#spec.seed, step, l);
    const threshold = dropoutThreshold(dropout);
    const growth = 1 / (1 - dropout);
    for (let i = 0, element = first * units; i < rows * units; i++, element++) {
      to[i] = isKept(element, key, threshold) ? from[i] * growth : 0;
    }
  }
}
