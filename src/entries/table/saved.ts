// A table's columns in a network's metadata, and back: what comes from a file is checked like any stranger's.
import { ModelFormatError, type NN } from "../../index.js";
import { isObject, outOfRange, show } from "../../options/checks.js";
import { asFormatErrors, list, malformed, record } from "../foreign.js";
import { widthOf, type TableColumn, type TableColumns } from "./columns.js";
import type { Label } from "./values.js";

/** Where in the metadata, and which version. */
const KEY = "wasmlp/table";
const VERSION = 1;
/** A little less than metadata may have: its bounds are those of NN. */
const MOST_CHARACTERS = 4_000_000;
const MOST_COLUMNS = 60_000;

/** Metadata that says what the columns are, beside the user's own. @throws RangeError where no file could hold it */
export function describe({ inputs, targets, several }: TableColumns, metadata?: unknown): Record<string, unknown> {
  if (metadata !== undefined && (!isObject(metadata) || Array.isArray(metadata))) {
    throw new TypeError(`network.metadata is ${show(metadata)}; beside a table's description it must be an object`);
  }
  const columns = [...inputs, ...targets];
  const sizes = columns.map((column) => JSON.stringify(column).length);
  const size = sizes.reduce((sum, each) => sum + each, 0);
  if (size > MOST_CHARACTERS || columns.length > MOST_COLUMNS) {
    const widest = columns[sizes.indexOf(sizes.reduce((a, b) => Math.max(a, b)))]!;
    outOfRange(
      `${columns.length} columns take ${size} characters to describe, and a model's file holds ${MOST_CHARACTERS} and ${MOST_COLUMNS} columns; ` +
      `the longest is ${show(widest.name)}${widest.categories ? ` with ${widest.categories.length} categories` : ""}: give it fewer, or set it to "ignore"`,
    );
  }
  return { ...metadata, [KEY]: { version: VERSION, several, inputs, targets } };
}

/** The columns that a network's metadata describe. @throws ModelFormatError */
export function readColumns(nn: NN): TableColumns {
  return asFormatErrors(() => {
    const { metadata } = nn;
    if (!isObject(metadata) || !Object.hasOwn(metadata, KEY)) {
      throw new ModelFormatError("the file holds a network without a table's columns; NN.load reads it");
    }
    const described = record((metadata as Record<string, unknown>)[KEY], KEY);
    const { version, several } = described;
    if (version !== VERSION) malformed(`${KEY}.version is ${show(version)}; this library reads version ${VERSION}`);
    if (typeof several !== "boolean") malformed(`${KEY}.several must be true or false`);
    const read = (name: string): TableColumn[] => Array.from(list(described[name], `${KEY}.${name}`), (each, i) => readColumn(each, `${KEY}.${name}[${i}]`, name === "targets"));
    const inputs = read("inputs"), targets = read("targets");
    const columns = [...inputs, ...targets];
    if (new Set(columns.map(({ name }) => name)).size < columns.length) malformed("two columns have one name");
    const isClassified = targets[0]?.categories !== undefined;
    if (!targets.length || (targets.length > 1 && !several) || (isClassified && several)) malformed("the targets do not fit each other");
    const width = inputs.reduce((sum, column) => sum + widthOf(column), 0);
    const outputs = isClassified ? targets[0]!.categories!.length : targets.length;
    const found = [nn.layers[0]!.inputs, nn.layers.at(-1)!.units];
    if (found[0] !== width || found[1] !== outputs) malformed(`the network has ${found[0]} inputs and ${found[1]} outputs; its columns make ${width} and ${outputs}`);
    return { inputs, targets, several };
  });
}

function readColumn(value: unknown, where: string, isTarget: boolean): TableColumn {
  const column = record(value, where);
  const { name, kind, missing, fill, mean, scale, categories, others, ...rest } = column;
  const [surplus] = Object.keys(rest);
  if (surplus !== undefined) malformed(`${where} has an unknown entry ${show(surplus)}`);
  if (typeof name !== "string") malformed(`${where}.name is ${show(name)}; it must be a text`);
  if (kind !== "number" && kind !== "category" && kind !== "boolean" && kind !== "date") malformed(`${where}.kind is ${show(kind)}`);
  const isText = kind === "category";
  if (fill !== undefined && (isText ? typeof fill !== "string" : !Number.isFinite(fill))) malformed(`${where}.fill is ${show(fill)}`);
  if (missing !== undefined && !isLabel(missing)) malformed(`${where}.missing is ${show(missing)}`);
  if ((missing === undefined) !== (fill === undefined)) malformed(`${where} must have both missing and fill, or neither`);
  const isScaled = kind === "number" || kind === "date";
  if (isScaled ? !(Number.isFinite(mean) && Number.isFinite(scale) && (scale as number) > 0) : mean !== undefined || scale !== undefined) malformed(`${where} must have mean and scale only as a number or date`);
  if (isTarget && kind === "date") malformed(`${where}.kind is "date"`);
  if ((isText || (isTarget && kind === "boolean")) !== (categories !== undefined)) malformed(`${where}.categories do not fit its kind`);
  if (categories !== undefined) {
    const labels = list(categories, `${where}.categories`);
    if (!Array.from(labels).every(isLabel) || new Set(labels.map(String)).size < labels.length) malformed(`${where}.categories must be different texts, numbers or booleans`);
  }
  if (others !== undefined && !(Number.isSafeInteger(others) && (others as number) >= 0)) malformed(`${where}.others is ${show(others)}`);
  return column as unknown as TableColumn;
}

const isLabel = (value: unknown): value is Label => typeof value === "string" || typeof value === "boolean" || Number.isFinite(value);
