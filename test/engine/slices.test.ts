// Runs of mini-batches: the result does not depend on how a run is divided into slices.
import { describe, expect, test } from "vitest";
import type { Rows } from "../../src/engine/engine.js";
import { initialParameters } from "../../src/model/initializers.js";
import { shuffledOrder } from "../../src/model/random.js";
import {
  ENGINES,
  expectClose,
  flat,
  matrix,
  model,
  plainSgd,
  prepare,
  randoms,
  targetsFor,
  train,
  trainingSet,
  withLayers,
} from "./support.js";

const x = matrix(randoms(23 * 3, 2), 3);
const y = matrix(targetsFor("categoricalCrossentropy", 23 * 2, 3), 2);
const weights = randoms(23, 4).map(Math.abs);
const base = model([3, 5, 2], ["tanh", "softmax"], { loss: "categoricalCrossentropy", optimizer: { ...plainSgd, name: "adam" } });
const spec = withLayers(base, { dropout: 0.3 });
const set = trainingSet(x, y, { batchSize: 5, shuffle: true, weights }); // 5 batches an epoch, the last of 3 rows
const learningRate = 0.01;

describe.each(ENGINES)("training of $name", ({ create }) => {
  test("gives the same result in slices of one step as in one slice", () => {
    const whole = create(spec);
    prepare(whole, set);
    const report = train(whole, { steps: Infinity, epochs: 3, learningRate });
    expect(report.steps).toBe(15);
    expect(report.epochs.length).toBe(3);
    expect(report.batch.rows).toBe(3);
    expect(report.diverged).toBe(false);

    const sliced = create(spec);
    prepare(sliced, set);
    const slices = Array.from({ length: 15 }, () => train(sliced, { steps: 1, epochs: Infinity, learningRate }));
    expect(slices.map(({ steps }) => steps)).toEqual(Array(15).fill(1));
    expect(slices.map(({ batch }) => batch.rows)).toEqual([5, 5, 5, 5, 3, 5, 5, 5, 5, 3, 5, 5, 5, 5, 3]);
    expect(slices.flatMap(({ epochs }) => epochs)).toEqual(report.epochs);
    expect(slices[14].batch).toEqual(report.batch);
    expect(sliced.getState()).toEqual(whole.getState());
    expect(whole.getState()).toMatchObject({ step: 15, epoch: 3 });
  });

  test("reports the sum of its batches' totals for an epoch", () => {
    const engine = create(spec);
    prepare(engine, set);
    const slices = Array.from({ length: 5 }, () => train(engine, { steps: 1, epochs: 1, learningRate }));
    expect(slices.map(({ epochs }) => epochs.length)).toEqual([0, 0, 0, 0, 1]);
    const sum = (pick: "loss" | "correct"): number => slices.reduce((total, { batch }) => total + batch[pick], 0);
    expect(slices[4].epochs[0]).toEqual({ loss: sum("loss"), correct: sum("correct"), rows: 23 });
  });

  test("continues within an epoch in which a slice has ended", () => {
    const engine = create(spec);
    prepare(engine, set);
    expect(train(engine, { steps: 7, epochs: Infinity, learningRate })).toMatchObject({ steps: 7, batch: { rows: 5 } });
    const report = train(engine, { steps: Infinity, epochs: 1, learningRate });
    expect(report).toMatchObject({ steps: 3, batch: { rows: 3 } });
    expect(report.epochs.length).toBe(1);
    expect(engine.getState()).toMatchObject({ step: 10, epoch: 2 });
  });

  test("is not disturbed by predictions, measurements and gradients between slices", () => {
    const [alone, disturbed] = [create(spec), create(spec)];
    for (const engine of [alone, disturbed]) prepare(engine, set);
    const others = matrix(randoms(300 * 3, 7), 3);
    const truths = matrix(targetsFor(spec.loss, 300 * 2, 8), 2);
    for (let i = 0; i < 12; i++) {
      const slice = { steps: 1, epochs: 1, learningRate };
      expect(train(disturbed, slice)).toEqual(train(alone, slice));
      disturbed.predict(others, new Float64Array(600));
      disturbed.evaluate(others, truths, randoms(300, 9));
      disturbed.gradients(others, truths);
    }
    expect(disturbed.getState()).toEqual(alone.getState());
  });

  test.each([false, true])("takes rows in the epoch's order, shuffle %s", (shuffle) => {
    const plain = { ...base, optimizer: plainSgd };
    const engine = create(plain);
    prepare(engine, { ...set, shuffle });
    train(engine, { steps: Infinity, epochs: 2, learningRate: 0.1 });

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
          return matrix(
            rows.flatMap((row) => Array.from(values.subarray(row * columns, (row + 1) * columns))),
            columns,
          );
        };
        prepare(byHand, trainingSet(pick(x), pick(y), { weights: Float64Array.from(rows, (row) => weights[row]) }));
        byHand.step(0.1);
      }
    }
    expect(engine.getParameters()).toEqual(byHand.getParameters());
  });

  test("takes rows in order in single steps, even for a set to be shuffled", () => {
    const [shuffled, plain] = [create(spec), create(spec)];
    prepare(shuffled, set);
    train(shuffled, { steps: 2, epochs: 1, learningRate });
    plain.setState(shuffled.getState());
    prepare(plain, { ...set, shuffle: false });
    expect(shuffled.step(learningRate)).toEqual(plain.step(learningRate)); // dropout's mask goes by place
    expect(shuffled.getState()).toEqual(plain.getState());
  });

  test("takes the whole set as one batch when batchSize is Infinity, also across tiles", () => {
    const engine = create({ ...base, optimizer: plainSgd });
    const many = matrix(randoms(700 * 3, 5), 3);
    const truths = matrix(targetsFor(base.loss, 700 * 2, 6), 2);
    const before = flat(engine.getParameters());
    const { layers, loss } = engine.gradients(many, truths);
    const gradient = flat(layers);
    prepare(engine, trainingSet(many, truths, { batchSize: Infinity }));
    const report = train(engine, { steps: 1, epochs: 1, learningRate: 0.5 });
    expect(report.batch).toMatchObject({ rows: 700, loss });
    expect(report.epochs.length).toBe(1);
    expectClose(
      flat(engine.getParameters()),
      before.map((w, i) => w - 0.5 * gradient[i]),
      1e-15,
    );
  });

  test("continues bit for bit from a state copied to another engine", () => {
    for (const name of ["sgd", "rmsprop", "adam", "adamw"] as const) {
      const named = { ...spec, optimizer: { ...plainSgd, name, momentum: 0.9 } };
      const first = create(named);
      prepare(first, set);
      train(first, { steps: Infinity, epochs: 2, learningRate });
      const second = create({ ...named }, initialParameters(named.layers, named.dtype, 99));
      second.setState(structuredClone(first.getState()));
      prepare(second, set);
      for (const engine of [first, second]) train(engine, { steps: Infinity, epochs: 2, learningRate });
      expect(second.getState()).toEqual(first.getState());
    }
  });

  test("shares no memory with what getters return and setters take", () => {
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
