// Elements in one expression: h("button", { class: "primary", onclick }, "Play").

export type Child = Node | string | number | false | undefined;
type Attribute = string | number | boolean | undefined | ((event: never) => void);

/**
 * An element of the page.
 * @param attributes `true` gives an attribute without a value, `false` and `undefined` leave it out, a function under
 * `onclick` and the like listens
 */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, Attribute>> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value as EventListener);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : String(value));
  }
  append(element, children);
  return element;
}

/** Replaces what is in an element. */
export function fill(element: Element, ...children: Child[]): void {
  element.replaceChildren();
  append(element, children);
}

function append(element: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (child === undefined || child === false) continue;
    element.append(typeof child === "number" ? String(child) : child);
  }
}

/** Sets an element's text when it differs: an untouched node costs no layout. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

let ids = 0;
/** An id that no other element has. */
export const uniqueId = (prefix: string): string => `${prefix}-${++ids}`;
