// What readers of other libraries' models share: how they refuse. The core comes by its public entry, lest bundles have it twice.
import { ModelFormatError } from "../index.js";
import { isObject, show } from "../options/checks.js";

export function malformed(message: string): never {
  throw new ModelFormatError(message);
}

/** Turns whatever a hostile value makes the reading fail with into a ModelFormatError. */
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
