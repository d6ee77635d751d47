// The plain TypeScript engine against what shares nothing with it: finite differences, steps worked by hand, naive
// products and formulas copied from papers.
import { describe, expect, test } from "vitest";
import type { Engine, Rows, TrainingSet } from "../src/engine/engine.js";
import { activationFunctions } from "../src/engine/js-activations.js";
import { addBiasGradient, addKernelGradient, multiply, multiplyTransposed } from "../src/engine/js-dense.js";
import { outputLoss } from "../src/engine/js-losses.js";
import { JsEngine } from "../src/engine/js.js";
import { initialParameters } from "../src/initializers.js";
import { Xoshiro128, dropoutKey, fmix32, shuffledOrder } from "../src/random.js";
import { ACTIVATIONS, LOSSES } from "../src/spec.js";
import type { Activation, Dtype, FloatArray, Layer, LayerParameters, Loss, ModelSpec, Optimizer } from "../src/spec.js";

const plainSgd: Optimizer = {
  name: "sgd", momentum: 0, nesterov: false, rho: 0.9, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01,
};

/** A specification from layer sizes and activations; dropout 0, biases, float64 unless told otherwise. */
function model(sizes: number[], activations: Activation[], options: Partial<ModelSpec> = {}): ModelSpec {
  const layers: Layer[] = activations.map((activation, l) => ({
    inputs: sizes[l], units: sizes[l + 1], activation, bias: true, dropout: 0, initializer: "glorotUniform",
  }));
  return {
    layers, loss: "halfSquaredError", optimizer: plainSgd, reduction: "mean", l2: 0, clipNorm: Infinity,
    dtype: "float64", seed: 1, ...options,
  };
}

function create(spec: ModelSpec, parameters = initialParameters(spec.layers, spec.dtype, spec.seed)): Engine {
  return new JsEngine(spec, parameters);
}

function matrix(values: ArrayLike<number>, columns: number): Rows {
  return {
    count: values.length / columns,
    columns,
    write(target, first, count) {
      for (let i = 0; i < count * columns; i++) target[i] = values[first * columns + i];
    },
  };
}

function randoms(length: number, seed: number): Float64Array {
  const random = new Xoshiro128(seed);
  return Float64Array.from({ length }, () => 2 * random.uniform() - 1);
}

/** Targets that suit a loss: any number; or soft truths in [0, 1] for the cross-entropies. */
function targetsFor(loss: Loss, length: number, seed: number): Float64Array {
  const values = randoms(length, seed);
  return loss.endsWith("Crossentropy") ? values.map((value) => (value + 1) / 2) : values;
}

function trainingSet(x: Rows, y: Rows, options: Partial<TrainingSet> = {}): TrainingSet {
  return { x, y, batchSize: 32, shuffle: false, ...options };
}

function flat(layers: readonly LayerParameters[]): number[] {
  return layers.flatMap(({ kernel, bias }) => [...kernel, ...(bias ?? [])]);
}

function unflat(like: readonly LayerParameters[], values: readonly number[]): LayerParameters[] {
  let at = 0;
  const take = ({ length }: FloatArray): Float64Array => Float64Array.from(values.slice(at, (at += length)));
  return like.map(({ kernel, bias }) => (bias ? { kernel: take(kernel), bias: take(bias) } : { kernel: take(kernel) }));
}

function expectClose(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  const worst = actual.reduce((max, value, i) => Math.max(max, Math.abs(value - expected[i])), 0);
  if (!(worst <= tolerance)) expect(actual).toEqual(expected); // shows both
}

/** Central differences of `objective` around the engine's parameters, which are put back. */
function differences(engine: Engine, objective: () => number, h = 1e-5): number[] {
  const parameters = engine.getParameters();
  const values = flat(parameters);
  const derivatives = values.map((value, i) => {
    const at = (shift: number): number => {
      engine.setParameters(unflat(parameters, values.with(i, value + shift)));
      return objective();
    };
    return (at(h) - at(-h)) / (2 * h);
  });
  engine.setParameters(parameters);
  return derivatives;
}

function kernelSquares(engine: Engine): number {
  return engine.getParameters().flatMap(({ kernel }) => [...kernel]).reduce((sum, w) => sum + w * w, 0);
}

/** Every loss with every output activation that it may stand over. */
const outputs: [Loss, Activation][] = LOSSES.flatMap((loss) =>
  ACTIVATIONS.filter((activation) => !loss.endsWith("Crossentropy") || /^(sigmoid|softmax)$/.test(activation))
    .map((activation): [Loss, Activation] => [loss, activation]),
);
const hidden = ACTIVATIONS.filter((activation) => activation !== "softmax");

describe("gradients are the central differences", () => {
  describe.each(hidden)("hidden %s", (activation) => {
    test.each(outputs)("%s over %s", (loss, last) => {
      const spec = model([3, 5, 4, 3], [activation, activation, last], { loss });
      const engine = create(spec);
      // Biases too, lest a dead layer put the next one's sums on the corner of its activation.
      const like = engine.getParameters();
      engine.setParameters(unflat(like, [...randoms(flat(like).length, 4)]));
      const x = matrix(randoms(7 * 3, 2), 3);
      const y = matrix(targetsFor(loss, 7 * 3, 3), 3);
      const expected = differences(engine, () => engine.evaluate(x, y).loss / 7);
      const { loss: total, layers } = engine.gradients(x, y);
      expectClose(flat(layers), expected, 1e-8);
      expect(Math.max(...expected.map(Math.abs))).toBeGreaterThan(1e-3);
      expect(total).toBe(engine.evaluate(x, y).loss);
    });
  });

  test.each(["sum", "mean"] as const)("with reduction %s, row weights, l2 and a layer without bias", (reduction) => {
    const spec = model([3, 5, 2], ["tanh", "softmax"], { loss: "categoricalCrossentropy", reduction, l2: 0.3 });
    const engine = create({ ...spec, layers: [{ ...spec.layers[0], bias: false }, spec.layers[1]] });
    const x = matrix(randoms(5 * 3, 2), 3);
    const y = matrix(targetsFor(spec.loss, 5 * 2, 3), 2);
    const weights = Float64Array.of(1, 0, 2.5, 0.5, 3);
    const scale = reduction === "mean" ? 1 / 5 : 1;
    const objective = (): number => scale * engine.evaluate(x, y, weights).loss + 0.15 * kernelSquares(engine);
    expectClose(flat(engine.gradients(x, y, weights).layers), differences(engine, objective), 1e-8);
  });

  test.each([4, 300])("of a step with dropout on %i rows, and l2", (rows) => {
    const spec = model([3, 6, 5, 2], ["swish", "sigmoid", "linear"], { reduction: "sum", l2: 0.1 });
    const dropouts = [0.4, 0.25, 0];
    const engine = create({ ...spec, layers: spec.layers.map((layer, l) => ({ ...layer, dropout: dropouts[l] })) });
    const state = { ...engine.getState(), step: 17 };
    const x = matrix(randoms(rows * 3, 2), 3);
    const y = matrix(randoms(rows * 2, 3), 2);
    engine.prepare(trainingSet(x, y));
    // A step of rate 0 measures the loss under the mask of step 17, which setState brings back.
    const objective = (): number => {
      engine.setState({ ...state, parameters: engine.getParameters() });
      return engine.step(0).loss + 0.05 * kernelSquares(engine);
    };
    const expected = differences(engine, objective);
    expect(objective()).not.toBeCloseTo(engine.evaluate(x, y).loss + 0.05 * kernelSquares(engine), 6);
    engine.setState(state);
    const before = flat(engine.getParameters());
    engine.step(1);
    const after = flat(engine.getParameters());
    expectClose(before.map((value, i) => value - after[i]), expected, 1e-8 * rows);
  });

  test("over more rows than one tile, as the sum over parts", () => {
    const spec = model([3, 4, 2], ["tanh", "sigmoid"], { loss: "binaryCrossentropy", reduction: "sum" });
    const engine = create(spec);
    const x = randoms(600 * 3, 2);
    const y = targetsFor(spec.loss, 600 * 2, 3);
    const weights = randoms(600, 4).map(Math.abs);
    const whole = engine.gradients(matrix(x, 3), matrix(y, 2), weights);
    const parts = [0, 1, 2, 3, 4, 5].map((i) => {
      const part = (values: Float64Array, columns: number): Float64Array =>
        values.subarray(i * 100 * columns, (i + 1) * 100 * columns);
      return engine.gradients(matrix(part(x, 3), 3), matrix(part(y, 2), 2), part(weights, 1));
    });
    const sum = parts.map(({ layers }) => flat(layers)).reduce((a, b) => a.map((value, i) => value + b[i]));
    expectClose(flat(whole.layers), sum, 1e-11);
    expect(whole.loss).toBeCloseTo(parts.reduce((total, { loss }) => total + loss, 0), 9);
    expect(whole.correct).toBe(parts.reduce((total, { correct }) => total + correct, 0));
  });
});

describe("one step by hand", () => {
  test("of a single linear unit", () => {
    // p = 2·0.5 + 0.1 = 1.1; loss ½(2 − 1.1)² = 0.405; δ = 1.1 − 2 = −0.9; ∂w = 2δ = −1.8; ∂b = δ.
    const engine = create(model([1, 1], ["linear"]), [{ kernel: Float64Array.of(0.5), bias: Float64Array.of(0.1) }]);
    engine.prepare(trainingSet(matrix([2], 1), matrix([2], 1)));
    expect(engine.step(0.1).loss).toBeCloseTo(0.405, 14);
    expectClose(flat(engine.getParameters()), [0.5 + 0.18, 0.1 + 0.09], 1e-15);
  });

  test("of a 2-2-2 sigmoid network", () => {
    // Matt Mazur, "A step by step backpropagation example" (2015), prints these numbers. He leaves the biases alone.
    // Hidden: z = (0.3775, 0.3925), out = (0.593269992, 0.596884378).
    // Output: z = (1.105905967, 1.224921404), out = (0.75136507, 0.772928465).
    // Loss: ½(0.01 − 0.75136507)² + ½(0.99 − 0.772928465)² = 0.274811083 + 0.023560026.
    // δ of output 1: 0.74136507 · 0.186815602 = 0.138498562; ∂w5 = δ · 0.593269992 = 0.082167041.
    const engine = create(model([2, 2, 2], ["sigmoid", "sigmoid"]), [
      { kernel: Float64Array.of(0.15, 0.25, 0.2, 0.3), bias: Float64Array.of(0.35, 0.35) },
      { kernel: Float64Array.of(0.4, 0.5, 0.45, 0.55), bias: Float64Array.of(0.6, 0.6) },
    ]);
    const x = matrix([0.05, 0.1], 2);
    const out = new Float64Array(2);
    engine.predict(x, out);
    expectClose([...out], [0.75136507, 0.772928465], 1e-9);
    engine.prepare(trainingSet(x, matrix([0.01, 0.99], 2)));
    expect(engine.step(0.5).loss).toBeCloseTo(0.298371109, 9);
    const [first, second] = engine.getParameters();
    expectClose([...first.kernel], [0.149780716, 0.24975114, 0.19956143, 0.29950229], 5e-9);
    expectClose([...second.kernel], [0.35891648, 0.51130127, 0.408666186, 0.561370121], 1e-9);
    expect(second.bias?.[0]).toBeCloseTo(0.6 - 0.5 * 0.138498562, 9);
  });
});

describe("optimisers follow PyTorch's formulas", () => {
  /** One parameter's update, as the pages of torch.optim write it, with a state of its own. */
  type Formula = (w: number, g: number, t: number, state: { b: number; m: number; v: number }) => number;
  const lr = 0.05;
  const adamStep: Formula = (w, g, t, state) => {
    state.m = 0.8 * state.m + (1 - 0.8) * g;
    state.v = 0.95 * state.v + (1 - 0.95) * g ** 2;
    return w - (lr / (1 - 0.8 ** t)) * state.m / (Math.sqrt(state.v) / Math.sqrt(1 - 0.95 ** t) + 1e-3);
  };
  const formulas: [string, Partial<Optimizer>, Formula][] = [
    ["sgd", {}, (w, g) => w - lr * g],
    ["momentum", { momentum: 0.7 }, (w, g, t, state) => {
      state.b = t > 1 ? 0.7 * state.b + g : g;
      return w - lr * state.b;
    }],
    ["nesterov", { momentum: 0.7, nesterov: true }, (w, g, t, state) => {
      state.b = t > 1 ? 0.7 * state.b + g : g;
      return w - lr * (g + 0.7 * state.b);
    }],
    ["rmsprop", { name: "rmsprop", rho: 0.85, epsilon: 1e-3 }, (w, g, _t, state) => {
      state.v = 0.85 * state.v + (1 - 0.85) * g ** 2;
      return w - lr * g / (Math.sqrt(state.v) + 1e-3);
    }],
    ["adam", { name: "adam", beta1: 0.8, beta2: 0.95, epsilon: 1e-3, weightDecay: 0.5 }, adamStep],
    ["adamw", { name: "adamw", beta1: 0.8, beta2: 0.95, epsilon: 1e-3, weightDecay: 0.5 }, (w, g, t, state) =>
      adamStep(w * (1 - lr * 0.5), g, t, state)],
  ];

  test.each(formulas)("%s", (_name, options, formula) => {
    const engine = create(model([2, 3, 1], ["tanh", "linear"], { optimizer: { ...plainSgd, ...options } }));
    const x = matrix(randoms(5 * 2, 2), 2);
    const y = matrix(randoms(5, 3), 1);
    engine.prepare(trainingSet(x, y));
    let expected = flat(engine.getParameters());
    const states = expected.map(() => ({ b: 0, m: 0, v: 0 }));
    for (let t = 1; t <= 7; t++) {
      const gradient = flat(engine.gradients(x, y).layers);
      expected = expected.map((w, i) => formula(w, gradient[i], t, states[i]));
      engine.step(lr);
      expectClose(flat(engine.getParameters()), expected, 1e-14);
    }
  });

  test.each([0.01, 1e6])("the gradient's norm is clipped at %d, after l2", (clipNorm) => {
    const spec = model([2, 3, 1], ["tanh", "linear"], { clipNorm, l2: 0.2 });
    const engine = create(spec);
    const x = matrix(randoms(10, 2), 2);
    const y = matrix(randoms(5, 3), 1);
    engine.prepare(trainingSet(x, y));
    const gradient = flat(engine.gradients(x, y).layers);
    const coefficient = Math.min(1, clipNorm / (Math.hypot(...gradient) + 1e-6));
    const before = flat(engine.getParameters());
    engine.step(0.1);
    expectClose(flat(engine.getParameters()), before.map((w, i) => w - 0.1 * coefficient * gradient[i]), 1e-15);
  });

  test.each([["sgd", 0, 0], ["sgd", 0.9, 1], ["rmsprop", 0, 1], ["adam", 0, 2], ["adamw", 0, 2]] as const)(
    "%s with momentum %d keeps %i slots", (name, momentum, slots) => {
      const engine = create(model([1, 1], ["linear"], { optimizer: { ...plainSgd, name, momentum } }));
      expect(engine.getState().slots.length).toBe(slots);
    },
  );
});

describe("training in slices", () => {
  const x = matrix(randoms(23 * 3, 2), 3);
  const y = matrix(targetsFor("categoricalCrossentropy", 23 * 2, 3), 2);
  const weights = randoms(23, 4).map(Math.abs);
  const optimizer: Optimizer = { ...plainSgd, name: "adam" };
  const base = model([3, 5, 2], ["tanh", "softmax"], { loss: "categoricalCrossentropy", optimizer });
  const spec = { ...base, layers: [{ ...base.layers[0], dropout: 0.3 }, base.layers[1]] };
  const set = trainingSet(x, y, { batchSize: 5, shuffle: true, weights }); // 5 batches an epoch, the last of 3 rows
  const learningRate = 0.01;

  test("of one step each is training in one slice", () => {
    const whole = create(spec);
    whole.prepare(set);
    const report = whole.train({ steps: Infinity, epochs: 3, learningRate });
    expect(report.steps).toBe(15);
    expect(report.epochs.length).toBe(3);
    expect(report.batch.rows).toBe(3);
    expect(report.diverged).toBe(false);

    const sliced = create(spec);
    sliced.prepare(set);
    const slices = Array.from({ length: 15 }, () => sliced.train({ steps: 1, epochs: Infinity, learningRate }));
    expect(slices.map(({ steps }) => steps)).toEqual(Array(15).fill(1));
    expect(slices.map(({ batch }) => batch.rows)).toEqual([5, 5, 5, 5, 3, 5, 5, 5, 5, 3, 5, 5, 5, 5, 3]);
    expect(slices.flatMap(({ epochs }) => epochs)).toEqual(report.epochs);
    expect(slices[14].batch).toEqual(report.batch);
    expect(sliced.getState()).toEqual(whole.getState());
    expect(whole.getState()).toMatchObject({ step: 15, epoch: 3 });
  });

  test("an epoch's totals are the sum of its batches'", () => {
    const engine = create(spec);
    engine.prepare(set);
    const slices = Array.from({ length: 5 }, () => engine.train({ steps: 1, epochs: 1, learningRate }));
    expect(slices.map(({ epochs }) => epochs.length)).toEqual([0, 0, 0, 0, 1]);
    const sum = (pick: "loss" | "correct"): number => slices.reduce((total, { batch }) => total + batch[pick], 0);
    expect(slices[4].epochs[0]).toEqual({ loss: sum("loss"), correct: sum("correct") });
  });

  test("a slice may end amid an epoch and the next end after it", () => {
    const engine = create(spec);
    engine.prepare(set);
    expect(engine.train({ steps: 7, epochs: Infinity, learningRate })).toMatchObject({ steps: 7, batch: { rows: 5 } });
    const report = engine.train({ steps: Infinity, epochs: 1, learningRate });
    expect(report).toMatchObject({ steps: 3, batch: { rows: 3 } });
    expect(report.epochs.length).toBe(1);
    expect(engine.getState()).toMatchObject({ step: 10, epoch: 2 });
  });

  test.each([false, true])("rows come in the epoch's order, shuffle %s", (shuffle) => {
    const plain = { ...base, optimizer: plainSgd };
    const engine = create(plain);
    engine.prepare({ ...set, shuffle });
    engine.train({ steps: Infinity, epochs: 2, learningRate: 0.1 });

    const byHand = create(plain);
    for (let epoch = 0; epoch < 2; epoch++) {
      const order = Uint32Array.from({ length: 23 }, (_, i) => i);
      if (shuffle) shuffledOrder(order, plain.seed, epoch);
      for (let first = 0; first < 23; first += 5) {
        const rows = Array.from(order.subarray(first, first + 5));
        const pick = (source: Rows): Rows => {
          const values = new Float64Array(source.count * source.columns);
          source.write(values, 0, source.count);
          const { columns } = source;
          return matrix(rows.flatMap((row) => Array.from(values.subarray(row * columns, (row + 1) * columns))), columns);
        };
        byHand.prepare(trainingSet(pick(x), pick(y), { weights: Float64Array.from(rows, (row) => weights[row]) }));
        byHand.step(0.1);
      }
    }
    expect(engine.getParameters()).toEqual(byHand.getParameters());
  });

  test("the whole set is one batch when batchSize is Infinity, over tiles too", () => {
    const engine = create({ ...base, optimizer: plainSgd });
    const many = matrix(randoms(700 * 3, 5), 3);
    const truths = matrix(targetsFor(base.loss, 700 * 2, 6), 2);
    const before = flat(engine.getParameters());
    const { layers, loss } = engine.gradients(many, truths);
    const gradient = flat(layers);
    engine.prepare(trainingSet(many, truths, { batchSize: Infinity }));
    const report = engine.train({ steps: 1, epochs: 1, learningRate: 0.5 });
    expect(report.batch).toMatchObject({ rows: 700, loss });
    expect(report.epochs.length).toBe(1);
    expectClose(flat(engine.getParameters()), before.map((w, i) => w - 0.5 * gradient[i]), 1e-15);
  });

  test("a state taken out and put in elsewhere goes on bit for bit", () => {
    for (const name of ["sgd", "rmsprop", "adam", "adamw"] as const) {
      const named = { ...spec, optimizer: { ...plainSgd, name, momentum: 0.9 } };
      const first = create(named);
      first.prepare(set);
      first.train({ steps: Infinity, epochs: 2, learningRate });
      const second = create({ ...named }, initialParameters(named.layers, named.dtype, 99));
      second.setState(structuredClone(first.getState()));
      second.prepare(set);
      for (const engine of [first, second]) engine.train({ steps: Infinity, epochs: 2, learningRate });
      expect(second.getState()).toEqual(first.getState());
    }
  });

  test("what getters return are copies, and what setters take is copied", () => {
    const engine = create(spec);
    const state = engine.getState();
    const before = structuredClone(state);
    const given = initialParameters(spec.layers, "float64", 5);
    engine.setParameters(given);
    const expected = flat(given);
    given[0].kernel.fill(7);
    state.slots[0][0].kernel.fill(7);
    expect(flat(engine.getParameters())).toEqual(expected);
    expect(engine.getState().slots).toEqual(before.slots);
  });
});

describe("coming back", () => {
  const x = matrix(randoms(10 * 2, 2), 2);
  const y = matrix(randoms(10, 3), 1);
  const spec = model([2, 3, 1], ["tanh", "linear"], { optimizer: { ...plainSgd, momentum: 0.9 } });
  const learningRate = 0.1;

  test("rollback returns to the last good epoch's end, and training goes on from there", () => {
    const set = trainingSet(x, y, { batchSize: 4, shuffle: true });
    const engine = create(spec);
    engine.prepare(set);
    engine.train({ steps: Infinity, epochs: 2, learningRate });
    const good = engine.getState();
    expect(engine.epoch).toBe(2);
    engine.train({ steps: 2, epochs: Infinity, learningRate });
    expect(engine.getState()).not.toEqual(good);
    engine.rollback();
    expect(engine.getState()).toEqual(good);

    const undisturbed = create(spec);
    undisturbed.prepare(set);
    undisturbed.train({ steps: Infinity, epochs: 2, learningRate });
    const goOn = { steps: Infinity, epochs: 1, learningRate };
    expect(engine.train(goOn)).toEqual(undisturbed.train(goOn));
    expect(engine.getState()).toEqual(undisturbed.getState());
  });

  test("rollback before the first epoch's end returns to prepare", () => {
    const engine = create(spec);
    engine.prepare(trainingSet(x, y));
    engine.step(learningRate);
    const prepared = engine.getState();
    expect(prepared.step).toBe(1);
    engine.prepare(trainingSet(x, y, { batchSize: 4 }));
    engine.train({ steps: 2, epochs: Infinity, learningRate });
    expect(engine.getState().step).toBe(3);
    engine.rollback();
    expect(engine.getState()).toEqual(prepared);
  });

  test("rollback undoes a setState since", () => {
    const engine = create(spec);
    engine.prepare(trainingSet(x, y));
    const prepared = engine.getState();
    const given = { ...prepared, parameters: initialParameters(spec.layers, "float64", 7), step: 12, epoch: 9 };
    engine.setState(given);
    expect(engine.getState()).toEqual(given);
    engine.rollback();
    expect(engine.getState()).toEqual(prepared);
  });

  test("prepare amid an epoch begins a new one", () => {
    const engine = create(spec);
    engine.prepare(trainingSet(x, y, { batchSize: 4 }));
    engine.train({ steps: 2, epochs: 1, learningRate });
    const fresh = create(spec);
    fresh.setState(engine.getState());
    for (const each of [engine, fresh]) each.prepare(trainingSet(x, y, { batchSize: 3 }));
    const slice = { steps: Infinity, epochs: 1, learningRate };
    expect(engine.train(slice)).toEqual(fresh.train(slice));
    expect(engine.getState()).toEqual(fresh.getState());
  });

  test("a step counts as a step, not as an epoch, and rollback undoes it", () => {
    const engine = create(spec);
    engine.prepare(trainingSet(x, y));
    const before = engine.getState();
    engine.step(learningRate);
    expect(engine.getState()).toMatchObject({ step: 1, epoch: 0 });
    expect(engine.getState().parameters).not.toEqual(before.parameters);
    engine.rollback();
    expect(engine.getState()).toEqual(before);
  });

  test("a step amid an epoch leaves the epoch's rows and order alone", () => {
    const engine = create(spec);
    engine.prepare(trainingSet(x, y, { batchSize: 4, shuffle: true }));
    engine.train({ steps: 1, epochs: 1, learningRate });
    const { parameters } = engine.getState();
    const { batch } = engine.train({ steps: 1, epochs: 1, learningRate });

    const other = create(spec);
    other.prepare(trainingSet(x, y, { batchSize: 4, shuffle: true }));
    other.train({ steps: 1, epochs: 1, learningRate });
    other.step(0);
    other.setParameters(parameters);
    expect(other.train({ steps: 1, epochs: 1, learningRate }).batch).toEqual(batch);
  });

  test("a loss that stops being finite ends the slice", () => {
    const engine = create(model([2, 3, 1], ["linear", "linear"], { dtype: "float32" }));
    const far = matrix(randoms(20, 2).map((value) => 1e10 * value), 2);
    engine.prepare(trainingSet(far, y, { batchSize: 5 }));
    const before = engine.getState();
    const report = engine.train({ steps: 100, epochs: Infinity, learningRate: 10 });
    expect(report.diverged).toBe(true);
    expect(Number.isFinite(report.batch.loss)).toBe(false);
    expect(report.steps).toBeLessThan(10);
    expect(report.epochs.every(({ loss }) => Number.isFinite(loss))).toBe(true);
    engine.rollback();
    expect(engine.getState().epoch).toBe(report.epochs.length);
    expect(flat(engine.getParameters()).every(Number.isFinite)).toBe(true);
    if (report.epochs.length === 0) expect(engine.getState()).toEqual(before);
  });

  test("a loss that is not finite ends the slice at its batch, not at the epoch's end", () => {
    const engine = create(model([1, 1], ["linear"], { dtype: "float32" }), [
      { kernel: Float32Array.of(1e38), bias: new Float32Array(1) },
    ]);
    engine.prepare(trainingSet(matrix([0, 1e10, 0, 0], 1), matrix([0, 0, 0, 0], 1), { batchSize: 1 }));
    const report = engine.train({ steps: 4, epochs: Infinity, learningRate: 0.1 });
    expect(report).toMatchObject({ diverged: true, steps: 2, epochs: [] });
  });

  test("a parameter that is not finite at the epoch's end ends the slice, though the loss is", () => {
    const engine = create(model([1, 1], ["linear"], { dtype: "float32" }));
    engine.prepare(trainingSet(matrix([1], 1), matrix([1e15], 1)));
    const report = engine.train({ steps: 5, epochs: Infinity, learningRate: 1e30 });
    expect(report).toMatchObject({ diverged: true, steps: 1, epochs: [] });
    expect(Number.isFinite(report.batch.loss)).toBe(true);
    expect(engine.getState().epoch).toBe(0);
    engine.rollback();
    expect(flat(engine.getParameters()).every(Number.isFinite)).toBe(true);
  });

  test("prepare that throws changes nothing of the network", () => {
    const engine = create(spec);
    engine.prepare(trainingSet(x, y));
    engine.step(learningRate);
    const before = engine.getState();
    const bad: Rows = {
      ...y,
      write(target) {
        target.fill(NaN);
        throw new RangeError("y[3] is NaN");
      },
    };
    expect(() => engine.prepare(trainingSet(x, bad))).toThrow("y[3] is NaN");
    expect(engine.getState()).toEqual(before);
    expect(() => engine.train({ steps: 1, epochs: 1, learningRate })).toThrow(/prepared/);
    engine.prepare(trainingSet(x, y));
    expect(Number.isFinite(engine.step(learningRate).loss)).toBe(true);
  });
});

describe("dropout", () => {
  const rows = 600;
  const ones: LayerParameters[] = [1, 1].map(() => ({ kernel: Float64Array.of(1) }));
  const base = model([1, 1, 1], ["linear", "linear"], { loss: "squaredError", seed: 77 });
  const spec = {
    ...base,
    layers: [{ ...base.layers[0], dropout: 0.5, bias: false }, { ...base.layers[1], bias: false }],
  };
  const x = matrix(new Float64Array(rows).fill(1), 1);
  const y = matrix(new Float64Array(rows), 1);

  test("masks by the hash of seed, step, layer and the row in the batch, and doubles the rest", () => {
    const engine = create(spec, ones);
    engine.prepare(trainingSet(x, y));
    for (let step = 0; step < 3; step++) {
      const key = dropoutKey(77, step, 0);
      let kept = 0;
      for (let row = 0; row < rows; row++) if (fmix32(Math.imul(row, 0x9e3779b1) + key) >= 2 ** 31) kept++;
      expect(engine.step(0).loss).toBe(4 * kept); // (2 − 0)² for each kept row
    }
  });

  test("is not for prediction, evaluation or gradients", () => {
    const engine = create(spec, ones);
    const out = new Float64Array(rows);
    engine.predict(x, out);
    expect(out).toEqual(new Float64Array(rows).fill(1));
    expect(engine.evaluate(x, y).loss).toBe(rows);
    expect(engine.gradients(x, y).layers[0].kernel[0]).toBeCloseTo(2, 12);
  });
});

describe("outputs", () => {
  test.each(["float32", "float64"] as const)("of a row are the same bits in any company, %s", (dtype: Dtype) => {
    const spec = model([9, 7, 6, 3], ["gelu", "elu", "softmax"], { dtype });
    const engine = create(spec);
    const values = randoms(301 * 9, 8);
    const make = (n: number): FloatArray => (dtype === "float32" ? new Float32Array(n) : new Float64Array(n));
    const together = make(301 * 3);
    engine.predict(matrix(values, 9), together);
    for (const height of [1, 2, 5]) {
      const apart: number[] = [];
      for (let row = 0; row < 301; row += height) {
        const part = values.subarray(row * 9, (row + height) * 9);
        const out = make(part.length / 3);
        engine.predict(matrix(part, 9), out);
        apart.push(...out);
      }
      expect(apart).toEqual([...together]);
    }
  });

  test("softmax sums to one, and survives large sums", () => {
    const parameters = [{ kernel: Float64Array.of(-800, 800, 799), bias: new Float64Array(3) }];
    const engine = create(model([1, 3], ["softmax"]), parameters);
    const out = new Float64Array(6);
    engine.predict(matrix([1, 0], 1), out);
    const odds = Math.exp(-1);
    expectClose([...out], [0, 1 / (1 + odds), odds / (1 + odds), 1 / 3, 1 / 3, 1 / 3], 1e-15);
  });

  test("right answers are counted by the first largest output, or by sides of one half", () => {
    const identity = [{ kernel: Float64Array.of(1, 0, 0, 1), bias: new Float64Array(2) }];
    const x = matrix([0, 0, 1, 2, -0.2, 3], 2);
    const y = matrix([1, 0, 1, 0, 0, 1], 2);
    const categorical = create(model([2, 2], ["softmax"], { loss: "categoricalCrossentropy" }), identity);
    expect(categorical.evaluate(x, y).correct).toBe(2); // equal outputs count as class 0; the second row is wrong
    const binary = create(model([2, 2], ["sigmoid"], { loss: "binaryCrossentropy" }), identity);
    expect(binary.evaluate(x, y, Float64Array.of(5, 5, 5)).correct).toBe(0.5 + 0.5 + 1); // unweighted
    expect(create(model([2, 2], ["linear"]), identity).evaluate(x, y).correct).toBe(0);
  });
});

describe("activation functions", () => {
  const values: [Activation, (z: number) => number][] = [
    ["linear", (z) => z],
    ["sigmoid", (z) => Math.exp(z) / (Math.exp(z) + 1)],
    ["tanh", (z) => (Math.exp(2 * z) - 1) / (Math.exp(2 * z) + 1)],
    ["relu", (z) => (z > 0 ? z : 0)],
    ["leakyRelu", (z) => (z > 0 ? z : 0.01 * z)],
    ["elu", (z) => (z > 0 ? z : Math.exp(z) - 1)],
    ["softplus", (z) => Math.log(1 + Math.exp(z))],
    ["swish", (z) => z / (1 + Math.exp(-z))],
    ["gelu", (z) => 0.5 * z * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (z + 0.044715 * z ** 3)))],
  ];
  test.each(values)("%s has its values, at every unit of every row", (name, f) => {
    const z = Float64Array.of(-3, -1, -0.25, 0, 0.5, 2);
    const y = new Float64Array(6);
    activationFunctions[name].apply(z, y, 3, 2);
    expectClose([...y], [...z].map(f), 1e-14);
  });

  test.each([["relu", 0], ["leakyRelu", 0.01], ["elu", 1]] as const)("%s has the derivative %d at 0", (name, slope) => {
    const deltas = Float64Array.of(1);
    activationFunctions[name].chain(deltas, new Float64Array(1), new Float64Array(1), 1, 1);
    expect(deltas[0]).toBe(slope);
  });

  test.each(ACTIVATIONS)("%s is finite far out, and keeps NaN", (name) => {
    const { apply, chain } = activationFunctions[name];
    const z = Float64Array.of(-1e4, 1e4, NaN);
    const y = new Float64Array(3);
    const deltas = Float64Array.of(1, 1, 1);
    apply(z, y, 3, 1);
    chain(deltas, y, z, 3, 1);
    expect([...y.subarray(0, 2), ...deltas.subarray(0, 2)].every(Number.isFinite)).toBe(true);
    expect(y[2]).toBeNaN();
  });
});

describe("cross-entropies far out", () => {
  function measure(loss: Loss, activation: Activation, z: number[], t: number[]): { value: number; deltas: number[] } {
    const p = new Float64Array(z.length);
    const deltas = new Float64Array(z.length);
    activationFunctions[activation].apply(Float64Array.from(z), p, 1, z.length);
    const rule = outputLoss(loss, activation);
    const row = [p, Float64Array.from(t), 0, z.length, Float64Array.from(z)] as const;
    rule.differentiate(...row, 1, deltas);
    return { value: rule.value(...row), deltas: [...deltas] };
  }

  test("binary over sigmoid: the wrong side costs its distance", () => {
    const { value, deltas } = measure("binaryCrossentropy", "sigmoid", [1000, -1000, 1000, -1000], [0, 1, 1, 0]);
    expect(value).toBe(500);
    expectClose(deltas, [0.25, -0.25, 0, 0], 1e-15);
  });

  test("categorical over softmax: the wrong class costs its distance", () => {
    const { value, deltas } = measure("categoricalCrossentropy", "softmax", [1000, 0, -1000], [0, 0, 1]);
    expect(value).toBe(2000);
    expectClose(deltas, [1, 0, -1], 1e-15);
  });

  test("categorical over sigmoid", () => {
    const { value, deltas } = measure("categoricalCrossentropy", "sigmoid", [1000, -1000, 0], [1, 0.5, 1]);
    expect(value).toBeCloseTo(500 + Math.LN2, 12);
    expectClose(deltas, [0, -0.5, -0.5], 1e-15);
  });

  test("binary over softmax", () => {
    // p ≈ (1, e^−1000, e^−2000): −ln(1−p₀) = 1000, −ln p₁ = 1000, −ln(1−p₂) = 0. By z₀ the first two grow by 1 each,
    // by z₁ they shrink by 1 each.
    const { value, deltas } = measure("binaryCrossentropy", "softmax", [1000, 0, -1000], [0, 1, 0]);
    expect(value).toBeCloseTo(2000 / 3, 10);
    expectClose(deltas, [2 / 3, -2 / 3, 0], 1e-15);
  });

  test("binary over softmax, rightly sure, costs nothing", () => {
    const { value, deltas } = measure("binaryCrossentropy", "softmax", [1000, 0, -1000], [1, 0, 0]);
    expect(value).toBeCloseTo(0, 15);
    expectClose(deltas, [0, 0, 0], 1e-15);
  });
});

test("meanAbsoluteError's derivative at 0 is 0; huber's turns at 1", () => {
  const p = Float64Array.of(0, 0.5, 3, -3);
  const deltas = new Float64Array(4);
  outputLoss("meanAbsoluteError", "linear").differentiate(p, new Float64Array(4), 0, 4, p, 1, deltas);
  expect([...deltas]).toEqual([0, 0.25, 0.25, -0.25]);
  const huber = outputLoss("huber", "linear");
  huber.differentiate(p, new Float64Array(4), 0, 4, p, 1, deltas);
  expect([...deltas]).toEqual([0, 0.125, 0.25, -0.25]);
  expect(huber.value(p, new Float64Array(4), 0, 4, p)).toBe((0.125 + 2.5 + 2.5) / 4);
});

describe("dense products at the edges of their tiles", () => {
  const sizes = [1, 2, 3, 4, 5, 7, 8, 9];
  const cases = sizes.flatMap((rows) => sizes.flatMap((inputs) => sizes.map((units) => ({ rows, inputs, units }))));

  test("agree with sums written out", () => {
    for (const { rows, inputs, units } of cases) {
      const x = randoms(rows * inputs, 1);
      const w = randoms(inputs * units, 2);
      const b = randoms(units, 3);
      const d = randoms(rows * units, 4);
      const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
      const total = (n: number, term: (i: number) => number): number => range(n).reduce((s, i) => s + term(i), 0);
      const table = (m: number, n: number, value: (i: number, j: number) => number): number[] =>
        range(m).flatMap((i) => range(n).map((j) => value(i, j)));

      const sums = new Float64Array(rows * units).fill(NaN);
      multiply(x, w, b, sums, rows, inputs, units);
      const product = (r: number, u: number): number => total(inputs, (i) => x[r * inputs + i] * w[i * units + u]);
      expectClose([...sums], table(rows, units, (r, u) => b[u] + product(r, u)), 1e-14);
      multiply(x, w, undefined, sums, rows, inputs, units);
      expectClose([...sums], table(rows, units, product), 1e-14);

      const kernel = w.slice();
      addKernelGradient(x, d, kernel, rows, inputs, units);
      const outer = (i: number, u: number): number => total(rows, (r) => x[r * inputs + i] * d[r * units + u]);
      expectClose([...kernel], table(inputs, units, (i, u) => w[i * units + u] + outer(i, u)), 1e-14);

      const bias = b.slice();
      addBiasGradient(d, bias, rows, units);
      expectClose([...bias], range(units).map((u) => b[u] + total(rows, (r) => d[r * units + u])), 1e-14);

      const below = new Float64Array(rows * inputs).fill(NaN);
      multiplyTransposed(d, w, below, rows, inputs, units);
      const back = (r: number, i: number): number => total(units, (u) => d[r * units + u] * w[i * units + u]);
      expectClose([...below], table(rows, inputs, back), 1e-14);
    }
  });
});

describe("float32", () => {
  test("follows float64 to single precision through training", () => {
    const losses = (["float32", "float64"] as const).map((dtype) => {
      const spec = model([4, 8, 2], ["tanh", "linear"], { dtype, optimizer: { ...plainSgd, name: "adam" } });
      const engine = create(spec);
      expect(engine.getParameters()[0].kernel).toBeInstanceOf(dtype === "float32" ? Float32Array : Float64Array);
      const x = matrix(randoms(160, 2), 4);
      const y = matrix(randoms(80, 3), 2);
      engine.prepare(trainingSet(x, y, { batchSize: 8, shuffle: true }));
      return engine.train({ steps: Infinity, epochs: 100, learningRate: 0.01 }).epochs.map(({ loss }) => loss);
    });
    expect(losses[1][99]).toBeLessThan(0.8 * losses[1][0]);
    expectClose(losses[0], losses[1], 1e-4);
    expect(losses[0]).not.toEqual(losses[1]);
  });
});
