// Models of other libraries, changed at random places by a seeded generator: each becomes a network no larger than its numbers, or is
// refused with a ModelFormatError.
import { describe, expect, test } from "vitest";
import { fromBrain } from "../../src/entries/brain.js";
import { fromTFJS, toTFJS } from "../../src/entries/tfjs.js";
import { ModelFormatError, NN } from "../../src/index.js";
import { tries } from "../sampling.js";
import vectors from "../vectors/brain.json" with { type: "json" };

const MUTANTS = tries(12_000, 2000);

/** Mulberry32: integers below n. */
function generator(state: number): (n: number) => number {
  return (n) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * n);
  };
}

const sparse: unknown[] = [];
sparse.length = 2 ** 32 - 1;
const deep = JSON.parse("[".repeat(1000) + "]".repeat(1000)) as unknown;
const VALUES: readonly unknown[] = [
  null,
  undefined,
  true,
  false,
  0,
  -0,
  1,
  -1,
  2,
  3,
  0.5,
  1e9,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  1e308,
  NaN,
  Infinity,
  -Infinity,
  "",
  "0",
  "softmax",
  "relu",
  "Dense",
  "kernel",
  "__proto__",
  "x".repeat(1000),
  1n,
  Symbol("s"),
  [],
  {},
  [1],
  [[1]],
  { length: 1e9 },
  sparse,
  deep,
  { toString: null, valueOf: null },
  JSON.parse('{"__proto__":{"a":1}}'),
  new Proxy(
    {},
    {
      get: () => {
        throw new Error("trap");
      },
    },
  ),
  () => 1,
  new Date(NaN),
  new Float32Array(3),
  new Map(),
];

type Parent = Record<string, unknown>;
function* nodes(value: unknown): Generator<[Parent, string]> {
  for (const [key, child] of Object.entries(value as Parent)) {
    yield [value as Parent, key];
    if (typeof child === "object" && child !== null) yield* nodes(child);
  }
}

/** Replaces, removes, doubles or swaps one to three of the values in `value`. */
function mutate(value: unknown, random: (n: number) => number): void {
  const places = [...nodes(value)];
  for (let times = 1 + random(3); times > 0; times--) {
    const [parent, key] = places[random(places.length)];
    const [other, otherKey] = places[random(places.length)];
    switch (random(5)) {
      case 0:
        delete parent[key];
        break;
      case 1:
        if (Array.isArray(parent) && parent.length < 1000) parent.push(parent[random(parent.length)]);
        else parent[String(VALUES[random(VALUES.length - 20)])] = parent[key];
        break;
      case 2:
        parent[key] = other[otherKey];
        break;
      default:
        parent[key] = VALUES[random(VALUES.length)];
    }
  }
}

/** Reads a mutant; returns whether it became a network, of at most `most` parameters, that predicts. */
function isRead(read: () => NN, most: number, which: string): boolean {
  let nn: NN;
  try {
    nn = read();
  } catch (error) {
    if (error instanceof ModelFormatError && error.message.length < 400) return false;
    throw new Error(`${which}: ${String(error)}`, { cause: error });
  }
  if (nn.parameterCount > most) throw new Error(`${which} became a network of ${nn.parameterCount} parameters`);
  nn.predict([Array.from({ length: nn.layers[0].inputs }, () => 0.5)]);
  return true;
}

const net = new NN({
  layers: [2, { units: 3, activation: "relu", dropout: 0.1 }, { units: 2, activation: "leakyRelu" }, 2],
  loss: "categoricalCrossentropy",
  seed: 1,
  optimizer: "sgd",
});
const { model: sequential, weights } = toTFJS(net);
const chain = (sequential.modelTopology["config"] as { layers: { config: { name: string } }[] }).layers;
const functional = {
  ...sequential,
  modelTopology: {
    class_name: "Functional",
    config: {
      layers: chain.map((layer, i) => ({
        ...layer,
        name: layer.config.name,
        inbound_nodes: i ? [[[chain[i - 1].config.name, 0, 0, {}]]] : [],
      })),
      input_layers: [["dense_1", 0, 0]],
      output_layers: [["dense_3", 0, 0]],
    },
  },
};

describe("mutants", () => {
  test.each([
    ["Sequential", sequential],
    ["functional", functional],
  ])("%s layers models", (_name, model) => {
    expect(fromTFJS(model, weights).getWeights()).toEqual(net.getWeights());
    const random = generator(1);
    let read = 0;
    for (let i = 0; i < MUTANTS / 2; i++) {
      const copy = structuredClone(model);
      mutate(copy, random);
      // One in eight also has other bytes, or fewer, or more.
      const bytes = random(8) ? weights : Uint8Array.from({ length: random(2 * weights.length) }, () => random(256));
      if (isRead(() => fromTFJS(copy, bytes), bytes.length / 4, `mutant ${i}`)) read++;
    }
    // Both outcomes occur: some changes have no effect, most have.
    expect(read).toBeGreaterThan(MUTANTS / 100);
    expect(read).toBeLessThan(MUTANTS / 4);
  });

  test.each([
    "1.6.1, leaky-relu",
    "1.6.1, keys that are numbers",
    "2.0.0-beta.24, tanh",
    "2.0.0-beta.24, object inputs and outputs",
  ])("brain.js %s", (name) => {
    const { trainOpts, ...json } = vectors.find((each) => each.name === name)!.json;
    const random = generator(2);
    let read = 0;
    for (let i = 0; i < MUTANTS / 4; i++) {
      const copy = structuredClone(json);
      mutate(copy, random);
      if (isRead(() => fromBrain(copy), 100, `mutant ${i}`)) read++;
    }
    expect(read).toBeGreaterThan(MUTANTS / 100);
    expect(read).toBeLessThan(MUTANTS / 5);
  });

  test("leave Object.prototype alone", () => {
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as { a?: unknown }).a).toBeUndefined();
  });
});
