// Short messages at the bottom of the page: announced by screen readers, hidden after a while or when dismissed.
import { button } from "../ui/controls.js";
import { h } from "../ui/dom.js";

const SHOWN_MS = 8000;

/** The place where messages appear. */
export const messages = h("div", { class: "messages", role: "region", "aria-label": "Messages" });
const polite = h("div", { role: "status", "aria-live": "polite" });
const urgent = h("div", { role: "alert" });
messages.append(polite, urgent);

export function say(message: string, kind: "note" | "error" = "note"): void {
  const close = (): void => box.remove();
  const box = h(
    "div",
    { class: `message ${kind}` },
    h("p", {}, message),
    button("Dismiss", close, { kind: "icon", icon: "close" }),
  );
  polite.replaceChildren();
  urgent.replaceChildren();
  (kind === "error" ? urgent : polite).append(box);
  // An error stays until it is dismissed or the next message comes.
  if (kind === "note") setTimeout(close, SHOWN_MS);
}
