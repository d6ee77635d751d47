// Real browsers, and the reports that pages print in them.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import puppeteer from "puppeteer-core";
import { requireBrowser } from "../../scripts/find-browser.mjs";

/** What opens a page, by browser: `hear` is given each message of its console, or an error; what it returns closes the page. */
const OPEN = { Chromium: openInChromium, Firefox: openInFirefox };

/** Where pages can run. */
export const BROWSERS = Object.keys(OPEN);

/** One for the whole run, once started. */
let chromium;

/**
 * The reports that a page prints: messages that are JSON. An error in the page (Chromium), or half a minute of waiting, rejects.
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
      timer = setTimeout(() => reject(new Error(`fewer than ${count} reports within half a minute; the console says: ${said.join(" ¦ ") || "empty"}`)), 30_000);
      end = new Promise((opened) => opened(OPEN[name](url, hear)));
      end.catch(reject);
    });
  } finally {
    clearTimeout(timer);
    await (await end)();
  }
}

async function openInChromium(url, hear) {
  chromium ??= puppeteer.launch({
    executablePath: requireBrowser("chromium"),
    headless: true,
    // Root may not use Chromium's sandbox; the rest keeps it from calling home.
    args: [
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update",
    ],
  });
  const context = await (await chromium).createBrowserContext();
  const page = await context.newPage();
  page.on("console", (message) => hear(message.text()));
  page.on("pageerror", hear);
  page.goto(url).catch(hear);
  return () => context.close();
}

/**
 * One Firefox a page, without puppeteer: where a remote protocol is on, 1 in 20 workers that a worker starts hangs in
 * `new Worker` (Firefox 153; none of 1,500 without). Consoles are told on its standard output; errors of a page are not.
 */
function openInFirefox(url, hear) {
  const profile = mkdtempSync(join(tmpdir(), "wasmlp-firefox-"));
  const preferences = {
    "devtools.console.stdout.content": true,
    // Nothing asks, and nothing calls home.
    "browser.aboutwelcome.enabled": false,
    "browser.shell.checkDefaultBrowser": false,
    "browser.startup.homepage_override.mstone": "ignore",
    "datareporting.policy.dataSubmissionEnabled": false,
    "network.connectivity-service.enabled": false,
    "services.settings.server": "data:,",
  };
  writeFileSync(join(profile, "user.js"), Object.entries(preferences).map(([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});\n`).join(""));
  const firefox = spawn(requireBrowser("firefox"), ["--headless", "--no-remote", "--profile", profile, url], { stdio: ["ignore", "pipe", "ignore"] });
  const ended = once(firefox, "exit");
  ended.catch(hear);
  const kill = () => firefox.kill();
  process.once("exit", kill);
  createInterface({ input: firefox.stdout }).on("line", (line) => {
    const message = /^console\.\w+: (".*")$/.exec(line)?.[1];
    // Bytes beyond ASCII are written as \xNN, which JSON has not.
    if (message) hear(JSON.parse(message.replaceAll(/\\./g, (escape) => (escape === "\\x" ? "\\u00" : escape))));
  });
  return async () => {
    process.off("exit", kill);
    kill();
    await ended;
    rmSync(profile, { recursive: true, force: true });
  };
}

export async function closeBrowsers() {
  await (await chromium?.catch(() => undefined))?.close(); // one that did not start has been told of
}
