// The conditions under which package.json exports each entry: what the build writes, said once. `npm run build` brings package.json up to date.
import { readFileSync, writeFileSync } from "node:fs";

/** Entries that need Node, and so have no variant for edge platforms. */
const NODE_ONLY = new Set(["node"]);

/** An entry's conditions, in the order in which they are tried. */
function conditionsOf(name) {
  const esm = { types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` };
  const edge = (path) => ({ ...esm, default: path });
  return {
    ...(name === "index"
      ? { workerd: edge("./dist/workerd.js"), "edge-light": edge("./dist/edge-light.js") }
      : !NODE_ONLY.has(name) && { workerd: edge(`./dist/edge/${name}.js`), "edge-light": edge(`./dist/edge/${name}.js`) }),
    // Node loads the same module by `import` and by `require`; tools that cannot require an ES module get the other one.
    "module-sync": esm,
    import: esm,
    require: { types: `./dist/${name}.d.cts`, default: `./dist/${name}.cjs` },
    default: `./dist/${name}.js`,
  };
}

/** Which of these entries run on edge platforms. */
export const portable = (entries) => entries.filter((name) => !NODE_ONLY.has(name));

/** Writes the exports of the library and of these entries, with their types for TypeScript's `node10`, into package.json, if they differ. */
export function writeExports(entries) {
  const before = readFileSync("package.json", "utf8");
  const manifest = JSON.parse(before);
  const rest = Object.entries(manifest.exports).filter(([path]) => /\*|\.js(on)?$/.test(path));
  manifest.exports = Object.fromEntries([
    [".", conditionsOf("index")],
    ...entries.map((name) => [`./${name}`, conditionsOf(name)]),
    ...rest,
  ]);
  manifest.typesVersions = { "*": Object.fromEntries(entries.map((name) => [name, [`./dist/${name}.d.ts`]])) };
  const after = `${JSON.stringify(manifest, null, 2)}\n`;
  if (after !== before) writeFileSync("package.json", after);
}
