// Formulas in a small notation: "δ_1 = δ·v_1·a_1(1 − a_1)". A letter stands slanted, "_1" or "_{out}" is set low, "^2" high,
// and "[0.5]" is a number of the moment.
import { h, type Child } from "../ui/dom.js";

const TOKEN = /_\{([^}]*)\}|_(\w+)|\^\{([^}]*)\}|\^(\w+)|\[([^\]]*)\]|([a-zA-Zα-ωσδη∂]+)/gu;
/** Letters that stand upright. */
const UPRIGHT = /^[∂σ]$/u;

export function formula(text: string): HTMLElement {
  return h("span", { class: "formula" }, ...pieces(text));
}

export function pieces(text: string): Child[] {
  const children: Child[] = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [all, lowGroup, low, highGroup, high, figure, letters] = match;
    children.push(breakable(text.slice(end, match.index)));
    if (lowGroup !== undefined || low !== undefined) children.push(h("sub", {}, lowGroup ?? low));
    else if (highGroup !== undefined || high !== undefined) children.push(h("sup", {}, ...pieces(highGroup ?? high!)));
    else if (figure !== undefined) children.push(h("span", { class: "number" }, figure));
    else children.push(...letter(letters!));
    end = match.index + all.length;
  }
  children.push(breakable(text.slice(end)));
  return children.filter((child) => child !== "");
}

/** A line may end behind a product's dot. */
const breakable = (text: string): string => text.replaceAll("·", "·\u200b");

/** "∂C" is two letters, one of them upright. */
const letter = (letters: string): Child[] => Array.from(letters, (each) => (UPRIGHT.test(each) ? each : h("var", {}, each)));
