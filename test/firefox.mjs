// Starts a Firefox for one page, without a remote protocol. Where one is on, 1 in 20 workers that a worker starts hangs in
// `new Worker` (Firefox 153; none of 1,500 without).
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { requireBrowser } from "../scripts/find-browser.mjs";

/**
 * Opens a page. Its console is copied to Firefox's standard output; uncaught errors are not.
 * @param {string} url
 * @param {(message: string | Error) => void} hear receives each message of the console, or the reason why Firefox did not start
 * @returns {() => Promise<void>} ends it
 */
export function openInFirefox(url, hear) {
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
  writeFileSync(
    join(profile, "user.js"),
    Object.entries(preferences)
      .map(([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});\n`)
      .join(""),
  );
  const firefox = spawn(requireBrowser("firefox"), ["--headless", "--no-remote", "--profile", profile, url], {
    stdio: ["ignore", "pipe", "ignore"],
  });
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
