// What is to be learnt from a table: which column is the target, whether it is a class or a number, and the rows for a network.
import { NN } from "../../src/index.js";
import { uniform } from "../shapes/datasets.js";
import { TableError, isMissing, type Column, type Table } from "./parse.js";

export type Kind = "classes" | "number";

/** One row of five is kept for validation. */
const VALIDATION_SHARE = 0.2;
/** Whole numbers of no more kinds than this are taken for classes at first. */
const USUAL_CLASSES = 10;
const MOST_CLASSES = 100;

export interface Part {
  readonly rows: number;
  readonly x: Float32Array<ArrayBuffer>;
  readonly y: Float32Array<ArrayBuffer>;
}

export interface Task {
  readonly kind: Kind;
  readonly target: string;
  readonly inputs: readonly string[];
  /** Names of the classes, by their index; empty for numbers. */
  readonly classes: readonly string[];
  readonly train: Part;
  readonly validation: Part;
  /** What was left out, in sentences. */
  readonly notes: readonly string[];
}

/** What a column is taken for unless the visitor says otherwise. */
export function usualKind({ numbers }: Column): Kind {
  if (!numbers) return "classes";
  const distinct = new Set(numbers.filter((value) => !Number.isNaN(value)));
  return distinct.size <= USUAL_CLASSES && [...distinct].every(Number.isInteger) ? "classes" : "number";
}

/** @throws TableError when the table cannot be learnt from in this way */
export function makeTask({ rows, columns }: Table, target: number, kind: Kind): Task {
  const goal = columns[target];
  if (kind === "number" && !goal.numbers) throw new TableError(`“${goal.name}” holds words: it can only be predicted as classes.`);
  const inputs = columns.filter((column, c) => c !== target && column.numbers);
  const words = columns.filter((column, c) => c !== target && !column.numbers);
  if (inputs.length === 0) throw new TableError("Besides the target, no column holds numbers: there is nothing to learn from.");
  const has = (r: number): boolean => (goal.numbers && kind === "number" ? !Number.isNaN(goal.numbers[r]) : !isMissing(goal.words[r])) &&
    inputs.every(({ numbers }) => !Number.isNaN(numbers![r]));
  const complete = shuffled(Array.from({ length: rows }, (_, r) => r).filter(has));
  if (complete.length < 4) throw new TableError(`Only ${complete.length} rows have all their values; at least 4 are needed.`);
  const classes = kind === "classes" ? namesOf(goal, complete) : [];
  if (kind === "classes" && classes.length < 2) throw new TableError(`“${goal.name}” is the same in every row: there is nothing to tell apart.`);
  if (classes.length > MOST_CLASSES) {
    const advice = goal.numbers ? "; predict it as a number" : "";
    throw new TableError(`“${goal.name}” has ${classes.length} different values: too many for classes${advice}.`);
  }
  const index = new Map(classes.map((name, i) => [name, i]));
  const cut = complete.length - Math.max(1, Math.round(complete.length * VALIDATION_SHARE));
  const part = (chosen: readonly number[]): Part => ({
    rows: chosen.length,
    x: Float32Array.from(chosen.flatMap((r) => inputs.map(({ numbers }) => numbers![r]))),
    y: Float32Array.from(chosen, (r) => (kind === "classes" ? index.get(goal.words[r])! : goal.numbers![r])),
  });
  const notes = [
    ...(words.length ? [`Left out, because they hold words: ${words.map(({ name }) => name).join(", ")}.`] : []),
    ...(complete.length < rows ? [`Left out, because values are missing: ${rows - complete.length} of ${rows} rows.`] : []),
  ];
  return {
    kind, target: goal.name, inputs: inputs.map(({ name }) => name), classes,
    train: part(complete.slice(0, cut)), validation: part(complete.slice(cut)), notes,
  };
}

/** Different words in the order of the alphabet, or of numbers. */
const namesOf = ({ words }: Column, rows: readonly number[]): string[] =>
  [...new Set(rows.map((r) => words[r]))].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));

/** The same order for the same number of rows. */
function shuffled(values: number[]): number[] {
  const random = uniform(values.length);
  for (let i = values.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [values[i], values[j]] = [values[j], values[i]];
  }
  return values;
}

export function createNetwork({ kind, inputs, classes }: Task, hidden: readonly number[], learningRate: number): NN {
  const inner = hidden.map((units) => ({ units, activation: "relu", initializer: "heNormal" } as const));
  return new NN({
    layers: [inputs.length, ...inner, kind === "classes" ? classes.length : 1],
    inputScaling: "standard",
    ...(kind === "classes" ? { loss: "categoricalCrossentropy" } : { loss: "meanSquaredError", targetScaling: "standard" }),
    optimizer: { name: "adam", learningRate }, seed: 1,
  });
}
