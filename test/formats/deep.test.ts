// Networks of very many layers: nothing is spread over arguments, of which there can be some 100,000, and no layer costs a buffer.
import { expect, test, vi } from "vitest";
import { encode } from "../../src/formats/safetensors.js";
import { NN } from "../../src/index.js";
import { emptyBlock } from "../../src/model/parameters.js";
import { parseNetwork } from "../../src/options/network.js";

const DEEP = { layers: Array.from({ length: 140_001 }, () => 1), optimizer: "sgd", seed: 1 } as const;

test("a network of 140,000 layers is saved, loaded and summed up", () => {
  const nn = new NN(DEEP);
  const loaded = NN.load(nn.save());
  expect(loaded.parameterCount).toBe(280_000);
  const expected = nn.getWeights();
  const other = loaded
    .getWeights()
    .findIndex(({ kernel, bias }, l) => kernel[0] !== expected[l].kernel[0] || bias?.[0] !== expected[l].bias?.[0]);
  expect(other).toBe(-1);
  expect(expected).toHaveLength(140_000);
  expect(loaded.summary().split("\n")).toHaveLength(140_006);
});

test("saving allocates as many buffers for 100 layers as for 10", () => {
  const reads = (layers: number): number => {
    const settings = parseNetwork([{ layers: Array.from({ length: layers + 1 }, () => 2) }], () => 1);
    const block = (): ReturnType<typeof emptyBlock> => emptyBlock(settings.spec);
    const state = { parameters: block(), slots: [block(), block()], step: 0, epoch: 0 };
    const buffer = vi.spyOn(Object.getPrototypeOf(Uint8Array.prototype) as { buffer: ArrayBuffer }, "buffer", "get");
    try {
      encode({ settings, state, scalers: undefined });
      return buffer.mock.calls.length;
    } finally {
      buffer.mockRestore();
    }
  };
  expect(reads(100)).toBe(reads(10));
  expect(reads(10)).toBeGreaterThan(0);
});

test("a summary computes the widths of its columns once", () => {
  const looks = (layers: number): number => {
    const nn = new NN({ layers: Array.from({ length: layers + 1 }, () => 1), backend: "js" });
    const most = vi.spyOn(Math, "max");
    try {
      nn.summary();
      // Called for two widths at a time, or for many.
      return most.mock.calls.reduce((sum, widths) => sum + widths.length, 0);
    } finally {
      most.mockRestore();
    }
  };
  expect(looks(300) - looks(200)).toBe(looks(200) - looks(100));
});
