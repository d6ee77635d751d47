// The textbook: the derivation for one row, what a learning rate does, and the ten-row table, each with live numbers.
import type { App, Room } from "../app/room.js";
import { h } from "../ui/dom.js";
import { createOneInput } from "./one-input.js";
import { createOneRow } from "./one-row.js";
import { createTenRows } from "./ten-rows.js";

export function create(app: App): Room {
  const oneInput = createOneInput();
  const tenRows = createTenRows(app);
  return {
    element: h(
      "div",
      { class: "room textbook" },
      h(
        "div",
        { class: "intro" },
        h("h1", {}, "Backpropagation, number by number"),
        h("p", {}, "Everything the library does when it learns, small enough to follow with a pencil."),
      ),
      createOneRow(),
      oneInput.element,
      tenRows.element,
    ),
    enter() {
      app.remember(new URLSearchParams());
      oneInput.enter();
      tenRows.enter();
    },
    leave() {
      oneInput.leave();
      tenRows.leave();
    },
    model: tenRows.model,
    refuses(model) {
      const [inputs, outputs] = [model.layers[0].inputs, model.layers.at(-1)!.units];
      return inputs === 5 && outputs === 1 ? undefined : `it has ${inputs} inputs and ${outputs} outputs, not 5 and 1`;
    },
    load: tenRows.load,
  };
}
