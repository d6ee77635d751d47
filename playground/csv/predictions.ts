// Shows predictions for the validation rows beside their targets.
import { fill, h, setText } from "../ui/dom.js";
import { percent } from "../ui/format.js";
import type { Task } from "./task.js";

/** Rows that are shown. */
const SHOWN = 40;
/** Columns of inputs that are shown. */
const WIDEST = 8;

export interface PredictionsTable {
  readonly element: HTMLElement;
  /** Lists the rows of a task. */
  show(task: Task): void;
  /** Shows what its model makes of them. */
  update(task: Task): void;
}

/** A number as it is shown. */
export const number = (value: number): string => String(Number(value.toPrecision(4)));

export function createPredictions(): PredictionsTable {
  const element = h("div", {
    class: "table-scroll",
    tabindex: 0,
    role: "group",
    "aria-label": "Validation rows and their predictions",
  });
  let cells: HTMLElement[] = [];
  return {
    element,
    show({ inputs, target, validation }) {
      const names = inputs.slice(0, WIDEST);
      const more = inputs.length - names.length;
      const rows = validation.slice(0, SHOWN);
      cells = rows.map(() => h("td", { class: "prediction" }, "–"));
      const heads = [...names, ...(more > 0 ? [`${more} more`] : []), target, "network says"];
      fill(
        element,
        h(
          "table",
          { class: "rows" },
          h("thead", {}, h("tr", {}, ...heads.map((name) => h("th", { scope: "col" }, name)))),
          h(
            "tbody",
            {},
            ...cells.map((cell, r) =>
              h(
                "tr",
                {},
                ...names.map((name) => h("td", {}, rows[r][name])),
                more > 0 && h("td", {}, "…"),
                h("td", { class: "target" }, rows[r][target]),
                cell,
              ),
            ),
          ),
        ),
      );
    },
    update({ kind, target, model, validation }) {
      const rows = validation.slice(0, SHOWN);
      const answers = model.predict(rows);
      const probabilities = kind === "classes" ? model.probabilities(rows) : [];
      cells.forEach((cell, r) => {
        const answer = answers[r];
        if (kind === "number") {
          setText(cell, number(answer as number));
          return;
        }
        const isRight = String(answer) === rows[r][target];
        setText(cell, `${String(answer)} (${percent(probabilities[r][String(answer)], 0)})${isRight ? "" : " ✗"}`);
        cell.classList.toggle("wrong", !isRight);
      });
    },
  };
}
