// What `fit` does with rows before the network trains: finds what columns hold, keeps rows for validation, makes numbers of them.
import type { NN } from "../../index.js";
import { below1, isObject, oneOf, outOfRange, plural, refuse } from "../../options/checks.js";
import { randomSeed } from "../selection/random.js";
import { splitOnce } from "../selection/splits.js";
import { classesOf, type TableColumns } from "./columns.js";
import { Encoder, networkFor } from "./encode.js";
import type { TableAsyncFitOptions, TableFitOptions, Told } from "./options.js";
import { describe } from "./saved.js";
import { TableScan } from "./scan.js";
import { finish, PIECE, type Steps } from "./steps.js";
import { cell, keyOf, type Label } from "./values.js";

/** A model that has seen rows. */
export interface Fitted {
  readonly nn: NN;
  readonly encoder: Encoder;
}

/** Everything for one `fit` of the network. */
export interface Prepared extends Fitted {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly options: Parameters<NN["fit"]>[2];
}

/** Rows as a list. */
export function listRows(rows: unknown, name: string, least = 1): readonly unknown[] {
  if (isObject(rows) && Symbol.iterator in rows) {
    const list = Array.isArray(rows) ? rows : Array.from(rows as Iterable<unknown>);
    return list.length < least ? outOfRange(`${name} has no rows`) : list;
  }
  const hint =
    isObject(rows) && Symbol.asyncIterator in rows
      ? "; an async iterable is for fitAsync"
      : isObject(rows)
        ? "; a row alone goes in a list: [row]"
        : "";
  return refuse(name, rows, `an array or other iterable of rows${hint}`, true);
}

function* scan(told: Told, rows: readonly unknown[], names: Iterable<string> = []): Steps<TableScan> {
  const scan = new TableScan(told, names);
  for (let r = 0; r < rows.length; r++) {
    scan.add(rows[r]);
    if (r % PIECE === PIECE - 1) yield undefined;
  }
  return scan;
}

/** @param fitted what an earlier training found, or undefined */
export function* prepare(told: Told, fitted: Fitted | undefined, given: unknown, options: TableFitOptions): Steps<Prepared> {
  const rows = listRows(given, "rows");
  const { validationData, validationSplit = 0, sampleWeight, classWeight, ...rest } = options;
  below1(validationSplit, "validationSplit");
  if (validationData && validationSplit) outOfRange("give one of validationData and validationSplit");
  if (sampleWeight && sampleWeight.length !== rows.length)
    outOfRange(`sampleWeight has ${sampleWeight.length} weights; there are ${plural(rows.length, "row")}`);
  let columns = fitted?.encoder.columns ?? (yield* scan(told, rows)).finish();
  const seed = fitted?.nn.seed ?? told.network.seed ?? randomSeed();
  const { name, categories } = columns.targets[0];
  if (Math.ceil(rows.length * validationSplit) >= rows.length)
    outOfRange(`validationSplit is ${validationSplit}, which leaves no row to train on`);
  const labels = categories && rows.map((row) => keyOf(cell(row as object, name)) ?? "");
  const { train: kept, test: held } = validationSplit ? splitOnce(rows.length, validationSplit, seed, labels) : {};
  // Kinds and classes are those of all rows, statistics and categories those of the rows trained on.
  if (kept && !fitted)
    columns = yield* measure(
      told,
      columns,
      kept.map((r) => rows[r]),
    );
  const { nn, encoder } = fitted ?? fittedFor(columns, { ...told, network: { ...told.network, seed } });
  const rowsAt = (places: readonly number[]): unknown[] => places.map((r) => rows[r]);
  const { x, y } = yield* kept ? encoder.encode(rowsAt(kept), kept, true, !fitted) : encoder.encode(rows, 0, true, !fitted);
  const weights = kept && sampleWeight ? Float64Array.from(kept, (r) => sampleWeight[r]) : sampleWeight;
  const validation = held
    ? yield* encoder.encode(rowsAt(held), held, true)
    : validationData && (yield* encoder.encode(listRows(validationData, "validationData"), 0, true));
  return {
    nn,
    encoder,
    x,
    y,
    options: {
      ...rest,
      ...(weights && { sampleWeight: weights }),
      ...(classWeight !== undefined && { classWeight: readClassWeight(classWeight, encoder.classes) }),
      ...(validation && { validationData: [validation.x, validation.y] as const }),
    },
  };
}

/** A network and what gives it its numbers. */
export function fittedFor(columns: TableColumns, { network }: Told): Fitted {
  const metadata = describe(columns);
  const nn = networkFor(columns, network);
  nn.metadata = metadata;
  return { nn, encoder: encoderFor(nn, columns) };
}

/** A cross-entropy of classes takes their indices, every other loss rows of zeros with a one. */
export const encoderFor = (nn: NN, columns: TableColumns): Encoder =>
  new Encoder(columns, classesOf(columns) !== undefined && nn.layers.at(-1)!.activation === "softmax");

/** The same columns, with the statistics and categories of these rows. */
function* measure(told: Told, { inputs, targets, several }: TableColumns, rows: readonly unknown[]): Steps<TableColumns> {
  const columns = new Map(told.columns);
  for (const { name, kind } of [...inputs, ...targets]) columns.set(name, { ...columns.get(name), kind });
  const found = (yield* scan(
    { ...told, columns },
    rows,
    [...inputs, ...targets].map(({ name }) => name).concat(...columns.keys()),
  )).finish();
  return { ...found, targets: several || !targets[0].categories ? found.targets : targets };
}

/** Weights by class, in the order of the network's outputs. */
export function readClassWeight(
  given: NonNullable<TableFitOptions["classWeight"]>,
  classes: readonly Label[] | undefined,
  counts?: readonly number[],
): number[] | "balanced" {
  if (!classes) outOfRange("classWeight is given, but the target is a number");
  if (given === "balanced") {
    if (!counts) return given;
    const mean = counts.reduce((sum, count) => sum + count) / counts.filter(Boolean).length;
    return counts.map((count) => (count ? mean / count : 1));
  }
  if (!isObject(given)) refuse("classWeight", given, 'weights by label, or "balanced"', true);
  const names = classes.map(String);
  const weights = names.map(() => 1);
  // The network checks the weights themselves.
  for (const [label, weight] of given instanceof Map ? given : Object.entries(given)) {
    weights[names.indexOf(oneOf(...names)(String(label), "classWeight.label"))] = weight as number;
  }
  return weights;
}

/** A pass through a stream for what its columns hold. */
export async function scanStream(
  told: Told,
  rows: AsyncIterable<unknown> | Iterable<unknown>,
  { signal }: TableAsyncFitOptions,
): Promise<TableScan> {
  const scan = new TableScan(told, []);
  for await (const row of rows) {
    if (signal?.aborted) throw signal.reason;
    scan.add(row);
  }
  return scan;
}

/** A stream's rows as the network takes them, some at a time. */
export async function* encodeStream(
  encoder: Encoder,
  rows: AsyncIterable<unknown> | Iterable<unknown>,
  isTraining: boolean,
): AsyncGenerator<[x: Float64Array, y: Float64Array]> {
  let piece: unknown[] = [];
  let first = 0;
  const take = (): [Float64Array, Float64Array] => {
    const { x, y } = finish(encoder.encode(piece, first, true, isTraining));
    first += piece.length;
    piece = [];
    return [x, y];
  };
  for await (const row of rows) {
    if (piece.push(row) === PIECE) yield take();
  }
  if (piece.length) yield take();
}
