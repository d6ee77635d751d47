// Error handling shared by the readers of other libraries' models. The core is imported from its public entry, so that bundles contain it
// only once.
import { ModelFormatError } from "../index.js";
import { isObject, show } from "../options/checks.js";

export function malformed(message: string): never {
  throw new ModelFormatError(message);
}

/** Turns every error of reading an untrusted value into a ModelFormatError. */
export function asFormatErrors<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof ModelFormatError ? error : new ModelFormatError((error as Error).message);
  }
}

export function record(value: unknown, name: string): Record<string, unknown> {
  if (isObject(value) && !Array.isArray(value)) return value as Record<string, unknown>;
  malformed(`${name} is ${show(value)}; it must be an object`);
}

export function list(value: unknown, name: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  malformed(`${name} is ${show(value)}; it must be an array`);
}
