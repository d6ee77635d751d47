// Runs workloads in Chromium, each in its own page and renderer.
import { chromium } from "playwright";
import { CHROMIUM_ARGUMENTS, requireBrowser } from "../../scripts/find-browser.mjs";
import { serve } from "./server.mjs";

/**
 * @param {Record<string, string>} files of the builds, by name
 * @returns {Promise<import("../run.mjs").Runner>}
 */
export async function openChromium(files) {
  const server = await serve(files);
  const browser = await chromium.launch({ executablePath: requireBrowser("chromium"), args: CHROMIUM_ARGUMENTS });
  const builds = Object.fromEntries(Object.keys(files).map((name) => [name, `/builds/${name}/index.js`]));
  return {
    browser: `chromium ${browser.version()}`,
    async run(job) {
      const context = await browser.newContext();
      try {
        const page = await context.newPage();
        await page.goto(server.url);
        return await page.evaluate(
          async (job) => {
            const { run } = await import(/** @type {any} */ ("/bench/browser/page.mjs"));
            return run(job);
          },
          { ...job, builds },
        );
      } finally {
        await context.close();
      }
    },
    async close() {
      await browser.close();
      server.close();
    },
  };
}
