// The interface between the page and its views, which are called rooms.
import type { NN } from "../../src/index.js";

export const ROOMS = [
  { id: "shapes", title: "Shapes" },
  { id: "digits", title: "Digits" },
  { id: "textbook", title: "Textbook" },
  { id: "race", title: "Race" },
] as const;

export type RoomId = (typeof ROOMS)[number]["id"];

export interface Room {
  readonly element: HTMLElement;
  /** Shows the room; `query` is the part of the URL's hash after the "?". */
  enter(query: URLSearchParams): void;
  /** Hides the room, which stops training and animation. */
  leave(): void;
  /** The network that "Save model" saves. */
  model(): NN | Uint8Array<ArrayBuffer> | undefined;
  /** The reason why a network cannot be shown here, as the end of a sentence; undefined if it can. */
  refuses(model: NN): string | undefined;
  /** Shows a network that is not refused. */
  load(model: NN): void;
}

/** Information about the current engine. */
export interface Report {
  readonly engine: string;
  readonly threads?: number | undefined;
  readonly rowsPerSecond?: number | undefined;
}

export interface App {
  /** Shows which engine computes, and how fast. */
  report(report: Report): void;
  /** Shows a message at the bottom of the page, which screen readers announce. */
  say(message: string, kind?: "note" | "error"): void;
  /** Writes the room's state to the URL, so that it can be shared. */
  remember(query: URLSearchParams): void;
}

export type CreateRoom = (app: App) => Room;
