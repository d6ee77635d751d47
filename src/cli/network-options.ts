// Options of the constructor and of `fit` on the command line: their names with dashes, their values as text.
import type { Column, TableNetworkOptions, TableOptions } from "../entries/table.js";
import type { Options, Values } from "./command.js";
import { UsageError } from "./errors.js";
import { pairsOf, textOf } from "./parse.js";

const NETWORK = "Network";
const TRAINING = "Training";
const COLUMNS = "Columns";

/** What stands for the inputs and outputs that the table settles is not among them. */
export const NETWORK_OPTIONS = {
  hidden: {
    type: "string",
    value: "UNITS",
    group: NETWORK,
    help: "Units of the hidden layers, such as 64,32; none for no hidden layer; or JSON. Default 32.",
  },
  activation: { type: "string", value: "NAME", group: NETWORK, help: "Activation of the hidden layers. Default relu." },
  loss: {
    type: "string",
    value: "NAME",
    group: NETWORK,
    help: "Default: categoricalCrossentropy for classes, meanSquaredError for numbers.",
  },
  optimizer: {
    type: "string",
    value: "NAME",
    group: NETWORK,
    help: 'A name, or JSON such as \'{"name": "sgd", "momentum": 0.9}\'. Default adam.',
  },
  "learning-rate": { type: "string", value: "N", group: NETWORK, help: "Step size. Default 0.001, for sgd 0.01." },
  "batch-size": { type: "string", value: "N", group: NETWORK, help: "Rows per optimiser step. Default 32." },
  seed: {
    type: "string",
    value: "N",
    group: NETWORK,
    help: "Settles weights, row orders and the rows for validation. Default: random, and shown.",
  },
  l2: { type: "string", value: "N", group: NETWORK, help: "L2 penalty on the weights. Default 0." },
  "clip-norm": { type: "string", value: "N", group: NETWORK, help: "Largest norm of a gradient. Default none." },
  initializer: { type: "string", value: "NAME", group: NETWORK, help: "How first weights are drawn. Default heNormal." },
  reduction: { type: "string", value: "NAME", group: NETWORK, help: "mean or sum of a batch's gradients. Default mean." },
  "input-scaling": {
    type: "string",
    value: "NAME",
    group: NETWORK,
    help: "Scaling in the place of the table's own: none, standard, minmax.",
  },
  "target-scaling": { type: "string", value: "NAME", group: NETWORK, help: "The same for targets that are numbers." },
  dtype: { type: "string", value: "NAME", group: NETWORK, help: "float32 or float64. Default float32." },
  backend: { type: "string", value: "NAME", group: NETWORK, help: "auto, wasm or js. Default auto." },
  reproducible: { type: "boolean", group: NETWORK, help: "The same bits on every machine." },
} as const satisfies Options;

export const FIT_OPTIONS = {
  epochs: {
    type: "string",
    value: "N",
    group: TRAINING,
    help: "Passes through the rows. Default: until the loss has stopped falling.",
  },
  patience: {
    type: "string",
    value: "N",
    group: TRAINING,
    help: "End after so many epochs without a better validation loss, and go back to the best one.",
  },
  "class-weight": { type: "string", value: "WEIGHTS", group: TRAINING, help: "balanced, or JSON of weights by class." },
  "target-loss": { type: "string", value: "N", group: TRAINING, help: "End once the loss is this low." },
  "time-limit": { type: "string", value: "MS", group: TRAINING, help: "End after so many milliseconds." },
  "no-shuffle": { type: "boolean", group: TRAINING, help: "Take the rows in the order of the file." },
  threads: { type: "string", value: "N", group: TRAINING, help: "Compute threads. Default auto." },
} as const satisfies Options;

export const COLUMN_OPTIONS = {
  target: {
    type: "string",
    short: "t",
    value: "COLUMN",
    multiple: true,
    group: COLUMNS,
    help: "The column to predict; several columns of numbers with one --target each.",
  },
  column: {
    type: "string",
    value: "NAME=KIND",
    multiple: true,
    group: COLUMNS,
    help: "What a column holds: number, category, boolean, date or ignore. Default: found.",
  },
  missing: {
    type: "string",
    value: "NAME=RULE",
    multiple: true,
    group: COLUMNS,
    help: "What stands for a column's missing values: mean, median or a value; fill without a name for all columns. Default: an error.",
  },
  categories: {
    type: "string",
    value: "NAME=N",
    multiple: true,
    group: COLUMNS,
    help: "How many of a column's most frequent categories are told apart. Default 1000.",
  },
} as const satisfies Options;

/** A value as typed: JSON where it begins as JSON does, a number where it is one. */
export function valueOf(text: string, name: string): unknown {
  if (/^\s*[[{]/.test(text)) {
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new UsageError(`--${name} is no valid JSON: ${(error as Error).message}`, { cause: error });
    }
  }
  if (text === "true" || text === "false") return text === "true";
  return text.trim() === "" || Number.isNaN(Number(text)) ? text : Number(text);
}

const camelCase = (name: string): string => name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** The given ones of some options, under the library's names. */
function optionsOf(values: Values, options: Options): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  for (const name of Object.keys(options)) {
    const value = values[name];
    if (value !== undefined) given[camelCase(name)] = typeof value === "string" ? valueOf(value, name) : value;
  }
  return given;
}

/** Layers as the command line writes them: `64,32`, `none`, or JSON. */
function hiddenOf(text: string): unknown {
  if (/^\s*[[{]/.test(text)) return valueOf(text, "hidden");
  if (/^(none|0|)$/.test(text.trim())) return [];
  return text.split(",").map((units) => {
    if (!/^\s*[1-9]\d*\s*$/.test(units)) throw new UsageError(`--hidden is "${text}"; it must be like 64,32, or none`);
    return Number(units);
  });
}

export function networkOptions(values: Values): TableNetworkOptions {
  const { hidden, ...options } = optionsOf(values, NETWORK_OPTIONS);
  return { ...options, ...(hidden !== undefined && { hidden: hiddenOf(textOf(values, "hidden")!) }) } as TableNetworkOptions;
}

/** Options of `fit`; `hasValidation` says whether early stopping has rows to watch. */
export function fitOptions(values: Values, hasValidation: boolean): Record<string, unknown> {
  const { patience, noShuffle, ...options } = optionsOf(values, FIT_OPTIONS);
  return {
    ...options,
    ...(noShuffle === true && { shuffle: false }),
    ...(patience !== undefined && { earlyStopping: { patience, monitor: hasValidation ? "valLoss" : "loss" } }),
  };
}

export function targetOf(values: Values): string | string[] | undefined {
  const targets = values.target as string[] | undefined;
  return targets?.length === 1 ? targets[0] : targets;
}

const FILL = "fill";
const missingOf = (values: Values): readonly string[] => (values.missing ?? []) as readonly string[];

/** Everything that a table's model is told. */
export const tableOptions = (values: Values, network: TableNetworkOptions): TableOptions => ({
  target: targetOf(values) ?? [],
  columns: columnOptions(values),
  network,
  ...(missingOf(values).includes(FILL) && { missing: FILL }),
});

/** What was told of columns. */
function columnOptions(values: Values): Record<string, Column> {
  const columns: Record<string, Record<string, unknown>> = Object.create(null) as Record<string, Record<string, unknown>>;
  const add = (name: string, key: string, value: unknown): void => {
    columns[name] = { ...columns[name], [key]: value };
  };
  for (const [name, kind] of Object.entries(pairsOf(values, "column", "age=number"))) add(name, "kind", kind);
  const rules = { ...values, missing: missingOf(values).filter((rule) => rule !== FILL) };
  for (const [name, rule] of Object.entries(pairsOf(rules, "missing", "age=median, or fill"))) add(name, "missing", rule);
  for (const [name, count] of Object.entries(pairsOf(values, "categories", "city=100"))) add(name, "categories", Number(count));
  return columns as Record<string, Column>;
}
