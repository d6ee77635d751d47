// Light and dark: what the system prefers, unless the visitor chose. index.html sets it first, before anything is drawn.

export type Theme = "light" | "dark";

const KEY = "wasmlp-theme";
const listeners = new Set<() => void>();
/** Custom properties that were asked for in the present theme. */
const colors = new Map<string, string>();

export const theme = (): Theme => (document.documentElement.dataset["theme"] === "dark" ? "dark" : "light");

function apply(next: Theme): void {
  document.documentElement.dataset["theme"] = next;
  colors.clear();
  for (const listener of listeners) listener();
}

/** Changes the theme and remembers it, where the browser lets pages remember. */
export function chooseTheme(choice: Theme): void {
  try {
    localStorage.setItem(KEY, choice);
  } catch {
    // Storage is forbidden: the choice lasts as long as the page.
  }
  apply(choice);
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", ({ matches }) => {
  let chosen: string | null = null;
  try {
    chosen = localStorage.getItem(KEY);
  } catch {
    // Nothing was remembered.
  }
  if (!chosen) apply(matches ? "dark" : "light");
});

/** Calls back after colours have changed: canvases have to be drawn again. */
export function onThemeChange(listener: () => void): void {
  listeners.add(listener);
}

/** The present value of a custom property, such as "--ink". */
export function color(name: string): string {
  let value = colors.get(name);
  if (value === undefined) {
    value = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    colors.set(name, value);
  }
  return value;
}
