// `wasmlp predict`: rows in, predictions out, a block at a time.
import type { Prediction, TableModel } from "../../entries/table.js";
import type { Command } from "../command.js";
import type { Row } from "../data/row.js";
import { DATA_OPTIONS, openDataset } from "../data/rows.js";
import { plural } from "../format.js";
import { explain } from "../messages.js";
import { loadTable } from "../models.js";
import { createProgress } from "../progress.js";
import { note, print } from "../terminal.js";

/** A value as a cell of comma-separated values. */
const cell = (value: unknown): string => {
  const text = String(value ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

type Answer = Record<string, Prediction>;

/** Predictions of some rows, each as named values. */
function answer(model: TableModel, targets: readonly string[], rows: readonly Row[], withProbabilities: boolean): Answer[] {
  const predictions = model.predict<Prediction>(rows);
  const named = predictions.map((each): Answer => (typeof each === "object" ? each : { [targets[0]!]: each }));
  if (!withProbabilities) return named;
  const probabilities = model.probabilities(rows);
  return named.map((each, i) => ({
    ...each,
    ...Object.fromEntries(Object.entries(probabilities[i]!).map(([label, p]) => [`p(${label})`, p])),
  }));
}

export const predictCommand: Command = {
  name: "predict",
  summary: "Predict the target for rows of a file or of standard input.",
  description: [
    "Writes comma-separated values with a header, a line for each row, or with --json an object for each row. The target's column is not " +
      "needed and other columns than the model's are ignored. Rows are read and answered in blocks, so files may be of any size.",
  ],
  positionals: [
    { name: "MODEL", help: "A model file." },
    { name: "DATA", help: "A file, or - for standard input, the default.", optional: true },
  ],
  options: {
    probabilities: { type: "boolean", short: "p", help: "Add the probability of each class." },
    keep: { type: "boolean", short: "k", help: "Add the row's own columns, before the prediction." },
    ...DATA_OPTIONS,
  },
  examples: [
    ["wasmlp predict model.safetensors new.csv > predictions.csv", "A prediction for each row."],
    ["gzip -dc new.csv.gz | wasmlp predict model.safetensors --json | jq .species", "In a pipe, as JSON lines."],
  ],
  async run(values, [path, data = "-"]) {
    const model = await loadTable(path!);
    const { columns } = model;
    const targets = Object.keys(columns).filter((name) => columns[name]!.isTarget);
    const dataset = await openDataset(data, values, "one");
    const progress = createProgress(Boolean(values.quiet || process.stdout.isTTY));
    const began = performance.now();
    let header: string[] | undefined;
    try {
      for await (const rows of dataset.blocks()) {
        const answers = answerBlock(rows);
        let text = "";
        for (const [i, each] of answers.entries()) {
          const full = values.keep ? { ...withoutTargets(rows[i]!), ...each } : each;
          if (values.json) {
            text += `${JSON.stringify(full)}\n`;
            continue;
          }
          if (!header) {
            header = Object.keys(full);
            text += `${header.map(cell).join(",")}\n`;
          }
          text += `${header.map((name) => cell(full[name as keyof typeof full])).join(",")}\n`;
        }
        await print(text);
        const count = dataset.count + rows.length;
        const { size, position } = dataset.source;
        progress.update(size && position / size, `${plural(count, "row")} predicted`, [
          count / ((performance.now() - began) / 1000),
          "rows",
        ]);
      }
    } finally {
      progress.end();
    }
    const unseen = Object.entries(model.unseen);
    if (!values.quiet)
      for (const [name, categories] of unseen)
        note(
          `column "${name}" had categories that training had not: ${categories.slice(0, 5).join(", ")}${categories.length > 5 ? ", …" : ""}`,
        );

    function answerBlock(rows: readonly Row[]): Answer[] {
      try {
        return answer(model, targets, rows, Boolean(values.probabilities));
      } catch (error) {
        throw explain(error, dataset, dataset.count);
      }
    }

    function withoutTargets(row: Row): Row {
      return Object.fromEntries(Object.entries(row).filter(([name]) => !targets.includes(name)));
    }
  },
};
