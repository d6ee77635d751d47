// From rows of a table to the network's numbers.
import type { NN } from "../../index.js";
import { outOfRange, show } from "../../options/checks.js";
import {
  checkRow,
  classesOf,
  readKey,
  readNumber,
  refuseCell,
  refuseMissing,
  widthOf,
  writeDate,
  type TableColumns,
} from "./columns.js";
import { createNetwork, type TableNetworkOptions } from "./options.js";
import { PIECE, type Steps } from "./steps.js";
import { cell, isMissing, type Label } from "./values.js";

/** Unseen categories that are kept, a column. */
const MOST_UNSEEN = 100;
/** Numbers that rows may become in one piece: 2 GiB. */
const MOST_NUMBERS = 2 ** 28;

export class Encoder {
  readonly columns: TableColumns;
  /** How many numbers a row becomes. */
  readonly width: number;
  readonly classes: readonly Label[] | undefined;
  readonly outputs: number;
  /** Categories that no training row had, by column. */
  readonly unseen = new Map<string, Set<string>>();
  /** Where each column's inputs begin. */
  readonly #starts: readonly number[];
  /** What stands for a missing value, by column: a number, or a category. */
  readonly #fills: readonly (number | string | undefined)[];
  /** The place of each category among its column's inputs, and of each class. */
  readonly #places: readonly ReadonlyMap<string, number>[];
  readonly #classPlaces: ReadonlyMap<string, number>;
  /** Whether classes are given to the network by their indices. */
  readonly #asIndices: boolean;

  constructor(columns: TableColumns, asIndices: boolean) {
    const places = (categories: readonly Label[] = []): Map<string, number> =>
      new Map(categories.map((each, i) => [String(each), i]));
    this.columns = columns;
    let width = 0;
    this.#starts = columns.inputs.map((column) => (width += widthOf(column)) - widthOf(column));
    this.width = width;
    this.classes = classesOf(columns);
    this.outputs = this.classes?.length ?? columns.targets.length;
    this.#fills = columns.inputs.map(({ name, kind, missing }) =>
      missing === undefined ? missing : kind === "category" ? String(missing) : readNumber(kind, missing, 0, name),
    );
    this.#places = columns.inputs.map(({ categories }) => places(categories));
    this.#classPlaces = places(this.classes);
    this.#asIndices = asIndices;
  }

  /**
   * The numbers of rows: inputs, and targets where they are asked for.
   * @param first the first one's place among the caller's rows, for messages; or a list of the rows' places
   * @param isTraining whether categories without an input are merely rare ones
   */
  *encode(
    rows: readonly unknown[],
    first: number | ArrayLike<number>,
    withTargets: boolean,
    isTraining = false,
  ): Steps<{ x: Float64Array; y: Float64Array }> {
    const count = rows.length,
      width = this.#asIndices ? 1 : this.outputs;
    this.#checkSize(count);
    const x = new Float64Array(count * this.width),
      y = new Float64Array(withTargets ? count * width : 0);
    for (let i = 0; i < count; i++) {
      const row = rows[i],
        place = typeof first === "number" ? first + i : first[i];
      checkRow(row, place);
      this.#writeInputs(row, place, x, i * this.width, isTraining);
      if (withTargets) this.#writeTargets(row, place, y, i * width);
      if (i % PIECE === PIECE - 1) yield undefined;
    }
    return { x, y };
  }

  #checkSize(rows: number): void {
    if (rows * this.width <= MOST_NUMBERS) return;
    const widest = this.columns.inputs.reduce((a, b) => (widthOf(b) > widthOf(a) ? b : a));
    const name = JSON.stringify(widest.name);
    outOfRange(
      `${rows} rows of ${this.width} inputs are too large for memory, and ${widthOf(widest)} are of column ${name}; ` +
        `set columns: { ${name}: { categories: 50 } }, or pass fitAsync a function that makes a stream`,
    );
  }

  #writeInputs(row: object, place: number, to: Float64Array, at: number, isTraining: boolean): void {
    const { inputs } = this.columns;
    for (let c = 0; c < inputs.length; c++) {
      const { name, kind, mean = 0, scale = 1 } = inputs[c];
      const value = cell(row, name);
      const start = at + this.#starts[c];
      if (kind === "category") {
        const key =
          (isMissing(value) ? (this.#fills[c] as string | undefined) : readKey(value, place, name)) ??
          refuseMissing(place, name, '"unknown"');
        const category = this.#places[c].get(key);
        if (category !== undefined) to[start + category] = 1;
        else if (!isTraining) this.#note(name, key);
      } else {
        const number =
          readNumber(kind, value, place, name) ??
          (this.#fills[c] as number | undefined) ??
          refuseMissing(place, name, kind === "boolean" ? "false" : '"median"');
        if (!Number.isFinite(Math.fround((number - mean) / scale)))
          refuseCell(value, place, name, `it is too far from the column's mean, ${mean}, for the network`);
        if (kind === "date") writeDate(number, to, start);
        else to[start] = number;
      }
    }
  }

  #writeTargets(row: object, place: number, to: Float64Array, at: number): void {
    const {
      classes,
      columns: { targets },
    } = this;
    targets.forEach(({ name }, t) => {
      const value = cell(row, name);
      if (isMissing(value)) refuseMissing(place, name);
      if (!classes) {
        to[at + t] = readNumber("number", value, place, name) ?? refuseMissing(place, name);
        return;
      }
      const index =
        this.#classPlaces.get(readKey(value, place, name)) ??
        refuseCell(
          value,
          place,
          name,
          `the classes trained on are ${classes.slice(0, 10).map(show).join(", ")}${classes.length > 10 ? " …" : ""}`,
        );
      if (this.#asIndices) to[at] = index;
      else to[at + index] = 1;
    });
  }

  #note(name: string, key: string): void {
    let keys = this.unseen.get(name);
    if (!keys) this.unseen.set(name, (keys = new Set()));
    if (keys.size < MOST_UNSEEN) keys.add(key);
  }
}

/** A network for these columns. Its scaling does for numbers what the table knows of them; one-hot inputs stay 0 and 1. */
export function networkFor(columns: TableColumns, options: TableNetworkOptions): NN {
  const classes = classesOf(columns);
  // A date's days are its first input.
  const scaling = (key: "mean" | "scale", other: number): number[] =>
    columns.inputs.flatMap((column) => Array.from({ length: widthOf(column) }, (_, i) => (i ? other : (column[key] ?? other))));
  const shift = scaling("mean", 0);
  const { targets } = columns;
  const isCrossentropy = options.loss?.endsWith("Crossentropy");
  if (classes && options.loss && !isCrossentropy)
    outOfRange(`network.loss is "${options.loss}"; classes take "categoricalCrossentropy" or "binaryCrossentropy"`);
  return createNetwork(shift.length, classes?.length ?? targets.length, Boolean(classes), {
    inputScaling: { shift, scale: scaling("scale", 1) },
    ...(!classes &&
      !isCrossentropy && {
        targetScaling: { shift: targets.map(({ mean }) => mean!), scale: targets.map(({ scale }) => scale!) },
      }),
    ...options,
  });
}
