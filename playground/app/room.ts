// What the page asks of a room, and what a room may ask of the page.
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
  /** The room is shown; `query` is what stands behind the "?" of the address's hash. */
  enter(query: URLSearchParams): void;
  /** The room is hidden: it stops whatever moves. */
  leave(): void;
  /** The network that "Save model" saves. */
  model(): NN | Uint8Array<ArrayBuffer> | undefined;
  /** Why a network cannot be shown here, as the end of a sentence; undefined when it can. */
  refuses(model: NN): string | undefined;
  /** Shows a network that is not refused. */
  load(model: NN): void;
}

/** What is known of the engine at work. */
export interface Report {
  readonly engine: string;
  readonly threads?: number | undefined;
  readonly rowsPerSecond?: number | undefined;
}

export interface App {
  /** Shows which engine computes, and how fast. */
  report(report: Report): void;
  /** Says something in a line at the foot of the page, read out by screen readers. */
  say(message: string, kind?: "note" | "error"): void;
  /** Writes the room's state into the address, so that the link leads back to it. */
  remember(query: URLSearchParams): void;
}

export type CreateRoom = (app: App) => Room;
