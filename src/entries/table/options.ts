// The options of TableModel's constructor and of `fit`, and their checks.
import type { AsyncFitOptions, ExtraOptions, FitOptions, LayerOptions } from "../../index.js";
import { NN } from "../../index.js";
import {
  above0,
  checkOptions,
  finite,
  isObject,
  listOf,
  oneOf,
  outOfRange,
  positiveInteger,
  refuse,
  thing,
  type Check,
} from "../../options/checks.js";
import { READERS } from "./columns.js";
import { KINDS, type Kind, type Label } from "./values.js";

/** What is known of a column beforehand. Everything else is found from the rows. */
export interface ColumnOptions {
  /** Default: found from the rows. */
  kind?: Kind;
  /**
   * What stands for a missing value (undefined, null, NaN, a blank text; but for categories also `NA`, `null`, `?` and their like): a value of
   * the column's kind, such as `"unknown"` for a category; for numbers and dates also the `"mean"` or `"median"` of those that are there.
   * Default `"error"`.
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
   * What happens to missing values in columns without a rule of their own: `"error"`, the default; or `"fill"`: numbers and dates get their
   * mean, booleans what is more frequent, categories a category `"missing"`.
   */
  missing?: "error" | "fill";
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
  /** Whether missing values have a rule in every column. */
  readonly fills: boolean;
  readonly network: TableNetworkOptions;
}

const isValue = (value: unknown): boolean => ["string", "number", "boolean"].includes(typeof value);
const COLUMN = {
  kind: oneOf(...KINDS),
  missing: thing<Label | Date>((value) => isValue(value) || value instanceof Date, '"error", "mean", "median" or a value'),
  categories: ((value, name) => {
    if (typeof value === "number") return positiveInteger(value, name);
    const list = listOf(thing<Label>(isValue, "a text, a number, true or false"))(value, name);
    if (new Set(list.map(String)).size < list.length) outOfRange(`${name} has an entry twice`);
    return list;
  }) as Check<readonly Label[] | number>,
  mean: finite,
  scale: above0,
};

function parseColumn(value: unknown, name: string): ColumnOptions {
  const column: ColumnOptions =
    typeof value === "string" ? { kind: COLUMN.kind(value, name) } : checkOptions(value, COLUMN, name);
  const { kind, missing = "error", categories } = column;
  if (kind) checkMissing(kind, missing, name + ".missing");
  if (categories !== undefined && kind && kind !== "category" && kind !== "boolean")
    outOfRange(`${name}.categories is given, but its kind is "${kind}"`);
  return column;
}

/** Refuses a value for missing ones that does not suit the column's kind. */
export function checkMissing(kind: Kind, missing: NonNullable<ColumnOptions["missing"]>, name: string): void {
  if (missing === "error" || kind === "ignore") return;
  const isStatistic = missing === "mean" || missing === "median";
  if (kind === "category") {
    if (isStatistic || typeof missing === "object") refuse(name, missing, '"error" or a category such as "unknown"');
  } else if ((kind === "boolean" || !isStatistic) && !Number.isFinite(READERS[kind][0](missing))) {
    refuse(name, missing, `"error"${kind === "boolean" ? "" : ', "mean", "median"'} or ${READERS[kind][1]}`);
  }
}

const plainObject = thing<object>((value) => isObject(value) && !Array.isArray(value), "an object");
const OPTIONS = {
  target: (value: unknown) => value,
  columns: plainObject,
  missing: oneOf("error", "fill"),
  network: plainObject,
};

/** @throws TypeError, RangeError as the constructor of TableModel */
export function parseOptions(options: unknown): Told {
  const { target, columns = {}, missing, network = {} } = checkOptions(options, OPTIONS) as TableOptions;
  if ("layers" in network) throw new TypeError("network.layers is given; a table's network takes hidden instead");
  // A network as small as any, for its checks.
  const { inputScaling, targetScaling, ...rest } = network;
  createNetwork(1, 2, false, {
    ...rest,
    ...(typeof inputScaling === "string" && { inputScaling }),
    ...(typeof targetScaling === "string" && { targetScaling }),
  });
  return { ...parseColumns(target, Object.entries(columns)), fills: missing === "fill", network };
}

/** @throws TypeError, RangeError for a target or columns that are not right */
export function parseColumns(target: unknown, entries: readonly (readonly [string, unknown])[]): Told {
  const several = Array.isArray(target);
  const targets = Array.from(several ? (target as unknown[]) : [target], (each) =>
    thing<string>((value) => typeof value === "string", "the name of a column, or a list of names")(each, "target"),
  );
  if (!targets.length || new Set(targets).size < targets.length)
    outOfRange("target must name at least one column, and none twice");
  const columns = new Map(
    entries
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, parseColumn(value, `columns[${JSON.stringify(name)}]`)]),
  );
  for (const name of targets) {
    const { kind, missing = "error" } = columns.get(name) ?? {};
    const where = `columns[${JSON.stringify(name)}]`;
    if (kind === "ignore" || kind === "date" || (several && kind && kind !== "number")) {
      refuse(where + ".kind", kind, several ? '"number" for several targets' : '"number", "category" or "boolean" for a target');
    }
    if (missing !== "error") refuse(where + ".missing", missing, '"error" for a target');
  }
  return { targets, several, columns, fills: false, network: {} };
}

/** A network for a table, with this project's defaults for those options that the user left open. */
export function createNetwork(inputs: number, outputs: number, classifies: boolean, options: TableNetworkOptions): NN {
  const { hidden = [32], ...rest } = options;
  if (!Array.isArray(hidden)) refuse("network.hidden", hidden, "an array of layers", true);
  return new NN({
    activation: "relu",
    initializer: "heNormal",
    loss: classifies ? "categoricalCrossentropy" : "meanSquaredError",
    ...rest,
    layers: [inputs, ...hidden, outputs],
  });
}
