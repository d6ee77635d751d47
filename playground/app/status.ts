// The status bar of all rooms: engine, rows per second, frames per second; buttons to save, to load, and to open a table.
import { button, figure } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { short } from "../ui/format.js";
import { frameRate } from "../ui/frames.js";
import type { Report } from "./room.js";

export interface StatusActions {
  save(): void;
  load(): void;
  table(): void;
}

export function createStatus(actions: StatusActions): { element: HTMLElement; report(report: Report): void } {
  const engine = figure("Engine");
  const threads = figure("Threads");
  const rows = figure("Rows a second");
  const frames = figure("Frames a second");
  threads.element.classList.add("optional");
  frames.element.classList.add("optional");
  setInterval(() => {
    const rate = frameRate();
    frames.set(rate === undefined ? "at rest" : String(Math.round(rate)));
  }, 500);
  const element = h(
    "footer",
    { class: "status" },
    h("dl", { class: "figures" }, engine.element, threads.element, rows.element, frames.element),
    h(
      "div",
      { class: "actions", role: "group", "aria-label": "Files" },
      button("Save model", actions.save, { icon: "save", title: "Save the network as one .safetensors file" }),
      button("Load model", actions.load, { icon: "open", title: "Load a network that was saved here" }),
      button("Train on a CSV", actions.table, {
        icon: "table",
        title: "Train on a table of your own; or drop the file anywhere",
      }),
    ),
  );
  return {
    element,
    report(report) {
      engine.set(report.engine);
      threads.set(report.threads === undefined ? "1" : String(report.threads));
      rows.set(report.rowsPerSecond === undefined ? "–" : short(report.rowsPerSecond));
    },
  };
}
