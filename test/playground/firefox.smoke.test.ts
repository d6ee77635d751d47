// The built playground in a real Firefox: every room opens and works, and nothing is thrown.
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { requireBrowser } from "../../scripts/find-browser.mjs";
import { openInFirefox } from "../firefox.mjs";
import { serve } from "./support.js";

let server: Awaited<ReturnType<typeof serve>>;
let browser: Browser;
let page: Page;
const complaints: string[] = [];

/** A page that starts the race in a frame and prints what is seen of it: its threads are started by workers (../firefox.mjs). */
const RACING = `<!doctype html><title>Racing</title><iframe src="./?turn=5&rounds=3&rows=32#/race" width="1280" height="900"></iframe><script type="module">
  const frame = document.querySelector("iframe");
  const find = (selector) => [...frame.contentDocument.querySelectorAll(selector)];
  const until = async (isSo) => { while (!isSo()) await new Promise((again) => setTimeout(again, 50)); };
  await until(() => find(".play").length);
  frame.contentWindow.addEventListener("error", ({ message }) => console.log(message));
  find(".play")[0].click();
  await until(() => find(".lane .rate").every((rate) => /rows\\/s|not here/.test(rate.textContent)));
  console.log(JSON.stringify({ title: find("h1")[0].textContent, rates: find(".lane .rate").map((rate) => rate.textContent) }));
</script>`;

beforeAll(async () => {
  server = await serve({ pages: { "racing.html": RACING } });
  browser = await puppeteer.launch({ browser: "firefox", executablePath: requireBrowser("firefox"), headless: true });
  page = await browser.newPage();
  await page.setViewport({ width: 1280, height: 900 });
  page.setDefaultTimeout(60_000);
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

/** Opens a room; with a number of epochs, training pauses after that many. */
async function enter(room: string, title: string, epochs?: number): Promise<void> {
  await page.goto(`${server.address}?room=${room}${epochs ? `&epochs=${epochs}` : ""}#/${room}`);
  await page.waitForFunction((text) => document.querySelector("h1")?.textContent === text, {}, title);
}

/** Waits for a figure of the room to be a number of at least this. */
const reach = (name: string, least: number) =>
  page.waitForFunction(
    (name, least) => {
      const figure = [...document.querySelectorAll("main .figure")].find(
        (each) => each.querySelector("dt")!.textContent === name,
      );
      return Number.parseFloat(figure!.querySelector("dd")!.textContent!.replaceAll(",", "")) >= least;
    },
    {},
    name,
    least,
  );

/** Presses the button that starts training, and waits until it has paused by itself. */
async function train(epochs: number, within = "main"): Promise<void> {
  const title = await page.$eval(`${within} .play`, (play) => play.textContent);
  await page.click(`${within} .play`);
  await reach("Epoch", epochs);
  await page.waitForFunction(
    (selector, text) => document.querySelector(selector)!.textContent === text,
    {},
    `${within} .play`,
    title,
  );
}

test("shapes are learnt", async () => {
  await enter("shapes", "Watch a network bend a plane", 400);
  expect(await page.$eval(".status dd", (engine) => engine.textContent)).toMatch(/^wasm-/);
  await page.select(".run select", "max");
  await train(400);
  await reach("Validation accuracy", 98);
  await page.click(".plane");
  await page.waitForFunction(() => location.hash.includes("added"));
});

test("digits are learnt and a test image is read", async () => {
  // The fourth epoch reads 93 % of the test images.
  await enter("digits", "Teach it to read your handwriting", 4);
  await train(4);
  await reach("Test accuracy", 90);
  await page.click(".draw-actions .button:nth-child(2)");
  expect(await page.$eval(".answer", (answer) => answer.textContent)).toMatch(/^(This is|Perhaps) a \d\.$/);
  const probabilities = await page.$$eval(".verdict .value", (all) => all.map((each) => Number.parseFloat(each.textContent!)));
  expect(Math.abs(probabilities.reduce((sum, p) => sum + p, 0) - 100)).toBeLessThan(6);
});

test("the textbook's ten rows are learnt", async () => {
  await enter("textbook", "Backpropagation, number by number");
  expect(await page.$eval(".steps", (steps) => steps.textContent)).toContain("0.552612");
  await train(1000, ".ten-rows");
});

test("the engines race", async () => {
  const said: string[] = [];
  const end = openInFirefox(`${server.address}racing.html`, (message) => void said.push(String(message)));
  await vi.waitFor(() => expect(said).not.toEqual([]), { timeout: 60_000, interval: 50 }).finally(end);
  const { title, rates } = JSON.parse(said[0]) as { title: string; rates: string[] };
  expect(title).toBe("The race of the engines");
  expect(rates).toHaveLength(4);
  for (const rate of rates) expect(rate).toMatch(/^[\d,]+ rows\/s$/);
});

test("nothing was thrown and no error printed", () => {
  expect(complaints).toEqual([]);
});
