// Ten probabilities as ten bars.
import { h, setText } from "../ui/dom.js";
import { percent } from "../ui/format.js";

export interface Verdict {
  readonly element: HTMLElement;
  /** Shows probabilities, or that there is no drawing. */
  show(probabilities: ArrayLike<number> | undefined): void;
}

export function createVerdict(): Verdict {
  const rows = Array.from({ length: 10 }, (_, digit) => {
    const bar = h("span", { class: "bar", "aria-hidden": "true" });
    const value = h("span", { class: "value" }, "–");
    const element = h("li", {}, h("span", { class: "digit" }, digit), bar, value);
    return { element, bar, value };
  });
  return {
    element: h("ol", { class: "verdict", "aria-label": "Probability of each digit" }, ...rows.map(({ element }) => element)),
    show(probabilities) {
      const best = probabilities && Array.from(probabilities).indexOf(Math.max(...Array.from(probabilities)));
      rows.forEach(({ element, bar, value }, digit) => {
        const p = probabilities?.[digit];
        bar.style.setProperty("--part", String(p ?? 0));
        setText(value, p === undefined ? "–" : percent(p, 0));
        element.classList.toggle("best", digit === best);
      });
    },
  };
}
