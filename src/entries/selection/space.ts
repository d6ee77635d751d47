// Spaces of options: what a search varies, and how one point of it is chosen.
import type { NetworkOptions } from "../../index.js";
import { finite, isObject, listOf, number, outOfRange, refuse } from "../../options/checks.js";

/** Any of some values, which may hold parameters themselves. */
export interface OneOf<T> {
  readonly oneOf: readonly T[];
}
/** A number between two others: evenly, evenly in its logarithm, or an integer with both ends included. */
export type NumberRange =
  | { readonly uniform: readonly [low: number, high: number] }
  | { readonly logUniform: readonly [low: number, high: number] }
  | { readonly integer: readonly [low: number, high: number] };

/** A value of type T, in which any part may be a parameter. */
export type Space<T> = Fixed<T> | OneOf<Space<T>> | ([Extract<T, number>] extends [never] ? never : NumberRange);
type Fixed<T> = T extends (...args: never[]) => unknown
  ? never
  : T extends readonly (infer E)[]
    ? readonly Space<E>[]
    : T extends object
      ? { [K in keyof T]: Space<T[K]> }
      : T;

/** Options of a network in which any value may be `oneOf`, `uniform`, `logUniform` or `integer`. */
export type NetworkSpace = Fixed<NetworkOptions>;

/**
 * Any of these values, each as likely as the others. A value may hold parameters of its own, which count only where it is chosen.
 * @example
 * oneOf(["adam", { name: "sgd", learningRate: logUniform(1e-3, 1), momentum: oneOf([0, 0.9]) }])
 */
export const oneOf = <const T>(values: readonly T[]): OneOf<T> => ({ oneOf: values });
/** A number between `low` and `high`. */
export const uniform = (low: number, high: number): NumberRange => ({ uniform: [low, high] });
/** A number between `low` and `high` whose logarithm is drawn evenly: for learning rates and the like. `low` is above 0. */
export const logUniform = (low: number, high: number): NumberRange => ({ logUniform: [low, high] });
/** An integer from `low` to `high`, both included. */
export const integer = (low: number, high: number): NumberRange => ({ integer: [low, high] });

const KINDS = {
  oneOf: <T>(value: T): T => value,
  uniform: finite,
  logUniform: number((value) => value > 0 && value < Infinity, "a finite number above 0"),
  integer: number(Number.isSafeInteger, "an integer"),
};

/** What chooses a point of a space. */
export interface Chooser {
  /** One of so many values, counted from 0. */
  pick(of: number): number;
  /** A number in [0, 1), for a parameter that has no list of values. */
  draw(where: string): number;
}

/** The maximum depth of lists and objects, more than options need. */
const DEEPEST = 20;

/**
 * One point of a space: its parameters replaced by values, the rest copied.
 * @throws TypeError, RangeError that name the place of what is no data or no parameter
 */
export function choosePoint(space: unknown, chooser: Chooser, where = "space", depth = 0): unknown {
  if (depth > DEEPEST) outOfRange(`${where} is nested too deeply`);
  const inner = (value: unknown, place: string): unknown => choosePoint(value, chooser, place, depth + 1);
  if (Array.isArray(space)) return space.map((value, i) => inner(value, `${where}[${i}]`));
  if (!isObject(space)) {
    if (["string", "boolean", "number"].includes(typeof space)) return space;
    refuse(where, space, "a value that JSON has, or oneOf, uniform, logUniform or integer", true);
  }
  const entries = Object.entries(space).filter(([, value]) => value !== undefined);
  const [kind, given] = entries[0] ?? [];
  if (entries.length !== 1 || !Object.hasOwn(KINDS, kind!)) {
    return Object.fromEntries(entries.map(([key, value]) => [key, inner(value, `${where}.${key}`)]));
  }
  const list = listOf(KINDS[kind as keyof typeof KINDS] as (value: unknown) => unknown)(given, where);
  if (kind === "oneOf" && list.length) return inner(list[chooser.pick(list.length)], where);
  const [low, high] = list as number[];
  if (list.length !== 2 || low! > high!) {
    outOfRange(
      `${where} is ${kind}(${list.slice(0, 3).join(", ")}); it must have ${kind === "oneOf" ? "values" : "a lowest number, then a highest"}`,
    );
  }
  return chooseNumber(kind!, low!, high!, chooser, where);
}

function chooseNumber(kind: string, low: number, high: number, chooser: Chooser, where: string): number {
  if (kind === "integer") return low + chooser.pick(high - low + 1);
  const share = chooser.draw(where);
  const value = kind === "uniform" ? low + share * (high - low) : Math.exp(Math.log(low) + share * Math.log(high / low));
  // Six digits: engines differ in the last ones of exp and log.
  return Math.min(high, Math.max(low, Number(value.toPrecision(6))));
}

/** Every point of a space, one after another. */
export function* gridPoints(space: unknown, draw: Chooser["draw"]): Generator<unknown> {
  /** The choices that lead to a point, each with how many there were. */
  const path: { at: number; of: number }[] = [];
  do {
    let depth = 0;
    yield choosePoint(space, { pick: (of) => (path[depth] ??= { at: 0, of }) && path[depth++]!.at, draw });
    while (path.length && path.at(-1)!.at + 1 === path.at(-1)!.of) path.pop();
    if (path.length) path.at(-1)!.at++;
  } while (path.length);
}
