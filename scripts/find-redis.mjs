// Where this machine keeps redis-server, which the tests of the queue run on loopback, and what to do when it has none.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { installDebian } from "./install.mjs";

/** The path of redis-server, or undefined where there is none. */
export function findRedis() {
  const { REDIS_SERVER_PATH, PATH = "" } = process.env;
  if (REDIS_SERVER_PATH) return REDIS_SERVER_PATH;
  return ["/usr/bin", "/opt/homebrew/bin", "/usr/local/bin", ...PATH.split(delimiter)]
    .map((folder) => join(folder, "redis-server"))
    .find((path) => existsSync(path));
}

/**
 * As `findRedis`, for those who cannot go on without.
 * @throws Error that says what to do
 */
export function requireRedis() {
  const path = findRedis();
  if (path) return path;
  throw new Error(
    "The tests of the queue need redis-server, and none was found. Install it (Debian: apt-get install redis-server; macOS: brew install redis), or set REDIS_SERVER_PATH to its executable.",
  );
}

/** Installs it where it is missing and `installDebian` can. */
export function installRedis() {
  if (!findRedis()) installDebian("redis-server");
}
