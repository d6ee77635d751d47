// The page's head: its name, the rooms, and light or dark.
import { button } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { icon } from "../ui/icons.js";
import { chooseTheme, onThemeChange, theme } from "../ui/theme.js";
import { ROOMS, type RoomId } from "./room.js";

export function createHeader(): { element: HTMLElement; show(id: RoomId): void } {
  const links = new Map<RoomId, HTMLAnchorElement>();
  const list = h("ul", {});
  for (const { id, title } of ROOMS) {
    const link = h("a", { href: `#/${id}` }, title);
    links.set(id, link);
    list.append(h("li", {}, link));
  }
  const toggle = button("Dark theme", () => chooseTheme(theme() === "dark" ? "light" : "dark"), { kind: "icon", icon: "moon" });
  const showTheme = (): void => {
    const isDark = theme() === "dark";
    toggle.replaceChildren(icon(isDark ? "sun" : "moon"));
    const next = isDark ? "Light theme" : "Dark theme";
    toggle.title = next;
    toggle.setAttribute("aria-label", next);
  };
  showTheme();
  onThemeChange(showTheme);
  const element = h(
    "header",
    { class: "header" },
    h(
      "a",
      { class: "brand", href: "#/shapes" },
      h("span", { class: "mark", "aria-hidden": "true" }),
      "wasmlp",
      h("span", { class: "brand-rest" }, " playground"),
    ),
    h("nav", { "aria-label": "Rooms" }, list),
    toggle,
  );
  return {
    element,
    show(current) {
      for (const [id, link] of links) {
        if (id === current) link.setAttribute("aria-current", "page");
        else link.removeAttribute("aria-current");
      }
    },
  };
}
