// What the network says of the validation rows, beside what is right.
import type { NN } from "../../src/index.js";
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
  /** Shows what a network makes of them. */
  update(task: Task, nn: NN): void;
}

export function createPredictions(): PredictionsTable {
  const element = h("div", { class: "table-scroll", tabindex: 0, role: "group", "aria-label": "Validation rows and their predictions" });
  let cells: HTMLElement[] = [];
  const number = (value: number): string => String(Number(value.toPrecision(4)));
  return {
    element,
    show({ inputs, target, kind, classes, validation: { x, y, rows } }) {
      const names = inputs.slice(0, WIDEST);
      const more = inputs.length - names.length;
      cells = Array.from({ length: Math.min(rows, SHOWN) }, () => h("td", { class: "prediction" }, "–"));
      const heads = [...names, ...(more > 0 ? [`${more} more`] : []), target, "network says"];
      fill(element, h("table", { class: "rows" },
        h("thead", {}, h("tr", {}, ...heads.map((name) => h("th", { scope: "col" }, name)))),
        h("tbody", {}, ...cells.map((cell, r) => h("tr", {},
          ...names.map((_, c) => h("td", {}, number(x[r * inputs.length + c]))), more > 0 && h("td", {}, "…"),
          h("td", { class: "target" }, kind === "classes" ? classes[y[r]] : number(y[r])), cell)))));
    },
    update({ inputs, kind, classes, validation: { x, y } }, nn) {
      const outputs = nn.predict(x.subarray(0, cells.length * inputs.length));
      cells.forEach((cell, r) => {
        if (kind === "number") {
          setText(cell, number(outputs[r]));
          return;
        }
        const of = Array.from(outputs.subarray(r * classes.length, (r + 1) * classes.length));
        const best = of.indexOf(Math.max(...of));
        setText(cell, `${classes[best]} (${percent(of[best], 0)})${best === y[r] ? "" : " ✗"}`);
        cell.classList.toggle("wrong", best !== y[r]);
      });
    },
  };
}
