// `npm test`: installs what is missing, builds, lints, checks formatting, types and imports, and runs every test in Node and in real browsers.
// Arguments go to Vitest: `npm test -- test/data.test.ts`, `npm test -- --project node`.
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { findBrowser, installBrowsers, requireBrowser } from "./find-browser.mjs";
import { findRedis, installRedis, requireRedis } from "./find-redis.mjs";
import { findRuntime, RUNTIME_NAMES } from "./find-runtimes.mjs";
import { install, isInstalled } from "./install.mjs";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const BROWSERS = ["chromium", "firefox"];
const REPORT = "build/tests.json";
const timings = [];

try {
  const absent = BROWSERS.filter((name) => !findBrowser(name));
  if (absent.length > 0)
    timed(`browsers: installing ${absent.join(" and ")}, some hundred MB`, () => installBrowsers(...BROWSERS), "browsers");
  BROWSERS.forEach((name) => requireBrowser(name));
  if (!findRedis()) timed("redis-server: installing it for the tests of the queue", () => installRedis(), "redis-server");
  requireRedis();
} catch (error) {
  giveUp(error.message);
}

if (!isInstalled()) {
  if (!timed("packages: npm ci installs what package-lock.json names", () => install(), "packages"))
    giveUp("npm ci failed; its reason is above.");
}
const missing = RUNTIME_NAMES.filter((name) => !findRuntime(name));
if (missing.length)
  console.log(`\nNot installed, so not tested here: ${missing.join(", ")}. \`npm run consumers\` installs and tests them.`);
if (!step("build", "scripts/build.mjs")) giveUp("The build failed; its reason is above.");

mkdirSync("build", { recursive: true });
rmSync(REPORT, { force: true });
console.log("\n── lint, format, types, imports, figures: beside the tests; each prints when it ends");
const checks = [
  check("lint", "node_modules/oxlint/bin/oxlint", "--deny-warnings", "--report-unused-disable-directives"),
  check("format", "node_modules/oxfmt/bin/oxfmt", "--check"),
  check("types", "node_modules/typescript/bin/tsc", "--noEmit"),
  check(
    "imports",
    "node_modules/dependency-cruiser/bin/dependency-cruise.mjs",
    "--config",
    ".dependency-cruiser.cjs",
    "assembly",
    "src",
    "playground",
  ),
  // The README must show the figures of the newest saved benchmark.
  check("figures", "bench/report.mjs", "--check"),
];
console.log(
  `\n── tests${process.env.WASMLP_TESTS === "all" ? "" : ": a sample of each sweep; WASMLP_TESTS=all tries everything, as .ci/run does"}`,
);
const tests = run("tests", [
  "node_modules/vitest/vitest.mjs",
  "run",
  "--reporter=default",
  "--reporter=json",
  `--outputFile.json=${REPORT}`,
  ...process.argv.slice(2),
]);
const passed = await Promise.all([...checks, tests]);
printTimings();
process.exitCode = passed.every(Boolean) ? 0 : 1;

/** Runs a script with Node. */
function step(name, ...args) {
  return timed(name, () => spawnSync(process.execPath, args, { stdio: ["ignore", "inherit", "inherit"] }));
}

/** Runs a script with Node beside others; its output is printed in one piece when it ends. */
async function check(name, ...args) {
  const output = [];
  const succeeded = await run(name, args, (chunk) => output.push(chunk));
  console.log(`\n── ${name}${succeeded ? "" : " FAILED"}\n${Buffer.concat(output).toString().trim()}`);
  return succeeded;
}

/** Starts a script with Node, records its duration, and resolves to whether it succeeded. `hear` gets its output, which is else shown. */
function run(name, args, hear) {
  const start = performance.now();
  const output = hear ? "pipe" : "inherit";
  const child = spawn(process.execPath, args, { stdio: ["ignore", output, output] });
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", hear);
  return new Promise((resolve) => {
    child.on("error", (error) => console.error(error.message));
    child.on("close", (status) => {
      record(name, status === 0, start);
      resolve(status === 0);
    });
  });
}

/** Runs a part and records its duration and whether it succeeded. A part that returns no status succeeded. */
function timed(title, work, name = title) {
  console.log(`\n── ${title}`);
  const start = performance.now();
  const { status = 0, error } = work() ?? {};
  if (error) console.error(error.message);
  const succeeded = status === 0;
  record(name, succeeded, start);
  return succeeded;
}

function record(name, succeeded, start) {
  timings.push({ name: succeeded ? name : `${name} FAILED`, seconds: (performance.now() - start) / 1000 });
}

/** Prints the duration of each part, and the slowest test files. */
function printTimings() {
  const list = (title, rows) =>
    console.log([`\n── ${title}`, ...rows.map(({ name, seconds }) => `${seconds.toFixed(1).padStart(7)} s  ${name}`)].join("\n"));
  list("how long each part took", timings);
  let files = [];
  try {
    files = JSON.parse(readFileSync(REPORT, "utf8")).testResults;
  } catch {
    return; // Vitest ended without a report
  }
  // The same file may be in several projects; a file without tests has no times.
  const slowest = files
    .map(({ name, startTime, endTime }) => ({ name: relative(".", name), seconds: (endTime - startTime) / 1000 }))
    .filter(({ seconds }) => seconds > 0)
    .toSorted((a, b) => b.seconds - a.seconds)
    .slice(0, 10);
  list("the ten slowest test files, in Node or in a browser", slowest);
}

function giveUp(message) {
  console.error(`\n${message}`);
  process.exit(1);
}
