// Runs npm ci where it is needed: `npm start` and `npm test` work in a clone with nothing installed.
// Uses only syntax that any Node with modules can parse.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Whether a folder's node_modules matches its package-lock.json, by npm's list of installed packages. */
export function isInstalled(folder = ".") {
  try {
    const read = (file) => JSON.parse(readFileSync(join(folder, file), "utf8")).packages;
    const installed = read("node_modules/.package-lock.json");
    return Object.entries(read("package-lock.json")).every(
      ([path, { version, optional }]) => path === "" || (installed[path] ? installed[path].version === version : optional),
    );
  } catch {
    return false;
  }
}

/** Installs a folder's package-lock.json and shows npm's output. Further arguments go to npm. Returns { error, status }. */
export function install(folder = ".", ...args) {
  return npm(["ci", "--include=dev", "--no-audit", "--no-fund", ...args], {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit"],
  });
}

/** Runs the npm that runs this script, or else the one on the PATH. Arguments and result are those of spawnSync. */
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
