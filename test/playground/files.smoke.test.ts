// Files that come and go: models saved and loaded, tables by button and by drop, and what is said of files that are no use.
import { readFileSync } from "node:fs";
import type { Page } from "playwright";
import { describe, expect, test } from "vitest";
import { NN } from "../../src/index.js";
import { chooseFile, expectText, readFigure, readPicture, train, usePlayground, waitForFigure } from "./support.js";

const playground = usePlayground();

/** Drops a file on the page. */
async function drop(page: Page, name: string, content: string | Uint8Array): Promise<void> {
  const transfer = await page.evaluateHandle(
    ({ name, base64 }) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(atob(base64), (each) => each.charCodeAt(0))], name));
      return data;
    },
    { name, base64: Buffer.from(content).toString("base64") },
  );
  await page.dispatchEvent("main", "dragenter", { dataTransfer: transfer });
  expect(await page.locator("body").getAttribute("class")).toBe("is-dropping");
  await page.dispatchEvent("main", "drop", { dataTransfer: transfer });
  expect(await page.locator("body").getAttribute("class")).toBe("");
}

async function save(page: Page): Promise<Buffer> {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save model" }).click()]);
  return readFileSync(await download.path());
}

describe("models", () => {
  test("a network of Shapes is saved, and looks the same when it is loaded into a new page", async () => {
    const page = await playground.open("#/shapes?data=circles&hidden=5,4&activation=tanh");
    for (let i = 0; i < 10; i++) await page.getByRole("button", { name: "Step" }).click();
    const bytes = await save(page);
    expect(NN.load(bytes).layers.map(({ units }) => units)).toEqual([5, 4, 1]);
    const trained = await readPicture(page, ".plane .heat");

    const other = await playground.open("#/shapes?data=circles");
    expect(await readPicture(other, ".plane .heat")).not.toEqual(trained);
    await chooseFile(other, "Load model", { name: "circles.safetensors", mimeType: "application/octet-stream", buffer: bytes });
    await expectText(other, "circles.safetensors is open in Shapes");
    expect(await readPicture(other, ".plane .heat")).toEqual(trained);
    await other.getByRole("button", { name: "Step" }).click();
    expect(await readFigure(other, "Epoch")).toBe("1");
  });

  test("a model is opened in the room that it fits", async () => {
    const page = await playground.open("#/shapes");
    await drop(page, "table.safetensors", new NN(5, 4, 1, 0.1, 1, { seed: 1 }).save());
    await page.getByRole("heading", { name: "Backpropagation, number by number" }).waitFor();
    await expectText(page, "table.safetensors is open in Textbook: 29 parameters.");
    await drop(page, "digits.safetensors", new NN({ layers: [784, 8, 10], loss: "categoricalCrossentropy", seed: 1 }).save());
    await expectText(page, "digits.safetensors is open in Digits");
  });

  test("models that no room takes, and files that are none, are told so", async () => {
    const page = await playground.open("#/shapes");
    await drop(page, "odd.safetensors", new NN(3, 4, 7, 0.1, 1, { seed: 1 }).save());
    await expectText(page, "it has 3 inputs and 7 outputs");
    await drop(page, "broken.safetensors", new NN(2, 4, 1, 0.1, 1, { seed: 1 }).save().subarray(0, 200));
    await expectText(page, "broken.safetensors is not a model that wasmlp can load");
    await drop(page, "photo.png", Uint8Array.of(137, 80, 78, 71, 0, 0));
    await expectText(page, "photo.png is neither a CSV table nor a model");
    await page.getByRole("button", { name: "Dismiss" }).click();
    await expect.poll(() => page.locator(".message").count()).toBe(0);
  });
});

describe("tables", () => {
  test("iris is dropped, learnt, and predicted", async () => {
    const page = await playground.open("#/race", { limits: { epochs: 120 } });
    await drop(page, "iris.csv", readFileSync("examples/data/iris.csv"));
    const dialog = page.getByRole("dialog");
    await expectText(dialog, "150 rows, 4 inputs: predicts 3 classes of “species”");
    await train(page, 120, { within: "dialog" });
    expect(Number.parseFloat(await readFigure(page, "Validation", "dialog"))).toBeGreaterThan(85);
    const rows = await dialog
      .locator("tbody tr")
      .evaluateAll((all) =>
        all.map((row) => [row.querySelector(".target")!.textContent!, row.querySelector(".prediction")!.textContent!]),
      );
    expect(rows).toHaveLength(30);
    expect(rows.filter(([target, says]) => says!.startsWith(target!)).length).toBeGreaterThan(25);
    await page.keyboard.press("Escape");
    await expect.poll(() => page.locator("dialog").count()).toBe(0);
  });

  test("a number is predicted; another target is chosen; training ends by itself", async () => {
    const page = await playground.open("#/shapes");
    await chooseFile(page, "Train on a CSV", "examples/data/diabetes.csv");
    const dialog = page.getByRole("dialog");
    await expectText(dialog, "predicts the number “progression”");
    await dialog.getByLabel("Hidden neurons").selectOption({ label: "none" });
    await dialog.getByRole("button", { name: "Train", exact: true }).click();
    await expectText(dialog, "Training is over: the validation rows were predicted best after epoch");
    await dialog.getByLabel("Target").selectOption({ label: "sex" });
    await expectText(dialog, "predicts 2 classes of “sex”");
    expect(await readFigure(page, "Epoch", "dialog")).toBe("0");
    await dialog.getByRole("radio", { name: "a number" }).click();
    await expectText(dialog, "predicts the number “sex”");
  });

  test("a large table is learnt beside the page", async () => {
    const rows = Array.from(
      { length: 12_000 },
      (_, i) => `${Math.sin(i)},${Math.cos(3 * i)},${i % 7},${(i * 37) % 11},${i % 5},${Math.sin(i) > 0 ? "up" : "down"}`,
    );
    const page = await playground.open("#/shapes");
    await drop(page, "large.csv", ["a,b,c,d,e,way", ...rows].join("\n"));
    const dialog = page.getByRole("dialog");
    await expectText(dialog, "12,000 rows, 5 inputs");
    await dialog.getByRole("button", { name: "Train", exact: true }).click();
    await waitForFigure(page, "Epoch", (value) => value > 3, "dialog");
    await dialog.getByRole("button", { name: "Pause" }).click();
    expect(Number.parseFloat(await readFigure(page, "Validation", "dialog"))).toBeGreaterThan(95);
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      dialog.getByRole("button", { name: "Save model" }).click(),
    ]);
    expect(NN.load(readFileSync(await download.path())).predict([1, 0, 1, 1, 1])).toHaveLength(2);
  });

  test("words, dates, gaps and Latin-1 are learnt; the figures are the best network's; the saved model is opened again", async () => {
    const page = await playground.open("#/shapes", { limits: { epochs: 60 } });
    const lines = Array.from(
      { length: 60 },
      (_, i) => `${["café", "bar"][i % 2]},${i % 9 ? i % 5 : ""},2026-0${1 + (i % 9)}-10,${i % 2 ? "beer" : "tea"}`,
    );
    await drop(
      page,
      "drinks.csv",
      Uint8Array.from(["place,rest,day,drink", ...lines].join("\n"), (character) => character.charCodeAt(0)),
    );
    const dialog = page.getByRole("dialog");
    await expectText(dialog, "60 rows, 3 inputs: predicts 2 classes of “drink”");
    await expectText(dialog, "Missing values count as the mean, or as words of their own, in “rest”.");
    await train(page, 60, { within: "dialog" });
    await expectText(dialog, "Training is over");
    expect(await readFigure(page, "Validation", "dialog")).toBe("100.0 %");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      dialog.getByRole("button", { name: "Save model" }).click(),
    ]);
    await page.keyboard.press("Escape");

    await drop(page, "drinks.safetensors", readFileSync(await download.path()));
    await expectText(dialog, "it predicts “drink” from 3 columns");
    await dialog.getByLabel("place").selectOption("café");
    await expectText(dialog, /The model says: tea/);
    await dialog.getByLabel("place").selectOption("bar");
    await expectText(dialog, /The model says: beer/);
    await dialog.getByLabel("day").fill("soon");
    await expectText(dialog, 'day is "soon"; it must be a Date');
  });

  test.each([
    ["", "The file is empty."],
    ["a,b\n1,2\n3\n", "Line 3 has 1 cells, but line 1 has 2."],
    ["a,b\n1,2\n3,4\n", "at least 4 are needed"],
  ])("%j is refused with a reason", async (content, reason) => {
    const page = await playground.open("#/shapes");
    await drop(page, "bad.csv", content);
    await expectText(page.getByRole("alert"), reason);
    expect(await page.locator("dialog").count()).toBe(0);
  });
});
