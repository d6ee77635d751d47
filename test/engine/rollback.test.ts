// Ways back: to the last good epoch, to the start of a run, from a run that diverged and from a set that was refused.
import { describe, expect, test } from "vitest";
import type { Rows } from "../../src/engine/engine.js";
import { initialParameters } from "../../src/model/initializers.js";
import { ENGINES, flat, matrix, model, plainSgd, predictions, prepare, randoms, train, trainingSet } from "./support.js";

const x = matrix(randoms(10 * 2, 2), 2);
const y = matrix(randoms(10, 3), 1);
const spec = model([2, 3, 1], ["tanh", "linear"], { optimizer: { ...plainSgd, momentum: 0.9 } });
const learningRate = 0.1;

describe.each(ENGINES)("rollback of $name", ({ create }) => {
  test("returns to the end of the last finite epoch, from which training continues", () => {
    const set = trainingSet(x, y, { batchSize: 4, shuffle: true });
    const engine = create(spec);
    prepare(engine, set);
    train(engine, { steps: Infinity, epochs: 2, learningRate });
    const good = engine.getState();
    expect(engine.epoch).toBe(2);
    train(engine, { steps: 2, epochs: Infinity, learningRate });
    expect(engine.getState()).not.toEqual(good);
    engine.rollback();
    expect(engine.getState()).toEqual(good);

    const undisturbed = create(spec);
    prepare(undisturbed, set);
    train(undisturbed, { steps: Infinity, epochs: 2, learningRate });
    const goOn = { steps: Infinity, epochs: 1, learningRate };
    expect(train(engine, goOn)).toEqual(train(undisturbed, goOn));
    expect(engine.getState()).toEqual(undisturbed.getState());
  });

  test("returns to the state at prepare before the end of the first epoch", () => {
    const engine = create(spec);
    prepare(engine, trainingSet(x, y));
    engine.step(learningRate);
    const prepared = engine.getState();
    expect(prepared.step).toBe(1);
    prepare(engine, trainingSet(x, y, { batchSize: 4 }));
    train(engine, { steps: 2, epochs: Infinity, learningRate });
    expect(engine.getState().step).toBe(3);
    engine.rollback();
    expect(engine.getState()).toEqual(prepared);
  });

  test("returns to the snapshot after a later setState", () => {
    const engine = create(spec);
    prepare(engine, trainingSet(x, y));
    const prepared = engine.getState();
    const given = { ...prepared, parameters: initialParameters(spec.layers, "float64", 7), step: 12, epoch: 9 };
    engine.setState(given);
    expect(engine.getState()).toEqual(given);
    engine.rollback();
    expect(engine.getState()).toEqual(prepared);
  });

  test("returns to the snapshot after a step, which counts as a step and not as an epoch", () => {
    const engine = create(spec);
    prepare(engine, trainingSet(x, y));
    const before = engine.getState();
    engine.step(learningRate);
    expect(engine.getState()).toMatchObject({ step: 1, epoch: 0 });
    expect(engine.getState().parameters).not.toEqual(before.parameters);
    engine.rollback();
    expect(engine.getState()).toEqual(before);
  });
});

describe.each(ENGINES)("an epoch of $name", ({ create }) => {
  test("restarts with prepare", () => {
    const engine = create(spec);
    prepare(engine, trainingSet(x, y, { batchSize: 4 }));
    train(engine, { steps: 2, epochs: 1, learningRate });
    const fresh = create(spec);
    fresh.setState(engine.getState());
    for (const each of [engine, fresh]) prepare(each, trainingSet(x, y, { batchSize: 3 }));
    const slice = { steps: Infinity, epochs: 1, learningRate };
    expect(train(engine, slice)).toEqual(train(fresh, slice));
    expect(engine.getState()).toEqual(fresh.getState());
  });

  test("keeps its rows and their order when a step is taken in between", () => {
    const engine = create(spec);
    prepare(engine, trainingSet(x, y, { batchSize: 4, shuffle: true }));
    train(engine, { steps: 1, epochs: 1, learningRate });
    const { parameters } = engine.getState();
    const { batch } = train(engine, { steps: 1, epochs: 1, learningRate });

    const other = create(spec);
    prepare(other, trainingSet(x, y, { batchSize: 4, shuffle: true }));
    train(other, { steps: 1, epochs: 1, learningRate });
    other.step(0);
    other.setParameters(parameters);
    expect(train(other, { steps: 1, epochs: 1, learningRate }).batch).toEqual(batch);
  });
});

describe.each(ENGINES)("a slice of $name ends", ({ create }) => {
  test("when the loss stops being finite", () => {
    const engine = create(model([2, 3, 1], ["linear", "linear"], { dtype: "float32" }));
    const far = matrix(
      randoms(20, 2).map((value) => 1e10 * value),
      2,
    );
    prepare(engine, trainingSet(far, y, { batchSize: 5 }));
    const before = engine.getState();
    const report = train(engine, { steps: 100, epochs: Infinity, learningRate: 10 });
    expect(report.diverged).toBe(true);
    expect(Number.isFinite(report.batch.loss)).toBe(false);
    expect(report.steps).toBeLessThan(10);
    expect(report.epochs.every(({ loss }) => Number.isFinite(loss))).toBe(true);
    engine.rollback();
    expect(engine.getState().epoch).toBe(report.epochs.length);
    expect(flat(engine.getParameters()).every(Number.isFinite)).toBe(true);
    if (report.epochs.length === 0) expect(engine.getState()).toEqual(before);
  });

  test("at the batch whose loss is not finite, not at the epoch's end", () => {
    const engine = create(model([1, 1], ["linear"], { dtype: "float32" }), [
      { kernel: Float32Array.of(1e38), bias: new Float32Array(1) },
    ]);
    prepare(engine, trainingSet(matrix([0, 1e10, 0, 0], 1), matrix([0, 0, 0, 0], 1), { batchSize: 1 }));
    const report = train(engine, { steps: 4, epochs: Infinity, learningRate: 0.1 });
    expect(report).toMatchObject({ diverged: true, steps: 2, epochs: [] });
  });

  test("when a parameter is not finite at the epoch's end, though the loss is", () => {
    const engine = create(model([1, 1], ["linear"], { dtype: "float32" }));
    prepare(engine, trainingSet(matrix([1], 1), matrix([1e15], 1)));
    const report = train(engine, { steps: 5, epochs: Infinity, learningRate: 1e30 });
    expect(report).toMatchObject({ diverged: true, steps: 1, epochs: [] });
    expect(Number.isFinite(report.batch.loss)).toBe(true);
    expect(engine.getState().epoch).toBe(0);
    engine.rollback();
    expect(flat(engine.getParameters()).every(Number.isFinite)).toBe(true);
  });

  // A mean square that overflows stays infinite: no step would ever move its weight again.
  test.each(["rmsprop", "adam"] as const)("when a slot of %s is not finite at the epoch's end", (name) => {
    const engine = create(model([1, 1], ["linear"], { dtype: "float32", loss: "huber", optimizer: { ...plainSgd, name } }));
    prepare(engine, trainingSet(matrix([1e30], 1), matrix([1], 1)));
    const before = engine.getState();
    expect(train(engine, { steps: 5, epochs: Infinity, learningRate })).toMatchObject({ diverged: true, steps: 1, epochs: [] });
    engine.rollback();
    expect(engine.getState()).toEqual(before);
  });
});

const wasm = ENGINES.filter(({ name }) => name !== "js");
test.each(wasm)("$name: a set for which memory cannot grow is refused, and changes nothing", ({ create }) => {
  const engine = create(spec);
  prepare(engine, trainingSet(x, y));
  engine.step(learningRate);
  const before = engine.getState();
  const endless = (columns: number): Rows => ({
    count: 1e9,
    columns,
    write: () => expect.unreachable("nothing was to be copied"),
  });
  expect(() => prepare(engine, trainingSet(endless(2), endless(1)))).toThrow(/needs \d+ MB of memory/);
  expect(engine.getState()).toEqual(before);
  expect(predictions(engine, x, 1).every(Number.isFinite)).toBe(true);
  prepare(engine, trainingSet(x, y));
  expect(Number.isFinite(engine.step(learningRate).loss)).toBe(true);
});

test.each(ENGINES)("$name: prepare leaves the network unchanged when it throws", ({ create }) => {
  const engine = create(spec);
  prepare(engine, trainingSet(x, y));
  engine.step(learningRate);
  const before = engine.getState();
  const bad: Rows = {
    ...y,
    write(target) {
      target.fill(NaN);
      throw new RangeError("y[3] is NaN");
    },
  };
  expect(() => prepare(engine, trainingSet(x, bad))).toThrow("y[3] is NaN");
  expect(engine.getState()).toEqual(before);
  expect(() => train(engine, { steps: 1, epochs: 1, learningRate })).toThrow(/prepared/);
  prepare(engine, trainingSet(x, y));
  expect(Number.isFinite(engine.step(learningRate).loss)).toBe(true);
});
