// A confusion matrix, counted row by row, and drawn.
import { cut, short, table } from "./format.js";

export interface ClassFigures {
  readonly class: string;
  readonly rows: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** Entries that are listed where the whole matrix is too wide. */
const LISTED = 15;
const CLASSES_LISTED = 30;

export class Confusion {
  readonly classes: readonly string[];
  /** Rows are actual classes, columns predicted ones. */
  readonly counts: number[][];
  readonly #places: ReadonlyMap<string, number>;

  constructor(classes: readonly string[]) {
    this.classes = classes;
    this.counts = classes.map(() => classes.map(() => 0));
    this.#places = new Map(classes.map((name, i) => [name, i]));
  }

  add(actual: string, predicted: string): void {
    this.counts[this.#places.get(actual)!]![this.#places.get(predicted)!]!++;
  }

  get accuracy(): number {
    const all = this.counts.flat().reduce((sum, count) => sum + count, 0);
    return this.counts.reduce((sum, row, i) => sum + row[i]!, 0) / all;
  }

  /** By scikit-learn's definitions; 0 where there is nothing to divide by. */
  get perClass(): ClassFigures[] {
    return this.classes.map((name, i) => {
      const right = this.counts[i]![i]!;
      const rows = this.counts[i]!.reduce((sum, count) => sum + count, 0);
      const predicted = this.counts.reduce((sum, row) => sum + row[i]!, 0);
      return {
        class: name,
        rows,
        precision: right / (predicted || 1),
        recall: right / (rows || 1),
        f1: (2 * right) / (rows + predicted || 1),
      };
    });
  }
}

/** The matrix, or its largest entries off the diagonal, and the figures of each class. */
export function confusionLines(confusion: Confusion, width: number): string[] {
  const { classes, counts, perClass } = confusion;
  const names = classes.map((name) => cut(name, 16));
  const matrix = table(
    ["actual \\ predicted", ...names],
    counts.map((row, i) => [names[i]!, ...row.map(String)]),
  );
  const figures = table(
    ["class", "rows", "precision", "recall", "f1"],
    perClass
      .slice(0, CLASSES_LISTED)
      .map(({ class: name, rows, precision, recall, f1 }) => [
        cut(name, 24),
        String(rows),
        ...[precision, recall, f1].map((value) => value.toFixed(3)),
      ]),
    width,
  );
  if (classes.length > CLASSES_LISTED) figures.push(`… ${short(classes.length - CLASSES_LISTED)} more classes; --json has all`);
  if (matrix.every((line) => line.length <= width)) return [...matrix, "", ...figures];
  const wrong = counts
    .flatMap((row, i) => row.map((count, j) => ({ count, i, j })))
    .filter(({ count, i, j }) => count && i !== j)
    .sort((a, b) => b.count - a.count)
    .slice(0, LISTED);
  return [
    ...table(
      ["actual", "predicted", "rows"],
      wrong.map(({ count, i, j }) => [cut(classes[i]!, 24), cut(classes[j]!, 24), String(count)]),
      width,
    ),
    "",
    ...figures,
  ];
}
