// tsc writes one declaration file per source file; users need only those that an entry imports.
import { readFileSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Removes unreachable declaration files.
 * @param folder of the declarations
 * @param entries the files that package.json names, as paths in the folder
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
