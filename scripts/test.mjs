// `npm test`: installs what is missing, builds, lints, checks types, and runs every test in Node and in real browsers.
// Arguments go to Vitest: `npm test -- test/data.test.ts`, `npm test -- --project node`.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { installBrowsers, requireBrowser } from "./find-browser.mjs";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const timings = [];

try {
  installBrowsers("chromium", "firefox");
  requireBrowser("chromium");
  requireBrowser("firefox");
} catch (error) {
  giveUp(error.message);
}

if (!isInstalled()) {
  if (!step("install", npm(), "ci", "--include=dev", "--no-audit", "--no-fund")) giveUp("npm ci failed; its reason is above.");
}
if (!step("build", node(), "scripts/build.mjs")) giveUp("The build failed; its reason is above.");

mkdirSync("build", { recursive: true });
const passed = [
  step("lint", node(), "node_modules/oxlint/bin/oxlint", "--deny-warnings", "--report-unused-disable-directives"),
  step("types", node(), "node_modules/typescript/bin/tsc", "--noEmit"),
  // The README's figures are those of the newest saved benchmark.
  step("figures", node(), "bench/report.mjs", "--check"),
  step(
    "tests", node(), "node_modules/vitest/vitest.mjs", "run",
    "--reporter=default", "--reporter=json", "--outputFile.json=build/tests.json", ...process.argv.slice(2),
  ),
];
console.log(`\n${timings.join(", ")}`);
process.exitCode = passed.every(Boolean) ? 0 : 1;

/** Runs a command; notes how long it took and whether it succeeded. */
function step(name, [command, ...first], ...args) {
  console.log(`\n── ${name}`);
  const start = performance.now();
  const { status, error } = spawnSync(command, [...first, ...args], { stdio: ["ignore", "inherit", "inherit"] });
  if (error) console.error(error.message);
  const succeeded = status === 0;
  timings.push(`${name} ${succeeded ? "" : "FAILED "}${((performance.now() - start) / 1000).toFixed(1)} s`);
  return succeeded;
}

function node() {
  return [process.execPath];
}

/** The npm that runs this script, else the one on the PATH. */
function npm() {
  const running = process.env.npm_execpath ?? "";
  if (/npm-cli\.[cm]?js$/.test(running)) return [process.execPath, running];
  return process.platform === "win32" ? ["cmd.exe", "/d", "/s", "/c", "npm"] : ["npm"];
}

/** Whether node_modules holds what package-lock.json asks for: npm keeps a list of what it installed there. */
function isInstalled() {
  try {
    const read = (file) => JSON.parse(readFileSync(file, "utf8")).packages;
    const installed = read("node_modules/.package-lock.json");
    return Object.entries(read("package-lock.json")).every(([path, { version, optional }]) => (
      path === "" || (installed[path] ? installed[path].version === version : optional)
    ));
  } catch {
    return false;
  }
}

function giveUp(message) {
  console.error(`\n${message}`);
  process.exit(1);
}
