// Shared by the suites of engines: every engine and build, small models, seeded numbers, and comparisons.
import { runToEnd, type Engine, type Rows, type Slice, type SliceReport, type TrainingSet } from "../../src/engine/engine.js";
import { JsEngine } from "../../src/engine/js/engine.js";
import { WasmEngine } from "../../src/engine/wasm/engine.js";
import { initialParameters } from "../../src/model/initializers.js";
import { uniform, xoshiro128 } from "../../src/model/random.js";
import type { Activation, Dtype, FloatArray, Layer, LayerParameters, Loss, ModelSpec, Optimizer } from "../../src/model/spec.js";
import { BUILDS } from "../backends.js";

export { expectClose, flat } from "../support.js";

export interface EngineCase {
  readonly name: string;
  /** An engine over these parameters, by default the initial ones of the specification's seed. */
  readonly create: (spec: ModelSpec, parameters?: readonly LayerParameters[]) => Engine;
}

const initial = (spec: ModelSpec): LayerParameters[] => initialParameters(spec.layers, spec.dtype, spec.seed);

export const ENGINES: readonly EngineCase[] = [
  { name: "js", create: (spec, parameters = initial(spec)) => new JsEngine(spec, parameters) },
  ...BUILDS.map((build): EngineCase => ({
    name: `wasm ${build}`,
    create: (spec, parameters = initial(spec)) => new WasmEngine(spec, parameters, build),
  })),
];

export const plainSgd: Optimizer = {
  name: "sgd",
  momentum: 0,
  nesterov: false,
  rho: 0.9,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
};

/** A specification from layer sizes and activations; dropout 0, biases, float64 unless told otherwise. */
export function model(sizes: number[], activations: Activation[], options: Partial<ModelSpec> = {}): ModelSpec {
  const layers: Layer[] = activations.map((activation, l) => ({
    inputs: sizes[l],
    units: sizes[l + 1],
    activation,
    bias: true,
    dropout: 0,
    initializer: "glorotUniform",
  }));
  return {
    layers,
    loss: "halfSquaredError",
    optimizer: plainSgd,
    reduction: "mean",
    l2: 0,
    clipNorm: Infinity,
    dtype: "float64",
    seed: 1,
    ...options,
  };
}

/** The same with a change to some layers. */
export function withLayers(spec: ModelSpec, ...changes: Partial<Layer>[]): ModelSpec {
  return { ...spec, layers: spec.layers.map((layer, l) => ({ ...layer, ...changes[l] })) };
}

export function matrix(values: ArrayLike<number>, columns: number): Rows {
  return {
    count: values.length / columns,
    columns,
    write(target, first, count) {
      for (let i = 0; i < count * columns; i++) target[i] = values[first * columns + i];
    },
  };
}

export function randoms(length: number, seed: number): Float64Array {
  const random = xoshiro128(seed);
  return Float64Array.from({ length }, () => 2 * uniform(random) - 1);
}

/** Targets that suit a loss: any number; or soft truths in [0, 1] for the cross-entropies. */
export function targetsFor(loss: Loss, length: number, seed: number): Float64Array {
  const values = randoms(length, seed);
  return loss.endsWith("Crossentropy") ? values.map((value) => (value + 1) / 2) : values;
}

export function trainingSet(x: Rows, y: Rows, options: Partial<TrainingSet> = {}): TrainingSet {
  return { x, y, batchSize: 32, shuffle: false, ...options };
}

/** Brings a training set in, all at once. */
export function prepare(engine: Engine, set: TrainingSet): void {
  runToEnd(engine.prepare(set));
}

/** Trains here and now. */
export function train(engine: Engine, slice: Slice): SliceReport {
  const call = engine.train(slice);
  return call.finish(call.runLocally());
}

export function floats(dtype: Dtype, length: number): FloatArray {
  return dtype === "float32" ? new Float32Array(length) : new Float64Array(length);
}

/** The outputs for some rows. */
export function predictions(engine: Engine, x: Rows, outputs: number, dtype: Dtype = "float64"): number[] {
  const out = floats(dtype, x.count * outputs);
  engine.predict(x, out);
  return [...out];
}

export function unflat(like: readonly LayerParameters[], values: readonly number[]): LayerParameters[] {
  let at = 0;
  const take = ({ length }: FloatArray): Float64Array => Float64Array.from(values.slice(at, (at += length)));
  return like.map(({ kernel, bias }) => (bias ? { kernel: take(kernel), bias: take(bias) } : { kernel: take(kernel) }));
}

/** Parameters of one layer of n units that passes its inputs unchanged to the activation. */
export function identity(n: number): LayerParameters[] {
  return [{ kernel: Float64Array.from({ length: n * n }, (_, i) => Number(i % (n + 1) === 0)), bias: new Float64Array(n) }];
}
