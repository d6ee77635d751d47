// npm run consumers: packs the library and uses it from everywhere that docs/compatibility.md names. Fails when something
// does not work, or when that page's table says anything else than what was found; `--write` writes it.
// Other words select consumers by their names: `npm run consumers -- vite`.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { installBrowsers } from "../../scripts/find-browser.mjs";
import { install, isInstalled } from "../../scripts/install.mjs";
import { BROWSERS, closeBrowsers, reportsOfPage } from "./browsers.mjs";
import { PAGES, PROGRAMS } from "./consumers.mjs";
import { cleanUp, makeProject, packLibrary } from "./projects.mjs";
import { replaceTable, tableOf } from "./table.mjs";

const PAGE = "docs/compatibility.md";
const RESULTS = "build/results/consumers.json";

process.chdir(fileURLToPath(new URL("../..", import.meta.url)));
const words = process.argv
  .slice(2)
  .filter((argument) => !argument.startsWith("--"))
  .map((word) => word.toLowerCase());
const selected = ({ name }) => words.every((word) => name.toLowerCase().includes(word));

const results = [];
/** How many workers `fitAsync` had → what that means. */
const ASYNC = ["slices on the same thread", "a worker", "threads"];
/** Of reproducible training, anywhere. */
const { digest } = JSON.parse(readFileSync(new URL("digest.json", import.meta.url), "utf8"));

if (!existsSync("dist/index.js")) throw new Error("there is no dist/index.js to pack: run `npm run build` first");
installBrowsers("chromium", "firefox", "webkit");
// Their install scripts are not needed: all that they do is fetch or link what the packages for the platform already hold.
if (!isInstalled("test/consumers") && install("test/consumers", "--ignore-scripts").status !== 0) process.exit(1);

try {
  packLibrary();
  for (const { run, ...consumer } of PROGRAMS.filter(selected)) {
    await trial(consumer, async () => [JSON.parse(await run(makeProject(folderOf(consumer))))]);
  }
  for (const { html, reports = 1, open, without, ...consumer } of PAGES.filter(selected)) {
    const opened = open(makeProject(folderOf(consumer), { "index.html": html }));
    opened.catch(() => {}); // told by each trial that waits for it
    for (const runtime of BROWSERS.filter((name) => name !== without))
      await trial({ ...consumer, runtime }, async () => reportsOfPage(runtime, await opened, reports));
  }
} finally {
  await closeBrowsers();
  cleanUp();
}

let failed = results.filter(({ error }) => error).length;
let passed = results.length - failed;
if (words.length === 0) {
  const page = readFileSync(PAGE, "utf8");
  const found = replaceTable(page, tableOf(results));
  if (process.argv.includes("--write")) writeFileSync(PAGE, found);
  else if (found === page) passed++;
  else {
    failed++;
    console.error(`\n${PAGE} says something else than what was found: npm run consumers -- --write\n\n${tableOf(results)}`);
  }
  // As vitest writes it, so that `.ci/run` counts and names both alike.
  const assertionResults = results.map(({ name, runtime, error }) => ({
    fullName: `${name}, ${runtime}`,
    status: error ? "failed" : "passed",
    failureMessages: error ? [error] : [],
  }));
  const testResults = [{ name: PAGE, status: failed > 0 ? "failed" : "passed", assertionResults }];
  mkdirSync("build/results", { recursive: true });
  writeFileSync(RESULTS, JSON.stringify({ numPassedTests: passed, numFailedTests: failed, testResults }));
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

/** Tries a consumer somewhere, keeps the result and prints a line about it. */
async function trial(consumer, reportsOf) {
  const start = performance.now();
  const result = { ...consumer };
  try {
    for (const report of await reportsOf()) check(report, consumer, result);
  } catch (error) {
    result.error = String(error.message ?? error);
  }
  results.push(result);
  const { name, runtime, backend, error } = result;
  console.log(
    `${error ? "✗" : "✓"} ${name}, ${runtime}: ${error ?? `${backend}, fitAsync: ${result.async}`} (${((performance.now() - start) / 1000).toFixed(1)} s)`,
  );
}

function check({ error, backend, workers, predictions, digest: found }, { forbidden = false }, result) {
  // In the example for AudioWorklet a number: how far its output is from what it learnt.
  if (error && !(error < 0.05)) throw new Error(error);
  Object.assign(result, { backend, async: ASYNC[workers] });
  if (backend.startsWith("wasm") === forbidden) throw new Error(`computes by ${backend}`);
  // Examples show what they predict, or how wrong they are.
  if (predictions && predictions.map(([p]) => Math.round(p)).join() !== "0,1,1,0") throw new Error(`predicts ${predictions}`);
  if (predictions || error) return;
  // The plain engine agrees with the others to rounding, not bit for bit.
  if (forbidden) return;
  if (found !== digest) throw new Error(`the digest of reproducible training is ${found}, not ${digest}`);
}

function folderOf({ name }) {
  return name.toLowerCase().replaceAll(/\W+/g, "-");
}
