// Where this machine keeps Bun and Deno, and how each runs a program. Nothing is installed here: test/consumers has them among
// what it installs.
import { existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** For each runtime: the packages for the platform and the executable in them, its command, and what comes before a program. */
const RUNTIMES = {
  Bun: { scope: "@oven", file: "bin/bun", command: "bun", args: [] },
  // Without any permission.
  Deno: { scope: "@deno", file: "deno", command: "deno", args: ["run", "--no-prompt"] },
};
const consumers = fileURLToPath(new URL("../test/consumers/node_modules", import.meta.url));
const suffix = process.platform === "win32" ? ".exe" : "";

/** All that may be here besides Node, and runs a program as it does. */
export const RUNTIME_NAMES = Object.keys(RUNTIMES);
RUNTIMES.workerd = { scope: "@cloudflare", file: "bin/workerd", command: "workerd", args: ["serve"] };

/**
 * How to run a program in the runtime that test/consumers has installed: its executable, then arguments that the program follows;
 * undefined where there is none. The packages `bun` and `deno` hold stubs, which install scripts would replace; the file itself is
 * in a package for the platform, of which npm installs the one that fits.
 */
export function installedRuntime(name) {
  const { scope, file, args } = RUNTIMES[name];
  const folder = join(consumers, scope);
  const packages = existsSync(folder) ? readdirSync(folder) : [];
  const path = packages.map((each) => join(folder, each, file + suffix)).find((each) => existsSync(each));
  return path && [path, ...args];
}

/** As `installedRuntime`, but one on the PATH will do. */
export function findRuntime(name) {
  const { command, args } = RUNTIMES[name];
  const onPath = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, command + suffix)).find((each) => existsSync(each));
  return installedRuntime(name) ?? (onPath && [onPath, ...args]);
}
