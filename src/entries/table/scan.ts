// What a table's columns hold, found in one pass through its rows: kinds, means, deviations, categories.
import { oneOf, outOfRange, show } from "../../options/checks.js";
import { checkRow, DAY, readKey, readNumber, type TableColumn, type TableColumns } from "./columns.js";
import { checkMissing, type ColumnOptions, type Told } from "./options.js";
import { cell, isMissing, TableError, toNumber, typeOf, type Kind, type Label } from "./values.js";

/** Different numbers that a column may mix with texts and still be one of categories. */
const FEW = 20;
/** Different categories that are counted before a column is refused. */
const MOST_COUNTED = 250_000;
/** Categories of a column that get an input each unless the user says otherwise. */
const MOST_INPUTS = 1000;

class ColumnScan {
  readonly #name: string;
  readonly #told: ColumnOptions;
  readonly #isTarget: boolean;
  readonly #fills: boolean;
  /** Undefined where it is to be found. */
  readonly #fixed: Kind | undefined;
  /** Cells of each type, while the kind is open, and one of the texts. */
  readonly #seen = { number: 0, date: 0, boolean: 0, text: 0, none: 0 };
  #text = "";
  /** Statistics of numbers or dates. */
  #count = 0;
  #mean = 0;
  #squares = 0;
  #low = Infinity;
  #high = -Infinity;
  readonly #values: number[] = [];
  /** How often each category occurs; labels of those that are no texts. */
  readonly #counts = new Map<string, number>();
  readonly #labels = new Map<string, Label>();
  #counted = 0;
  /** Different numbers or dates in a column whose kind is open; above FEW they are no longer counted. */
  #different = 0;

  /** @param fills whether missing values have a rule even if none was told */
  constructor(name: string, told: ColumnOptions, isTarget: boolean, fills: boolean) {
    this.#name = name;
    this.#told = told;
    this.#isTarget = isTarget;
    this.#fills = fills && !isTarget;
    this.#fixed = told.kind ?? (told.categories === undefined ? undefined : "category");
  }

  get isIgnored(): boolean {
    return this.#fixed === "ignore";
  }

  add(value: unknown, row: number): void {
    const kind = this.#fixed;
    if (kind === "ignore" || isMissing(value)) return;
    if (!kind) this.#addOpen(value, row);
    else if (kind === "category") this.#addKey(value, row);
    else {
      const number = readNumber(kind, value, row, this.#name);
      if (number === undefined) return;
      this.#addNumber(number);
      if (kind === "boolean") this.#addKey(value, row);
    }
  }

  /** Adds a value of a column whose kind is to be found. */
  #addOpen(value: unknown, row: number): void {
    const number = toNumber(value);
    const type = Number.isNaN(number) ? typeOf(value) : "number";
    if (type) this.#seen[type]++;
    if (type === "text") this.#text ||= `rows[${row}] ${show(value)}`;
    const isNumeric = type === "number" || type === "date";
    if (isNumeric) this.#addNumber(Math.abs(number) < 1e99 ? number : readNumber(type, value, row, this.#name)!);
    if (this.#different <= FEW && this.#addKey(value, row) && isNumeric) this.#different++;
  }

  #addNumber(number: number): void {
    this.#count++;
    this.#low = Math.min(this.#low, number);
    this.#high = Math.max(this.#high, number);
    // Welford's update (1962): exact where a sum of squares would cancel.
    const distance = number - this.#mean;
    this.#mean += distance / this.#count;
    this.#squares += distance * (number - this.#mean);
    if (this.#told.missing === "median") this.#values.push(number);
  }

  /** Counts a category; true where it is the first of its kind. */
  #addKey(value: unknown, row: number): boolean {
    const key = readKey(value, row, this.#name);
    const count = this.#counts.get(key) ?? 0;
    this.#counts.set(key, count + 1);
    this.#counted++;
    if (count) return false;
    if (typeof value === "number" || typeof value === "boolean") this.#labels.set(key, value);
    if (this.#counts.size > MOST_COUNTED) this.#refuse(`has more than ${MOST_COUNTED} different values`, "ignore");
    return true;
  }

  #refuse(trouble: string, kind: Kind): never {
    throw new TableError(
      `column ${show(this.#name)} ${trouble}; set columns: { ${JSON.stringify(this.#name)}: "${kind}" }`,
      undefined,
      this.#name,
    );
  }

  /** Whether nearly every row has a text of its own, in a column of which nothing was told. */
  get isIdentifier(): boolean {
    return (
      !this.#fixed &&
      this.#seen.text > 0 &&
      this.#different <= FEW &&
      this.#counts.size > FEW &&
      2 * this.#counts.size > this.#counted
    );
  }

  #kind(): TableColumn["kind"] {
    if (this.#fixed) return this.#fixed as TableColumn["kind"];
    const { number, date, boolean, text } = this.#seen;
    const all = number + date + boolean + text;
    if (!all) this.#refuse("has no values", "ignore");
    if (number === all) return "number";
    if (date === all) return "date";
    if (boolean === all) return "boolean";
    if (this.#different > FEW)
      this.#refuse(`mixes ${number + date} numbers with texts, as in ${this.#text}: mend them, or`, "category");
    return "category";
  }

  /** How many rows there are of each class. */
  countsOf(classes: readonly Label[]): number[] {
    return classes.map((label) => this.#counts.get(String(label)) ?? 0);
  }

  /** @param rows how many there were; those without a value here count as what stands for missing ones */
  finish(rows: number): TableColumn {
    const kind = this.#kind();
    const missing = this.#missing(kind);
    const column = { name: this.#name, kind, ...(missing !== undefined && { missing }) };
    if (kind === "category" || (kind === "boolean" && this.#isTarget)) {
      const filled = rows - this.#counted;
      if (missing !== undefined && filled) this.#counts.set(String(missing), (this.#counts.get(String(missing)) ?? 0) + filled);
      return { ...column, categories: this.#categories() };
    }
    if (kind === "boolean") return column;
    const { mean, scale } = this.#told;
    const fill = missing === undefined ? undefined : readNumber(kind, missing, 0, this.#name)!;
    const filled = fill === undefined ? 0 : rows - this.#count;
    const isConstant = this.#low === this.#high && (!filled || fill === this.#low);
    const distance = filled && fill! - this.#mean;
    const count = this.#count + filled;
    const squares = this.#squares + (distance * distance * this.#count * filled) / count;
    return {
      ...column,
      mean: mean ?? this.#mean + (filled && (distance * filled) / count),
      scale: scale ?? ((!isConstant && Math.sqrt(squares / count)) || 1),
    };
  }

  #missing(kind: TableColumn["kind"]): TableColumn["missing"] | undefined {
    const { missing = this.#fills ? this.#usual(kind) : "error", mean = this.#mean } = this.#told;
    if (missing === "error") return undefined;
    checkMissing(kind, missing, `columns[${JSON.stringify(this.#name)}].missing`);
    if (missing !== "mean" && missing !== "median") return missing;
    if (!this.#count && this.#told.mean === undefined) this.#refuse("has no values", "ignore");
    const sorted = Float64Array.from(this.#values).sort();
    const number = missing === "mean" ? mean : (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
    return kind === "date" ? new Date(number * DAY).toISOString() : number;
  }

  /** What stands for missing values where nothing was told. */
  #usual(kind: TableColumn["kind"]): string {
    if (kind === "category") return "missing";
    return kind === "boolean" ? [...this.#counts].reduce((a, b) => (b[1] > a[1] ? b : a), ["false", 0])[0] : "mean";
  }

  #categories(): readonly Label[] {
    const { categories: told = this.#isTarget ? Infinity : MOST_INPUTS } = this.#told;
    if (typeof told === "object") return told;
    let found = [...this.#counts];
    if (found.length > told) found = found.sort(([, a], [, b]) => b - a).slice(0, told);
    const keys = found.map(([key]) => key);
    keys.sort(keys.some((key) => Number.isNaN(toNumber(key))) ? undefined : (a, b) => Number(a) - Number(b));
    return keys.map((key) => this.#labels.get(key) ?? key);
  }
}

/** A pass through rows; then what their columns hold. */
export class TableScan {
  readonly #told: Told;
  readonly #columns = new Map<string, ColumnScan>();
  #rows = 0;

  /** @param names columns that are known to be there */
  constructor(told: Told, names: Iterable<string> = []) {
    this.#told = told;
    for (const name of names) this.#columnOf(name);
  }

  #columnOf(name: string): ColumnScan {
    let column = this.#columns.get(name);
    if (!column) {
      column = new ColumnScan(name, this.#told.columns.get(name) ?? {}, this.#told.targets.includes(name), this.#told.fills);
      this.#columns.set(name, column);
    }
    return column;
  }

  add(row: unknown): void {
    checkRow(row, this.#rows);
    for (const name of Object.keys(row)) {
      this.#columnOf(name).add(cell(row, name), this.#rows);
    }
    this.#rows++;
  }

  /** @throws TypeError, RangeError where columns cannot be used, or one that was told does not occur */
  finish(): TableColumns {
    const { targets, several, columns } = this.#told;
    for (const name of targets) this.#expect(name, "target");
    for (const name of columns.keys()) this.#expect(name, "columns.column");
    const used = [...this.#columns].filter(([, column]) => !column.isIgnored);
    const identifiers = used
      .filter(([, column]) => column.isIdentifier)
      .slice(0, 10)
      .map(([name]) => name);
    if (identifiers.length) {
      throw new TableError(
        `most rows have a text of their own in ${identifiers.map(show).join(", ")}, which teaches nothing; ` +
          `set columns: { ${identifiers.map((name) => `${JSON.stringify(name)}: "ignore"`).join(", ")} }, or "category" to use it`,
        undefined,
        identifiers[0],
      );
    }
    const inputs = used.filter(([name]) => !targets.includes(name)).map(([, column]) => column.finish(this.#rows));
    if (!inputs.length) outOfRange("there is no column to learn from");
    return { inputs, targets: targets.map((name) => this.#target(name)), several };
  }

  /** How many rows there are of each class. */
  countsOf({ targets: [target] }: TableColumns): number[] {
    return this.#columns.get(target!.name)!.countsOf(target!.categories!);
  }

  #target(name: string): TableColumn {
    const target = this.#columns.get(name)!.finish(this.#rows);
    const { kind, categories } = target;
    if (kind === "date" || (this.#told.several && kind !== "number")) {
      outOfRange(
        `target ${JSON.stringify(name)} is of kind "${kind}"; ${this.#told.several ? "several targets" : "a target"} must hold numbers${kind === "date" ? "" : " only"}`,
      );
    }
    if (categories && categories.length < 2)
      outOfRange(
        `target ${JSON.stringify(name)} is ${categories.map(show).join("")} in every row; there must be two classes or more`,
      );
    return target;
  }

  /** Refuses the name of a column that no row has. */
  #expect(name: string, option: string): void {
    if (!this.#columns.has(name)) oneOf(...[...this.#columns.keys()].slice(0, 200))(name, option);
  }
}

/** The columns, where all that has to be known of them was told; else undefined. */
export function toldColumns(told: Told): TableColumns | undefined {
  const isComplete = ([name, { kind, missing, categories, mean, scale }]: [string, ColumnOptions]): boolean =>
    kind === "ignore" ||
    (missing !== "median" &&
      (missing !== "mean" || mean !== undefined) &&
      (kind !== "boolean" || !told.fills) &&
      (Array.isArray(categories) ||
        (kind === "boolean" && !told.targets.includes(name)) ||
        (mean !== undefined && scale !== undefined && kind !== undefined)));
  const columns = [...told.columns];
  if (!columns.every(isComplete) || told.targets.some((name) => !told.columns.has(name))) return undefined;
  return new TableScan(told, told.columns.keys()).finish();
}
