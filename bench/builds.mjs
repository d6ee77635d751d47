// The builds to measure: this repository's own, one in a folder, or one of a commit, which is built first.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** A build to be imported; `close` removes temporary files. @typedef {{ file: string, close(): void }} Build */

/** This repository's `dist`. @returns {Build} */
export const ownBuild = () => ({ file: entry(join(ROOT, "dist")), close() {} });

/**
 * The build at a path (a folder or its index.js), else that of a commit, a branch or a tag.
 * @param {string} where @returns {Build}
 */
export function findBuild(where) {
  if (statSync(where, { throwIfNoEntry: false })) return { file: entry(resolve(where)), close() {} };
  let commit;
  try {
    commit = git("rev-parse", "--verify", "--quiet", "--end-of-options", `${where}^{commit}`);
  } catch {
    throw new Error(`"${where}" is neither a folder with a build nor a commit of this repository`);
  }
  return buildCommit(commit);
}

/**
 * Builds a commit in a work tree of its own, with the packages that are installed here.
 * @param {string} commit @returns {Build}
 */
function buildCommit(commit) {
  const folder = join(mkdtempSync(join(tmpdir(), "wasmlp-")), commit.slice(0, 12));
  const close = () => {
    git("worktree", "remove", "--force", folder);
    rmSync(join(folder, ".."), { recursive: true, force: true });
  };
  git("worktree", "add", "--quiet", "--detach", folder, commit);
  try {
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"), "junction");
    execFileSync(process.execPath, ["scripts/build.mjs"], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
    return { file: entry(join(folder, "dist")), close };
  } catch (error) {
    close();
    throw error;
  }
}

/** A build's index.js, from its own path or its folder's. @param {string} path */
function entry(path) {
  const places = [path, join(path, "index.js"), join(path, "dist/index.js")];
  const file = places.find((place) => statSync(place, { throwIfNoEntry: false })?.isFile());
  if (!file) throw new Error(`there is no build at ${path}; \`npm run build\` makes dist/index.js`);
  return file;
}

/** @param {string[]} args */
function git(...args) {
  return execFileSync("git", args, { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
}
