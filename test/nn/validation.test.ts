// Validation rows: which ones they are, that they are measured after each epoch, and that nothing ever learns from them.
import { describe, expect, test } from "vitest";
import { NN, type FitOptions } from "../../src/index.js";
import { BUSY, CASES, X, Y, labels, oneHot, table, weightsOf } from "./support.js";

describe.each(CASES)("$name", ({ options }) => {
  const make = (): NN => new NN({ ...BUSY, ...options });
  const held = { x: table(600, 3, 11), y: table(600, 2, 12) };

  test("validationData is evaluated after each epoch, as evaluate does", () => {
    const nn = make();
    const measured: number[] = [];
    const { valLoss, valAccuracy } = nn.fit(X, Y, {
      epochs: 3,
      validationData: [held.x, held.y],
      onEpochEnd: () => void measured.push(nn.evaluate(held.x, held.y).loss),
    });
    expect(valLoss).toEqual(measured);
    expect(new Set(valLoss).size).toBe(3);
    expect(valAccuracy).toBe(undefined);
    expect(nn.evaluate(held.x, held.y).loss).toBe(valLoss!.at(-1));
  });

  test("validationSplit holds out the last rows, before shuffling", () => {
    for (const [split, kept] of [
      [0.2, 8],
      [0.25, 7],
      [0.5, 5],
      [0.01, 9],
      [0.9, 1],
    ]) {
      const [nn, byHand] = [make(), make()];
      const history = nn.fit(X, Y, { epochs: 3, validationSplit: split });
      const expected = byHand.fit(X.slice(0, kept), Y.slice(0, kept), {
        epochs: 3,
        validationData: [X.slice(kept), Y.slice(kept)],
      });
      expect([history.loss, history.valLoss]).toEqual([expected.loss, expected.valLoss]);
      expect(weightsOf(nn)).toEqual(weightsOf(byHand));
    }
  });

  test.each(["none", "standard", "minmax"] as const)("nothing is learnt from held-out rows, scaling %s", (scaling) => {
    const scaled = { ...BUSY, ...options, inputScaling: scaling, targetScaling: scaling };
    const trained = [1, 1000].map((far) => {
      const nn = new NN(scaled);
      const x = X.map((row, r) => (r < 7 ? row : row.map((value) => far * value)));
      const y = Y.map((row, r) => (r < 7 ? row : row.map((value) => far * value)));
      const { loss, valLoss } = nn.fit(x, y, { epochs: 4, validationSplit: 0.3 });
      return { loss, valLoss, weights: weightsOf(nn), outputs: nn.predict(X) };
    });
    const [near, far] = trained;
    expect(far.valLoss).not.toEqual(near.valLoss);
    expect({ ...far, valLoss: 0 }).toEqual({ ...near, valLoss: 0 });
    const [data, without] = [new NN(scaled), new NN(scaled)];
    expect(data.fit(X, Y, { epochs: 4, validationData: [held.x, held.y] }).loss).toEqual(without.fit(X, Y, { epochs: 4 }).loss);
    expect(weightsOf(data)).toEqual(weightsOf(without));
  });

  test("row weights are given for all rows, and those of held-out rows are ignored", () => {
    const [nn, byHand, other] = [make(), make(), make()];
    const sampleWeight = [1, 2, 3, 4, 5, 6, 7, 50, 60, 70];
    const { loss, valLoss } = nn.fit(X, Y, { epochs: 2, validationSplit: 0.3, sampleWeight });
    const expected = byHand.fit(X.slice(0, 7), Y.slice(0, 7), {
      epochs: 2,
      sampleWeight: sampleWeight.slice(0, 7),
      validationData: [X.slice(7), Y.slice(7)],
    });
    expect([loss, valLoss]).toEqual([expected.loss, expected.valLoss]);
    other.fit(X, Y, { epochs: 2, validationSplit: 0.3, sampleWeight: sampleWeight.map((weight, r) => (r < 7 ? weight : 0)) });
    expect(weightsOf(other)).toEqual(weightsOf(nn));
    expect(weightsOf(byHand)).toEqual(weightsOf(nn));
  });

  test("class indices are held out in the same way", () => {
    const settings = {
      layers: [3, 6, 3],
      loss: "categoricalCrossentropy",
      batchSize: 4,
      seed: 3,
      epochs: 3,
      ...options,
    } as const;
    const classes = labels(10, 3, 6);
    const [indices, rows] = [new NN(settings), new NN(settings)];
    const { valLoss, valAccuracy } = indices.fit(X, classes, { validationSplit: 0.4 });
    expect(rows.fit(X, oneHot(classes, 3), { validationSplit: 0.4 })).toMatchObject({ valLoss, valAccuracy });
    expect(indices.evaluate(X.slice(6), classes.slice(6))).toEqual({ loss: valLoss![2], accuracy: valAccuracy![2] });
    const validationData: FitOptions["validationData"] = [X.slice(6), new Uint8Array(classes.slice(6))];
    const data = new NN(settings).fit(X.slice(0, 6), classes.slice(0, 6), { validationData });
    expect(data).toMatchObject({ valLoss, valAccuracy });
  });
});
