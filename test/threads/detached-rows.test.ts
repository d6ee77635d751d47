// Rows in the network's own memory whose arrays are detached in the middle of a call, because that memory has to grow for others.
import { describe, expect, test } from "vitest";
import { NN, type FitOptions, type NetworkOptions } from "../../src/index.js";
import { BACKENDS } from "../backends.js";
import { weightsOf } from "../nn/support.js";

const ROWS = 40,
  INPUTS = 3;
/** So many validation rows that the memory has to grow for them. */
const MANY = 300_000;
const value = (i: number): number => ((i * 37) % 101) / 101;

describe.each(BACKENDS)("$name", ({ options }) => {
  const rowsOf = (flat: Float32Array): Float32Array[] =>
    Array.from({ length: ROWS }, (_, r) => flat.subarray(r * INPUTS, (r + 1) * INPUTS));
  const validationData = [new Float32Array(MANY * INPUTS), new Float32Array(MANY).fill(0.5)] as const;

  test.each<[string, Partial<NetworkOptions>, (flat: Float32Array) => Float32Array | Float32Array[], FitOptions]>([
    ["flat", {}, (flat) => flat, { validationData }],
    ["flat and scaled", { inputScaling: "standard" }, (flat) => flat, { validationData }],
    ["as a list of rows", {}, rowsOf, { validationData }],
    ["as a list of rows that are scaled", { inputScaling: "minmax" }, rowsOf, { validationData }],
  ])("rows of inputBuffer %s train as rows of an array do", (_title, more, shape, fit) => {
    const make = (): NN => new NN({ layers: [INPUTS, 4, 1], epochs: 2, seed: 1, ...options, ...more });
    const [nn, expected] = [make(), make()];
    const buffer = nn.inputBuffer(ROWS) as Float32Array;
    const own = Float32Array.from(buffer, (_, i) => value(i));
    buffer.set(own);
    const y = Float32Array.from({ length: ROWS }, (_, r) => value(r * 7));
    expect(nn.fit(shape(buffer), y, fit).valLoss).toEqual(expected.fit(shape(own), y, fit).valLoss);
    expect(weightsOf(nn)).toEqual(weightsOf(expected));
  });

  test("targets in inputBuffer train as targets of an array do", () => {
    const make = (): NN => new NN({ layers: [INPUTS, 4, INPUTS], epochs: 2, seed: 1, ...options });
    const [nn, expected] = [make(), make()];
    const buffer = nn.inputBuffer(ROWS) as Float32Array;
    const own = Float32Array.from(buffer, (_, i) => value(i));
    buffer.set(own);
    const fit = { validationData: [new Float32Array(MANY * INPUTS), new Float32Array(MANY * INPUTS)] } as const;
    const x = Float32Array.from(own, (each) => each / 2);
    expect(nn.fit(x, buffer, fit).loss).toEqual(expected.fit(x, own, fit).loss);
  });
});
