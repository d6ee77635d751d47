// Checks of options: a check is a small function, and an object of options is checked by a table of them. Every message names the
// option, its value, and what it must be; misspelt names get a suggestion.
import type { TypedArray } from "../public-types.js";

/** Returns the checked value of the option `name`, or throws a TypeError or RangeError. */
export type Check<T> = (value: unknown, name: string) => T;
export type Table = Record<string, Check<unknown>>;
export type Checked<T extends Table> = { -readonly [K in keyof T]?: ReturnType<T[K]> };

/** Whether a value is a typed array of numbers. A DataView has no length; bigints are not numbers. */
export const isTyped = (value: unknown): value is TypedArray =>
  ArrayBuffer.isView(value) && "length" in value && typeof (value as TypedArray)[0] !== "bigint";

/** Whether a value can be a list of numbers or rows. */
export const isList = (value: unknown): value is readonly unknown[] | TypedArray => Array.isArray(value) || isTyped(value);

export const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

/** The text of a value in messages. */
export const show = (value: unknown): string =>
  typeof value === "string"
    ? JSON.stringify(value.slice(0, 40))
    : typeof value === "bigint"
      ? BigInt.asIntN(64, value) === value
        ? value + "n"
        : "a huge bigint"
      : typeof value === "function"
        ? "a function"
        : Array.isArray(value)
          ? "an array of " + value.length
          : value && typeof value === "object"
            ? "an object"
            : String(value);

/** `1 value`, `2 values`. */
export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

export function outOfRange(message: string): never {
  throw new RangeError(message);
}

/** A TypeError when `value` is of the wrong type, a RangeError when only the value is wrong. */
export function refuse(name: string, value: unknown, must: string, wrongType?: boolean): never {
  const message = `${name} is ${show(value)}; it must be ${must}`;
  if (wrongType) throw new TypeError(message);
  outOfRange(message);
}

export const number =
  (isRight: (value: number) => boolean, must: string): Check<number> =>
  (value, name) =>
    typeof value === "number" && isRight(value) ? value : refuse(name, value, must, typeof value !== "number");

/** A check of the type alone. */
export const thing =
  <T>(isRight: (value: unknown) => boolean, must: string): Check<T> =>
  (value, name) =>
    isRight(value) ? (value as T) : refuse(name, value, must, true);

/** A list, each of whose entries passes a check. */
export const listOf =
  <T>(check: Check<T>): Check<readonly T[]> =>
  (value, name) =>
    Array.from(thing<readonly unknown[]>(Array.isArray, "an array")(value, name), (each, i) => check(each, `${name}[${i}]`));

export const boolean = thing<boolean>((value) => typeof value === "boolean", "true or false");

/** One of a list of names. Messages call it by the last part of the option's name: `unknown activation "relo"`. */
export const oneOf =
  <T extends string>(...names: readonly T[]): Check<T> =>
  (value, name) => {
    if (typeof value !== "string") refuse(name, value, "one of " + names.join(", "), true);
    if (names.includes(value as T)) return value as T;
    const path = name.split(".");
    const noun = path.pop()!;
    outOfRange(unknown(noun, value, names, path.join(".")));
  };

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
export const count = number(isCount, "0 or a positive integer");
const isPositive = (value: number): boolean => value > 0 && isCount(value);
export const positiveInteger = number(isPositive, "a positive integer");
const threadCount = number(isPositive, 'a positive integer or "auto"');
export const threads: Check<number | "auto"> = (value, name) => (value === "auto" ? value : threadCount(value, name));
export const batchSize = number((value) => value === Infinity || isPositive(value), "a positive integer or Infinity");
export const atLeast0 = number((value) => value >= 0 && value < Infinity, "a finite number, 0 or more");
export const above0 = number((value) => value > 0 && value < Infinity, "a finite number above 0");
export const finite = number(Number.isFinite, "a finite number");
export const fraction = number((value) => value >= 0 && value <= 1, "a number from 0 to 1");
export const below1 = number((value) => value >= 0 && value < 1, "a number from 0 to below 1");

/** Checks an object of options by a table, or by the `allowed` part of it. Undefined options count as absent. */
export function checkOptions<T extends Table>(
  options: unknown,
  table: T,
  where = "",
  allowed: readonly string[] = Object.keys(table),
): Checked<T> {
  if (!isObject(options) || Array.isArray(options)) {
    refuse(where || "options", options, "an object", true);
  }
  const checked: Record<string, unknown> = {};
  for (const key in options) {
    if (!allowed.includes(key)) throw new TypeError(unknown("option", key, allowed, where));
    const value = (options as Record<string, unknown>)[key];
    if (value !== undefined) checked[key] = table[key](value, where ? `${where}.${key}` : key);
  }
  return checked as Checked<T>;
}

function unknown(noun: string, word: string, names: readonly string[], where: string): string {
  let near = names.find((name) => name === OTHER_NAMES[simplify(word)]);
  for (let edits = 0; !near && edits <= Math.min(word.length / 3, 4) && word.length < 40; edits++) {
    near = names.find((name) => isNear(simplify(word), simplify(name), edits));
  }
  const hint = near ? `did you mean "${near}"?` : "choose from " + names.join(", ");
  return `${where && where + ": "}unknown ${noun} ${show(word)}; ${hint}`;
}

/**
 * Names in other libraries and textbooks, in lower case, for suggestions. Filled in by the options that need it, so that the bundles of
 * other entries do not contain it.
 */
export const OTHER_NAMES: Record<string, string> = {};

// "ReLU" and "val_loss" are recognised as "relu" and "valLoss".
const simplify = (word: string): string => word.toLowerCase().replace(/[_-]/g, "");

/** Whether two words are within an edit distance, counting insertions, deletions, substitutions and transpositions. */
function isNear(a: string, b: string, edits: number): boolean {
  const skip = (i: number, j: number, used: number): boolean => isNear(a.slice(i), b.slice(j), edits - used);
  if (a === b) return true;
  if (a[0] === b[0]) return skip(1, 1, 0);
  if (!edits) return false;
  return skip(1, 0, 1) || skip(0, 1, 1) || skip(1, 1, 1) || (a[0] === b[1] && a[1] === b[0] && skip(2, 2, 1));
}
