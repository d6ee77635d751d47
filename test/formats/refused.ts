// How a hostile file or value must be refused: as a ModelFormatError, at once, and without a large allocation.
import { afterEach, expect, vi } from "vitest";
import { formatError } from "./support.js";

/** More bytes or numbers than any of these little networks could want. */
const LARGE = 2 ** 20;
const ARRAYS = ["ArrayBuffer", "Uint8Array", "Uint32Array", "Float32Array", "Float64Array"] as const;
const restore = (): void => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
};
afterEach(restore);

/** The message of a ModelFormatError, thrown soon, before any large array or any WebAssembly.Memory was made. */
export function refused(call: () => unknown): string {
  const large: string[] = [];
  for (const name of ARRAYS) {
    const construct = (target: ArrayBufferConstructor, args: unknown[], newTarget: ArrayBufferConstructor): object => {
      const size = Number(typeof args[0] === "object" && args[0] && "length" in args[0] ? args[0].length : args[0]);
      if (size > LARGE) {
        large.push(`${name} of ${size}`);
        throw new Error(large[0]);
      }
      return Reflect.construct(target, args, newTarget) as object;
    };
    vi.stubGlobal(name, new Proxy(globalThis[name] as unknown as ArrayBufferConstructor, { construct }));
  }
  const memory = vi.spyOn(WebAssembly, "Memory");
  let message: string;
  let memories: number;
  try {
    message = formatError(call);
  } finally {
    memories = memory.mock.calls.length;
    restore();
  }
  expect(large).toEqual([]);
  expect(memories).toBe(0);
  expect(({} as { polluted?: unknown }).polluted).toBe(undefined);
  return message;
}

/** A list in a list in a list …, as JSON. */
export const deep = (depth: number, inner = ""): string => "[".repeat(depth) + inner + "]".repeat(depth);
