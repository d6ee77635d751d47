// `wasmlp info`: what a model file holds.
import type { ColumnInfo } from "../../entries/table.js";
import type { Command } from "../command.js";
import { short, table as drawTable } from "../format.js";
import { loadModel } from "../models.js";
import { columnsOf, print } from "../terminal.js";

/** What a column holds, in a few words. */
export function describeColumn({ kind, mean, scale, categories }: ColumnInfo): string {
  if (categories) {
    const shown = categories.slice(0, 5).map(String).join(", ");
    return `${kind === "boolean" ? "" : `${categories.length}: `}${shown}${categories.length > 5 ? ", …" : ""}`;
  }
  if (mean === undefined || kind === "date") return "";
  return `mean ${short(mean)}, deviation ${short(scale ?? 1)}`;
}

/** The lines of a table of columns. */
export const columnLines = (columns: Record<string, ColumnInfo>, width: number): string[] =>
  drawTable(
    ["column", "kind", "values", "missing"],
    Object.entries(columns).map(([name, info]) => [
      info.isTarget ? `${name} (target)` : name,
      info.kind,
      describeColumn(info),
      info.missing === undefined ? "" : String(info.missing),
    ]),
    width,
  );

export const infoCommand: Command = {
  name: "info",
  summary: "Show the columns and layers of a model.",
  description: [
    "Shows what the columns of the training table held, which layers the network has, and with which options it was made.",
  ],
  positionals: [{ name: "MODEL", help: "A model file, as wasmlp train and NN.save write them." }],
  options: {},
  examples: [
    ["wasmlp info model.safetensors", "Columns, layers, parameters."],
    ["wasmlp info model.safetensors --json", "The same for programs."],
  ],
  async run(values, [path]) {
    const { nn, table } = await loadModel(path!);
    if (values.json) {
      const { options, step, epoch } = nn.toJSON();
      await print(
        `${JSON.stringify(
          {
            ...(table && { columns: table.columns }),
            layers: nn.layers,
            parameters: nn.parameterCount,
            options,
            seed: nn.seed,
            dtype: nn.dtype,
            epoch,
            step,
          },
          null,
          2,
        )}\n`,
      );
      return;
    }
    const width = columnsOf(process.stdout);
    const { epoch, step } = nn.toJSON();
    const lines = table ? [...columnLines(table.columns, width), ""] : [];
    await print(
      `${[...lines, nn.summary(), `seed ${nn.seed}; trained for ${short(epoch)} epochs, ${short(step)} steps`].join("\n")}\n`,
    );
  },
};
