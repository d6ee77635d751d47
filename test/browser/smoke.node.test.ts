// The built library in a plain page, without a bundler: in Chromium and Firefox, with and without leave to compile WebAssembly.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import puppeteer, { type Browser } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { requireBrowser } from "../../scripts/find-browser.mjs";

interface Report {
  error?: string;
  backend: string;
  predictions: number[];
  loss: [first: number, last: number];
}

const FILES: Record<string, [type: string, content: string | Buffer]> = {
  "/": ["text/html", '<!doctype html><meta charset="utf-8"><title>wasmlp</title><script type="module" src="/page.js"></script>'],
  "/page.js": ["text/javascript", readFileSync(new URL("page.js", import.meta.url))],
  // No charset in the header: modules are read as UTF-8 whatever a server says or leaves out.
  "/index.js": ["text/javascript", readFileSync(new URL("../../dist/index.js", import.meta.url))],
};

/** The content-security policy of the next page, and who waits for its report. */
let policy: string | undefined;
let reported: (report: Report) => void;
let server: Server;
let address: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    const path = request.url ?? "";
    if (path === "/report") {
      let body = "";
      request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk)).on("end", () => {
        response.end();
        reported(JSON.parse(body) as Report);
      });
      return;
    }
    const file = FILES[path];
    if (!file) return response.writeHead(404).end();
    if (policy) response.setHeader("Content-Security-Policy", policy);
    response.setHeader("Content-Type", file[0]);
    response.end(file[1]);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});

afterAll(() => server.close());

const launch = {
  chromium: (): Promise<Browser> => puppeteer.launch({
    browser: "chrome", executablePath: requireBrowser("chromium"), headless: true,
    args: [
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update",
    ],
  }),
  firefox: (): Promise<Browser> => puppeteer.launch({
    browser: "firefox", executablePath: requireBrowser("firefox"), headless: true,
  }),
};

/** Relaxed SIMD came with Chromium 114 and Firefox 145. */
const relaxedSince = { chromium: 114, firefox: 145 };

describe.each(["chromium", "firefox"] as const)("%s", (name) => {
  let browser: Browser;
  let fastest: string;

  beforeAll(async () => {
    browser = await launch[name]();
    const version = await browser.version();
    const major = /\/(\d+)/.exec(version)?.[1];
    if (!major) throw new Error(`which version of ${name} is ${version}?`);
    fastest = Number(major) >= relaxedSince[name] ? "wasm-relaxed-simd" : "wasm-simd";
  });

  afterAll(() => browser?.close());

  test.each([
    ["without a policy", undefined, true],
    ["under a policy that lets WebAssembly compile", "script-src 'self' 'wasm-unsafe-eval'", true],
    ["under a policy that forbids it", "script-src 'self'", false],
  ])("learns XOR %s", async (_title, contentSecurityPolicy, compiles) => {
    policy = contentSecurityPolicy;
    const report = new Promise<Report>((resolve) => {
      reported = resolve;
    });
    const page = await browser.newPage();
    await page.goto(address);
    const { error, backend, predictions, loss } = await report;
    await page.close();
    expect(error).toBeUndefined();
    expect(backend).toBe(compiles ? fastest : "js");
    expect(predictions.map(Math.round)).toEqual([0, 1, 1, 0]);
    expect(loss[1]).toBeLessThan(loss[0] / 20);
  });
});
