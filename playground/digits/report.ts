// The network's results on the test images: the confusion matrix, and its worst mistakes.
import { confusionMatrix } from "../../src/entries/metrics.js";
import { fill, h, setText } from "../ui/dom.js";
import { percent } from "../ui/format.js";
import type { Images } from "./data.js";
import { PIXELS } from "./files.js";
import { findMistakes } from "./mistakes.js";
import { picture } from "./picture.js";

const SHOWN = 18;
const DIGITS = Array.from({ length: 10 }, (_, digit) => digit);

export interface TestReport {
  readonly matrix: HTMLElement;
  readonly mistakes: HTMLElement;
  show(probabilities: ArrayLike<number>, test: Images): void;
  clear(): void;
}

/** @param inspect is called when the user selects an image */
export function createReport(inspect: (image: Float32Array<ArrayBuffer>) => void): TestReport {
  const cells = DIGITS.map(() => DIGITS.map(() => h("td", {}, "")));
  const matrix = h(
    "table",
    { class: "confusion" },
    h("caption", {}, "Rows: what was written. Columns: what the network read."),
    h("thead", {}, h("tr", {}, h("td", {}), ...DIGITS.map((digit) => h("th", { scope: "col" }, digit)))),
    h("tbody", {}, ...DIGITS.map((digit) => h("tr", {}, h("th", { scope: "row" }, digit), ...cells[digit]))),
  );
  const list = h("ul", { class: "mistakes" });
  const clear = (): void => {
    for (const cell of cells.flat()) {
      setText(cell, "");
      cell.style.removeProperty("--heat");
    }
    fill(list, h("li", { class: "hint" }, "They appear here after the first epoch."));
  };
  clear();
  return {
    matrix,
    mistakes: list,
    clear,
    show(probabilities, { x, y }) {
      const { predicted, mistakes } = findMistakes(probabilities, y);
      const counts = confusionMatrix(y, predicted, 10);
      counts.forEach((row, actual) => {
        const total = row.reduce((sum, count) => sum + count, 0);
        row.forEach((count, read) => {
          const cell = cells[actual][read];
          setText(cell, count ? String(count) : "·");
          cell.className = actual === read ? "right" : count ? "wrong" : "none";
          // Mistakes are rare, so their colours use a finer scale.
          cell.style.setProperty("--heat", String(actual === read ? count / total : Math.min(Math.sqrt(count / total) * 2, 1)));
        });
      });
      fill(
        list,
        ...mistakes.slice(0, SHOWN).map(({ row, actual, predicted: read, certainty }) => {
          const image = x.slice(row * PIXELS, (row + 1) * PIXELS);
          return h(
            "li",
            {},
            h(
              "button",
              { type: "button", class: "mistake", title: `${percent(certainty, 0)} sure`, onclick: () => inspect(image) },
              picture(image),
              h("span", {}, h("b", {}, actual), " read ", h("b", { class: "read" }, read)),
            ),
          );
        }),
      );
      if (mistakes.length === 0) fill(list, h("li", { class: "hint" }, "None left: every test image is read rightly."));
    },
  };
}
