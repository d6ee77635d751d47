// The layout of a file, read by the few lines of support.ts, which do not use the library.
import { describe, expect, test } from "vitest";
import { NN, type LayerWeights, type NetworkOptions } from "../../src/index.js";
import { CASES, flat } from "../nn/support.js";
import { FULL, OPTIMIZERS, X, Y, crc32, put, take } from "./support.js";

const SHAPES: [string, NetworkOptions["layers"]][] = [
  ["one unit", [1, 1]],
  ["one unit without bias", [1, { units: 1, bias: false }]],
  ["odd sizes", [3, 7, { units: 5, bias: false }, 2]],
  ["twelve layers", [2, ...Array.from({ length: 12 }, (_, l) => 1 + (l % 5))]],
  ["wide", [65, 33, 130]],
];

/** A block's numbers in the order of the file: every kernel transposed, then its bias. */
const inFileOrder = (nn: NN, block: readonly { kernel: ArrayLike<number>; bias?: ArrayLike<number> }[]): number[] =>
  block.flatMap(({ kernel, bias }, l) => {
    const { inputs, units } = nn.layers[l];
    const transposed = Array.from({ length: units * inputs }, (_, at) => kernel[(at % inputs) * units + Math.floor(at / inputs)]);
    return [...transposed, ...Array.from(bias ?? [])];
  });

function numbers(bytes: Uint8Array, dtype: string): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return dtype === "F32"
    ? Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true))
    : Array.from({ length: bytes.length / 8 }, (_, i) => view.getFloat64(8 * i, true));
}

test("the checksum of this suite is CRC-32", () => {
  expect(crc32(new TextEncoder().encode("123456789"))).toBe("cbf43926");
});

describe.each(CASES)("$name", ({ options, dtype }) => {
  const [type, size] = dtype === "float32" ? ["F32", 4] : ["F64", 8];

  test.each(SHAPES)("%s: header, tensors and their places", (_name, layers) => {
    const nn = new NN({ layers, seed: 3, ...options });
    const file = nn.save();
    const { tensors, metadata, text, data } = take(file);
    expect(text[0]).toBe("{");
    expect(JSON.stringify(JSON.parse(text))).toBe(text.replace(/ +$/, ""));
    expect((file.length - data.length) % 8).toBe(0);
    expect(Object.values(metadata).every((value) => typeof value === "string")).toBe(true);
    expect(Object.keys(tensors)).toEqual(
      nn.layers.flatMap(({ bias }, l) => [`layers.${l}.weight`, ...(bias ? [`layers.${l}.bias`] : [])]),
    );
    let end = 0;
    for (const [
      name,
      {
        dtype: entryType,
        shape,
        data_offsets: [from, to],
      },
    ] of Object.entries(tensors)) {
      const [, l, part] = name.split(".");
      const { inputs, units } = nn.layers[Number(l)];
      expect(entryType).toBe(type);
      expect(shape).toEqual(part === "weight" ? [units, inputs] : [units]);
      expect(from).toBe(end);
      expect(to - from).toBe(shape.reduce((a, b) => a * b) * size);
      end = to;
    }
    expect(end).toBe(data.length);
  });

  test("tensors are the weights of getWeights, transposed", () => {
    const nn = new NN({ ...FULL, ...options });
    nn.fit(X, Y);
    const { tensors, data } = take(nn.save());
    nn.getWeights().forEach(({ kernel, bias }: LayerWeights, l) => {
      const { inputs, units } = nn.layers[l];
      const read = (part: string): number[] => numbers(data.subarray(...tensors[`layers.${l}.${part}`].data_offsets), type);
      const weight = read("weight");
      for (let u = 0; u < units; u++) for (let i = 0; i < inputs; i++) expect(weight[u * inputs + i]).toBe(kernel[i * units + u]);
      if (bias) expect(read("bias")).toEqual([...bias]);
    });
    expect(numbers(data, type)).toEqual(inFileOrder(nn, nn.getWeights()));
  });

  test.each(OPTIMIZERS)("the optimizer's state is laid out like the tensors, slot by slot, $name %#", (optimizer) => {
    const nn = new NN({ ...FULL, ...options, optimizer });
    nn.fit(X, Y);
    const { metadata, data } = take(nn.save());
    const { slots, step, epoch } = nn.toJSON();
    expect(slots.length).toBe({ sgd: "momentum" in optimizer ? 1 : 0, rmsprop: 1, adam: 2, adamw: 2 }[optimizer.name]);
    const state = Uint8Array.from(atob(metadata["optimizer"]), (character) => character.charCodeAt(0));
    expect(state.length).toBe(slots.length * data.length);
    expect(numbers(state, type)).toEqual(slots.flatMap((slot) => inFileOrder(nn, slot)));
    expect(numbers(state, type).every((value) => value === 0)).toBe(slots.length === 0);
    expect([step, epoch]).toEqual([9, 3]);
  });

  test("the checksum is that of the file with zeros in its place", () => {
    const nn = new NN({ ...FULL, ...options });
    nn.fit(X, Y);
    const file = nn.save();
    const { text, metadata, data } = take(file);
    expect(metadata["checksum"]).toMatch(/^[0-9a-f]{8}$/);
    expect(put(text.replace(`"checksum":"${metadata["checksum"]}"`, '"checksum":"00000000"'), data)).toEqual(file);
  });

  test("the metadata describes the network: what its constructor takes, and where training stands", () => {
    const nn = new NN({ ...FULL, ...options, optimizer: { name: "sgd", momentum: 0.5 } });
    nn.fit(X, Y);
    const { metadata } = take(nn.save());
    expect(Object.keys(metadata).sort()).toEqual(["checksum", "optimizer", "wasmlp"]);
    const description = JSON.parse(metadata["wasmlp"]) as {
      version: number;
      options: NetworkOptions;
      step: number;
      epoch: number;
    };
    const { format, weights, slots, ...rest } = JSON.parse(JSON.stringify(nn)) as ReturnType<NN["toJSON"]>;
    expect(description).toEqual(rest);
    expect(format).toBe("wasmlp");
    expect([description.version, description.step, description.epoch]).toEqual([1, 9, 3]);
    expect(description.options).toMatchObject({
      loss: FULL.loss,
      optimizer: { name: "sgd", momentum: 0.5, nesterov: false },
      learningRate: 0.01,
      seed: 77,
      dtype,
    });
    expect(weights.flatMap(({ kernel, bias }) => [...kernel, ...(bias ?? [])])).toEqual(flat(nn.getWeights()));
    expect(slots.length).toBe(1);
    const again = new NN({ ...description.options, batchSize: 4 });
    expect(again.layers).toEqual(nn.layers);
  });
});
