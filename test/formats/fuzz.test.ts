// Thousands of mutants of good files and values, made by someone who knows the format: checksums are right again. Each is
// refused with a ModelFormatError, or is a network that predicts, trains and saves.
import { afterAll, beforeAll, expect, test } from "vitest";
import { DivergenceError, ModelFormatError, NN } from "../../src/index.js";
import { integers, seededState } from "../../src/model/random.js";
import { table } from "../nn/support.js";
import { tries } from "../sampling.js";
import { forge, small } from "./support.js";

const MUTANTS = tries(10_000, 1500);
// Mostly in the plain engine: to make a WebAssembly memory takes longer than all the rest.
const NETWORKS = [
  small({ layers: [1, 1], optimizer: "sgd", inputScaling: "none", backend: "js" }),
  small({
    layers: [2, { units: 2, activation: "relu", dropout: 0.5 }, { units: 1, bias: false }],
    targetScaling: "minmax",
    loss: "meanSquaredError",
    backend: "js",
  }),
  small({ layers: [2, 2], optimizer: { name: "sgd", momentum: 0.9 }, dtype: "float64", l2: 0.1, clipNorm: 1, backend: "js" }),
  small({ layers: [1, { units: 1, activation: "gelu" }] }),
];

// Recording the stacks of thousands of errors would take much of the time.
const { stackTraceLimit } = Error;
beforeAll(() => void (Error.stackTraceLimit = 0));
afterAll(() => void (Error.stackTraceLimit = stackTraceLimit));

type Random = (below: number) => number;
const seeded = (seed: number): Random => {
  const draw = integers(seededState(seed));
  return (below) => draw() % below;
};

const SPECIAL: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -0,
  1,
  -1,
  2,
  3,
  4,
  0.5,
  1e9,
  1e-300,
  5e-324,
  1e308,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 53,
  -(2 ** 53),
  1e19,
  "",
  "0",
  "1",
  "NaN",
  "sgd",
  "adam",
  "rmsprop",
  "float64",
  "F64",
  "softmax",
  "linear",
  "standard",
  "none",
  "categoricalCrossentropy",
  "binaryCrossentropy",
  "huber",
  "js",
  "x".repeat(300),
  [],
  {},
  [1],
  [0, 0],
  [null],
  [[]],
  [1, 1],
  [2, 1, 1],
  { length: 2 },
  { name: "adam" },
  { units: 1 },
  { kernel: [1], bias: [1] },
  { shift: [0], scale: [1] },
];
const NAMES = [
  "units",
  "bias",
  "name",
  "__proto__",
  "constructor",
  "toString",
  "length",
  "kernel",
  "input",
  "momentum",
  "layers.0.weight",
  "layers.1.bias",
  "epoch",
  "",
];

/** Changes one place of a value, somewhere in its depth. */
function mutate(root: object, random: Random): void {
  const places: [Record<string, unknown>, string][] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || !value) return;
    for (const key of Object.keys(value)) {
      places.push([value as Record<string, unknown>, key]);
      visit((value as Record<string, unknown>)[key]);
    }
  };
  visit(root);
  if (!places.length) return;
  const [holder, key] = places[random(places.length)];
  const [other, otherKey] = places[random(places.length)];
  const copy = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));
  const put = (name: string, value: unknown): void =>
    void Object.defineProperty(holder, name, { value, enumerable: true, configurable: true, writable: true });
  const special = (): unknown => copy(SPECIAL[random(SPECIAL.length)]);
  const value = holder[key];
  const ways: (() => unknown)[] = [
    () => put(key, special()),
    () => put(key, copy(other[otherKey])),
    () => (Array.isArray(holder) ? holder.splice(Number(key), 1) : delete holder[key]),
    () => (Array.isArray(holder) ? holder.splice(Number(key), 0, special()) : put(NAMES[random(NAMES.length)], special())),
    () => ([holder[key], other[otherKey]] = [copy(other[otherKey]), copy(value)]),
    () => put(key, typeof value === "number" ? value + [1, -1, 0.5, 1e300, -2 * value][random(5)] : [value]),
    () =>
      put(
        key,
        typeof value === "string" ? value.slice(0, random(value.length + 1)) + value.slice(random(value.length + 1)) : special(),
      ),
  ];
  ways[random(ways.length)]();
}

/** Cuts, doubles or overwrites a piece of a text. */
function garble(text: string, random: Random): string {
  const at = random(text.length);
  const end = at + random(12);
  const pieces = [
    "",
    text.slice(at, end).repeat(2),
    text.slice(random(text.length)).slice(0, 9),
    '{}[]",:0e-\\'[random(11)],
    "1e999",
    "-",
    "9".repeat(20),
  ];
  return text.slice(0, at) + pieces[random(pieces.length)] + text.slice(end);
}

function mutantFile(file: Uint8Array, random: Random): Uint8Array {
  const way = random(8);
  const times = 1 + random(2);
  return forge(
    file,
    (forgery) => {
      const { header, description, metadata, data } = forgery;
      for (let i = 0; i < times; i++) {
        if (way < 3) mutate(description, random);
        else if (way === 3) mutate(header, random);
        else if (way === 4) metadata["wasmlp"] = garble(String(metadata["wasmlp"]), random);
        else if (way === 5) data[random(data.length)] = random(256);
        else if (way === 6) forgery.data = new Uint8Array([...data, ...data]).subarray(random(5), random(2 * data.length + 1));
      }
    },
    (text) => (way === 7 ? garble(text, random) : text),
  );
}

function mutantValue(nn: NN, random: Random): unknown {
  const text = JSON.stringify(nn);
  if (random(4) === 0) {
    try {
      return JSON.parse(garble(text, random));
    } catch {
      // Invalid JSON, which a caller of fromJSON would have noticed.
    }
  }
  const value = JSON.parse(text) as object;
  for (let i = 1 + random(2); i > 0; i--) mutate(value, random);
  return value;
}

/** Uses a network in every way that a bad one might fail; or, which is quicker, in one. Rows may not suit it. */
function use(nn: NN, every: boolean): void {
  try {
    useRows(nn, every);
  } catch (error) {
    if (
      !(error instanceof RangeError && /^[xy]\[\d+\](\[\d+\])? is .*(which scaling makes|the last layer's)/.test(error.message))
    )
      throw error;
  }
}

function useRows(nn: NN, every: boolean): void {
  const inputs = nn.layers[0].inputs;
  const outputs = nn.layers.at(-1)!.units;
  const x = table(2, inputs);
  const out = nn.predict(Float64Array.from(x.flat()));
  if (out.length !== 2 * outputs) throw new Error(`${out.length} outputs`);
  if (!every) return;
  const again = NN.load(nn.save());
  if (again.parameterCount !== nn.parameterCount) throw new Error("another network after saving");
  try {
    nn.partialFit(x, [
      Array.from({ length: outputs }, (_, i) => Number(i === 0)),
      Array.from({ length: outputs }, (_, i) => Number(i === 0)),
    ]);
  } catch (error) {
    if (!(error instanceof DivergenceError)) throw error;
  }
  NN.fromJSON(nn.toJSON());
}

test.each<[string, (network: (typeof NETWORKS)[number], random: Random) => () => NN]>([
  [
    "files",
    ({ file }, random) => {
      const mutant = mutantFile(file, random);
      return () => NN.load(mutant);
    },
  ],
  [
    "values",
    ({ nn }, random) => {
      const mutant = mutantValue(nn, random);
      return () => NN.fromJSON(mutant);
    },
  ],
])("%s: a ModelFormatError, with a short message, or a network that works", (_name, make) => {
  const strange: string[] = [];
  let loaded = 0;
  for (let seed = 0; seed < MUTANTS; seed++) {
    const random = seeded(seed);
    const restore = make(NETWORKS[seed % 20 ? seed % 3 : 3], random);
    let nn: NN | undefined;
    try {
      nn = restore();
    } catch (error) {
      if (!(error instanceof ModelFormatError) || error.message.length > 500)
        strange.push(`${seed}: ${String(error).slice(0, 200)}`);
    }
    if (!nn) continue;
    loaded++;
    try {
      use(nn, loaded % 3 === 0);
    } catch (error) {
      strange.push(`${seed} in use: ${String(error).slice(0, 200)}`);
    }
  }
  expect(strange.slice(0, 10)).toEqual([]);
  // Neither kind is rare: mutants get far, and they matter.
  expect(loaded).toBeGreaterThan(MUTANTS / 20);
  expect(MUTANTS - loaded).toBeGreaterThan(MUTANTS / 4);
});
