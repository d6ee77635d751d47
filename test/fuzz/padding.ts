// The invariant of linear memory that every loop over whole vectors relies on: the padding of parameters, of the optimiser's slots, of both
// snapshots and of gradients is zero, and so is the block of zeros where sums without a bias start.
import { expect } from "vitest";
import { Address } from "../../assembly/abi.js";
import { networkLayout } from "../../src/engine/wasm/layout.js";
import { slotCount } from "../../src/model/parameters.js";
import type { ModelSpec } from "../../src/model/spec.js";

/** What `make` returns, and the memory that it has allocated for a network; undefined for the plain engine. */
export function watchMemory<R>(make: () => R): { made: R; memory: WebAssembly.Memory | undefined } {
  const { Memory } = WebAssembly;
  let memory: WebAssembly.Memory | undefined;
  const keep = (allocated: WebAssembly.Memory): void => void (memory = allocated);
  WebAssembly.Memory = class extends Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super(descriptor);
      keep(this);
    }
  };
  try {
    return { made: make(), memory };
  } finally {
    WebAssembly.Memory = Memory;
  }
}

export function expectZeroPadding(memory: WebAssembly.Memory, spec: ModelSpec, what: string): void {
  const layout = networkLayout(spec);
  const { itemBytes, parameters, parameterBytes, state, snapshot, olderSnapshot, gradients } = layout;
  const numbers = itemBytes === 4 ? new Float32Array(memory.buffer) : new Float64Array(memory.buffer);
  const expectZeros = (from: number, to: number, where: string): void => {
    for (let i = from / itemBytes; i < to / itemBytes; i++) {
      if (numbers[i] !== 0) expect.fail(`${what}: ${where} holds ${numbers[i]} at byte ${i * itemBytes}`);
    }
  };
  expectZeros(Address.Zeros, Address.Zeros + 64, "the block of zeros");
  const blocks: [string, number][] = [["gradients", gradients]];
  for (const [name, at] of [
    ["the state", state],
    ["a snapshot", snapshot],
    ["the older snapshot", olderSnapshot],
  ] as const) {
    for (let slot = 0; slot <= slotCount(spec.optimizer); slot++)
      blocks.push([`block ${slot} of ${name}`, at - state + parameters + slot * parameterBytes]);
  }
  for (const [name, block] of blocks) {
    layout.layers.forEach(({ kernel, bias, inputs, units, stride }, l) => {
      const [first, afterwards] = [kernel, bias].map((address) => address - parameters + block) as [number, number];
      const row = stride * itemBytes,
        used = units * itemBytes;
      for (let i = 0; i < inputs; i++)
        expectZeros(first + i * row + used, first + (i + 1) * row, `${name}, layer ${l}, row ${i}`);
      expectZeros(first + inputs * row, afterwards, `${name}, layer ${l}, behind the last row`);
      expectZeros(afterwards + (spec.layers[l]!.bias ? used : 0), afterwards + row, `${name}, layer ${l}, bias`);
    });
  }
}
