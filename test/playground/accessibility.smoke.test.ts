// axe-core in every room, in light and dark, on a desktop and on a phone; and what axe cannot see: the keyboard's way, the width.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright";
import { expect, test } from "vitest";
import { isTried } from "../sampling.js";
import { chooseFile, train, usePlayground, waitForFigure, type Look } from "./support.js";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const ROOMS = ["shapes", "digits", "textbook", "race"] as const;
const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true };

const playground = usePlayground();

/** Every rule that axe has, its best practices included. */
async function expectNoViolations(page: Page): Promise<void> {
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    const axe = (
      window as unknown as {
        axe: { run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }> };
      }
    ).axe;
    const { violations } = await axe.run();
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`));
  });
  expect(found).toEqual([]);
}

/** The four looks of a room. In a sample each room has two of them: both sizes, both colour schemes. */
const LOOKS: readonly Look[] = [
  { colorScheme: "light" },
  { colorScheme: "dark" },
  { ...PHONE, colorScheme: "dark" },
  { ...PHONE, colorScheme: "light" },
];

test.each(ROOMS.map((room, i) => ({ room, i })))(
  "axe finds nothing in $room, light and dark, on a desktop and on a phone",
  async ({ room, i }) => {
    const page = await playground.open(`#/${room}`, { reducedMotion: "reduce" });
    for (const [at, look] of LOOKS.entries()) {
      if (!isTried(i + at, 2)) continue;
      await playground.show(look);
      await expectNoViolations(page);
    }
  },
);

test("axe finds nothing once everything has something to show, light and dark", async () => {
  const page = await playground.open("#/shapes", { reducedMotion: "reduce", limits: { epochs: 6 } });
  let parts = 0;
  const check = async (): Promise<void> => {
    for (const [at, colorScheme] of (["light", "dark"] as const).entries()) {
      if (!isTried(parts + at, 2)) continue;
      await playground.show({ colorScheme });
      await expectNoViolations(page);
    }
    parts++;
  };
  await page.getByRole("button", { name: "Step" }).click();
  await page.locator(".plane").click({ position: { x: 40, y: 40 } });
  await check();

  await page.getByRole("link", { name: "Digits" }).click();
  await train(page, 6);
  await waitForFigure(page, "Test accuracy", (value) => value > 80);
  await page.getByRole("button", { name: "A test image" }).click();
  await page.locator(".answer", { hasText: /a \d/ }).waitFor();
  await check();

  await chooseFile(page, "Train on a CSV", "examples/data/iris.csv");
  await train(page, 6, { within: "dialog" });
  await check();
});

test.each(ROOMS)("%s is not wider than a phone", async (room) => {
  const page = await playground.open(`#/${room}`, PHONE);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(PHONE.viewport.width);
});

test("the keyboard gets to everything in the order of the page, and focus can be seen", async () => {
  const page = await playground.open("#/shapes");
  const seen: string[] = [];
  for (let i = 0; i < 14; i++) {
    await page.keyboard.press("Tab");
    const { name, outline } = await page.evaluate(() => {
      const element = document.activeElement as HTMLElement;
      return {
        name: element.textContent?.trim() || element.getAttribute("aria-label") || element.id,
        outline: getComputedStyle(element).outlineStyle,
      };
    });
    expect(outline, name).not.toBe("none");
    seen.push(name);
  }
  expect(seen.slice(0, 9)).toEqual([
    "Skip to the room",
    "wasmlp playground",
    "Shapes",
    "Digits",
    "Textbook",
    "Race",
    "Dark theme",
    "Play",
    "Step",
  ]);
  await page.keyboard.press("Shift+Tab");
  expect(seen).toContain("Copy link");
});

test("the skip link leads to the room", async () => {
  const page = await playground.open("#/shapes");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  expect(await page.evaluate(() => document.activeElement?.id)).toBe("main");
});
