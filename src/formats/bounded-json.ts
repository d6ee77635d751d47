// Parses JSON from a file, within bounds on the number of its values. Parsed values take many times the memory of their text (`{}` takes
// 56 bytes instead of 2), so without bounds a small file could exhaust the memory of the process.
import { malformed } from "../errors.js";
import { isObject } from "../options/checks.js";

/** The most that a text may hold: lists and objects, commas between values, and texts, the names of entries among them. */
export interface Bounds {
  readonly containers: number;
  readonly commas: number;
  readonly texts?: number;
}

/** The maximum depth of nesting; a valid file has less. */
const DEEPEST = 8;

/** Counts what a JSON text holds, without parsing it; refuses what is nested deeper than `deepest`. */
export function scanJson(text: string, name: string, deepest: number): Required<Bounds> & { readonly keys: number } {
  let [depth, containers, commas, keys, texts, quoted] = [0, 0, 0, 0, 0, false];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (quoted) {
      // A backslash escapes the next character.
      if (code === 92) i++;
      else quoted = code !== 34;
    } else if (code === 34) {
      quoted = true;
      texts++;
    } else if (code === 44) commas++;
    else if (code === 58) keys++;
    else if ((code | 32) === 123) {
      containers++;
      if (++depth > deepest) malformed(`${name} is nested too deeply`);
    } else if ((code | 32) === 125) depth--;
  }
  return { containers, commas, texts, keys };
}

/** @throws ModelFormatError */
export function parseBounded(text: string, name: string, most: Bounds): Record<string, unknown> {
  const { containers, commas, texts, keys } = scanJson(text, name, DEEPEST);
  if (containers > most.containers || commas > most.commas || texts > (most.texts ?? Infinity))
    malformed(`${name} holds more than a network of this file's size can have`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    malformed(`${name} is not JSON`);
  }
  // Readers differ in which of two equal keys they use, so safetensors forbids them.
  if (countKeys(value) !== keys) malformed(`${name} has two entries of one name`);
  return object(value, name);
}

function countKeys(value: unknown): number {
  if (typeof value !== "object" || !value) return 0;
  // A loop: lists are long. Without a copy of them, in which each number is an object.
  const items: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  let count = items === value ? 0 : items.length;
  for (let i = 0; i < items.length; i++) count += countKeys(items[i]);
  return count;
}

export function object(value: unknown, name: string): Record<string, unknown> {
  if (isObject(value) && !Array.isArray(value)) return value as Record<string, unknown>;
  malformed(`${name} is missing or not an object`);
}
