// The race: every engine that this browser has takes its turns; where the page may not share memory, threads say why they are not there.
import type { Page } from "playwright";
import { describe, expect, test } from "vitest";
import { expectText, train, usePlayground, waitForFigure } from "./support.js";

const lanes = (page: Page): Promise<string[]> =>
  page.locator(".lane").evaluateAll((all) => (all as HTMLElement[]).map((each) => each.innerText));
/** Turns and rows that take milliseconds: that the figures are there is tested, not what they are. */
const LIMITS = { turn: 5, rounds: 3, rows: 32 };
/** Three rounds, after which the race stops by itself. */
const race = async (page: Page): Promise<void> => {
  await page.getByRole("button", { name: "Start the race" }).click();
  await expectText(page, "3 rounds.");
  await page.getByRole("button", { name: "Start the race" }).waitFor();
};

describe("on a page that may share memory", () => {
  const playground = usePlayground();

  test("four engines race, each with its figures", async () => {
    const page = await playground.open("#/race", { limits: LIMITS });
    await race(page);
    const [js, simd, relaxed, threads] = await lanes(page);
    expect(js).toMatch(/^Plain JavaScript\s+[\d,]+ rows\/s\s+1×[^]*js · loss/);
    expect(simd).toMatch(/[\d,]+ rows\/s\s+[\d.]+×[^]*wasm-simd · loss/);
    expect(relaxed).toMatch(/[\d,]+ rows\/s\s+[\d.]+×[^]*wasm-relaxed-simd · loss/);
    expect(threads).toMatch(/[\d,]+ rows\/s\s+[\d.]+×[^]*wasm-relaxed-simd · \d+ threads? · loss/);
    expect(await page.locator(".headline").innerText()).toMatch(/^[\d.]+×\s*as fast as plain JavaScript/);
    // The bars are as long as their figures say, beside the longest turn of all.
    const bars = await page
      .locator(".lane")
      .evaluateAll((all) =>
        all.map(
          (lane) =>
            [
              Number(lane.querySelector(".rate")!.textContent!.replace(/\D/g, "")),
              Number(lane.querySelector<HTMLElement>(".bar")!.style.getPropertyValue("--part")),
            ] as const,
        ),
      );
    const scale = bars[0][1] / bars[0][0];
    for (const [rate, part] of bars) expect(part / rate / scale).toBeCloseTo(1, 2);
    expect(Math.max(...bars.map(([, part]) => part))).toBeLessThanOrEqual(1);
  });

  test.each(["shapes", "textbook", "wide"])("they train %s as well, and reset forgets", async (workload) => {
    const page = await playground.open(`#/race?train=${workload}`, { limits: LIMITS });
    await race(page);
    expect((await lanes(page)).every((lane) => lane.includes("rows/s"))).toBe(true);
    await page.getByRole("button", { name: "Reset" }).click();
    expect((await lanes(page)).some((lane) => lane.includes("rows/s"))).toBe(false);
  });

  test("stop ends the race", async () => {
    const page = await playground.open("#/race?train=shapes", { limits: { turn: 5 } });
    await page.getByRole("button", { name: "Start the race" }).click();
    await expectText(page, / rounds?\.$/);
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByRole("button", { name: "Start the race" }).waitFor();
    await expect.poll(() => page.workers().length).toBe(0);
    expect((await lanes(page)).every((lane) => lane.includes("rows/s"))).toBe(true);
  });

  test("leaving the room ends the race", async () => {
    const page = await playground.open("#/race?train=shapes", { limits: { turn: 5 } });
    await page.getByRole("button", { name: "Start the race" }).click();
    await expectText(page, / rounds?\.$/);
    await page.getByRole("link", { name: "Textbook" }).click();
    await expect.poll(() => page.workers().length).toBe(0);
    await page.getByRole("link", { name: "Race" }).click();
    await page.getByRole("button", { name: "Start the race" }).waitFor();
  });
});

describe("on a page of any folder, without the headers", () => {
  const playground = usePlayground({ path: "/some/folder/", isolated: false });

  test("threads are not there, and the rest is", async () => {
    const page = await playground.open("#/race?train=shapes", { limits: LIMITS });
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
    await race(page);
    const [js, simd, relaxed, threads] = await lanes(page);
    for (const lane of [js, simd, relaxed]) expect(lane).toContain("rows/s");
    expect(threads).toContain("not here");
    expect(threads).toContain("COOP and COEP");
  });

  test("digits are learnt there too", async () => {
    // The first epoch reads 90 % of the test images.
    const page = await playground.open("#/digits", { limits: { epochs: 2 } });
    await train(page, 2);
    expect(await waitForFigure(page, "Test accuracy", (value) => !Number.isNaN(value))).toBeGreaterThan(85);
  });
});
