// Of the declarations that tsc writes, a file each of the source, users need those that an entry leads to.
import { readFileSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Removes the declarations that nobody can reach.
 * @param folder where they are
 * @param entries those that package.json names, as paths in the folder
 */
export function pruneTypes(folder, entries) {
  const reached = new Set();
  const pending = entries.map((entry) => join(folder, entry));
  for (let file = pending.pop(); file; file = pending.pop()) {
    if (reached.has(file)) continue;
    reached.add(file);
    const imports = readFileSync(file, "utf8").matchAll(/(?:from |import\()"(\.[^"]*)\.js"/g);
    for (const [, path] of imports) pending.push(join(dirname(file), `${path}.d.ts`));
  }
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !reached.has(path)) rmSync(path);
  }
}
