// The page: a header with links to four rooms, the room given by the URL, and the shared status bar.
import type { NN } from "../src/index.js";
import { acceptDrops, chooseFile, download, type FileHandlers } from "./app/files.js";
import { createHeader } from "./app/header.js";
import { messages, say } from "./app/messages.js";
import { ROOMS, type App, type CreateRoom, type Report, type Room, type RoomId } from "./app/room.js";
import { createStatus } from "./app/status.js";
import { h } from "./ui/dom.js";
import { plural } from "./ui/format.js";

/** Rooms are loaded when they are first opened. */
const SOURCES: Record<RoomId, () => Promise<{ create: CreateRoom }>> = {
  shapes: () => import("./shapes/room.js"),
  digits: () => import("./digits/room.js"),
  textbook: () => import("./textbook/room.js"),
  race: () => import("./race/room.js"),
};

const rooms = new Map<RoomId, Room>();
/** The last engine information of each room. */
const reports = new Map<RoomId, Report>();
let current: RoomId | undefined;

const handlers: FileHandlers = {
  model: (model, name) => {
    closeDialog();
    void showModel(model, name);
  },
  table: (bytes, name) => {
    closeDialog();
    void openTable(bytes, name);
  },
  tableModel: (bytes, name) => {
    closeDialog();
    void import("./csv/saved.js").then(({ openSavedTable }) => openSavedTable(bytes, name));
  },
  refuse: (message) => {
    closeDialog();
    say(message, "error");
  },
};
const header = createHeader();
const status = createStatus({
  save,
  load: () => chooseFile(".safetensors", handlers),
  table: () => chooseFile(".csv,.tsv,.txt,text/csv,text/plain", handlers),
});
const main = h("main", { id: "main", tabindex: "-1" });
document.body.append(
  h(
    "a",
    {
      class: "skip",
      href: "#main",
      onclick: (event: MouseEvent) => {
        event.preventDefault();
        main.focus();
      },
    },
    "Skip to the room",
  ),
  header.element,
  main,
  status.element,
  messages,
  h(
    "div",
    { class: "drop-hint", "aria-hidden": "true" },
    h("p", {}, "Drop a CSV table to train on it, or a saved model to open it"),
  ),
);
acceptDrops(handlers);
addEventListener("hashchange", () => void follow());
void follow();

/** "#/digits?hidden=128" → the room and its query. */
function readAddress(): { id: RoomId; query: URLSearchParams } {
  const [, name, query] = /^#?\/?([^?]*)\??(.*)$/.exec(location.hash) ?? [];
  const room = ROOMS.find(({ id }) => id === name) ?? ROOMS[0];
  return { id: room.id, query: new URLSearchParams(query) };
}

async function follow(): Promise<void> {
  const { id, query } = readAddress();
  const room = await open(id);
  // Another room may have been opened while this one was loading.
  if (!room || readAddress().id !== id) return;
  if (current !== id) {
    if (current) rooms.get(current)!.leave();
    current = id;
    main.replaceChildren(room.element);
    header.show(id);
    const { title } = ROOMS.find((each) => each.id === id)!;
    document.title = `${title} · wasmlp playground`;
    scrollTo(0, 0);
  }
  room.enter(query);
  status.report(reports.get(id) ?? { engine: "–" });
}

async function open(id: RoomId): Promise<Room | undefined> {
  try {
    let room = rooms.get(id);
    if (!room) {
      const { create } = await SOURCES[id]();
      room = rooms.get(id) ?? create(appFor(id));
      rooms.set(id, room);
    }
    return room;
  } catch (error) {
    console.error(error);
    say("This room could not be opened. Reload the page; if that does not help, the console says why.", "error");
    return undefined;
  }
}

function appFor(id: RoomId): App {
  return {
    report(report) {
      reports.set(id, report);
      if (current === id) status.report(report);
    },
    say,
    remember(query) {
      if (current !== id) return;
      const text = query.toString();
      history.replaceState(null, "", `#/${id}${text && `?${text}`}`);
    },
  };
}

function save(): void {
  const model = current && rooms.get(current)!.model();
  if (!model) {
    say("There is no trained network here yet.");
    return;
  }
  const name = `wasmlp-${current}.safetensors`;
  download(model instanceof Uint8Array ? model : model.save(), name);
  say(`Saved as ${name}: PyTorch reads it too.`);
}

/** Shows a loaded network in this room, or in the first one that accepts it. */
async function showModel(model: NN, name: string): Promise<void> {
  const order = [...ROOMS].sort((a, b) => Number(b.id === current) - Number(a.id === current));
  for (const { id, title } of order) {
    const room = await open(id);
    if (!room || room.refuses(model)) continue;
    if (id !== current) {
      location.hash = `#/${id}`;
      await follow();
    }
    room.load(model);
    say(`${name} is open in ${title}: ${plural(model.parameterCount, "parameter")}.`);
    return;
  }
  const { inputs } = model.layers[0];
  const outputs = model.layers.at(-1)!.units;
  say(
    `${name} loads, but no room can show it: it has ${plural(inputs, "input")} and ${plural(outputs, "output")}. ` +
      "Shapes takes 2 inputs, Digits 784 inputs and 10 outputs, the textbook's table 5 inputs and 1 output.",
    "error",
  );
}

/** A file may be dropped on a dialog, which is then closed to show the result. */
function closeDialog(): void {
  document.querySelector("dialog")?.close();
}

async function openTable(bytes: Uint8Array, name: string): Promise<void> {
  const { openTable } = await import("./csv/dialog.js");
  if (current) rooms.get(current)!.leave();
  openTable(bytes, name);
}
