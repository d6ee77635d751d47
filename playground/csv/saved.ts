// A table's model from a file, in a dialog: what its columns hold, and what it predicts of a row that the visitor fills in.
import { TableModel, type ColumnInfo } from "../../src/entries/table.js";
import { ModelFormatError } from "../../src/index.js";
import { say } from "../app/messages.js";
import { button } from "../ui/controls.js";
import { h, setText, uniqueId } from "../ui/dom.js";
import { percent, plural } from "../ui/format.js";
import { number } from "./predictions.js";

/** Columns that have a field; all others keep their usual value. */
const FIELDS = 24;

/** Opens a file that a table's model was saved in. */
export function openSavedTable(bytes: Uint8Array, fileName: string): void {
  let model: TableModel;
  try {
    model = TableModel.load(bytes);
  } catch (error) {
    if (!(error instanceof ModelFormatError)) throw error;
    say(`${fileName} cannot be loaded: ${error.message}.`, "error");
    return;
  }
  const columns = Object.entries(model.columns);
  const inputs = columns.filter(([, { isTarget }]) => !isTarget);
  const targets = columns.filter(([, { isTarget }]) => isTarget).map(([name]) => `“${name}”`);
  const row: Record<string, string> = Object.fromEntries(inputs.map(([name, column]) => [name, usualValue(column)]));
  const answer = h("p", { role: "status" });
  const show = (): void => {
    try {
      const [prediction] = model.predict<string | Record<string, number>>([row]);
      if (columns.some(([, { isTarget, categories }]) => isTarget && categories)) {
        setText(
          answer,
          `The model says: ${String(prediction)} (${percent(model.probabilities([row])[0][String(prediction)], 0)}).`,
        );
      } else if (typeof prediction === "object") {
        setText(
          answer,
          `The model says: ${Object.entries(prediction)
            .map(([name, value]) => `${name} ${number(value)}`)
            .join(", ")}.`,
        );
      } else setText(answer, `The model says: ${number(Number(prediction))}.`);
    } catch (error) {
      setText(answer, (error as Error).message.replace(/^rows\[0\]\.?/, "").split("; leave")[0]);
    }
  };
  const fields = inputs.slice(0, FIELDS).map(([name, column]) => {
    const id = uniqueId("column");
    const change = (event: Event): void => {
      row[name] = (event.target as HTMLInputElement | HTMLSelectElement).value;
      show();
    };
    const control =
      column.kind === "category"
        ? h(
            "select",
            { id, onchange: change },
            ...column.categories!.map((each) => h("option", { value: String(each) }, String(each))),
          )
        : h("input", { id, value: row[name], oninput: change });
    return h("div", { class: "field" }, h("div", { class: "field-head" }, h("label", { for: id }, name)), control);
  });
  const dialog = h(
    "dialog",
    { class: "table-dialog", "aria-labelledby": "saved-title", onclose: () => dialog.remove() },
    h(
      "div",
      { class: "card-head" },
      h("h2", { id: "saved-title" }, fileName),
      button("Close", () => dialog.close(), { kind: "icon", icon: "close" }),
    ),
    h("p", {}, `A model of a table: it predicts ${targets.join(", ")} from ${plural(inputs.length, "column")}.`),
    inputs.length > FIELDS &&
      h("p", { class: "hint" }, `The first ${FIELDS} columns can be filled in; all others keep a usual value.`),
    h("div", { class: "fields" }, ...fields),
    answer,
  );
  document.body.append(dialog);
  dialog.showModal();
  show();
}

/** What a column's field shows at first. */
function usualValue({ kind, mean, categories }: ColumnInfo): string {
  if (kind === "category") return String(categories?.[0] ?? "");
  if (kind === "boolean") return "false";
  return kind === "date" ? new Date(mean! * 86_400_000).toISOString().slice(0, 16) + "Z" : number(mean!);
}
