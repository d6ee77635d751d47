// What a TableModel can be told: options of the constructor and of `fit`, and their checks.
import type { AsyncFitOptions, ExtraOptions, FitOptions, LayerOptions } from "../../index.js";
import { NN } from "../../index.js";
import {
  above0, checkOptions, finite, isObject, oneOf, outOfRange, positiveInteger, refuse, show, thing, type Check,
} from "../../options/checks.js";
import { toBoolean, toNumber, toTime, type Label } from "./values.js";

const KINDS = ["number", "category", "boolean", "date", "ignore"] as const;
/** What a column holds. */
export type Kind = (typeof KINDS)[number];

/** What is known of a column beforehand. Everything else is found from the rows. */
export interface ColumnOptions {
  /** Default: found from the rows. */
  kind?: Kind;
  /**
   * What stands for a missing value (undefined, null, NaN, a blank text; in columns of numbers and dates also `NA`, `null`, `?`, …): `"mean"` or
   * `"median"` of the values that are there, or a value of the column's kind, such as `"unknown"` for a category. Default `"error"`.
   */
  missing?: "error" | "mean" | "median" | Label | Date;
  /**
   * The categories that get an input each, or how many of the most frequent do; all others are zeros. For a target: its classes, in this
   * order. Default: all that occur, for inputs the 1,000 most frequent.
   */
  categories?: readonly Label[] | number;
  /** Of a number, or of a date in days since 1970: what is subtracted, and what it is then divided by. Default: mean and deviation. */
  mean?: number;
  scale?: number;
}

/** A kind, or more about a column. Example: `{ kind: "number", missing: "median" }`. */
export type Column = Kind | ColumnOptions;

/** Every option of the network, and `hidden` for its layers; the table settles how many inputs and outputs there are. */
export interface TableNetworkOptions extends ExtraOptions {
  /** Units or `{ units, activation, … }` for each hidden layer. Default `[32]`. */
  hidden?: readonly (number | LayerOptions)[];
}

/** Options of a `TableModel`. A wrong type is a TypeError, a wrong value a RangeError. */
export interface TableOptions {
  /** The column to predict; or several columns of numbers. Required. */
  target: string | readonly string[];
  /** What is known of columns, by name. */
  columns?: Readonly<Record<string, Column>>;
  /**
   * Default: hidden `[32]`, activation `relu`, initializer `heNormal`; classes by `categoricalCrossentropy`, two included; numbers
   * by `meanSquaredError` with targets scaled to mean 0 and deviation 1.
   */
  network?: TableNetworkOptions;
}

/** Options of `fit`: those of the network's, with rows of the table and labels in the place of numbers. */
export interface TableFitOptions extends Omit<FitOptions, "validationData" | "classWeight"> {
  /** Rows that are only measured, after each epoch. Default none. */
  validationData?: Iterable<object>;
  /** The fraction of the rows kept for that, drawn by the network's seed, each class in its proportion. Default 0. */
  validationSplit?: number;
  /** A weight per label, in an object or a `Map`; `"balanced"` weights classes so that all count alike. Default 1. */
  classWeight?: Readonly<Record<string, number>> | ReadonlyMap<Label, number> | "balanced";
}

/** Options of `fitAsync`. */
export type TableAsyncFitOptions = TableFitOptions & Omit<AsyncFitOptions, keyof FitOptions>;

/** Options, checked. */
export interface Told {
  readonly targets: readonly string[];
  /** Whether predictions are objects of several numbers. */
  readonly several: boolean;
  readonly columns: ReadonlyMap<string, ColumnOptions>;
  readonly network: TableNetworkOptions;
}

const label = thing<Label | Date>(
  (value) => ["string", "number", "boolean"].includes(typeof value) || value instanceof Date, '"error", "mean", "median" or a value',
);
const COLUMN = {
  kind: oneOf(...KINDS),
  missing: label,
  categories: ((value, name) => {
    if (typeof value === "number") return positiveInteger(value, name);
    if (!Array.isArray(value)) refuse(name, value, "an array of categories, or how many to take", true);
    if (!value.length) outOfRange(`${name} is empty`);
    const seen = new Set<string>();
    return Array.from(value as unknown[], (each, i) => {
      const category = label(each, `${name}[${i}]`) as Label;
      if (seen.has(String(category))) outOfRange(`${name} has ${show(category)} twice`);
      seen.add(String(category));
      return category;
    });
  }) as Check<readonly Label[] | number>,
  mean: finite, scale: above0,
};

function parseColumn(value: unknown, name: string): ColumnOptions {
  if (typeof value === "string") return { kind: COLUMN.kind(value, name) };
  const column = checkOptions(value, COLUMN, name) as ColumnOptions;
  const { kind, missing } = column;
  if (missing !== undefined && missing !== "error" && kind) checkMissing(kind, missing, `${name}.missing`);
  if (column.categories !== undefined && kind && kind !== "category") outOfRange(`${name}.categories is given, but its kind is "${kind}"`);
  return column;
}

/** Refuses a value for missing ones that does not suit the column's kind. */
export function checkMissing(kind: Kind, missing: NonNullable<ColumnOptions["missing"]>, name: string): void {
  const isStatistic = missing === "mean" || missing === "median";
  if (kind === "category") {
    if (isStatistic) refuse(name, missing, '"error" or a category such as "unknown", as categories have no mean');
  } else if (!isStatistic && kind !== "ignore") {
    const read = { number: toNumber, boolean: toBoolean, date: toTime }[kind];
    if (!Number.isFinite(read(missing))) refuse(name, missing, `"error", "mean", "median" or a ${kind}`);
  }
}

const OPTIONS = {
  target: ((value, name) => {
    const list = Array.isArray(value) ? (value as unknown[]) : [value];
    if (!list.length) outOfRange(`${name} is empty; it must name at least one column`);
    for (const each of list) if (typeof each !== "string") refuse(name, each, "the name of a column, or a list of names", true);
    if (new Set(list).size < list.length) outOfRange(`${name} names a column twice`);
    return value as string | readonly string[];
  }) as Check<string | readonly string[]>,
  columns: thing<object>((value) => isObject(value) && !Array.isArray(value), "an object: a kind or more for each name of a column"),
  network: thing<TableNetworkOptions>((value) => isObject(value) && !Array.isArray(value), "an object of the network's options"),
};

/** @throws TypeError, RangeError as the constructor of TableModel */
export function parseOptions(options: unknown): Told {
  const { target, columns = {}, network = {} } = checkOptions(options, OPTIONS);
  if (target === undefined) throw new TypeError("target is missing; it names the column to predict");
  const several = Array.isArray(target);
  const targets = several ? (target as readonly string[]) : [target as string];
  const told = new Map(Object.entries(columns).filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, parseColumn(value, `columns[${JSON.stringify(name)}]`)]));
  for (const name of targets) {
    const kind = told.get(name)?.kind;
    const must = several ? '"number", as all of several targets are' : '"number", "category" or "boolean", as it is the target';
    if (kind === "ignore" || kind === "date" || (several && kind && kind !== "number")) refuse(`columns[${JSON.stringify(name)}].kind`, kind, must);
    const { missing = "error" } = told.get(name) ?? {};
    if (missing !== "error") refuse(`columns[${JSON.stringify(name)}].missing`, missing, '"error", as it is the target');
  }
  if ("layers" in network) throw new TypeError("network.layers is given; the table settles inputs and outputs, and network.hidden the layers between");
  // A network as small as any, for its checks.
  const { inputScaling, targetScaling, ...rest } = network;
  createNetwork(1, 2, false, {
    ...rest, ...(typeof inputScaling === "string" && { inputScaling }), ...(typeof targetScaling === "string" && { targetScaling }),
  });
  return { targets, several, columns: told, network };
}

/** A network for a table, with this project's defaults for those options that the user left open. */
export function createNetwork(inputs: number, outputs: number, classifies: boolean, options: TableNetworkOptions): NN {
  const { hidden = [32], ...rest } = options;
  if (!Array.isArray(hidden)) refuse("network.hidden", hidden, "an array of layers", true);
  return new NN({
    activation: "relu", initializer: "heNormal", loss: classifies ? "categoricalCrossentropy" : "meanSquaredError",
    ...rest, layers: [inputs, ...hidden, outputs],
  });
}
