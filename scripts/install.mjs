// npm ci, and whether it is needed: shared by `npm start` and `npm test`, which begin on a clone with nothing installed.
// Written so that any Node that knows modules can read it.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Whether node_modules holds what package-lock.json asks for: npm keeps a list of what it installed there. */
export function isInstalled() {
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

/** Installs the development tools with the npm that runs this script, else the one on the PATH. Returns { error, status }. */
export function install() {
  const args = ["ci", "--include=dev", "--no-audit", "--no-fund"];
  const options = { stdio: ["ignore", "inherit", "inherit"] };
  const running = process.env.npm_execpath || "";
  if (/npm-cli\.[cm]?js$/.test(running)) return spawnSync(process.execPath, [running, ...args], options);
  return spawnSync("npm", args, { ...options, shell: process.platform === "win32" });
}
