// Random networks through random sequences of calls: every engine beside a plain reference, with the memory's invariant checked after each
// call. A sequence is its seed; one that ever failed is kept in FOUND.
import { expect, test } from "vitest";
import { NN, type Activation, type NetworkOptions } from "../../src/index.js";
import { uniform, xoshiro128 } from "../../src/model/random.js";
import { parseNetwork } from "../../src/options/network.js";
import { BACKENDS } from "../backends.js";
import { tries } from "../sampling.js";
import { flat } from "../support.js";
import { expectZeroPadding, watchMemory } from "./padding.js";
import { Reference, type Batch, type ReferenceOptions } from "./reference.js";

const FOUND: readonly number[] = [];
const SEQUENCES = tries(10_000, 200);

class Random {
  readonly #state: ReturnType<typeof xoshiro128>;

  constructor(seed: number) {
    this.#state = xoshiro128(seed);
  }

  /** From a to b, both included. */
  integer(a: number, b: number): number {
    return a + Math.floor(uniform(this.#state) * (b - a + 1));
  }

  oneOf<const T>(...values: readonly T[]): T {
    return values[this.integer(0, values.length - 1)]!;
  }

  /** Numbers from low to high that float32 holds. */
  table(rows: number, columns: number, low = -1, high = 1): number[][] {
    return Array.from({ length: rows }, () =>
      Array.from({ length: columns }, () => Math.fround(low + (high - low) * uniform(this.#state))),
    );
  }
}

/** An exception in a callback. */
class Stop extends Error {}

interface Subject {
  readonly name: string;
  nn: NN;
  memory: WebAssembly.Memory | undefined;
}

/** Largest |a − b| / max(1, |b|) that is allowed. Epsilons of 1e-3 keep optimisers from magnifying the rounding of tiny gradients. */
const TOLERANCE = { float32: 2e-3, float64: 1e-9 };

function expectAgreement(seed: number): void {
  const random = new Random(seed);
  const sizes = Array.from({ length: random.integer(2, 4) }, () => random.integer(1, 10));
  const loss = random.oneOf<ReferenceOptions["loss"]>(
    "halfSquaredError",
    "squaredError",
    "meanSquaredError",
    "huber",
    "categoricalCrossentropy",
  );
  const hidden = ["sigmoid", "tanh", "softplus", "elu", "swish", "linear"] as const;
  const activations: ReferenceOptions["activations"] = sizes
    .slice(1)
    .map((_, l) =>
      l < sizes.length - 2
        ? random.oneOf(...hidden)
        : loss === "categoricalCrossentropy"
          ? "softmax"
          : random.oneOf("linear", "tanh", "softmax"),
    );
  if (activations.at(-1) === "softmax") sizes[sizes.length - 1]!++;
  const name = random.oneOf("sgd", "sgd", "rmsprop", "adam", "adamw");
  const optimizer = {
    name,
    learningRate: 0.01,
    ...(name === "sgd" ? random.oneOf({}, { momentum: 0.9 }, { momentum: 0.8, nesterov: true }) : { epsilon: 1e-3 }),
  };
  const [reduction, l2, clipNorm, dtype] = [
    random.oneOf("mean", "sum"),
    random.oneOf(0, 0.01),
    random.oneOf(Infinity, 0.1),
    random.oneOf("float32", "float64"),
  ];
  const biases = activations.map(() => random.oneOf(true, true, false));
  const options = {
    layers: [
      sizes[0],
      ...activations.map((activation, l) => ({ units: sizes[l + 1], activation: activation as Activation, bias: biases[l] })),
    ],
    loss,
    optimizer,
    reduction,
    l2,
    dtype,
    seed,
    shuffle: false,
    initializer: "glorotUniform",
    ...(clipNorm < Infinity && { clipNorm }),
  } as NetworkOptions;
  const { spec } = parseNetwork([options], () => seed);
  const subjects = BACKENDS.map((backend): Subject => {
    const { made, memory } = watchMemory(() => new NN({ ...options, ...backend.options }));
    return { name: backend.name, nn: made, memory };
  });
  const reference = new Reference({ sizes, activations, loss, optimizer, reduction, l2, clipNorm }, subjects[0]!.nn.getWeights());
  const [inputs, outputs] = [sizes[0]!, sizes.at(-1)!];
  const batch = (rows = random.integer(1, 13)): Batch => ({
    x: random.table(rows, inputs),
    y: random.table(rows, outputs, 0.05, 0.95),
    sampleWeight: random.oneOf(undefined, random.table(1, rows, 0, 2)[0]),
    outputWeight: random.oneOf(undefined, random.table(rows, outputs, 0, 2)),
  });
  const target = random.table(1, 1)[0]![0]!;
  const ownLoss = (p: ArrayLike<number>, gradient: Float32Array | Float64Array, rows: number): number => {
    let sum = 0;
    for (let i = 0; i < p.length; i++) {
      sum += (p[i]! - target) ** 2 / rows;
      gradient[i] = (2 * (p[i]! - target)) / rows;
    }
    return sum;
  };

  const near = (actual: ArrayLike<number>, expected: readonly number[], what: string): void => {
    if (actual.length !== expected.length) expect.fail(`${what}: ${actual.length} numbers instead of ${expected.length}`);
    expected.forEach((value, i) => {
      if (!(Math.abs(actual[i]! - value) <= TOLERANCE[dtype] * Math.max(1, Math.abs(value)))) {
        expect.fail(`${what}[${i}] is ${actual[i]}, not ${value}; ${JSON.stringify(options)}`);
      }
    });
  };
  /** Has every network do the same; what each returns is compared with the reference's. */
  const all = (what: string, act: (subject: Subject) => readonly number[], expected: readonly number[]): void => {
    for (const subject of subjects) {
      const where = `seed ${seed}, ${subject.name}, ${what}`;
      near(act(subject), expected, `${where}: result`);
      near(flat(subject.nn.getWeights()), reference.numbers, `${where}: weights`);
      if (subject.memory) expectZeroPadding(subject.memory, spec, where);
    }
  };
  const replace = (subject: Subject, make: () => NN): void => {
    const { made, memory } = watchMemory(make);
    Object.assign(subject, { nn: made, memory: subject.memory && memory });
  };
  const weightsOf = ({ sampleWeight, outputWeight }: Batch): object => ({
    ...(sampleWeight && { sampleWeight }),
    ...(outputWeight && { outputWeight }),
  });

  const actions: Record<string, () => void> = {
    fit() {
      const set = batch(),
        epochs = random.integer(0, 3),
        batchSize = random.oneOf(1, 4, 5, Infinity);
      const losses = reference.fit(set, epochs, Math.min(batchSize, set.x.length));
      all("fit", ({ nn }) => nn.fit(set.x, set.y, { epochs, batchSize, ...weightsOf(set) }).loss, losses);
    },
    abort() {
      const set = batch(),
        last = random.integer(0, 2),
        inBatch = random.oneOf(true, false);
      // An epoch is completed by its last batch, before its callbacks are called.
      const completed = inBatch && set.x.length > 4 ? last : last + 1;
      const losses = reference.fit(set, completed, Math.min(4, set.x.length)).slice(0, inBatch ? last : last + 1);
      all(
        "abort",
        ({ nn }) => {
          const told: number[] = [];
          expect(() =>
            nn.fit(set.x, set.y, {
              epochs: 5,
              batchSize: 4,
              ...weightsOf(set),
              onEpochEnd: ({ epoch, loss: each }) => {
                told.push(each);
                if (!inBatch && epoch === last) throw new Stop();
              },
              onBatchEnd: ({ epoch }) => {
                if (inBatch && epoch === last) throw new Stop();
              },
            }),
          ).toThrow(Stop);
          return told;
        },
        losses,
      );
    },
    partialFit() {
      const set = batch();
      const mean = reference.step(set) / set.x.length;
      all("partialFit", ({ nn }) => [nn.partialFit(set.x, set.y, weightsOf(set))], [mean]);
    },
    lossFunction() {
      const { x } = batch();
      const value = reference.stepOnLoss(x, ownLoss);
      all("partialFit on a loss function", ({ nn }) => [nn.partialFit(x, ownLoss)], [value]);
    },
    gradients() {
      const { x, y } = batch();
      const { loss: sum, layers } = reference.gradients({ x, y });
      const flatten = layers.flatMap(({ kernel, bias }) => [...kernel.flat(), ...(bias ?? [])]);
      const found = subjects.map(({ nn }) => nn.gradients(x, y));
      all(
        "gradients",
        (subject) => {
          const each = found[subjects.indexOf(subject)]!;
          return [each.loss, ...flat(each.layers)];
        },
        [sum / x.length, ...flatten],
      );
      reference.update(layers);
      all(
        "applyGradients",
        (subject) => {
          subject.nn.applyGradients(found[subjects.indexOf(subject)]!.layers);
          return [];
        },
        [],
      );
    },
    saveAndLoad() {
      all(
        "save and load",
        (subject) => {
          replace(subject, () => NN.load(subject.nn.save()));
          return [];
        },
        [],
      );
    },
    cloneAndBlend() {
      const set = batch(),
        tau = random.oneOf(0, 0.25, 1);
      const before = reference.clone();
      const mean = reference.step(set) / set.x.length;
      reference.blend(before, tau);
      all(
        "clone and blend",
        (subject) => {
          const other = subject.nn;
          replace(subject, () => other.clone());
          const value = subject.nn.partialFit(set.x, set.y, weightsOf(set));
          subject.nn.blend(other, tau);
          return [value];
        },
        [mean],
      );
    },
    inputBuffer() {
      const set = batch(),
        epochs = random.integer(1, 2);
      const losses = reference.fit(set, epochs, Math.min(4, set.x.length));
      all(
        "fit in the input buffer",
        ({ nn }) => {
          const own = nn.inputBuffer(set.x.length);
          own.set(set.x.flat());
          const y = Float64Array.from(set.y.flat());
          return nn.fit(own, y, { epochs, batchSize: 4, ...weightsOf(set) }).loss;
        },
        losses,
      );
    },
    predict() {
      const x = random.table(random.oneOf(1, 7, 300), inputs);
      const expected = reference.predict(x).flat();
      all("predict", ({ nn }) => nn.predict(x).flat(), expected);
    },
  };
  for (let i = 0, count = random.integer(2, 7); i < count; i++) actions[random.oneOf(...Object.keys(actions))]!();
}

test("every engine follows a plain reference through random sequences of calls, and padding stays zero", () => {
  for (const seed of FOUND) expectAgreement(seed);
  for (let seed = 1; seed <= SEQUENCES; seed++) expectAgreement(seed);
});

test("a number in the padding is noticed", () => {
  const options = { layers: [3, 5, 2], optimizer: "adam", seed: 1 } as const;
  const { made, memory } = watchMemory(() => new NN(options));
  if (made.backend === "js") expect.fail("this engine has no WebAssembly");
  const { spec } = parseNetwork([options], () => 1);
  expectZeroPadding(memory!, spec, "fresh");
  made.fit([[1, 2, 3]], [[0.1, 0.2]]);
  const numbers = new Float32Array(memory!.buffer);
  const weight = Math.fround(made.getWeights()[0]!.kernel[4]!);
  const at = numbers.indexOf(weight);
  numbers[at + 1] = 1;
  expect(() => expectZeroPadding(memory!, spec, "written to")).toThrow(/row 0 holds 1/);
});
