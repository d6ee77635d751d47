// Real browsers, and the reports that pages print in them.
import puppeteer from "puppeteer-core";
import { CHROMIUM_ARGUMENTS, requireBrowser } from "../../scripts/find-browser.mjs";
import { openInFirefox } from "../firefox.mjs";
import { openInWebKit } from "../webkit.mjs";

/** What opens a page, by browser: `hear` is given each message of its console, or an error; what it returns closes the page. */
const OPEN = { Chromium: openInChromium, Firefox: openInFirefox, WebKit: openInWebKit };

/** Where pages can run. */
export const BROWSERS = Object.keys(OPEN);

/** One for the whole run, once started. */
let chromium;

/**
 * The reports that a page prints: messages that are JSON. An error in the page (Chromium), or a minute and a half of waiting, rejects.
 * @param name one of BROWSERS
 * @param count how many to wait for
 */
export async function reportsOfPage(name, url, count) {
  const said = [];
  const reports = [];
  let timer, end;
  try {
    return await new Promise((resolve, reject) => {
      const hear = (message) => {
        if (message instanceof Error) return reject(message);
        if (!message.startsWith("{")) return said.push(message);
        reports.push(JSON.parse(message));
        if (reports.length === count) resolve(reports);
      };
      timer = setTimeout(
        () =>
          reject(
            new Error(`fewer than ${count} reports within a minute and a half; the console says: ${said.join(" ¦ ") || "empty"}`),
          ),
        90_000,
      );
      end = new Promise((opened) => opened(OPEN[name](url, hear)));
      end.catch(reject);
    });
  } finally {
    clearTimeout(timer);
    await (
      await end
    )();
  }
}

async function openInChromium(url, hear) {
  chromium ??= puppeteer.launch({
    executablePath: requireBrowser("chromium"),
    headless: true,
    args: CHROMIUM_ARGUMENTS,
  });
  const context = await (await chromium).createBrowserContext();
  const page = await context.newPage();
  page.on("console", (message) => hear(message.text()));
  page.on("pageerror", hear);
  page.goto(url).catch(hear);
  return () => context.close();
}

export async function closeBrowsers() {
  await (await chromium?.catch(() => undefined))?.close(); // one that did not start has been told of
}
