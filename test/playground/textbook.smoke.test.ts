// The textbook: the numbers of docs/textbook.md on the page, the step, the curves, the ten rows.
import { expect, test } from "vitest";
import { expectText, readFigure, usePlayground, waitForFigure } from "./support.js";

const playground = usePlayground();

test("the step that is worked by hand in the docs, number for number", async () => {
  const page = await playground.open("#/textbook");
  const text = (await page.locator(".steps").innerText()).replaceAll("\u200b", "").replaceAll("−", "-");
  for (const number of [
    "0.500000",
    "0.622459",
    "0.211230",
    "0.552612",
    "0.100078",
    "-0.110609",
    "-0.012997",
    "0.016591",
    "-0.068849",
    "-0.055304",
    "-0.006498",
    "0.008296",
    "0.534425",
    "-0.572348",
    "0.255304",
    "0.206498",
    "-0.308296",
    "0.403249",
    "0.795852",
    "0.106498",
    "-0.108296",
  ])
    expect(text).toContain(number);
  const agreement = /largest difference is (\S+)\./.exec(await page.locator(".agreement").innerText())![1];
  expect(Number(agreement)).toBeLessThan(1e-15);
  await page.getByRole("button", { name: "Take the step" }).click();
  expect(await readFigure(page, "Prediction y")).toBe("0.575980");
  expect(await readFigure(page, "Cost C")).toBe("0.089897");
  await page.getByRole("button", { name: "100 steps" }).click();
  expect(await readFigure(page, "Steps taken")).toBe("101");
  expect(Number(await readFigure(page, "Cost C"))).toBeLessThan(0.02);
  await page.getByRole("button", { name: "Start over" }).click();
  expect(await readFigure(page, "Prediction y")).toBe("0.552612");
});

test("sliders change every number; the keyboard walks through the steps", async () => {
  const page = await playground.open("#/textbook");
  await page.getByLabel("Target t").press("Home");
  expect(await page.locator(".step").nth(3).innerText()).toContain("0 − 0.552612");
  await page.getByLabel("Input x₂").press("ArrowLeft");
  expect(await page.locator(".network-picture").textContent()).toContain("0.45");
  const chosen = () => page.locator(".step.is-chosen h3").innerText();
  const next = page.getByRole("button", { name: "Next" });
  await next.focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  expect(await chosen()).toContain("The same again");
  expect(await page.locator(".network-picture .unit.out.is-lit").count()).toBe(1);
  await page.getByRole("button", { name: "Pass the blame back" }).click();
  expect(await chosen()).toContain("Pass the blame back");
});

test("one input at two learning rates ends where the docs say", async () => {
  const page = await playground.open("#/textbook");
  await expectText(page, "At rate 0.01 the weight ends at");
  const outcome = await page.locator(".one-input [role=status]").innerText();
  expect(outcome).toContain("prediction at 0.5099");
  expect(outcome).toContain("prediction at 0.4151");
  await page.getByLabel("First weight w").press("End");
  await page.getByLabel("Learning rate B").selectOption("20");
  await page.getByLabel("Iterations").selectOption("10000");
  await expectText(page, "At rate 20 the weight ends at −8.473 and the prediction at 0.3000.");
});

test("the ten rows are learnt, and a row of one's own is judged", async () => {
  const page = await playground.open("#/textbook");
  const train = page.getByRole("button", { name: "Train", exact: true });
  await train.click();
  await waitForFigure(page, "Epoch", (value) => value === 1000);
  await train.waitFor();
  expect(await readFigure(page, "Right side of 0.5")).toBe("10 of 10");
  const table = page.locator(".ten-rows tbody tr");
  const says = await table.evaluateAll((rows) =>
    rows.map(
      (row) => [row.querySelector(".target")!.textContent, Number(row.querySelector(".prediction .value")!.textContent)] as const,
    ),
  );
  expect(says).toHaveLength(10);
  for (const [target, p] of says) expect(p > 0.5).toBe(target === "passed");

  const verdict = async () => Number(/(\d+) %/.exec(await page.locator(".verdict-line").innerText())![1]);
  for (const name of ["Lectures", "Homework"]) await page.getByLabel(name, { exact: true }).press("End");
  await page.getByLabel("Nights out", { exact: true }).press("Home");
  expect(await verdict()).toBeGreaterThan(90);
  for (const name of ["Lectures", "Homework"]) await page.getByLabel(name, { exact: true }).press("Home");
  await page.getByLabel("Nights out", { exact: true }).press("End");
  expect(await verdict()).toBeLessThan(10);
});
