// The machine, versions, load and date that a result was measured with.
import { execFileSync } from "node:child_process";
import { arch, availableParallelism, cpus, loadavg, release, type } from "node:os";

/**
 * `commit` ends in "+" when the library or the benchmark had uncommitted changes.
 * @typedef {object} Machine
 * @property {string} cpu
 * @property {number} cores
 * @property {string} node
 * @property {string} v8
 * @property {string} os
 * @property {number} load average of the minute before the run
 * @property {string} date ISO 8601
 * @property {string} commit
 * @property {string} [browser] name and version, for results from a browser
 * @property {string[]} [flags] Node's flags
 */

/** @returns {Machine} */
export function describeMachine() {
  return {
    cpu: cpus()[0]?.model.trim() || arch(),
    cores: availableParallelism(),
    node: process.versions.node,
    v8: process.versions.v8,
    os: `${type()} ${release()} ${arch()}`,
    load: Math.round(loadavg()[0] * 100) / 100,
    date: new Date().toISOString(),
    commit: commit(),
    ...(process.execArgv.length > 0 && { flags: process.execArgv }),
  };
}

function commit() {
  const cwd = new URL("..", import.meta.url);
  const git = (/** @type {string[]} */ ...args) =>
    execFileSync("git", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  try {
    return (
      git("rev-parse", "--short", "HEAD") +
      (git("status", "--porcelain", "--", "assembly", "src", "bench", ":!bench/results") ? "+" : "")
    );
  } catch {
    return "unknown";
  }
}
