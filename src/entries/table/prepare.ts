// What `fit` does with rows before the network trains: finds what columns hold, keeps rows for validation, makes numbers of them.
import type { NN } from "../../index.js";
import { below1, isObject, oneOf, outOfRange, plural, refuse } from "../../options/checks.js";
import { classesOf, type TableColumns } from "./columns.js";
import { Encoder, networkFor } from "./encode.js";
import type { TableAsyncFitOptions, TableFitOptions, Told } from "./options.js";
import { TableScan } from "./scan.js";
import { describe } from "./saved.js";
import { chooseRows } from "./split.js";
import { PIECE, type Steps } from "./steps.js";
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
export function listRows(rows: unknown, name: string): readonly unknown[] {
  if (Array.isArray(rows)) return rows;
  if (isObject(rows) && Symbol.iterator in rows) return Array.from(rows as Iterable<unknown>);
  const hint = isObject(rows) && Symbol.asyncIterator in rows ? "; an async iterable is for fitAsync" : isObject(rows) ? "; a single row goes in a list: [row]" : "";
  return refuse(name, rows, `an array or another iterable of rows${hint}`, true);
}

function* scan(told: Told, rows: readonly unknown[], names: Iterable<string> = []): Steps<TableScan> {
  const scan = new TableScan(told, names);
  for (let r = 0; r < rows.length; r++) {
    scan.add(rows[r]);
    if (r % PIECE === PIECE - 1) yield undefined;
  }
  return scan;
}

/** The numbers of rows. */
export function* encode(
  encoder: Encoder, rows: readonly unknown[], places: ArrayLike<number> | undefined, isTraining = false,
): Steps<{ x: Float64Array; y: Float64Array }> {
  const count = places?.length ?? rows.length;
  const x = encoder.inputsFor(count), y = encoder.targetsFor(count);
  for (let i = 0; i < count; i++) {
    const r = places?.[i] ?? i;
    encoder.writeInputs(rows[r], r, x, i * encoder.width, isTraining);
    encoder.writeTargets(rows[r], r, y, i);
    if (i % PIECE === PIECE - 1) yield undefined;
  }
  return { x, y };
}

/** @param fitted what an earlier training found, or undefined */
export function* prepare(told: Told, fitted: Fitted | undefined, given: unknown, options: TableFitOptions): Steps<Prepared> {
  const rows = listRows(given, "rows");
  const { validationData, validationSplit = 0, sampleWeight, classWeight, ...rest } = options;
  below1(validationSplit, "validationSplit");
  if (validationData && validationSplit) outOfRange("validationData and validationSplit are both given; give one of them");
  if (sampleWeight !== undefined && sampleWeight.length !== rows.length) {
    outOfRange(`sampleWeight has ${plural(sampleWeight.length, "weight")}; there are ${plural(rows.length, "row")}`);
  }
  let columns = fitted?.encoder.columns ?? (yield* scan(told, rows)).finish();
  const seed = fitted?.nn.seed ?? told.network.seed ?? Math.floor(Math.random() * 2 ** 32);
  const [kept, held] = validationSplit ? divide(columns, rows, validationSplit, seed) : [undefined, undefined];
  // Kinds and classes are those of all rows, statistics and categories those of the rows trained on.
  if (kept && !fitted) columns = yield* measure(told, columns, kept.map((r) => rows[r]));
  const { nn, encoder } = fitted ?? fittedFor(columns, { ...told, network: { ...told.network, seed } });
  const { x, y } = yield* encode(encoder, rows, kept, !fitted);
  const weights = kept && sampleWeight ? Float64Array.from(kept, (r) => sampleWeight[r]!) : sampleWeight;
  const validation = held ? yield* encode(encoder, rows, held) : validationData && (yield* encode(encoder, listRows(validationData, "validationData"), undefined));
  return {
    nn, encoder, x, y,
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

/** The places of rows to train on and to validate with. */
function divide(columns: TableColumns, rows: readonly unknown[], fraction: number, seed: number): [number[], number[]] {
  const classes = classesOf(columns);
  const { name } = columns.targets[0]!;
  const places = new Map(classes?.map((label, i) => [String(label), i]));
  const chosen = chooseRows(rows.map((row) => (classes ? places.get(keyOf(cell(row as object, name)) ?? "") ?? -1 : 0)), fraction, seed);
  const all = Array.from(chosen, (_, r) => r);
  const kept = all.filter((r) => !chosen[r]);
  if (!kept.length) outOfRange(`validationSplit is ${fraction}, which leaves none of ${plural(rows.length, "row")} to train on`);
  return [kept, all.filter((r) => chosen[r])];
}

function* measure(told: Told, { inputs, targets, several }: TableColumns, rows: readonly unknown[]): Steps<TableColumns> {
  const columns = new Map(told.columns);
  for (const { name, kind } of inputs) columns.set(name, { ...columns.get(name), kind });
  for (const { name, kind, categories } of targets) columns.set(name, categories ? { kind: "category", categories } : { ...columns.get(name), kind });
  const found = (yield* scan({ ...told, columns }, rows, [...inputs, ...targets].map(({ name }) => name))).finish();
  return { inputs: found.inputs, targets: classesOf({ inputs, targets, several }) ? targets : found.targets, several };
}

/** Weights by class, in the order of the network's outputs. */
export function readClassWeight(
  given: NonNullable<TableFitOptions["classWeight"]>, classes: readonly Label[] | undefined, counts?: readonly number[],
): number[] | "balanced" {
  if (!classes) outOfRange("classWeight is given, but the target is a number");
  if (given === "balanced") {
    const total = counts?.reduce((sum, count) => sum + count, 0);
    return counts?.map((count) => (count ? total! / (counts.filter(Boolean).length * count) : 1)) ?? given;
  }
  if (!isObject(given)) refuse("classWeight", given, 'an object or Map of weights by label, or "balanced"', true);
  const weights = classes.map(() => 1);
  const names = classes.map(String);
  for (const [label, weight] of given instanceof Map ? given : Object.entries(given)) {
    const name = `classWeight[${JSON.stringify(label)}]`;
    weights[names.indexOf(oneOf(...names)(String(label), "classWeight.label"))] = weight as number;
    if (!(typeof weight === "number" && weight >= 0 && weight < Infinity)) refuse(name, weight, "a finite number, 0 or more", typeof weight !== "number");
  }
  return weights;
}

/** A pass through a stream for what its columns hold. */
export async function scanStream(told: Told, rows: AsyncIterable<unknown> | Iterable<unknown>, { signal }: TableAsyncFitOptions): Promise<TableScan> {
  const scan = new TableScan(told, []);
  for await (const row of rows) {
    if (signal?.aborted) throw signal.reason;
    scan.add(row);
  }
  return scan;
}

/** A stream's rows as the network takes them, some at a time. */
export async function* encodeStream(
  encoder: Encoder, rows: AsyncIterable<unknown> | Iterable<unknown>, isTraining: boolean,
): AsyncGenerator<[x: Float64Array, y: Float64Array]> {
  let piece: unknown[] = [];
  let first = 0;
  const take = (): [Float64Array, Float64Array] => {
    const x = encoder.inputsFor(piece.length), y = encoder.targetsFor(piece.length);
    piece.forEach((row, r) => {
      encoder.writeInputs(row, first + r, x, r * encoder.width, isTraining);
      encoder.writeTargets(row, first + r, y, r);
    });
    first += piece.length;
    piece = [];
    return [x, y];
  };
  for await (const row of rows) {
    piece.push(row);
    if (piece.length === PIECE) yield take();
  }
  if (piece.length) yield take();
}
