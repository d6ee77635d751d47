// `npm test`: installs what is missing, builds, lints, checks types, and runs every test in Node and in real browsers.
// Arguments go to Vitest: `npm test -- test/data.test.ts`, `npm test -- --project node`.
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { installBrowsers, requireBrowser } from "./find-browser.mjs";
import { findRuntime, RUNTIME_NAMES } from "./find-runtimes.mjs";
import { install, isInstalled } from "./install.mjs";

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
  if (!timed("install", () => install())) giveUp("npm ci failed; its reason is above.");
}
const missing = RUNTIME_NAMES.filter((name) => !findRuntime(name));
if (missing.length) console.log(`\nNot installed, so not tried here: ${missing.join(", ")}. \`npm run consumers\` installs and tries them.`);
if (!step("build", "scripts/build.mjs")) giveUp("The build failed; its reason is above.");

mkdirSync("build", { recursive: true });
const passed = [
  step("lint", "node_modules/oxlint/bin/oxlint", "--deny-warnings", "--report-unused-disable-directives"),
  step("types", "node_modules/typescript/bin/tsc", "--noEmit"),
  // The README's figures are those of the newest saved benchmark.
  step("figures", "bench/report.mjs", "--check"),
  step(
    "tests", "node_modules/vitest/vitest.mjs", "run",
    "--reporter=default", "--reporter=json", "--outputFile.json=build/tests.json", ...process.argv.slice(2),
  ),
];
console.log(`\n${timings.join(", ")}`);
process.exitCode = passed.every(Boolean) ? 0 : 1;

/** Runs one of Node's scripts. */
function step(name, ...args) {
  return timed(name, () => spawnSync(process.execPath, args, { stdio: ["ignore", "inherit", "inherit"] }));
}

/** Runs a part; notes how long it took and whether it succeeded. */
function timed(name, run) {
  console.log(`\n── ${name}`);
  const start = performance.now();
  const { status, error } = run();
  if (error) console.error(error.message);
  const succeeded = status === 0;
  timings.push(`${name} ${succeeded ? "" : "FAILED "}${((performance.now() - start) / 1000).toFixed(1)} s`);
  return succeeded;
}

function giveUp(message) {
  console.error(`\n${message}`);
  process.exit(1);
}
