// Shapes, played with mouse, keyboard and finger: what the page says, what its pixels show, and what its address remembers.
import type { Page } from "playwright";
import { describe, expect, test } from "vitest";
import { makePoints } from "../../playground/shapes/datasets.js";
import { RANGE, decodePoints, type Point } from "../../playground/shapes/points.js";
import { defaults, parse } from "../../playground/shapes/state.js";
import { expectText, passFrames, placeOn, readFigure, readPicture, train, usePlayground, waitForFigure } from "./support.js";

const playground = usePlayground();
const HEAT = ".plane .heat";

/** The share of points that lie on their own colour. */
const shareOnTheirColour = (page: Page, points: readonly Point[]): Promise<number> =>
  page.locator(HEAT).evaluate(
    (canvas: HTMLCanvasElement, { points, range }) => {
      const { width, height } = canvas;
      const copy = new OffscreenCanvas(width, height).getContext("2d")!;
      copy.drawImage(canvas, 0, 0);
      const { data } = copy.getImageData(0, 0, width, height);
      const cell = (value: number): number => Math.min(Math.floor(((value / range + 1) / 2) * width), width - 1);
      const right = points.filter(({ x, y, target }) => {
        const at = 4 * (cell(-y) * width + cell(x));
        const [red, blue] = [data[at], data[at + 2]];
        return red > blue === target > 0.5;
      });
      return right.length / points.length;
    },
    { points, range: RANGE },
  );

const stateOf = (page: Page) => parse(new URLSearchParams(new URL(page.url()).hash.split("?")[1]));
const play = (page: Page, epochs: number) => train(page, epochs, { button: "Play" });

// Epochs are fixed, so every machine sees the same training. They lie where a scan of all epochs found the assertions to hold for
// many epochs around: a machine that rounds otherwise stays well inside.

test("play learns the spirals: the colours on the plane become those of the points", async () => {
  // From epoch 250 to 470 every point is on its own colour, and the loss is below 0.06.
  const page = await playground.open("#/shapes?speed=max", { limits: { epochs: 400 } });
  const { train, validation } = makePoints(defaults());
  expect(await shareOnTheirColour(page, train)).toBeLessThan(0.8);
  await play(page, 400);
  expect(Number.parseFloat(await readFigure(page, "Validation accuracy"))).toBeGreaterThanOrEqual(98);
  expect(Number(await readFigure(page, "Loss"))).toBeLessThan(0.3);
  expect(await shareOnTheirColour(page, train)).toBeGreaterThan(0.95);
  expect(await shareOnTheirColour(page, validation)).toBeGreaterThan(0.95);
});

test("paused is paused", async () => {
  const page = await playground.open("#/shapes");
  await page.getByRole("button", { name: "Play" }).click();
  await waitForFigure(page, "Epoch", (value) => value > 0);
  await page.getByRole("button", { name: "Pause" }).click();
  const epoch = await readFigure(page, "Epoch");
  const plane = await readPicture(page, HEAT);
  // At this speed training goes on by an epoch a frame, and figures are shown every quarter of a second.
  await passFrames(page, 30);
  expect(await readFigure(page, "Epoch")).toBe(epoch);
  expect(await readPicture(page, HEAT)).toBe(plane);
  await page.getByRole("button", { name: "Step" }).click();
  expect(Number(await readFigure(page, "Epoch"))).toBe(Number(epoch) + 1);
});

test("the regression's surface takes on the height of its points", async () => {
  // From epoch 100 on the loss is below 0.0075; here it is 0.002, and every point that is counted is on its own colour.
  const query = "data=surface&noise=0&points=500&hidden=8,8,8&activation=tanh&rate=0.003&batch=8";
  const page = await playground.open(`#/shapes?${query}&speed=max`, { limits: { epochs: 300 } });
  await play(page, 300);
  expect(Number(await readFigure(page, "Loss"))).toBeLessThan(0.01);
  const { train } = makePoints(parse(new URLSearchParams(query)));
  const clear = train.filter(({ target }) => Math.abs(target) > 0.3);
  expect(clear.length).toBeGreaterThan(50);
  expect(
    await shareOnTheirColour(
      page,
      clear.map((point) => ({ ...point, target: Number(point.target > 0) })),
    ),
  ).toBeGreaterThan(0.95);
});

test("step, reset and other weights, by keyboard", async () => {
  const page = await playground.open("#/shapes");
  const first = await readPicture(page, HEAT);
  await page.getByRole("button", { name: "Step" }).focus();
  for (let i = 0; i < 3; i++) await page.keyboard.press("Enter");
  expect(await readFigure(page, "Epoch")).toBe("3");
  expect(await readPicture(page, HEAT)).not.toEqual(first);
  await page.getByRole("button", { name: "Reset" }).focus();
  await page.keyboard.press("Space");
  expect(await readFigure(page, "Epoch")).toBe("0");
  expect(await readPicture(page, HEAT)).toEqual(first);
  await page.getByRole("button", { name: "New weights" }).press("Enter");
  expect(await readPicture(page, HEAT)).not.toEqual(first);
});

describe("points", () => {
  test("a click of the mouse adds one, and training bends the plane around it", async () => {
    const page = await playground.open("#/shapes?data=blank", { limits: { epochs: 60 } });
    await page.getByRole("button", { name: "Play" }).click();
    await expectText(page, "There is nothing to learn yet");
    await page.mouse.click(...(await placeOn(page, ".plane", 0.25, 0.25)));
    await page.getByRole("radio", { name: "blue" }).click();
    await page.mouse.click(...(await placeOn(page, ".plane", 0.75, 0.75)));
    await expect.poll(() => stateOf(page).added.length).toBe(2);
    const { added } = stateOf(page);
    expect(added.map(({ target }) => target)).toEqual([1, 0]);
    expect(added[0].x).toBeCloseTo(-RANGE / 2, 0);
    expect(added[0].y).toBeCloseTo(RANGE / 2, 0);
    await play(page, 60);
    expect(Number(await readFigure(page, "Loss"))).toBeLessThan(0.1);
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
    const [x, y] = await placeOn(page, ".plane", 0.5, 0.25);
    const session = await page.context().newCDPSession(page);
    await session.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [{ x, y }] });
    await session.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
    await page.waitForFunction(() => location.hash.includes("added"));
    expect(stateOf(page).added).toHaveLength(1);
  });
});

describe("the network", () => {
  test("layers and neurons come and go, and the address says so", async () => {
    const page = await playground.open("#/shapes");
    const columns = () =>
      page.locator(".diagram .column").evaluateAll((all) => all.map((each) => each.querySelectorAll(".node").length));
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
    const whole = await readPicture(page, HEAT);
    await page.getByRole("button", { name: "Layer 1, neuron 3: show on the plane" }).hover();
    await expectText(page, /^Neuron 3 of layer 1: bias .*; weights from x .*, y .*\.$/);
    const pointed = await readPicture(page, HEAT);
    expect(pointed).not.toEqual(whole);
    await page.mouse.move(1, 1);
    expect(await readPicture(page, HEAT)).toEqual(whole);
    await page.getByRole("button", { name: "Layer 1, neuron 3: show on the plane" }).focus();
    expect(await readPicture(page, HEAT)).toEqual(pointed);
  });
});

test("settings change the training and keep the weights, or begin anew where they must", async () => {
  const page = await playground.open("#/shapes");
  await page.getByRole("button", { name: "Step" }).click();
  const learnt = await readPicture(page, HEAT);
  await page.getByLabel("Learning rate").selectOption("0.1");
  await page.getByLabel("Optimiser").selectOption("sgd");
  await page.getByLabel("Batch size").selectOption("64");
  await page.getByLabel("L2 penalty").selectOption("0.001");
  await page.getByLabel("Dropout").press("ArrowRight");
  expect(await readFigure(page, "Epoch")).toBe("1");
  expect(await readPicture(page, HEAT)).toEqual(learnt);
  await page.getByLabel("Activation").selectOption("relu");
  expect(await readFigure(page, "Epoch")).toBe("0");
  await page.getByRole("radio", { name: "Surface" }).click();
  expect(await page.getByLabel("Loss", { exact: true }).inputValue()).toBe("meanSquaredError");
  expect(await page.locator("option[value=binaryCrossentropy]").isDisabled()).toBe(true);
  await page.waitForFunction(() => location.hash.includes("surface"));
  expect(stateOf(page)).toMatchObject({
    data: "surface",
    activation: "relu",
    optimizer: "sgd",
    rate: 0.1,
    batch: 64,
    l2: 0.001,
    dropout: 0.05,
    loss: "meanSquaredError",
  });
});

test.each(["categoricalCrossentropy", "halfSquaredError", "squaredError", "meanSquaredError", "meanAbsoluteError", "huber"])(
  "circles are learnt with %s",
  async (loss) => {
    // From epoch 40 on every point is on its own colour, whatever the loss.
    const page = await playground.open(`#/shapes?data=circles&noise=0&speed=5&rate=0.03&loss=${loss}`, {
      limits: { epochs: 80 },
    });
    const { train } = makePoints({ ...defaults(), data: "circles", noise: 0 });
    await play(page, 80);
    expect(await shareOnTheirColour(page, train)).toBeGreaterThan(0.98);
  },
);

test("a link leads to the same settings, and the same training", async () => {
  const link = "#/shapes?data=xor&hidden=4,3&activation=relu&rate=0.03&noise=0.25&seed=7&added=Aj__";
  const results = [];
  for (let i = 0; i < 2; i++) {
    const page = await playground.open(link);
    expect(await page.getByLabel("XOR").isChecked()).toBe(true);
    expect(stateOf(page).added).toEqual(decodePoints("Aj__"));
    for (let s = 0; s < 5; s++) await page.getByRole("button", { name: "Step" }).click();
    results.push([await readFigure(page, "Loss"), await readPicture(page, HEAT)]);
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
  const light = await readPicture(page, HEAT);
  const lightPaper = await paper();
  await page.getByRole("button", { name: "Dark theme" }).click();
  expect(await paper()).not.toBe(lightPaper);
  expect(await readPicture(page, HEAT)).not.toEqual(light);
  const darkPaper = await paper();
  await page.reload();
  await page.getByRole("button", { name: "Light theme" }).waitFor();
  expect(await paper()).toBe(darkPaper);
});
