// WebKit, the engine of Safari, in the small browser that comes with WebKitGTK. It tells nobody of its console, so pages are asked for what
// they have printed (fixtures/src/print.js), through the protocol of WebDriver.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { requireBrowser } from "../scripts/find-browser.mjs";

/** Milliseconds between questions. */
const PAUSE = 200;

/**
 * Opens a page.
 * @param {string} url
 * @param {(message: string | Error) => void} hear is given each report of the page, or what kept WebKit from starting
 * @returns {Promise<() => Promise<void>>} ends it
 */
export async function openInWebKit(url, hear) {
  const port = await freePort();
  // WebKit's own sandbox needs rights that containers and root lack. A group of processes of its own, so that all can be ended.
  const env = { ...process.env, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1", LIBGL_ALWAYS_SOFTWARE: "1" };
  const driver = spawn("xvfb-run", ["-a", requireBrowser("webkit"), `--port=${port}`], { stdio: "ignore", detached: true, env });
  const ended = once(driver, "exit");
  ended.catch(hear);
  const kill = () => {
    try {
      process.kill(-driver.pid);
    } catch {
      // It has ended.
    }
  };
  process.once("exit", kill);
  let open = true;
  watch(port, url, hear, () => open).catch(hear);
  return async () => {
    open = false;
    process.off("exit", kill);
    kill();
    await ended;
  };
}

async function watch(port, url, hear, isOpen) {
  const ask = async (path, body) => {
    const response = await fetch(`http://127.0.0.1:${port}/session${path}`, { method: "POST", body: JSON.stringify(body) });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`WebKit: ${value.message}`);
    return value;
  };
  while (isOpen() && !(await fetch(`http://127.0.0.1:${port}/status`).catch(() => undefined))) await pause();
  const binary = ["4.1", "4.0"]
    .map((version) => `/usr/lib/${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu/webkit2gtk-${version}/MiniBrowser`)
    .find((path) => existsSync(path));
  const { sessionId } = await ask("", {
    capabilities: { alwaysMatch: { "webkitgtk:browserOptions": { binary, args: ["--automation"] } } },
  });
  await ask(`/${sessionId}/url`, { url });
  for (let heard = 0; isOpen(); await pause()) {
    const reports = await ask(`/${sessionId}/execute/sync`, {
      script: "return globalThis.consumerReports ?? []",
      args: [],
    }).catch((error) => {
      if (isOpen()) throw error;
      return [];
    });
    for (; heard < reports.length; heard++) hear(reports[heard]);
  }
}

const pause = () =>
  new Promise((resolve) => {
    setTimeout(resolve, PAUSE);
  });

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  return port;
}
