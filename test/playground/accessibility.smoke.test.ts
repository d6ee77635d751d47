// axe-core in every room, in light and dark, on a desktop and on a phone; and what axe cannot see: the keyboard's way, the width.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright";
import { describe, expect, test } from "vitest";
import { chooseFile, train, usePlayground, waitForFigure } from "./support.js";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const ROOMS = ["shapes", "digits", "textbook", "race"] as const;
const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true };

const playground = usePlayground();

/** Every rule that axe has, its best practices included. */
async function expectNoViolations(page: Page): Promise<void> {
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    const axe = (window as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }> } }).axe;
    const { violations } = await axe.run();
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`));
  });
  expect(found).toEqual([]);
}

describe.each(["light", "dark"] as const)("%s", (colorScheme) => {
  test.each(ROOMS)("axe finds nothing in %s", async (room) => {
    await expectNoViolations(await playground.open(`#/${room}`, { colorScheme, reducedMotion: "reduce" }));
  });

  test.each(ROOMS)("axe finds nothing in %s on a phone", async (room) => {
    await expectNoViolations(await playground.open(`#/${room}`, { ...PHONE, colorScheme, reducedMotion: "reduce" }));
  });

  test("axe finds nothing once everything has something to show", async () => {
    const page = await playground.open("#/shapes", { colorScheme, reducedMotion: "reduce", limits: { epochs: 6 } });
    await page.getByRole("button", { name: "Step" }).click();
    await page.locator(".plane").click({ position: { x: 40, y: 40 } });
    await expectNoViolations(page);

    await page.getByRole("link", { name: "Digits" }).click();
    await train(page, 6);
    await waitForFigure(page, "Test accuracy", (value) => value > 80);
    await page.getByRole("button", { name: "A test image" }).click();
    await page.locator(".answer", { hasText: /a \d/ }).waitFor();
    await expectNoViolations(page);

    await chooseFile(page, "Train on a CSV", "examples/data/iris.csv");
    await train(page, 6, { within: "dialog" });
    await expectNoViolations(page);
  });
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
      return { name: element.textContent?.trim() || element.getAttribute("aria-label") || element.id, outline: getComputedStyle(element).outlineStyle };
    });
    expect(outline, name).not.toBe("none");
    seen.push(name);
  }
  expect(seen.slice(0, 9)).toEqual(["Skip to the room", "wasmlp playground", "Shapes", "Digits", "Textbook", "Race", "Dark theme", "Play", "Step"]);
  await page.keyboard.press("Shift+Tab");
  expect(seen).toContain("Copy link");
});

test("the skip link leads to the room", async () => {
  const page = await playground.open("#/shapes");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  expect(await page.evaluate(() => document.activeElement?.id)).toBe("main");
});
