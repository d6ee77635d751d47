// Thousands of damaged and forged files: each is read or refused as a ModelFormatError, and no other error, no hang
// and no large allocation. Mutants know the structure: they change single fields, drop, double and swap them, at any depth,
// with all lengths put right again, as well as bytes.
import { afterEach, expect, test, vi } from "vitest";
import { fromONNX, toONNX } from "../../src/entries/onnx.js";
import { ModelFormatError, NN, type Activation, type Dtype, type Scaling } from "../../src/index.js";
import { tries } from "../sampling.js";

/** A field of a message: its tag, and a number's bytes, or bytes, or a message's fields. */
interface Field {
  tag: number;
  bytes: number[];
  fields?: Field[];
}

const varint = (value: number): number[] => {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
};

/** Fields of bytes, where they are fields; a reader of its own, which looks at the wire format only. */
function parse(bytes: readonly number[]): Field[] | undefined {
  const fields: Field[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at++];
    const wire = tag & 7;
    if (tag < 8 || tag > 127) return undefined;
    const start = at;
    if (wire === 0) while (bytes[at++] > 127);
    else if (wire === 5) at += 4;
    else if (wire === 2) {
      let [length, unit] = [0, 1];
      for (let byte = 255; byte > 127; unit *= 128) length += ((byte = bytes[at++]) & 127) * unit;
      const inner = bytes.slice(at, at + length);
      at += length;
      if (inner.length !== length) return undefined;
      const isText = inner.every((byte) => byte > 31 && byte < 127);
      const inside = isText ? undefined : parse(inner);
      fields.push({ tag, bytes: inner, ...(inside && { fields: inside }) });
      continue;
    } else return undefined;
    fields.push({ tag, bytes: bytes.slice(start, at) });
  }
  return fields;
}

/** Mutations replace bytes and never change them in place, so they need no copies. */
const clone = (fields: readonly Field[]): Field[] =>
  fields.map(({ tag, bytes, fields: inner }) => (inner ? { tag, bytes, fields: clone(inner) } : { tag, bytes }));

function write(fields: readonly Field[]): number[] {
  const all: number[] = [];
  for (const { tag, bytes, fields: inner } of fields) {
    const content = inner ? write(inner) : bytes;
    all.push(tag);
    if ((tag & 7) === 2) all.push(...varint(content.length));
    for (const byte of content) all.push(byte);
  }
  return all;
}

let state = 20_241_128;
function random(below: number): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
}
const pick = <T>(list: readonly T[]): T => list[random(list.length)];

const NUMBERS = [
  [0],
  [1],
  [2],
  [7],
  [11],
  [127],
  [255, 1],
  [255, 255, 255, 255, 15],
  [255, 255, 255, 255, 255, 255, 255, 255, 255, 1],
  [128, 128, 128, 128, 16],
];

/** All lists of fields in a tree. */
const listsOf = (fields: Field[]): Field[][] => [fields, ...fields.flatMap(({ fields: inner }) => (inner ? listsOf(inner) : []))];

function mutate(root: Field[]): void {
  const list = pick(listsOf(root).filter(({ length }) => length));
  if (!list) return;
  const i = random(list.length);
  const field = list[i];
  const change = random(8);
  if (change === 0) list.splice(i, 1);
  else if (change === 1) list.splice(random(list.length + 1), 0, ...clone([field]));
  else if (change === 2) list.push(...list.splice(i, 1));
  else if (change === 3) field.tag = (field.tag & 7) | (random(16) << 3) || 8;
  else if (change === 4) field.tag = (field.tag & ~7) | random(8);
  else if ((field.tag & 7) === 0) field.bytes = pick(NUMBERS);
  else if (change === 5) {
    Object.assign(field, { fields: undefined, bytes: pick([[], [0], field.bytes.slice(1), [...field.bytes, ...field.bytes]]) });
  } else if (change === 6) {
    // One field's content in another's place: a name, a tensor, a node.
    const other = pick(pick(listsOf(root).filter(({ length }) => length)));
    Object.assign(field, { bytes: other.bytes, fields: other.fields && clone(other.fields) });
  } else if (field.bytes.length && !field.fields) {
    field.bytes = field.bytes.slice();
    field.bytes[random(field.bytes.length)] = random(256);
  }
}

/** Small files, so that a mutation is likely to hit something relevant. */
const fileWith = (activation: Activation, dtype: Dtype, scaling: Scaling): Uint8Array => {
  const layers = [2, { units: 2, activation: "swish" as const, bias: false }, { units: 2, activation }];
  const isSoftmax = activation === "softmax";
  const nn = new NN({
    layers,
    dtype,
    loss: isSoftmax ? "categoricalCrossentropy" : "meanSquaredError",
    seed: 1,
    inputScaling: scaling,
    targetScaling: isSoftmax ? "none" : scaling,
  });
  nn.fit(
    [
      [1, 2],
      [3, 5],
    ],
    [
      [0, 1],
      [1, 0],
    ],
    { epochs: 3 },
  );
  return toONNX(nn);
};
const FILES = [
  fileWith("leakyRelu", "float64", "standard"),
  fileWith("gelu", "float32", "minmax"),
  fileWith("softmax", "float32", "none"),
];
/** Enough to reach everything, and as many as there is time to make whole networks of. */
const COUNT = tries(20_000, 3000);
const WHOLE = tries(300, 100);
afterEach(() => vi.restoreAllMocks());

test(`${COUNT} mutants are read, or refused as a ModelFormatError`, () => {
  const made = vi.spyOn(NN, "fromJSON");
  const network = fromONNX(FILES[0]);
  const trees = FILES.map((file) => parse([...file])!);
  trees.forEach((tree, i) => expect(Uint8Array.from(write(tree))).toEqual(FILES[i]));
  const found = { read: 0, refused: 0 };
  const messages = new Set<string>();
  for (let n = 0; n < COUNT; n++) {
    if (n === WHOLE) made.mockImplementation(() => network);
    let bytes: Uint8Array;
    if (n % 4) {
      const tree = clone(pick(trees));
      for (let changes = random(3); changes >= 0; changes--) mutate(tree);
      bytes = Uint8Array.from(write(tree));
    } else {
      bytes = pick(FILES).slice();
      for (let changes = random(4); changes >= 0; changes--) bytes[random(bytes.length)] = random(256);
      if (!random(3)) bytes = bytes.subarray(0, random(bytes.length));
    }
    try {
      made.mockClear();
      fromONNX(bytes);
      const { weights } = made.mock.calls[0][0] as { weights: { kernel: Float32Array; bias?: Float32Array }[] };
      expect(weights.reduce((sum, { kernel }) => sum + kernel.length * 4, 0)).toBeLessThanOrEqual(bytes.length);
      found.read++;
    } catch (error) {
      if (!(error instanceof ModelFormatError)) throw new Error(`mutant ${n}: ${bytes.join(" ")}`, { cause: error });
      found.refused++;
      messages.add(error.message.replaceAll(/"[^"]*"|[\d.]+/g, "…"));
    }
  }
  // Mutants reach past the first check, and some change nothing that matters.
  expect(found.read).toBeGreaterThan(COUNT / 20);
  expect(found.refused).toBeGreaterThan(COUNT / 3);
  expect(messages.size).toBeGreaterThan(40);
});
