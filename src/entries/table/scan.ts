// What a table's columns hold, found in one pass through its rows: kinds, means, deviations, categories.
import { oneOf, outOfRange, plural, show } from "../../options/checks.js";
import { checkRow, DAY, readNumber, refuseCell, refuseMissing, type TableColumn, type TableColumns } from "./columns.js";
import { checkMissing, type ColumnOptions, type Kind, type Told } from "./options.js";
import { cell, isBoolean, isMissing, keyOf, saysMissing, TableError, toBoolean, toNumber, toTime, type Label } from "./values.js";

/** Different numbers that a column may mix with texts and still be one of categories. */
const FEW = 20;
/** Different categories that are counted before a column is refused. */
const MOST_COUNTED = 250_000;
/** Categories of a column that get an input each unless the user says otherwise. */
const MOST_INPUTS = 1000;

class ColumnScan {
  readonly #name: string;
  readonly #isTarget: boolean;
  readonly #told: ColumnOptions;
  /** Cells that hold each, while the kind is open. */
  #numbers = 0;
  #dates = 0;
  #booleans = 0;
  #texts = 0;
  #firstText = "";
  /** Statistics of numbers or dates. */
  #count = 0;
  #mean = 0;
  #squares = 0;
  #low = Infinity;
  #high = -Infinity;
  readonly #values: number[] | undefined;
  /** How often each category occurs, and those that are no texts. */
  readonly #counts = new Map<string, number>();
  readonly #labels = new Map<string, Label>();
  #counted = 0;
  /** Whether there were more than FEW different numbers or dates; they are then no longer counted. */
  #isMany = false;

  constructor(name: string, told: ColumnOptions, isTarget: boolean) {
    this.#name = name;
    this.#told = told;
    this.#isTarget = isTarget;
    if (told.missing === "median") this.#values = [];
  }

  get isIgnored(): boolean {
    return this.#told.kind === "ignore";
  }

  add(value: unknown, row: number): void {
    const { kind } = this.#told;
    if (isMissing(value)) {
      if (this.#isTarget) refuseMissing("number", row, this.#name, true);
      return;
    }
    if (kind === "number" || kind === "date") {
      const number = readNumber(kind, value, row, this.#name);
      if (number !== undefined) this.#addNumber(number);
      else if (this.#isTarget) refuseMissing(kind, row, this.#name, true);
    } else if (kind) {
      if (kind === "category" || readNumber("boolean", value, row, this.#name) !== undefined) this.#addKey(value, row);
    } else this.#addOpen(value, row);
  }

  /** Adds a value of a column whose kind is to be found. */
  #addOpen(value: unknown, row: number): void {
    const number = toNumber(value);
    const days = Number.isNaN(number) ? toTime(value) / DAY : Number.NaN;
    if (Number.isNaN(number) && Number.isNaN(days)) {
      if (isBoolean(value)) this.#booleans++;
      else if (!saysMissing(value)) {
        if (typeof value !== "string") refuseCell(value, row, this.#name);
        if (!this.#texts++) this.#firstText = `rows[${row}] ${show(value)}`;
      }
      this.#addKey(value, row);
      return;
    }
    if (Number.isNaN(number)) this.#dates++;
    else this.#numbers++;
    this.#addNumber(readNumber(Number.isNaN(number) ? "date" : "number", value, row, this.#name)!);
    if (this.#isMany) return;
    this.#addKey(value, row);
    this.#isMany = this.#counts.size > FEW;
  }

  #addNumber(number: number): void {
    this.#count++;
    this.#low = Math.min(this.#low, number);
    this.#high = Math.max(this.#high, number);
    // Welford's update (1962): exact where a sum of squares would cancel.
    const distance = number - this.#mean;
    this.#mean += distance / this.#count;
    this.#squares += distance * (number - this.#mean);
    this.#values?.push(number);
  }

  #addKey(value: unknown, row: number): void {
    const key = keyOf(value) ?? refuseCell(value, row, this.#name);
    const count = this.#counts.get(key) ?? 0;
    this.#counts.set(key, count + 1);
    this.#counted++;
    if (count) return;
    if (typeof value === "number" || typeof value === "boolean") this.#labels.set(key, value);
    if (this.#counts.size > MOST_COUNTED) {
      const remedy = `set columns: { ${JSON.stringify(this.#name)}: "ignore" }, or tell its categories`;
      throw new TableError(`column ${show(this.#name)} has more than ${MOST_COUNTED} different values; ${remedy}`, undefined, this.#name);
    }
  }

  /** Whether nearly every row has a text of its own, in a column of which nothing was told. */
  get isIdentifier(): boolean {
    const { kind, categories } = this.#told;
    return !kind && !categories && this.#texts > 0 && this.#counts.size > FEW && 2 * this.#counts.size > this.#counted;
  }

  get kind(): Exclude<Kind, "ignore"> {
    const name = show(this.#name);
    const { kind, categories, missing } = this.#told;
    if (kind && kind !== "ignore") return kind;
    if (categories) return "category";
    const present = this.#numbers + this.#dates + this.#booleans + this.#texts;
    if (!present) outOfRange(`column ${name} has no values; set columns: { ${name}: "ignore" }`);
    const found = ([["number", this.#numbers], ["date", this.#dates], ["boolean", this.#booleans]] as const).find(([, cells]) => cells === present)?.[0];
    if (!found && this.#isMany) {
      throw new TableError(
        `column ${name} holds ${plural(this.#numbers, "number")}, ${plural(this.#dates, "date")} and ${plural(this.#texts, "text")}, first ${this.#firstText}; ` +
        `mend those rows, or set columns: { ${name}: "category" }`, undefined, this.#name,
      );
    }
    if (missing !== undefined && missing !== "error") checkMissing(found ?? "category", missing, `columns[${name}].missing`);
    return found ?? "category";
  }

  /** How many rows of the target there are of each of its classes. */
  countsOf(classes: readonly Label[]): number[] {
    return classes.map((label) => this.#counts.get(String(label)) ?? 0);
  }

  finish(rows: number): TableColumn {
    const { kind } = this;
    const { missing = "error", mean, scale } = this.#told;
    const column = { name: this.#name, kind, ...(missing !== "error" && { missing }) };
    if (kind === "category" || (kind === "boolean" && this.#isTarget)) {
      const fill = missing === "error" ? undefined : keyOf(missing)!;
      // Missing values count as what stands for them, here and below.
      if (fill !== undefined && rows > this.#counted) this.#counts.set(fill, (this.#counts.get(fill) ?? 0) + rows - this.#counted);
      return { ...column, ...this.#categories(), ...(fill !== undefined && { fill }) };
    }
    if (kind === "boolean") {
      const share = [...this.#counts].reduce((sum, [key, count]) => sum + (saysMissing(key) ? 0 : toBoolean(key) * count), 0) / (this.#counted || 1);
      const fill = missing === "mean" ? share : missing === "median" ? Number(share >= 0.5) : toBoolean(missing);
      return { ...column, ...(missing !== "error" && { fill }) };
    }
    const fill = this.#fill(kind, missing);
    return { ...column, ...this.#moments(rows, fill, mean, scale), ...(fill !== undefined && { fill }) };
  }

  #fill(kind: "number" | "date", missing: NonNullable<ColumnOptions["missing"]>): number | undefined {
    if (missing === "error") return undefined;
    const isStatistic = missing === "mean" || missing === "median";
    if (isStatistic && !this.#count) outOfRange(`column ${show(this.#name)} has no values, so no ${missing}; set columns: { ${show(this.#name)}: "ignore" }`);
    if (missing === "mean") return this.#mean;
    if (missing !== "median") return readNumber(kind, missing, 0, this.#name)!;
    const sorted = Float64Array.from(this.#values!).sort();
    return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
  }

  #moments(rows: number, fill: number | undefined, mean?: number, scale?: number): { mean: number; scale: number } {
    let [center, squares, count] = [this.#mean, this.#squares, this.#count];
    const filled = fill === undefined ? 0 : rows - count;
    if (filled) {
      const distance = fill! - center;
      squares += (distance * distance * count * filled) / rows;
      center += (distance * filled) / rows;
      count = rows;
    }
    const isConstant = this.#low === this.#high && (!filled || fill === this.#low);
    return { mean: mean ?? center, scale: scale ?? ((!isConstant && Math.sqrt(squares / count)) || 1) };
  }

  #categories(): { categories: readonly Label[]; others?: number } {
    const { categories: told = this.#isTarget ? Infinity : MOST_INPUTS } = this.#told;
    if (typeof told === "object") return { categories: told };
    let found = [...this.#counts];
    const others = Math.max(0, found.length - told);
    if (others) found = found.sort(([, a], [, b]) => b - a).slice(0, told);
    const keys = found.map(([key]) => key);
    const areNumbers = keys.every((key) => !Number.isNaN(toNumber(key)));
    keys.sort(areNumbers ? (a, b) => Number(a) - Number(b) : undefined);
    return { categories: keys.map((key) => this.#labels.get(key) ?? key), ...(others && { others }) };
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
      column = new ColumnScan(name, this.#told.columns.get(name) ?? {}, this.#told.targets.includes(name));
      this.#columns.set(name, column);
    }
    return column;
  }

  add(row: unknown): void {
    checkRow(row, this.#rows);
    for (const name of Object.keys(row)) {
      const column = this.#columnOf(name);
      if (!column.isIgnored) column.add(cell(row, name), this.#rows);
    }
    this.#rows++;
  }

  /** @throws TypeError, RangeError where columns cannot be used, or one that was told does not occur */
  finish(): TableColumns {
    const { targets, several, columns } = this.#told;
    if (!this.#rows) outOfRange("rows has no rows");
    for (const name of targets) this.#expect(name, "target");
    for (const name of columns.keys()) this.#expect(name, "columns.column");
    const used = [...this.#columns].filter(([, column]) => !column.isIgnored);
    const identifiers = used.filter(([, column]) => column.isIdentifier).map(([name]) => name);
    if (identifiers.length) {
      const remedy = identifiers.slice(0, 10).map((name) => `${JSON.stringify(name)}: "ignore"`).join(", ");
      throw new TableError(
        `nearly every row has a value of its own in column ${identifiers.slice(0, 10).map(show).join(", ")}, from which nothing can be learnt; ` +
        `set columns: { ${remedy} }, or "category" to use it all the same`, undefined, identifiers[0],
      );
    }
    const inputs = used.filter(([name]) => !targets.includes(name)).map(([, column]) => column.finish(this.#rows));
    if (!inputs.length) outOfRange("the rows have no column besides the target to learn from");
    return { inputs, targets: targets.map((name) => this.#target(name)), several };
  }

  /** How many rows there are of each class. */
  countsOf({ targets: [target] }: TableColumns): number[] {
    return this.#columns.get(target!.name)!.countsOf(target!.categories!);
  }

  #target(name: string): TableColumn {
    const target = this.#columns.get(name)!.finish(this.#rows);
    const key = JSON.stringify(name);
    if (target.kind === "date") outOfRange(`target ${key} holds dates; a target holds numbers or classes: set columns: { ${key}: "category" }, or give it as numbers`);
    if (this.#told.several && target.kind !== "number") outOfRange(`target ${key} is of kind "${target.kind}"; several targets must all hold numbers`);
    if (target.categories?.length === 1) outOfRange(`target ${key} is ${show(target.categories[0])} in every row; there must be 2 classes or more`);
    return target;
  }

  #expect(name: string, option: string): void {
    if (this.#columns.has(name)) return;
    let message = "";
    try {
      oneOf(...[...this.#columns.keys()].slice(0, 10_000))(name, option);
    } catch (error) {
      ({ message } = error as Error);
    }
    throw new TableError(message.length < 500 ? message : `no row has the column ${show(name)}, which ${option.split(".")[0]!} names`, undefined, name);
  }
}

/** The columns, where everything that has to be known of them was told; else undefined. */
export function toldColumns({ targets, several, columns }: Told): TableColumns | undefined {
  const complete = (name: string, { kind, missing = "error", categories, mean, scale }: ColumnOptions): TableColumn | undefined => {
    const column = { name, ...(missing !== "error" && { missing }) };
    if (Array.isArray(categories)) return { ...column, kind: "category", categories: categories as Label[], ...(missing !== "error" && { fill: keyOf(missing)! }) };
    if (missing === "median" || (kind !== "number" && kind !== "date" && (kind !== "boolean" || missing === "mean" || targets.includes(name)))) return undefined;
    if (kind !== "boolean" && (mean === undefined || scale === undefined)) return undefined;
    const fill = missing === "error" ? undefined : missing === "mean" ? mean! : readNumber(kind, missing, 0, name)!;
    return { ...column, kind, ...(kind !== "boolean" && { mean: mean!, scale: scale! }), ...(fill !== undefined && { fill }) };
  };
  const used = [...columns].filter(([, { kind }]) => kind !== "ignore").map(([name, column]) => complete(name, column));
  const found = new Map(used.map((column) => [column?.name, column]));
  if (found.has(undefined) || targets.some((name) => !found.has(name)) || found.size === targets.length) return undefined;
  return {
    inputs: used.filter((column) => !targets.includes(column!.name)) as TableColumn[], targets: targets.map((name) => found.get(name)!), several,
  };
}
