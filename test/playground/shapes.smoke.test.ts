// Shapes, played with mouse, keyboard and finger: what the page says, what its pixels show, and what its address remembers.
import { describe, expect, test } from "vitest";
import type { Page } from "playwright";
import { makePoints } from "../../playground/shapes/datasets.js";
import { RANGE, decodePoints, type Point } from "../../playground/shapes/points.js";
import { defaults, parse } from "../../playground/shapes/state.js";
import { expectText, placeOn, readFigure, readPixels, usePlayground, waitForFigure } from "./support.js";

const playground = usePlayground();
const HEAT = ".plane .heat";

/** The share of points that lie on their own colour. */
async function shareOnTheirColour(page: Page, points: readonly Point[]): Promise<number> {
  const { width, pixels } = await readPixels(page, HEAT);
  const cell = (value: number): number => Math.min(Math.floor(((value / RANGE + 1) / 2) * width), width - 1);
  const right = points.filter(({ x, y, target }) => {
    const at = 4 * (cell(-y) * width + cell(x));
    const [red, blue] = [pixels[at]!, pixels[at + 2]!];
    return (red > blue) === (target > 0.5);
  });
  return right.length / points.length;
}

const stateOf = (page: Page) => parse(new URLSearchParams(new URL(page.url()).hash.split("?")[1]));
const pause = (page: Page) => page.getByRole("button", { name: "Pause" }).click();

test("play learns the spirals: the colours on the plane become those of the points", async () => {
  const page = await playground.open("#/shapes");
  const { train, validation } = makePoints(defaults());
  expect(await shareOnTheirColour(page, train)).toBeLessThan(0.8);
  await page.getByRole("button", { name: "Play" }).click();
  await waitForFigure(page, "Validation accuracy", (value) => value >= 98);
  await pause(page);
  expect(Number(await readFigure(page, "Loss"))).toBeLessThan(0.3);
  expect(await shareOnTheirColour(page, train)).toBeGreaterThan(0.95);
  expect(await shareOnTheirColour(page, validation)).toBeGreaterThan(0.95);
  // Paused is paused.
  const epoch = await readFigure(page, "Epoch");
  await page.waitForTimeout(300);
  expect(await readFigure(page, "Epoch")).toBe(epoch);
});

test("the regression's surface takes on the height of its points", async () => {
  const page = await playground.open("#/shapes?data=surface&noise=0&speed=5&rate=0.03");
  await page.getByRole("button", { name: "Play" }).click();
  await waitForFigure(page, "Loss", (value) => value < 0.01);
  await pause(page);
  const { train } = makePoints({ ...defaults(), data: "surface", noise: 0 });
  const clear = train.filter(({ target }) => Math.abs(target) > 0.3);
  expect(clear.length).toBeGreaterThan(50);
  expect(await shareOnTheirColour(page, clear.map((point) => ({ ...point, target: Number(point.target > 0) })))).toBeGreaterThan(0.95);
});

test("step, reset and other weights, by keyboard", async () => {
  const page = await playground.open("#/shapes");
  const first = await readPixels(page, HEAT);
  await page.getByRole("button", { name: "Step" }).focus();
  for (let i = 0; i < 3; i++) await page.keyboard.press("Enter");
  expect(await readFigure(page, "Epoch")).toBe("3");
  expect(await readPixels(page, HEAT)).not.toEqual(first);
  await page.getByRole("button", { name: "Reset" }).focus();
  await page.keyboard.press("Space");
  expect(await readFigure(page, "Epoch")).toBe("0");
  expect(await readPixels(page, HEAT)).toEqual(first);
  await page.getByRole("button", { name: "New weights" }).press("Enter");
  expect(await readPixels(page, HEAT)).not.toEqual(first);
});

describe("points", () => {
  test("a click of the mouse adds one, and training bends the plane around it", async () => {
    const page = await playground.open("#/shapes?data=blank");
    await page.getByRole("button", { name: "Play" }).click();
    await expectText(page, "There is nothing to learn yet");
    await page.mouse.click(...await placeOn(page, ".plane", 0.25, 0.25));
    await page.getByRole("radio", { name: "blue" }).click();
    await page.mouse.click(...await placeOn(page, ".plane", 0.75, 0.75));
    await expect.poll(() => stateOf(page).added.length).toBe(2);
    const { added } = stateOf(page);
    expect(added.map(({ target }) => target)).toEqual([1, 0]);
    expect(added[0]!.x).toBeCloseTo(-RANGE / 2, 0);
    expect(added[0]!.y).toBeCloseTo(RANGE / 2, 0);
    await page.getByRole("button", { name: "Play" }).click();
    await waitForFigure(page, "Loss", (value) => value < 0.1);
    await pause(page);
    expect(await shareOnTheirColour(page, added)).toBe(1);
  });

  test("arrow keys and Enter add one", async () => {
    const page = await playground.open("#/shapes?data=blank");
    await page.locator(".plane").focus();
    for (let i = 0; i < 10; i++) await page.keyboard.press("ArrowRight");
    for (let i = 0; i < 5; i++) await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => location.hash.includes("added"));
    const [point] = stateOf(page).added;
    expect(point!.x).toBeCloseTo(RANGE / 2, 1);
    expect(point!.y).toBeCloseTo(RANGE / 4, 1);
    await expectText(page, "1 point added");
    await page.getByRole("button", { name: "Undo" }).click();
    await page.waitForFunction(() => !location.hash.includes("added"));
  });

  test("the tap of a finger adds one", async () => {
    const page = await playground.open("#/shapes?data=blank", { hasTouch: true, viewport: { width: 390, height: 844 } });
    await page.touchscreen.tap(...await placeOn(page, ".plane", 0.5, 0.25));
    await page.waitForFunction(() => location.hash.includes("added"));
    expect(stateOf(page).added).toHaveLength(1);
  });
});

describe("the network", () => {
  test("layers and neurons come and go, and the address says so", async () => {
    const page = await playground.open("#/shapes");
    const columns = () => page.locator(".diagram .column").evaluateAll((all) => all.map((each) => each.querySelectorAll(".node").length));
    expect(await columns()).toEqual([2, 8, 8, 1]);
    await page.getByRole("button", { name: "Remove a neuron from layer 2" }).click();
    await page.getByRole("button", { name: "Remove a neuron from layer 2" }).click();
    await page.getByRole("button", { name: "Add layer" }).click();
    expect(await columns()).toEqual([2, 8, 6, 6, 1]);
    await expect.poll(() => stateOf(page).hidden).toEqual([8, 6, 6]);
    for (let i = 0; i < 3; i++) await page.getByRole("button", { name: "Remove layer" }).click();
    expect(await columns()).toEqual([2, 1]);
    await page.getByRole("button", { name: "Step" }).click();
    expect(await readFigure(page, "Epoch")).toBe("1");
  });

  test("a neuron that is pointed at, or has the focus, is shown large and described", async () => {
    const page = await playground.open("#/shapes");
    const whole = await readPixels(page, HEAT);
    await page.getByRole("button", { name: "Layer 1, neuron 3: show on the plane" }).hover();
    await expectText(page, /^Neuron 3 of layer 1: bias .*; weights from x .*, y .*\.$/);
    const pointed = await readPixels(page, HEAT);
    expect(pointed).not.toEqual(whole);
    await page.mouse.move(1, 1);
    expect(await readPixels(page, HEAT)).toEqual(whole);
    await page.getByRole("button", { name: "Layer 1, neuron 3: show on the plane" }).focus();
    expect(await readPixels(page, HEAT)).toEqual(pointed);
  });
});

test("settings change the training and keep the weights, or begin anew where they must", async () => {
  const page = await playground.open("#/shapes");
  await page.getByRole("button", { name: "Step" }).click();
  const learnt = await readPixels(page, HEAT);
  await page.getByLabel("Learning rate").selectOption("0.1");
  await page.getByLabel("Optimiser").selectOption("sgd");
  await page.getByLabel("Batch size").selectOption("64");
  await page.getByLabel("L2 penalty").selectOption("0.001");
  await page.getByLabel("Dropout").press("ArrowRight");
  expect(await readFigure(page, "Epoch")).toBe("1");
  expect(await readPixels(page, HEAT)).toEqual(learnt);
  await page.getByLabel("Activation").selectOption("relu");
  expect(await readFigure(page, "Epoch")).toBe("0");
  await page.getByRole("radio", { name: "Surface" }).click();
  expect(await page.getByLabel("Loss", { exact: true }).inputValue()).toBe("meanSquaredError");
  expect(await page.locator("option[value=binaryCrossentropy]").isDisabled()).toBe(true);
  await page.waitForFunction(() => location.hash.includes("surface"));
  expect(stateOf(page)).toMatchObject({ data: "surface", activation: "relu", optimizer: "sgd", rate: 0.1, batch: 64, l2: 0.001, dropout: 0.05, loss: "meanSquaredError" });
});

test.each(["categoricalCrossentropy", "halfSquaredError", "squaredError", "meanSquaredError", "meanAbsoluteError", "huber"])("circles are learnt with %s", async (loss) => {
  const page = await playground.open(`#/shapes?data=circles&noise=0&speed=5&rate=0.03&loss=${loss}`);
  const { train } = makePoints({ ...defaults(), data: "circles", noise: 0 });
  await page.getByRole("button", { name: "Play" }).click();
  await expect.poll(() => shareOnTheirColour(page, train), { timeout: 60_000 }).toBeGreaterThan(0.98);
});

test("a link leads to the same settings, and the same training", async () => {
  const link = "#/shapes?data=xor&hidden=4,3&activation=relu&rate=0.03&noise=0.25&seed=7&added=Aj__";
  const results = [];
  for (let i = 0; i < 2; i++) {
    const page = await playground.open(link);
    expect(await page.getByLabel("XOR").isChecked()).toBe(true);
    expect(stateOf(page).added).toEqual(decodePoints("Aj__"));
    for (let s = 0; s < 5; s++) await page.getByRole("button", { name: "Step" }).click();
    results.push([await readFigure(page, "Loss"), await readPixels(page, HEAT)]);
  }
  expect(results[0]).toEqual(results[1]);
});

test("a link that makes no sense is read as far as it does", async () => {
  const page = await playground.open("#/shapes?data=cubes&hidden=9,x&rate=-1&points=1e9&noise=NaN&added=%25%25&loss=huber");
  expect(stateOf(page)).toEqual({ ...defaults(), points: 500, loss: "huber" });
});

test("a learning rate that is too large is said to be", async () => {
  const page = await playground.open("#/shapes?optimizer=sgd&rate=3&loss=squaredError&activation=linear&data=surface");
  await page.getByRole("button", { name: "Play" }).click();
  await expectText(page, "The loss ran away");
  await page.getByRole("button", { name: "Play" }).waitFor();
});

test("light and dark: the button changes the colours, and they stay", async () => {
  const page = await playground.open("#/shapes", { colorScheme: "light" });
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await readPixels(page, HEAT);
  const lightPaper = await paper();
  await page.getByRole("button", { name: "Dark theme" }).click();
  expect(await paper()).not.toBe(lightPaper);
  expect(await readPixels(page, HEAT)).not.toEqual(light);
  const darkPaper = await paper();
  await page.reload();
  await page.getByRole("button", { name: "Light theme" }).waitFor();
  expect(await paper()).toBe(darkPaper);
});
