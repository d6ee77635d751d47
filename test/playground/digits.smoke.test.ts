// Digits: the network is trained in the page, then reads what mouse, finger, pen and keyboard draw.
import type { Page } from "playwright";
import { afterEach, describe, expect, test } from "vitest";
import { expectText, placeOn, readFigure, readPixels, usePlayground, waitForFigure } from "./support.js";

const playground = usePlayground();
const PAD = ".pad";

/** Lines from 0 to 1 on the pad. */
type Strokes = readonly (readonly (readonly [x: number, y: number])[])[];
const SEVEN: Strokes = [[[0.28, 0.2], [0.72, 0.2], [0.45, 0.82]]];
const ZERO: Strokes = [Array.from({ length: 25 }, (_, i) => [0.5 + 0.22 * Math.sin((i * Math.PI) / 12), 0.5 - 0.34 * Math.cos((i * Math.PI) / 12)] as const)];

async function trained(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Train", exact: true }).click();
  await waitForFigure(page, "Test accuracy", (value) => value > 93);
  await page.getByRole("button", { name: "Pause" }).click();
}

/** What the ten bars say. */
const verdict = (page: Page): Promise<number[]> => page.locator(".verdict .value").evaluateAll((all) => all.map((each) => Number.parseFloat(each.textContent!) / 100));
const best = async (page: Page): Promise<number> => {
  const probabilities = await verdict(page);
  return probabilities.indexOf(Math.max(...probabilities));
};

async function drawWithMouse(page: Page, strokes: Strokes): Promise<void> {
  for (const [first, ...rest] of strokes) {
    await page.mouse.move(...await placeOn(page, PAD, ...first!));
    await page.mouse.down();
    for (const place of rest) await page.mouse.move(...await placeOn(page, PAD, ...place), { steps: 6 });
    await page.mouse.up();
  }
}

test("it learns, and reads what the mouse draws", async () => {
  const page = await playground.open("#/digits");
  await drawWithMouse(page, SEVEN);
  await expectText(page, "It has not been trained yet");
  await page.getByRole("button", { name: "Clear" }).click();
  expect(await verdict(page)).toEqual(Array(10).fill(Number.NaN));
  await trained(page);

  await drawWithMouse(page, SEVEN);
  expect(await best(page)).toBe(7);
  await expectText(page, "This is a 7.");
  const sum = (await verdict(page)).reduce((total, p) => total + p, 0);
  expect(sum).toBeGreaterThan(0.95);
  expect(sum).toBeLessThan(1.05);

  await page.getByRole("button", { name: "Clear" }).click();
  await drawWithMouse(page, ZERO);
  expect(await best(page)).toBe(0);
});

test("what the network sees is the drawing, centred, in a box of 20 pixels", async () => {
  const page = await playground.open("#/digits");
  const [x, y] = await placeOn(page, PAD, 0.9, 0.05);
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(...await placeOn(page, PAD, 0.9, 0.3), { steps: 5 });
  await page.mouse.up();
  const { width, pixels } = await readPixels(page, ".seen .picture");
  expect(width).toBe(28);
  const inked = Array.from({ length: 28 * 28 }, (_, i) => i).filter((i) => pixels[4 * i + 3]! > 128);
  const rows = inked.map((i) => Math.floor(i / 28));
  const columns = inked.map((i) => i % 28);
  // The outermost half pixel at either end is a soft edge.
  expect([Math.min(...rows), Math.max(...rows)]).toEqual([5, 23]);
  expect(Math.min(...columns)).toBeGreaterThanOrEqual(13);
  expect(Math.max(...columns)).toBeLessThanOrEqual(15);
});

test("a finger draws without scrolling the page", async () => {
  const page = await playground.open("#/digits", { hasTouch: true, viewport: { width: 390, height: 844 } });
  await trained(page);
  const session = await page.context().newCDPSession(page);
  const touch = async (type: "touchStart" | "touchMove" | "touchEnd", place?: readonly [number, number]): Promise<void> => {
    const [x, y] = place ? await placeOn(page, PAD, ...place) : [0, 0];
    await session.send("Input.dispatchTouchEvent", { type, touchPoints: place ? [{ x, y }] : [] });
  };
  const scrolled = () => page.evaluate(() => scrollY);
  await placeOn(page, PAD, 0, 0);
  const before = await scrolled();
  await touch("touchStart", [0.5, 0.15]);
  for (let i = 1; i <= 10; i++) await touch("touchMove", [0.5, 0.15 + 0.07 * i]);
  await touch("touchEnd");
  expect(await scrolled()).toBe(before);
  expect(await best(page)).toBe(1);
});

test("a pen draws", async () => {
  const page = await playground.open("#/digits");
  await trained(page);
  const session = await page.context().newCDPSession(page);
  const pen = async (type: "mousePressed" | "mouseMoved" | "mouseReleased", place: readonly [number, number]): Promise<void> => {
    const [x, y] = await placeOn(page, PAD, ...place);
    await session.send("Input.dispatchMouseEvent", { type, x, y, button: "left", buttons: type === "mouseReleased" ? 0 : 1, clickCount: 1, pointerType: "pen" });
  };
  const [first, ...rest] = ZERO[0]!;
  await pen("mousePressed", first!);
  for (const place of rest) await pen("mouseMoved", place);
  await pen("mouseReleased", first!);
  expect(await best(page)).toBe(0);
});

test("the keyboard draws", async () => {
  const page = await playground.open("#/digits");
  await trained(page);
  await page.locator(PAD).focus();
  await page.keyboard.press("Space");
  for (let i = 0; i < 12; i++) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Space");
  expect(await best(page)).toBe(1);
  await expectText(page, "This is a 1.");
  await page.keyboard.press("Delete");
  expect(await verdict(page)).toEqual(Array(10).fill(Number.NaN));
});

test("clearing ends a stroke that is being drawn", async () => {
  const page = await playground.open("#/digits");
  await page.mouse.move(...await placeOn(page, PAD, 0.3, 0.3));
  await page.mouse.down();
  await page.mouse.move(...await placeOn(page, PAD, 0.5, 0.5), { steps: 3 });
  await page.locator(PAD).press("Delete");
  await page.mouse.move(...await placeOn(page, PAD, 0.7, 0.7), { steps: 3 });
  await page.mouse.up();
  expect(await verdict(page)).toEqual(Array(10).fill(Number.NaN));
});

test("the confusion matrix counts every test image, and the worst mistakes can be looked at", async () => {
  const page = await playground.open("#/digits");
  await trained(page);
  const accuracy = Number.parseFloat(await readFigure(page, "Test accuracy"));
  const rows = await page.locator(".confusion tbody tr").evaluateAll((all) => all.map((row) =>
    Array.from(row.querySelectorAll("td"), (cell) => Number(cell.textContent!.replace("·", "0")))));
  expect(rows.flat().reduce((sum, count) => sum + count, 0)).toBe(2000);
  const right = rows.reduce((sum, row, digit) => sum + row[digit]!, 0);
  expect(right / 20).toBeCloseTo(accuracy, 1);

  const mistake = page.locator(".mistake").first();
  const [actual, read] = (await mistake.innerText()).match(/\d/g)!.map(Number);
  expect(actual).not.toBe(read);
  await mistake.press("Enter");
  const shown = await readPixels(page, ".seen .picture");
  expect(shown.pixels).toEqual((await readPixels(page, ".mistake:first-child .picture >> nth=0")).pixels);
  // Training may have gone on for an epoch since the mistakes were listed.
  const probabilities = await verdict(page);
  expect(probabilities[actual!]!).toBeLessThan(0.9);
});

describe("settings", () => {
  test("another network begins anew; its link leads back to it", async () => {
    const page = await playground.open("#/digits?hidden=32&rate=0.003&batch=128");
    expect(await page.getByLabel("Hidden neurons").inputValue()).toBe("32");
    await trained(page);
    await page.getByLabel("Dropout").selectOption("0.2");
    expect(await readFigure(page, "Epoch")).toBe("0");
    expect(new URL(page.url()).hash).toBe("#/digits?hidden=32&rate=0.003&batch=128&dropout=0.2");
    await page.getByRole("button", { name: "Reset" }).click();
    expect(await readFigure(page, "Test accuracy")).toBe("–");
  });
});

describe("a server that has no images", () => {
  const bare = usePlayground();
  let page: Page;
  afterEach(() => page.unrouteAll());
  test("is said to have none", async () => {
    page = await bare.open("#/textbook");
    await page.route("**/mnist/**", (route) => route.fulfill({ status: 200, body: "not what was asked for" }));
    await page.getByRole("link", { name: "Digits" }).click();
    await expectText(page, "The images could not be read");
  });
});
