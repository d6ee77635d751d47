// From rows of a table to the network's numbers.
import type { NN } from "../../index.js";
import { outOfRange, plural } from "../../options/checks.js";
import { checkRow, classesOf, listNames, readNumber, refuseCell, refuseMissing, widthOf, writeDate, type TableColumn, type TableColumns } from "./columns.js";
import { createNetwork, type TableNetworkOptions } from "./options.js";
import { cell, isMissing, keyOf, placeOf, showCell, TableError, type Label } from "./values.js";

/** Unseen categories that are kept, a column. */
const MOST_UNSEEN = 100;
/** Numbers that rows may become in one piece: 2 GiB. */
const MOST_NUMBERS = 2 ** 28;

export class Encoder {
  readonly columns: TableColumns;
  /** How many numbers a row becomes. */
  readonly width: number;
  readonly classes: readonly Label[] | undefined;
  /** Categories that no training row had, by column. */
  readonly unseen = new Map<string, Set<string>>();
  /** The place of each category among its column's inputs. */
  readonly #places: readonly (ReadonlyMap<string, number> | undefined)[];
  readonly #classPlaces: ReadonlyMap<string, number> | undefined;
  /** Whether targets are given to the network as indices of classes. */
  readonly #asIndices: boolean;

  constructor(columns: TableColumns, asIndices: boolean) {
    const places = (categories: readonly Label[]): Map<string, number> => new Map(categories.map((each, i) => [String(each), i]));
    this.columns = columns;
    this.width = columns.inputs.reduce((sum, column) => sum + widthOf(column), 0);
    this.classes = classesOf(columns);
    this.#places = columns.inputs.map(({ kind, categories }) => (kind === "category" ? places(categories!) : undefined));
    this.#classPlaces = this.classes && places(this.classes);
    this.#asIndices = asIndices;
  }

  /** Room for rows of inputs. */
  inputsFor(rows: number): Float64Array {
    if (rows * this.width > MOST_NUMBERS) {
      const widest = this.columns.inputs.reduce((a, b) => (widthOf(b) > widthOf(a) ? b : a));
      const name = JSON.stringify(widest.name);
      outOfRange(
        `${plural(rows, "row")} of ${this.width} inputs are more than memory is meant for; column ${name} alone has ${widthOf(widest)}: ` +
        `set columns: { ${name}: { categories: 50 } } or "ignore", or give fitAsync a function that makes a stream of rows`,
      );
    }
    return new Float64Array(rows * this.width);
  }

  /** Room for rows of targets. */
  targetsFor(rows: number): Float64Array {
    return new Float64Array(rows * (this.#asIndices ? 1 : this.outputs));
  }

  get outputs(): number {
    return this.classes?.length ?? this.columns.targets.length;
  }

  /**
   * Writes a row's inputs.
   * @param row its place among the caller's rows, for messages
   * @param isTraining whether categories without an input are merely rare ones
   */
  writeInputs(value: unknown, row: number, to: Float64Array, at: number, isTraining = false): void {
    checkRow(value, row);
    let next = at;
    this.columns.inputs.forEach((column, c) => {
      const { name, kind, fill } = column;
      const found = cell(value, name);
      if (kind === "category") {
        const missing = isMissing(found);
        const key = missing ? (fill as string | undefined) ?? refuseMissing(kind, row, name) : keyOf(found) ?? refuseCell(found, row, name);
        const place = this.#places[c]!.get(key);
        if (place !== undefined) to[next + place] = 1;
        else if (!isTraining) this.#note(name, key);
      } else {
        const number = readNumber(kind, found, row, name) ?? (fill as number | undefined) ?? refuseMissing(kind, row, name);
        if (kind === "date") writeDate(number, to, next);
        else to[next] = number;
      }
      next += widthOf(column);
    });
  }

  /** Writes a row's targets, the row-th of all, as the `at`-th. */
  writeTargets(value: unknown, row: number, to: Float64Array, at: number): void {
    const { targets } = this.columns;
    const place = this.#classPlaces && this.#classAt(value, targets[0]!, row);
    if (place === undefined) targets.forEach(({ name }, t) => {
      to[at * targets.length + t] = readNumber("number", cell(value as object, name), row, name) ?? refuseMissing("number", row, name, true);
    });
    else if (this.#asIndices) to[at] = place;
    else to[at * this.outputs + place] = 1;
  }

  #classAt(value: unknown, { name }: TableColumn, row: number): number {
    const found = cell(value as object, name);
    if (isMissing(found)) refuseMissing("category", row, name, true);
    const key = keyOf(found) ?? refuseCell(found, row, name);
    return this.#classPlaces!.get(key) ?? refuseClass(found, row, name, this.classes!);
  }

  #note(name: string, key: string): void {
    let keys = this.unseen.get(name);
    if (!keys) this.unseen.set(name, (keys = new Set()));
    if (keys.size < MOST_UNSEEN) keys.add(key);
  }
}

function refuseClass(value: unknown, row: number, name: string, classes: readonly Label[]): never {
  throw new TableError(`${placeOf(row, name)} is ${showCell(value)}, which no training row was; the classes are ${listNames(classes)}`, row, name);
}

/** A network for these columns. Its scaling does for numbers what the table knows of them; one-hot inputs stay 0 and 1. */
export function networkFor(columns: TableColumns, options: TableNetworkOptions): NN {
  const classes = classesOf(columns);
  const shift: number[] = [], scale: number[] = [];
  for (const column of columns.inputs) {
    for (let i = widthOf(column); i > 0; i--) {
      shift.push(0);
      scale.push(1);
    }
    // A date's days are its first input.
    if (column.mean !== undefined) {
      shift[shift.length - widthOf(column)] = column.mean;
      scale[scale.length - widthOf(column)] = column.scale!;
    }
  }
  const { targets } = columns;
  const takesNumbers = !classes && !options.loss?.endsWith("Crossentropy");
  return createNetwork(shift.length, classes?.length ?? targets.length, Boolean(classes), {
    inputScaling: { shift, scale },
    ...(takesNumbers && { targetScaling: { shift: targets.map(({ mean }) => mean!), scale: targets.map(({ scale }) => scale!) } }),
    ...options,
  });
}

