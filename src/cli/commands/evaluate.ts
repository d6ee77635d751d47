// `wasmlp evaluate`: how good a model is on rows whose targets are known.
import type { Prediction, TableModel } from "../../entries/table.js";
import type { Command } from "../command.js";
import { Confusion, confusionLines } from "../confusion.js";
import type { Row } from "../data/row.js";
import { DATA_OPTIONS, openDataset } from "../data/rows.js";
import { plural, short } from "../format.js";
import { explain } from "../messages.js";
import { loadTable } from "../models.js";
import { createProgress } from "../progress.js";
import { columnsOf, print } from "../terminal.js";

/** Sums over the rows of one numeric target, from which its errors follow. */
class Sums {
  #count = 0;
  #absolute = 0;
  #squared = 0;
  #mean = 0;
  /** Σ (y − mean)², by Welford's update. */
  #spread = 0;

  add(actual: number, predicted: number): void {
    const error = predicted - actual,
      distance = actual - this.#mean;
    this.#count++;
    this.#absolute += Math.abs(error);
    this.#squared += error * error;
    this.#mean += distance / this.#count;
    this.#spread += distance * (actual - this.#mean);
  }

  get figures(): { mae: number; rmse: number; r2: number } {
    return {
      mae: this.#absolute / this.#count,
      rmse: Math.sqrt(this.#squared / this.#count),
      // As scikit-learn: 1 for perfect predictions of a constant, else 0.
      r2: this.#spread ? 1 - this.#squared / this.#spread : Number(this.#squared === 0),
    };
  }
}

interface Evaluated {
  rows: number;
  loss: number;
  confusion: Confusion | undefined;
  sums: Map<string, Sums>;
}

function add(model: TableModel, targets: readonly string[], rows: readonly Row[], into: Evaluated): void {
  into.loss += model.evaluate(rows).loss * rows.length;
  into.rows += rows.length;
  const predictions = model.predict<Prediction>(rows);
  for (const [i, predicted] of predictions.entries()) {
    if (into.confusion) into.confusion.add(String(rows[i]![targets[0]!]), String(predicted));
    else
      for (const name of targets)
        into.sums.get(name)!.add(Number(rows[i]![name]), typeof predicted === "object" ? predicted[name]! : Number(predicted));
  }
}

export const evaluateCommand: Command = {
  name: "evaluate",
  summary: "Measure a model on rows whose targets are known.",
  description: [
    "For classes: accuracy, precision, recall and F1 of each class, and the confusion matrix, or its largest entries where it is too wide. For " +
      "numbers: mean absolute error, root mean squared error and R².",
  ],
  positionals: [
    { name: "MODEL", help: "A model file." },
    { name: "DATA", help: "A file, or - for standard input, the default.", optional: true },
  ],
  options: DATA_OPTIONS,
  examples: [
    ["wasmlp evaluate flowers.safetensors test.csv", "On rows that were not trained on."],
    ["wasmlp evaluate flowers.safetensors test.csv --json", "For programs."],
  ],
  async run(values, [path, data = "-"]) {
    const model = await loadTable(path!);
    const { columns } = model;
    const targets = Object.keys(columns).filter((name) => columns[name]!.isTarget);
    const classes = columns[targets[0]!]!.categories?.map(String);
    const into: Evaluated = {
      rows: 0,
      loss: 0,
      confusion: classes && new Confusion(classes),
      sums: new Map(targets.map((name) => [name, new Sums()])),
    };
    const dataset = await openDataset(data, values, "one");
    const progress = createProgress(Boolean(values.quiet));
    try {
      for await (const rows of dataset.blocks()) {
        try {
          add(model, targets, rows, into);
        } catch (error) {
          throw explain(error, dataset, dataset.count);
        }
        const { size, position } = dataset.source;
        progress.update(size && position / size, `${plural(into.rows, "row")} evaluated`);
      }
    } finally {
      progress.end();
    }
    const { rows, confusion, sums } = into;
    const loss = into.loss / rows;
    const numbers = Object.fromEntries([...sums].map(([name, each]) => [name, each.figures]));
    if (values.json) {
      await print(
        `${JSON.stringify({
          rows,
          loss,
          ...(confusion
            ? { accuracy: confusion.accuracy, classes, confusionMatrix: confusion.counts, perClass: confusion.perClass }
            : targets.length === 1
              ? numbers[targets[0]!]
              : { targets: numbers }),
        })}\n`,
      );
      return;
    }
    const lines = confusion
      ? [
          `accuracy ${short(confusion.accuracy)}, loss ${short(loss)}, ${plural(rows, "row")}`,
          "",
          ...confusionLines(confusion, columnsOf(process.stdout)),
        ]
      : [
          `loss ${short(loss)}, ${plural(rows, "row")}`,
          ...Object.entries(numbers).map(
            ([name, { mae, rmse, r2 }]) =>
              `${name}: mean absolute error ${short(mae)}, root mean squared error ${short(rmse)}, R² ${short(r2)}`,
          ),
        ];
    await print(`${lines.join("\n")}\n`);
  },
};
