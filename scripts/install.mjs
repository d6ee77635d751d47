// npm ci, and whether it is needed: `npm start` and `npm test` begin on a clone with nothing installed.
// Written so that any Node that knows modules can read it.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Whether a folder's node_modules holds what its package-lock.json asks for: npm keeps a list of what it installed there. */
export function isInstalled(folder = ".") {
  try {
    const read = (file) => JSON.parse(readFileSync(join(folder, file), "utf8")).packages;
    const installed = read("node_modules/.package-lock.json");
    return Object.entries(read("package-lock.json")).every(([path, { version, optional }]) => (
      path === "" || (installed[path] ? installed[path].version === version : optional)
    ));
  } catch {
    return false;
  }
}

/** Installs what a folder's package-lock.json names; the output is shown. Further arguments go to npm. Returns { error, status }. */
export function install(folder = ".", ...args) {
  return npm(["ci", "--include=dev", "--no-audit", "--no-fund", ...args], { cwd: folder, stdio: ["ignore", "inherit", "inherit"] });
}

/** Runs the npm that runs this script, else the one on the PATH. As spawnSync, in arguments and result. */
export function npm(args, options) {
  const running = process.env.npm_execpath || "";
  if (/npm-cli\.[cm]?js$/.test(running)) return spawnSync(process.execPath, [running, ...args], options);
  return spawnSync("npm", args, { ...options, shell: process.platform === "win32" });
}

/** Installs packages of Debian's, where that needs no question: as root, on Debian and its relatives. What comes of it is looked at elsewhere. */
export function installDebian(...packages) {
  if (packages.length === 0 || process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return;
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const apt = (...args) => spawnSync("/usr/bin/apt-get", args, { stdio: ["ignore", "inherit", "inherit"], env });
  apt("update", "-qq");
  apt("install", "-y", "-qq", "--no-install-recommends", ...packages);
}
