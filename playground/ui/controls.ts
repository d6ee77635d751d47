// Form controls with their labels. Each has an element, and `set` to show a value without telling anyone.
import { h, uniqueId, type Child } from "./dom.js";
import { icon, type IconName } from "./icons.js";

export interface Control<T> {
  readonly element: HTMLElement;
  set(value: T): void;
}

interface Labelled {
  readonly label: string;
  /** One line that says what it does. */
  readonly hint?: string;
}

function field(id: string, { label, hint }: Labelled, control: HTMLElement, ...aside: Child[]): HTMLElement {
  if (hint) control.setAttribute("aria-describedby", `${id}-hint`);
  return h(
    "div",
    { class: "field" },
    h("div", { class: "field-head" }, h("label", { for: id }, label), ...aside),
    control,
    hint ? h("p", { class: "hint", id: `${id}-hint` }, hint) : undefined,
  );
}

/** A choice from a list. */
export function select<T extends string | number>(
  options: Labelled & {
    readonly choices: readonly (readonly [value: T, text: string])[];
    readonly value: T;
    readonly onChange: (value: T) => void;
  },
): Control<T> & { limit(allowed: (value: T) => boolean): void } {
  const id = uniqueId("select");
  const choose = h("select", { id, onchange: () => options.onChange(options.choices[choose.selectedIndex][0]) });
  for (const [value, text] of options.choices) choose.append(h("option", { value }, text));
  const set = (value: T): void => {
    choose.value = String(value);
  };
  set(options.value);
  return {
    element: field(id, options, choose),
    set,
    limit(allowed) {
      options.choices.forEach(([value], i) => {
        choose.options[i].disabled = !allowed(value);
      });
    },
  };
}

/** A slider that shows its value. */
export function slider(
  options: Labelled & {
    readonly min: number;
    readonly max: number;
    readonly step: number;
    readonly value: number;
    readonly format: (value: number) => string;
    /** While it is dragged. */
    readonly onInput: (value: number) => void;
  },
): Control<number> {
  const id = uniqueId("slider");
  const { min, max, step } = options;
  const output = h("output", { for: id, class: "value" });
  const input = h("input", {
    id,
    type: "range",
    min,
    max,
    step,
    oninput: () => {
      show();
      options.onInput(input.valueAsNumber);
    },
  });
  const show = (): void => {
    const text = options.format(input.valueAsNumber);
    output.textContent = text;
    input.setAttribute("aria-valuetext", text);
    input.style.setProperty("--part", `${(100 * (input.valueAsNumber - min)) / (max - min)}%`);
  };
  const set = (value: number): void => {
    input.value = String(value);
    show();
  };
  set(options.value);
  return { element: field(id, options, input, output), set };
}

/** A few choices side by side, one of them taken: radio buttons. */
export function segmented<T extends string>(options: {
  readonly legend: string;
  readonly hideLegend?: boolean;
  readonly choices: readonly (readonly [value: T, content: Child, name?: string])[];
  readonly value: T;
  readonly onChange: (value: T) => void;
}): Control<T> {
  const name = uniqueId("choice");
  const inputs = new Map<T, HTMLInputElement>();
  const element = h(
    "fieldset",
    { class: "segmented" },
    h("legend", { class: options.hideLegend ? "visually-hidden" : undefined }, options.legend),
  );
  for (const [value, content, label] of options.choices) {
    const input = h("input", { type: "radio", name, value, "aria-label": label, onchange: () => options.onChange(value) });
    inputs.set(value, input);
    element.append(h("label", {}, input, h("span", {}, content)));
  }
  const set = (value: T): void => {
    for (const [each, input] of inputs) input.checked = each === value;
  };
  set(options.value);
  return { element, set };
}

export interface ButtonOptions {
  readonly icon?: IconName;
  readonly kind?: "primary" | "quiet" | "icon";
  /** What it does, where the text alone does not say it. */
  readonly title?: string;
}

export function button(text: string, onclick: () => void, { icon: name, kind, title }: ButtonOptions = {}): HTMLButtonElement {
  const alone = kind === "icon";
  const attributes = { title: title ?? (alone ? text : undefined), "aria-label": alone ? text : undefined };
  return h(
    "button",
    { type: "button", class: `button ${kind ?? ""}`, ...attributes, onclick },
    name && icon(name),
    !alone && h("span", {}, text),
  );
}

export interface PlayButton {
  readonly element: HTMLButtonElement;
  set(playing: boolean): void;
}

/** A button that goes and stops: its text says what it will do next. */
export function playButton(onToggle: () => void, words: readonly [go: string, stop: string] = ["Play", "Pause"]): PlayButton {
  const element = button(words[0], onToggle, { icon: "play", kind: "primary" });
  element.classList.add("play");
  return {
    element,
    set(playing) {
      element.querySelector("svg")!.replaceWith(icon(playing ? "pause" : "play"));
      element.querySelector("span")!.textContent = words[playing ? 1 : 0];
      element.classList.toggle("is-playing", playing);
    },
  };
}

/** A card with a heading, and something beside it. */
export function card(
  title: string,
  options: { readonly class?: string; readonly aside?: Child },
  ...children: Child[]
): HTMLElement {
  const id = uniqueId("card");
  return h(
    "section",
    { class: `card ${options.class ?? ""}`, "aria-labelledby": id },
    h("div", { class: "card-head" }, h("h2", { id }, title), options.aside),
    ...children,
  );
}

/** A name and a figure that changes. */
export function figure(label: string, initial = "–"): { readonly element: HTMLElement; set(text: string): void } {
  const value = h("dd", {}, initial);
  return {
    element: h("div", { class: "figure" }, h("dt", {}, label), value),
    set(text) {
      if (value.textContent !== text) value.textContent = text;
    },
  };
}
