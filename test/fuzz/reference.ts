// A network in plain float64 arrays, as a textbook or NumPy would write it: the oracle of test/fuzz. It shares nothing with the library but
// the formulas that its documentation promises.
import type { LayerWeights, LossFunction } from "../../src/index.js";

export interface ReferenceOptions {
  /** The number of inputs, then that of each layer's units. */
  readonly sizes: readonly number[];
  readonly activations: readonly (keyof typeof ACTIVATIONS | "softmax")[];
  readonly loss: keyof typeof LOSSES | "categoricalCrossentropy";
  readonly optimizer: {
    readonly name: "sgd" | "rmsprop" | "adam" | "adamw";
    readonly learningRate: number;
    readonly momentum?: number;
    readonly nesterov?: boolean;
    readonly epsilon?: number;
    readonly weightDecay?: number;
  };
  readonly reduction: "mean" | "sum";
  readonly l2: number;
  readonly clipNorm: number;
}

/** f, and f′ from the sum z and the output a. */
const ACTIVATIONS = {
  linear: [(z: number) => z, () => 1],
  sigmoid: [(z: number) => 1 / (1 + Math.exp(-z)), (_z: number, a: number) => a * (1 - a)],
  tanh: [Math.tanh, (_z: number, a: number) => 1 - a * a],
  softplus: [(z: number) => Math.log1p(Math.exp(z)), (z: number) => 1 / (1 + Math.exp(-z))],
  elu: [(z: number) => (z > 0 ? z : Math.expm1(z)), (z: number) => (z > 0 ? 1 : Math.exp(z))],
  swish: [
    (z: number) => z / (1 + Math.exp(-z)),
    (z: number) => {
      const s = 1 / (1 + Math.exp(-z));
      return s + z * s * (1 - s);
    },
  ],
} satisfies Record<string, [(z: number) => number, (z: number, a: number) => number]>;

/** What an output p with target t adds to its row's loss, and the derivative by p; n outputs. */
const LOSSES = {
  halfSquaredError: [(p: number, t: number) => (t - p) ** 2 / 2, (p: number, t: number) => p - t],
  squaredError: [(p: number, t: number) => (t - p) ** 2, (p: number, t: number) => 2 * (p - t)],
  meanSquaredError: [
    (p: number, t: number, n: number) => (t - p) ** 2 / n,
    (p: number, t: number, n: number) => (2 * (p - t)) / n,
  ],
  huber: [
    (p: number, t: number, n: number) => {
      const e = Math.abs(p - t);
      return (e < 1 ? (e * e) / 2 : e - 0.5) / n;
    },
    (p: number, t: number, n: number) => Math.max(-1, Math.min(1, p - t)) / n,
  ],
} satisfies Record<string, [(p: number, t: number, n: number) => number, (p: number, t: number, n: number) => number]>;

type Table = number[][];
interface Parameters {
  kernel: Table;
  bias: number[] | undefined;
}
export interface Batch {
  readonly x: Table;
  readonly y: Table;
  readonly sampleWeight?: number[] | undefined;
  readonly outputWeight?: Table | undefined;
}

const zip = (a: Parameters, b: Parameters, f: (a: number, b: number) => number): Parameters => ({
  kernel: a.kernel.map((row, i) => row.map((value, j) => f(value, b.kernel[i]![j]!))),
  bias: a.bias?.map((value, j) => f(value, b.bias![j]!)),
});
const map = (a: Parameters, f: (a: number) => number): Parameters => zip(a, a, f);
const numbersOf = (layers: readonly Parameters[]): number[] =>
  layers.flatMap(({ kernel, bias }) => [...kernel.flat(), ...(bias ?? [])]);

/** Weights as the library gives them, as tables. */
function layersOf(sizes: readonly number[], weights: readonly LayerWeights[]): Parameters[] {
  return weights.map(({ kernel, bias }, l) => {
    const units = sizes[l + 1]!;
    return {
      kernel: Array.from({ length: sizes[l]! }, (_, i) => Array.from(kernel.subarray(i * units, (i + 1) * units))),
      bias: bias && Array.from(bias),
    };
  });
}

export class Reference {
  layers: Parameters[];
  #first: Parameters[];
  #second: Parameters[];
  #steps = 0;

  constructor(
    readonly options: ReferenceOptions,
    weights: readonly LayerWeights[],
  ) {
    this.layers = layersOf(options.sizes, weights);
    this.#first = this.layers.map((layer) => map(layer, () => 0));
    this.#second = this.#first;
  }

  clone(): Reference {
    const other = new Reference(this.options, []);
    [other.layers, other.#first, other.#second, other.#steps] = [this.layers, this.#first, this.#second, this.#steps];
    return other;
  }

  get numbers(): number[] {
    return numbersOf(this.layers);
  }

  /** The sums and the outputs of each layer, for one row; the inputs first. */
  #forward(x: number[]): { z: number[]; a: number[] }[] {
    const done = [{ z: x, a: x }];
    this.layers.forEach(({ kernel, bias }, l) => {
      const below = done.at(-1)!.a;
      const z = kernel[0]!.map((_, j) => below.reduce((sum, value, i) => sum + value * kernel[i]![j]!, bias?.[j] ?? 0));
      const name = this.options.activations[l]!;
      const exps = z.map((value) => Math.exp(value - Math.max(...z)));
      const total = exps.reduce((sum, value) => sum + value);
      done.push({
        z,
        a: name === "softmax" ? exps.map((value) => value / total) : z.map((value) => ACTIVATIONS[name][0](value)),
      });
    });
    return done;
  }

  predict(x: Table): Table {
    return x.map((row) => this.#forward(row).at(-1)!.a);
  }

  /** A row's loss, and its derivatives by the last layer's sums. */
  #compare({ z, a }: { z: number[]; a: number[] }, t: number[], weights: number[]): { loss: number; delta: number[] } {
    const { loss, activations } = this.options;
    if (loss === "categoricalCrossentropy") {
      const total = t.reduce((sum, value, j) => sum + weights[j]! * value, 0);
      return {
        loss: -t.reduce((sum, value, j) => sum + weights[j]! * value * Math.log(a[j]!), 0),
        delta: a.map((p, j) => p * total - weights[j]! * t[j]!),
      };
    }
    const [value, slope] = LOSSES[loss];
    return {
      loss: a.reduce((sum, p, j) => sum + weights[j]! * value(p, t[j]!, a.length), 0),
      delta: this.#throughLast(
        z,
        a,
        a.map((p, j) => weights[j]! * slope(p, t[j]!, a.length)),
        activations.at(-1)!,
      ),
    };
  }

  #throughLast(z: number[], a: number[], slopes: number[], name: ReferenceOptions["activations"][number]): number[] {
    if (name !== "softmax") return slopes.map((slope, j) => slope * ACTIVATIONS[name][1](z[j]!, a[j]!));
    const inner = slopes.reduce((sum, slope, j) => sum + slope * a[j]!, 0);
    return slopes.map((slope, j) => a[j]! * (slope - inner));
  }

  /** Σ over rows of the loss, and the objective's gradient; `given`: ∂loss/∂outputs instead of targets. */
  gradients({ x, y, sampleWeight, outputWeight }: Batch, given?: Table): { loss: number; layers: Parameters[] } {
    const { reduction, l2, activations } = this.options;
    const divisor = reduction === "mean" && !given ? x.length : 1;
    let total = 0;
    let sums = this.layers.map((layer) => ({ ...map(layer, (w) => l2 * w), bias: layer.bias?.map(() => 0) }));
    x.forEach((row, r) => {
      const done = this.#forward(row);
      const last = done.at(-1)!;
      const weight = sampleWeight?.[r] ?? 1;
      let delta: number[];
      if (given) delta = this.#throughLast(last.z, last.a, given[r]!, activations.at(-1)!);
      else {
        const compared = this.#compare(last, y[r]!, outputWeight?.[r] ?? y[r]!.map(() => 1));
        total += weight * compared.loss;
        delta = compared.delta.map((value) => (value * weight) / divisor);
      }
      for (let l = this.layers.length - 1; l >= 0; l--) {
        const { kernel } = this.layers[l]!,
          below = done[l]!,
          now = delta;
        const added = { kernel: below.a.map((value) => now.map((d) => value * d)), bias: sums[l]!.bias && now };
        sums = sums.map((each, k) => (k === l ? zip(each, added, (a, b) => a + b) : each));
        if (l === 0) break;
        const name = activations[l - 1] as keyof typeof ACTIVATIONS;
        delta = kernel.map(
          (weights, i) => weights.reduce((sum, w, j) => sum + w * now[j]!, 0) * ACTIVATIONS[name][1](below.z[i]!, below.a[i]!),
        );
      }
    });
    return { loss: total, layers: sums };
  }

  /** One step by gradients, clipped, by PyTorch's formulas. */
  update(gradients: Parameters[]): void {
    const {
      optimizer: { name, learningRate: rate, momentum = 0, nesterov, epsilon = 1e-8, weightDecay = 0.01 },
      clipNorm,
    } = this.options;
    const norm = Math.hypot(...numbersOf(gradients));
    const factor = Math.min(1, clipNorm / (norm + 1e-6));
    const g = gradients.map((layer) => map(layer, (value) => value * factor));
    const each = (a: Parameters[], b: Parameters[], f: (a: number, b: number) => number): Parameters[] =>
      a.map((layer, l) => zip(layer, b[l]!, f));
    this.#steps++;
    let direction = g;
    if (name === "sgd" && momentum) {
      this.#first = each(this.#first, g, (v, slope) => momentum * v + slope);
      direction = nesterov ? each(g, this.#first, (slope, v) => slope + momentum * v) : this.#first;
    } else if (name === "rmsprop") {
      this.#second = each(this.#second, g, (v, slope) => 0.9 * v + 0.1 * slope * slope);
      direction = each(g, this.#second, (slope, v) => slope / (Math.sqrt(v) + epsilon));
    } else if (name !== "sgd") {
      this.#first = each(this.#first, g, (m, slope) => 0.9 * m + 0.1 * slope);
      this.#second = each(this.#second, g, (v, slope) => 0.999 * v + 0.001 * slope * slope);
      const [one, two] = [1 - 0.9 ** this.#steps, 1 - 0.999 ** this.#steps];
      direction = each(this.#first, this.#second, (m, v) => m / one / (Math.sqrt(v / two) + epsilon));
    }
    const kept = name === "adamw" ? 1 - rate * weightDecay : 1;
    this.layers = each(this.layers, direction, (w, d) => kept * w - rate * d);
  }

  /** One step on a batch; returns the sum of its rows' losses before. */
  step(batch: Batch): number {
    const { loss, layers } = this.gradients(batch);
    this.update(layers);
    return loss;
  }

  /** Returns the mean loss of each epoch. */
  fit({ x, y, sampleWeight, outputWeight }: Batch, epochs: number, batchSize: number): number[] {
    return Array.from({ length: epochs }, () => {
      let loss = 0;
      for (let from = 0; from < x.length; from += batchSize) {
        const [rows, targets, weights, masks] = [x, y, sampleWeight, outputWeight].map((list) =>
          list?.slice(from, from + batchSize),
        );
        loss += this.step({
          x: rows as Table,
          y: targets as Table,
          sampleWeight: weights as number[],
          outputWeight: masks as Table,
        });
      }
      return loss / x.length;
    });
  }

  stepOnLoss(x: Table, loss: LossFunction): number {
    const outputs = this.predict(x),
      units = outputs[0]!.length;
    const gradient = new Float64Array(x.length * units);
    const value = loss(Float64Array.from(outputs.flat()), gradient, x.length);
    this.update(
      this.gradients(
        { x, y: outputs },
        x.map((_, r) => Array.from(gradient.subarray(r * units, (r + 1) * units))),
      ).layers,
    );
    return value;
  }

  blend(other: Reference, tau: number): void {
    this.layers = this.layers.map((layer, l) => zip(layer, other.layers[l]!, (own, its) => (1 - tau) * own + tau * its));
  }
}
