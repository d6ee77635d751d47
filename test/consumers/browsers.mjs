// Real browsers, one of each kind for the whole run, and the reports that pages print in them.
import puppeteer from "puppeteer-core";
import { requireBrowser } from "../../scripts/find-browser.mjs";

const OPTIONS = {
  Chromium: {
    browser: "chrome",
    executablePath: () => requireBrowser("chromium"),
    // Root may not use Chromium's sandbox; the rest keeps it from calling home.
    args: [
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update",
    ],
  },
  Firefox: { browser: "firefox", executablePath: () => requireBrowser("firefox"), args: [] },
};

/** Where pages can run. */
export const BROWSERS = Object.keys(OPTIONS);

const started = {};

/**
 * The reports that a page prints: messages that are JSON. An error in the page, or half a minute of waiting, rejects.
 * @param name one of BROWSERS
 * @param count how many to wait for
 */
export async function reportsOfPage(name, url, count) {
  const { executablePath, ...options } = OPTIONS[name];
  started[name] ??= puppeteer.launch({ ...options, executablePath: executablePath(), headless: true });
  const browser = await started[name];
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  let timer;
  try {
    return await new Promise((resolve, reject) => {
      const said = [];
      const reports = [];
      page.on("console", (message) => {
        const text = message.text();
        if (!text.startsWith("{")) return said.push(text);
        reports.push(JSON.parse(text));
        if (reports.length === count) resolve(reports);
      });
      // Firefox calls it an error when a policy forbids something; whether that matters is for the page to say.
      page.on("pageerror", (error) => (error.message.startsWith("Content-Security-Policy") ? said.push(error.message) : reject(error)));
      timer = setTimeout(() => reject(new Error(`fewer than ${count} reports within half a minute; the console says: ${said.join(" ¦ ") || "empty"}`)), 30_000);
      page.goto(url).catch(reject);
    });
  } finally {
    clearTimeout(timer);
    await context.close();
  }
}

export async function closeBrowsers() {
  // One that did not start has been told of, by each page that it should have opened.
  for (const { value } of await Promise.allSettled(Object.values(started))) await value?.close();
}
