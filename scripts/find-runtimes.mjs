// Finds Bun and Deno on this machine, and how each runs a program. Nothing is installed here: test/consumers installs them.
import { existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** For each runtime: the packages for the platform and the executable in them, its command, and the arguments before a program. */
const RUNTIMES = {
  Bun: { scope: "@oven", file: "bin/bun", command: "bun", args: [] },
  // Without permissions.
  Deno: { scope: "@deno", file: "deno", command: "deno", args: ["run", "--no-prompt"] },
  workerd: { scope: "@cloudflare", file: "bin/workerd", command: "workerd", args: ["serve"] },
};
const consumers = fileURLToPath(new URL("../test/consumers/node_modules", import.meta.url));
const suffix = process.platform === "win32" ? ".exe" : "";

/** All runtimes besides Node that run a program as it does. */
export const RUNTIME_NAMES = ["Bun", "Deno"];

/**
 * The command line, before a program, of the runtime that test/consumers has installed; undefined where it is not installed. The packages
 * `bun`, `deno` and `workerd` hold stubs, which install scripts would replace; the executable is in a package for the platform, of which npm
 * installs the one that fits.
 */
export function installedRuntime(name) {
  const { scope, file, args } = RUNTIMES[name];
  const folder = join(consumers, scope);
  const packages = existsSync(folder) ? readdirSync(folder) : [];
  const path = packages.map((each) => join(folder, each, file + suffix)).find((each) => existsSync(each));
  return path && [path, ...args];
}

/** As `installedRuntime`, or else the one on the PATH. */
export function findRuntime(name) {
  const { command, args } = RUNTIMES[name];
  const onPath = (process.env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, command + suffix))
    .find((each) => existsSync(each));
  return installedRuntime(name) ?? (onPath && [onPath, ...args]);
}
