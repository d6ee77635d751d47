// A real Chromium on the built playground: its server, its page, what it complains about, and what can be read from it.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { chromium, type Browser, type CDPSession, type Locator, type Page } from "playwright";
import { afterAll, afterEach, beforeAll, expect, inject } from "vitest";
import { CHROMIUM_ARGUMENTS, requireBrowser } from "../../scripts/find-browser.mjs";

const TYPES: Record<string, string> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };
const DESKTOP = { width: 1280, height: 900 };

/** The built files, and more pages by name, under a path of a server, with the headers that let a page share memory, or without. */
export async function serve({
  path = "/",
  isolated = true,
  pages = {},
}: { path?: string; isolated?: boolean; pages?: Record<string, string> } = {}): Promise<{ address: string; close(): void }> {
  const folder = inject("playground");
  const server: Server = createServer(async (request, response) => {
    const asked = new URL(request.url ?? "/", "http://localhost").pathname;
    if (isolated) {
      response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
      response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    }
    try {
      if (!asked.startsWith(path)) throw new Error("outside of the path");
      const name = asked.slice(path.length) || "index.html";
      const content = pages[name] ?? (await readFile(join(folder, name)));
      response.setHeader("Content-Type", TYPES[extname(name)] ?? "application/octet-stream");
      // Their names change with their content.
      if (name.startsWith("assets/")) response.setHeader("Cache-Control", "max-age=3600, immutable");
      response.end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, close: () => void server.close() };
}

/** What a page is shown on. */
export interface Look {
  readonly colorScheme?: "light" | "dark";
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly hasTouch?: boolean;
}

/** How a page is opened. */
export interface Visit extends Look {
  /** What limits.ts reads. */
  readonly limits?: Readonly<Partial<Record<"epochs" | "turn" | "rounds" | "rows", number>>>;
  readonly reducedMotion?: "reduce" | "no-preference";
}

/** A file's page. */
export interface Playground {
  open(hash?: string, visit?: Visit): Promise<Page>;
  /** Shows the open page in another way. */
  show(look: Look): Promise<void>;
}

/**
 * Keeps a browser, a server and one page for a file's tests. Each `open` loads the document anew, with an empty storage and as on a
 * desktop, so no test sees what another did. No page may throw or print an error.
 */
export function usePlayground(options: Parameters<typeof serve>[0] = {}): Playground {
  let browser: Browser;
  let server: Awaited<ReturnType<typeof serve>>;
  let page: Page;
  let session: CDPSession;
  let complaints: string[] = [];
  let visits = 0;

  beforeAll(async () => {
    server = await serve(options);
    browser = await chromium.launch({
      executablePath: requireBrowser("chromium"),
      args: CHROMIUM_ARGUMENTS,
    });
    page = await browser.newPage({ viewport: DESKTOP });
    page.setDefaultTimeout(60_000);
    page.on("pageerror", (error) => complaints.push(String(error.stack)));
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
    });
    session = await page.context().newCDPSession(page);
  });
  afterEach(async () => {
    // A stroke or a route that a failed test left behind ends with it.
    await page.mouse.up();
    await page.mouse.move(0, 0);
    await page.unrouteAll({ behavior: "ignoreErrors" });
    const said = complaints;
    complaints = [];
    expect(said).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });
  const show = async ({ colorScheme = "light", viewport = DESKTOP, hasTouch = false }: Look): Promise<void> => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(viewport);
    await session.send("Emulation.setTouchEmulationEnabled", { enabled: hasTouch, maxTouchPoints: 1 });
  };
  return {
    show,
    async open(hash = "", { limits = {}, reducedMotion = "no-preference", ...look } = {}) {
      if (visits > 0) await page.evaluate(() => localStorage.clear());
      await page.emulateMedia({ reducedMotion });
      await show(look);
      // Another query is another document; another hash alone would be the same one.
      const query = new URLSearchParams({ visit: String(++visits) });
      for (const [name, value] of Object.entries(limits)) query.set(name, String(value));
      await page.goto(`${server.address}?${query}${hash}`);
      await page.waitForSelector("h1");
      return page;
    },
  };
}

/** A figure by its name: the text beside "Epoch". */
export const readFigure = (page: Page, name: string, within = "main"): Promise<string> =>
  page
    .locator(`${within} .figure`, { has: page.getByText(name, { exact: true }) })
    .locator("dd")
    .innerText();

/** Waits until a figure's number is one that is wanted. */
export async function waitForFigure(
  page: Page,
  name: string,
  isWanted: (value: number) => boolean,
  within = "main",
): Promise<number> {
  let value = Number.NaN;
  await expect
    .poll(
      async () => {
        value = Number.parseFloat((await readFigure(page, name, within)).replaceAll(",", ""));
        return isWanted(value);
      },
      { timeout: 60_000, interval: 50 },
    )
    .toBe(true);
  return value;
}

/** Trains on a page that was opened with this limit of epochs, until training has paused by itself. */
export async function train(page: Page, epochs: number, { button = "Train", within = "main" } = {}): Promise<void> {
  const start = page.locator(within).getByRole("button", { name: button, exact: true });
  await start.click();
  await waitForFigure(page, "Epoch", (value) => value === epochs, within);
  await start.waitFor();
}

/** Chooses a file that a button asks for. */
export async function chooseFile(
  page: Page,
  button: string,
  file: string | { name: string; mimeType: string; buffer: Buffer },
): Promise<void> {
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.getByRole("button", { name: button }).click()]);
  await chooser.setFiles(file);
}

/** Loads a network that reads digits into the Digits room, and waits until it has read the test images. */
export async function loadDigits(page: Page): Promise<void> {
  await chooseFile(page, "Load model", inject("digitsModel"));
  await waitForFigure(page, "Test accuracy", (value) => value > 93);
}

/** Waits until a text can be read. */
export async function expectText(within: Page | Locator, text: string | RegExp): Promise<void> {
  await within.getByText(text).waitFor();
}

/** Waits until a page has had some frames. */
export const passFrames = (page: Page, count: number): Promise<void> =>
  page.evaluate(async (count) => {
    for (let i = 0; i < count; i++) await new Promise(requestAnimationFrame);
  }, count);

/**
 * What a canvas shows, as a digest of its pixels and size: two are the same where every pixel is. Pixels are looked at in the page:
 * there are too many of them to send.
 */
export const readPicture = (page: Page, selector: string): Promise<string> =>
  page.locator(selector).evaluate(async (canvas: HTMLCanvasElement) => {
    // Read from a copy: a canvas that is read from again and again makes the browser warn.
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d")!;
    copy.drawImage(canvas, 0, 0);
    const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
    return `${canvas.width}×${canvas.height} ${Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  });

/** Where a place of an element is on the page; places go from 0 to 1. */
export const placeOn = async (page: Page, selector: string, x: number, y: number): Promise<[x: number, y: number]> =>
  (await placesOn(page, selector))(x, y);

/** The same for many places of an element that stays where it is. */
export async function placesOn(page: Page, selector: string): Promise<(x: number, y: number) => [x: number, y: number]> {
  const element = page.locator(selector);
  await element.scrollIntoViewIfNeeded();
  const box = (await element.boundingBox())!;
  return (x, y) => [box.x + x * box.width, box.y + y * box.height];
}
