// The built library in a plain page, without a bundler: in Chromium and Firefox, with and without leave to compile WebAssembly, to
// share memory, to start workers.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import puppeteer, { type Browser } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CHROMIUM_ARGUMENTS, requireBrowser } from "../../scripts/find-browser.mjs";
import expected from "../consumers/digest.json" with { type: "json" };

interface Report {
  error?: string;
  /** All that a page reports that computes the digest. */
  digest?: string;
  threads?: number[];
  backend: string;
  predictions: number[];
  loss: [first: number, last: number];
  /** A training by fitAsync with two threads beside one by fit. */
  background: {
    threads: number;
    /** Whether both left the same. */
    same: boolean;
    epochs: number[];
    warnings: string[];
    /** Whether a worker has said anything. */
    answered: boolean;
  };
}

const FILES: Record<string, [type: string, content: string | Buffer]> = {
  "/": ["text/html", '<!doctype html><meta charset="utf-8"><title>wasmlp</title><script type="module" src="/page.js"></script>'],
  "/page.js": ["text/javascript", readFileSync(new URL("page.js", import.meta.url))],
  // No charset in the header: modules are read as UTF-8 whatever a server says or leaves out.
  "/index.js": ["text/javascript", readFileSync(new URL("../../dist/index.js", import.meta.url))],
  "/digest.js": ["text/javascript", readFileSync(new URL("../consumers/fixtures/src/digest.js", import.meta.url))],
  "/worker.js": ["text/javascript", readFileSync(new URL("../../dist/worker.js", import.meta.url))],
};

/** The headers of the next page and its files, and the callback for its report. */
let headers: Record<string, string> = {};
let reported: (report: Report) => void;
let server: Server;
let address: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    const path = new URL(request.url ?? "", "http://localhost").pathname;
    if (path === "/report") {
      let body = "";
      request
        .setEncoding("utf8")
        .on("data", (chunk: string) => (body += chunk))
        .on("end", () => {
          response.end();
          reported(JSON.parse(body) as Report);
        });
      return;
    }
    const file = FILES[path];
    if (!file) return response.writeHead(404).end();
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    response.setHeader("Content-Type", file[0]);
    response.end(file[1]);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});

afterAll(() => server.close());

const launch = {
  chromium: (): Promise<Browser> =>
    puppeteer.launch({
      browser: "chrome",
      executablePath: requireBrowser("chromium"),
      headless: true,
      args: CHROMIUM_ARGUMENTS,
    }),
  firefox: (): Promise<Browser> =>
    puppeteer.launch({
      browser: "firefox",
      executablePath: requireBrowser("firefox"),
      headless: true,
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

  /** Opens the page with these headers, and waits for its report. */
  async function visit(given: Record<string, string>, query = ""): Promise<Report> {
    headers = given;
    const report = new Promise<Report>((resolve) => {
      reported = resolve;
    });
    const page = await browser.newPage();
    await page.goto(address + query);
    const result = await report;
    await page.close();
    expect(result.error).toBeUndefined();
    return result;
  }

  const isolation = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };
  const policy = (text: string): Record<string, string> => ({ "Content-Security-Policy": text });

  test.each([
    ["without a policy", {}, true],
    ["under a policy that lets WebAssembly compile", policy("script-src 'self' 'wasm-unsafe-eval'"), true],
    ["under a policy that forbids it", policy("script-src 'self'"), false],
  ])("learns XOR %s", async (_title, given, compiles) => {
    const { backend, predictions, loss } = await visit(given);
    expect(backend).toBe(compiles ? fastest : "js");
    expect(predictions.map(Math.round)).toEqual([0, 1, 1, 0]);
    expect(loss[1]).toBeLessThan(loss[0] / 20);
  });

  test.each([1, 3])("reproducible training has the digest that it has everywhere, with %i threads", async (count) => {
    const { digest, threads } = await visit(isolation, `?digest=${count}`);
    expect({ digest, most: Math.max(...threads!) }).toEqual({ digest: expected.digest, most: count });
  });

  const alone = "this page is not cross-origin isolated";
  const blocked = "no worker could be started from a blob: address; workerUrl takes another";
  const strict = policy("script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'");
  test.each([
    ["isolated, on two threads", isolation, "", 2, true, ""],
    [
      "isolated, under a strict policy with workerUrl, on two threads",
      { ...isolation, ...strict },
      "?workerUrl=/worker.js",
      2,
      true,
      "",
    ],
    ["not isolated, in one worker", {}, "", 1, true, alone],
    ["under a strict policy with workerUrl, in one worker", strict, "?workerUrl=/worker.js", 1, true, alone],
    ["under a strict policy, in slices", strict, "", 1, false, blocked],
    [
      "with a workerUrl that is wrong, in slices",
      {},
      "?workerUrl=/elsewhere.js",
      1,
      false,
      "no worker could be started from /elsewhere.js",
    ],
    ["without Worker, in slices", {}, "?without=Worker", 1, false, "there are no workers here"],
    [
      "without leave to compile WebAssembly, in slices",
      policy("script-src 'self'"),
      "",
      1,
      false,
      "the plain JavaScript engine computes on one",
    ],
  ])("trains in the background: %s", async (_title, given, query, threads, answered, why) => {
    const { background } = await visit(given, query);
    const warnings = why ? [`wasmlp: threads is 2, but this training has one: ${why}`] : [];
    expect(background).toEqual({ threads, same: true, epochs: [0, 1, 2], warnings, answered });
  });
});
