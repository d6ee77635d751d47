// A network's forward and backward pass over a tile of rows, in scratch arrays that are made once and used again.
import { createArray } from "../parameters.js";
import { dropoutKey, dropoutThreshold, isKept } from "../random.js";
import type { FloatArray, LayerParameters, ModelSpec } from "../spec.js";
import { activationFunctions } from "./js-activations.js";
import type { ActivationFunction } from "./js-activations.js";
import { addBiasGradient, addKernelGradient, multiply, multiplyTransposed } from "./js-dense.js";
import { accuracies, outputLoss } from "./js-losses.js";
import type { Accuracy, OutputLoss } from "./js-losses.js";
import type { Totals } from "./engine.js";

/** The most rows a tile has: scratch memory does not grow beyond them. */
export const TILE_ROWS = 256;

/** In place of the number of an optimiser step: no dropout. */
const INFERENCE = -1;

/** One layer's values for the tile's rows. */
interface LayerScratch {
  sums: FloatArray;
  /** The activation's values; the same array as `sums` where nothing needs those. */
  outputs: FloatArray;
  /** What the next layer takes in training: `outputs` after dropout; the same array where there is none. */
  passed: FloatArray;
  /** The objective's derivatives by `passed`, then by `outputs`, then by `sums`. */
  deltas: FloatArray;
}

export class Tile {
  /** The rows' inputs, targets and weights, for the caller to fill. */
  x: FloatArray;
  targets: FloatArray;
  weights = new Float64Array(0);

  private readonly activations: ActivationFunction[];
  private readonly loss: OutputLoss;
  private readonly accuracy: Accuracy | undefined;
  private readonly layers: LayerScratch[] = [];
  private capacity = 0;

  constructor(private readonly spec: ModelSpec, private readonly parameters: readonly LayerParameters[]) {
    const last = spec.layers[spec.layers.length - 1];
    this.activations = spec.layers.map(({ activation }) => activationFunctions[activation]);
    this.loss = outputLoss(spec.loss, last.activation);
    this.accuracy = accuracies[spec.loss];
    this.x = this.targets = createArray(spec.dtype, 0);
  }

  get outputs(): FloatArray {
    return this.layers[this.layers.length - 1].outputs;
  }

  /** Makes room for `rows` rows, or for the most that a tile has; returns how many that is. */
  reserve(rows: number): number {
    const needed = Math.min(rows, TILE_ROWS);
    if (needed > this.capacity) {
      const { layers, dtype } = this.spec;
      this.capacity = needed;
      this.x = createArray(dtype, needed * layers[0].inputs);
      this.targets = createArray(dtype, needed * layers[layers.length - 1].units);
      this.weights = new Float64Array(needed);
      layers.forEach(({ units, dropout }, l) => {
        const sums = createArray(dtype, needed * units);
        const keepsSums = this.activations[l].needsSums || (l === layers.length - 1 && this.loss.by === "sums");
        const outputs = keepsSums ? createArray(dtype, needed * units) : sums;
        const passed = dropout > 0 ? createArray(dtype, needed * units) : outputs;
        this.layers[l] = { sums, outputs, passed, deltas: createArray(dtype, needed * units) };
      });
    }
    return needed;
  }

  /**
   * Computes the outputs of the first `rows` rows. With dropout, when the number of an optimiser step is given; then
   * `first` says which row of the batch the tile begins with.
   */
  predict(rows: number, step = INFERENCE, first = 0): void {
    const { layers } = this.spec;
    let input = this.x;
    for (let l = 0; l < layers.length; l++) {
      const { kernel, bias } = this.parameters[l];
      const { sums, outputs, passed } = this.layers[l];
      multiply(input, kernel, bias, sums, rows, layers[l].inputs, layers[l].units);
      this.activations[l].apply(sums, outputs, rows, layers[l].units);
      if (step !== INFERENCE && passed !== outputs) this.drop(l, outputs, passed, rows, step, first);
      input = step === INFERENCE ? outputs : passed;
    }
  }

  /** Adds the loss and the right answers of the rows last computed to `totals`. */
  measure(rows: number, totals: Totals): void {
    const { layers } = this.spec;
    const units = layers[layers.length - 1].units;
    const { outputs, sums } = this.layers[layers.length - 1];
    for (let row = 0; row < rows; row++) {
      const loss = this.loss.value(outputs, this.targets, row * units, units, sums);
      // A float32 network's losses are float32: they overflow where they do in WebAssembly.
      totals.loss += this.weights[row] * (this.spec.dtype === "float32" ? Math.fround(loss) : loss);
      if (this.accuracy) totals.correct += this.accuracy(outputs, this.targets, row * units, units);
    }
  }

  /**
   * Adds the gradient of scale · Σ (row weight · loss) over the rows to `gradients`. Follows a `predict` of the same
   * rows, `step` and `first`.
   */
  differentiate(
    rows: number, scale: number, gradients: readonly LayerParameters[], step = INFERENCE, first = 0,
  ): void {
    const { layers } = this.spec;
    const last = layers.length - 1;
    this.startDeltas(rows, scale);
    for (let l = last; l >= 0; l--) {
      const { inputs, units } = layers[l];
      const { sums, outputs, passed, deltas } = this.layers[l];
      if (step !== INFERENCE && passed !== outputs) this.drop(l, deltas, deltas, rows, step, first);
      if (l < last || this.loss.by === "outputs") this.activations[l].chain(deltas, outputs, sums, rows, units);
      const { kernel, bias } = gradients[l];
      if (bias) addBiasGradient(deltas, bias, rows, units);
      if (l === 0) {
        addKernelGradient(this.x, deltas, kernel, rows, inputs, units);
      } else {
        const below = this.layers[l - 1];
        addKernelGradient(step === INFERENCE ? below.outputs : below.passed, deltas, kernel, rows, inputs, units);
        multiplyTransposed(deltas, this.parameters[l].kernel, below.deltas, rows, inputs, units);
      }
    }
  }

  private startDeltas(rows: number, scale: number): void {
    const { layers } = this.spec;
    const units = layers[layers.length - 1].units;
    const { outputs, sums, deltas } = this.layers[layers.length - 1];
    for (let row = 0; row < rows; row++) {
      this.loss.differentiate(outputs, this.targets, row * units, units, sums, scale * this.weights[row], deltas);
    }
  }

  /** Inverted dropout: a share of the values becomes 0, the others grow so that the expectation stays. */
  private drop(l: number, from: FloatArray, to: FloatArray, rows: number, step: number, first: number): void {
    const { units, dropout } = this.spec.layers[l];
    const key = dropoutKey(this.spec.seed, step, l);
    const threshold = dropoutThreshold(dropout);
    const growth = 1 / (1 - dropout);
    for (let i = 0, element = first * units; i < rows * units; i++, element++) {
      to[i] = isKept(element, key, threshold) ? from[i] * growth : 0;
    }
  }
}
