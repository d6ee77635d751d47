// A real Chromium on the built playground: its server, its pages, and what they complain about.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { chromium, type Browser, type BrowserContextOptions, type Locator, type Page } from "playwright";
import { afterAll, afterEach, beforeAll, expect, inject } from "vitest";
import { requireBrowser } from "../../scripts/find-browser.mjs";

const TYPES: Record<string, string> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };

/** The built files, and more pages by name, under a path of a server, with the headers that let a page share memory, or without. */
export async function serve(
  { path = "/", isolated = true, pages = {} }: { path?: string; isolated?: boolean; pages?: Record<string, string> } = {},
): Promise<{ address: string; close(): void }> {
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
      const content = pages[name] ?? await readFile(join(folder, name));
      response.setHeader("Content-Type", TYPES[extname(name)] ?? "application/octet-stream");
      response.end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, close: () => void server.close() };
}

/** Keeps a browser and a server for a file's tests. No page may throw or print an error. */
export function usePlayground(options: Parameters<typeof serve>[0] = {}): { open(hash?: string, context?: BrowserContextOptions): Promise<Page>; address(): string } {
  let browser: Browser;
  let server: Awaited<ReturnType<typeof serve>>;
  let complaints: string[] = [];
  let pages: Page[] = [];

  beforeAll(async () => {
    server = await serve(options);
    browser = await chromium.launch({
      executablePath: requireBrowser("chromium"),
      args: [
        ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
        "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update", "--disable-sync",
      ],
    });
  });
  afterEach(async () => {
    for (const page of pages) await page.context().close();
    pages = [];
    const said = complaints;
    complaints = [];
    expect(said).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });
  return {
    address: () => server.address,
    async open(hash = "", context = {}) {
      const session = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...context });
      const page = await session.newPage();
      page.setDefaultTimeout(60_000);
      pages.push(page);
      page.on("pageerror", (error) => complaints.push(String(error.stack)));
      page.on("console", (message) => {
        if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
      });
      await page.goto(server.address + hash);
      await page.waitForSelector("h1");
      return page;
    },
  };
}

/** A figure by its name: the text beside "Epoch". */
export const readFigure = (page: Page, name: string, within = "main"): Promise<string> =>
  page.locator(`${within} .figure`, { has: page.getByText(name, { exact: true }) }).locator("dd").innerText();

/** Waits until a figure's number is one that is wanted. */
export async function waitForFigure(page: Page, name: string, isWanted: (value: number) => boolean, within = "main"): Promise<number> {
  let value = Number.NaN;
  await expect.poll(async () => {
    value = Number.parseFloat((await readFigure(page, name, within)).replaceAll(",", ""));
    return isWanted(value);
  }, { timeout: 60_000, interval: 50 }).toBe(true);
  return value;
}

/** Waits until a text can be read. */
export async function expectText(within: Page | Locator, text: string | RegExp): Promise<void> {
  await within.getByText(text).waitFor();
}

/** The red, green and blue of a canvas's pixels, row by row; the canvas's own size. */
export const readPixels = (page: Page, selector: string): Promise<{ width: number; pixels: number[] }> =>
  page.locator(selector).evaluate((canvas: HTMLCanvasElement) => {
    // Read from a copy: a canvas that is read from again and again makes the browser warn.
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d")!;
    copy.drawImage(canvas, 0, 0);
    const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
    return { width: canvas.width, pixels: Array.from(data) };
  });

/** Where a place of an element is on the page; places go from 0 to 1. */
export async function placeOn(page: Page, selector: string, x: number, y: number): Promise<[x: number, y: number]> {
  await page.locator(selector).scrollIntoViewIfNeeded();
  const box = (await page.locator(selector).boundingBox())!;
  return [box.x + x * box.width, box.y + y * box.height];
}
