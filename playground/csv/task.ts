// The learning task of a table: the target column, whether it is a class or a number, and the model.
import { TableError as ColumnError, TableModel, type Column as ColumnOptions } from "../../src/entries/table.js";
import { uniform } from "../shapes/datasets.js";
import { TableError, isMissing, isNumber, type Row, type Table } from "./parse.js";

export type Kind = "classes" | "number";

/** One row in five is used for validation. */
const VALIDATION_SHARE = 0.2;
/** Integer columns with at most this many different values are classes by default. */
const USUAL_CLASSES = 10;
const MOST_CLASSES = 100;

export interface Task {
  readonly kind: Kind;
  readonly target: string;
  readonly inputs: readonly string[];
  readonly classes: readonly string[];
  readonly model: TableModel;
  readonly train: readonly Row[];
  readonly validation: readonly Row[];
  /** What was left out or filled in, in sentences. */
  readonly notes: readonly string[];
}

export interface Choices {
  readonly target: string;
  readonly kind: Kind;
  readonly hidden: readonly number[];
  readonly learningRate: number;
}

/** The default kind of a target column. */
export function usualKind({ rows }: Table, name: string): Kind {
  const distinct = new Set(rows.map((row) => row[name]).filter((word) => !isMissing(word)));
  return [...distinct].every(isNumber) &&
    (distinct.size > USUAL_CLASSES || ![...distinct].every((word) => Number.isInteger(Number(word))))
    ? "number"
    : "classes";
}

/** @throws TableError when the table cannot be learnt from in this way */
export function makeTask({ rows, names }: Table, { target, kind, hidden, learningRate }: Choices): Task {
  const known = shuffled(rows.filter((row) => !isMissing(row[target])));
  if (known.length < 4) throw new TableError(`Only ${known.length} rows have a value of “${target}”; at least 4 are needed.`);
  const values = new Set(known.map((row) => row[target]));
  if (kind === "number" && ![...values].every(isNumber)) {
    throw new TableError(`“${target}” holds words: it can only be predicted as classes.`);
  }
  if (kind === "classes" && values.size < 2)
    throw new TableError(`“${target}” is the same in every row: there is nothing to tell apart.`);
  if (kind === "classes" && values.size > MOST_CLASSES)
    throw new TableError(`“${target}” has ${values.size} different values: too many for classes.`);
  const cut = known.length - Math.max(1, Math.round(known.length * VALIDATION_SHARE));
  const train = known.slice(0, cut),
    validation = known.slice(cut);
  const columns: Record<string, ColumnOptions> = {
    [target]:
      kind === "number"
        ? "number"
        : { kind: "category", categories: [...values].sort((a, b) => a.localeCompare(b, "en", { numeric: true })) },
  };
  const notes: string[] = [];
  for (;;) {
    if (names.every((name) => columns[name])) throw new TableError("Besides the target, no column can be learnt from.");
    const model = new TableModel({
      target,
      columns,
      missing: "fill",
      network: { hidden, learningRate, seed: 1 },
    });
    try {
      // Finds what the columns hold, and trains nothing yet.
      model.fit(train, { epochs: 0 });
      // A word may come for the first time among rows that are not trained on.
      model.evaluate(validation);
    } catch (error) {
      // A column that cannot be used as a whole, or not in one of its cells.
      if (!(error instanceof RangeError)) throw error;
      if (!(error instanceof ColumnError) || error.column === undefined || error.column === target)
        throw new TableError(`${reason(error)}.`);
      columns[error.column] = "ignore";
      notes.push(`Left out: “${error.column}”, because ${reason(error)}.`);
      continue;
    }
    const filled = names.filter((name) => name !== target && model.columns[name] && known.some((row) => isMissing(row[name])));
    if (filled.length)
      notes.push(
        `Missing values count as the mean, or as words of their own, in ${filled.map((name) => `“${name}”`).join(", ")}.`,
      );
    if (known.length < rows.length)
      notes.push(`Left out, because “${target}” is missing: ${rows.length - known.length} of ${rows.length} rows.`);
    const inputs = Object.entries(model.columns)
      .filter(([, { isTarget }]) => !isTarget)
      .map(([name]) => name);
    return {
      kind,
      target,
      inputs,
      classes: model.columns[target].categories?.map(String) ?? [],
      model,
      train,
      validation,
      notes,
    };
  }
}

/** The reason why a column cannot be used, without the library's advice to programmers. */
const reason = ({ message }: Error): string => message.split("; ")[0];

/** The same order for the same number of rows. */
function shuffled(rows: Row[]): Row[] {
  const random = uniform(rows.length);
  for (let i = rows.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [rows[i], rows[j]] = [rows[j], rows[i]];
  }
  return rows;
}
