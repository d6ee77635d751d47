// Runs every block of JavaScript or TypeScript in README and docs against the built library, all in this process, and prints what failed as
// JSON: see docs.node.test.ts. The blocks of a page run in order; each sees what those before it have declared, as a reader does. Blocks
// marked `page` need a browser, those marked `other` another library.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseSync } from "@swc/core";
import { transformSync } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "wasmlp-docs-"));
process.chdir(folder);

/** What a page's readers are told to have already, in words. */
const XOR =
  "const x = [[0, 0], [0, 1], [1, 0], [1, 1]]; const y = [[0], [1], [1], [0]]; const nn = new NN(2, 3, 1, 0.5, 100, { seed: 1 });";
const SETUP = {
  "docs/saving.md": XOR,
  "docs/selection.md":
    'const { integer } = await library("wasmlp/selection"); const space = { layers: [2, integer(2, 4), 3], loss: "categoricalCrossentropy" };',
};

/** What a block imports: the built library, a file that a block has written, or a module of Node. */
const library = (name) => {
  const [, entry = "index"] = name.split("/");
  const path = name.startsWith("wasmlp") ? join(root, `dist/${entry}.js`) : name.startsWith(".") && join(folder, name);
  return import(path ? pathToFileURL(path).href : name);
};
const AsyncFunction = Object.getPrototypeOf(async () => {
  await undefined;
}).constructor;

/** The names that a declaration or a pattern introduces. */
function namesOf(node) {
  switch (node?.type) {
    case "Identifier":
      return [node.value];
    case "VariableDeclaration":
      return node.declarations.flatMap(({ id }) => namesOf(id));
    case "FunctionDeclaration":
    case "ClassDeclaration":
      return namesOf(node.identifier);
    case "ImportDeclaration":
      return node.specifiers.flatMap(({ local }) => namesOf(local));
    case "ObjectPattern":
      return node.properties.flatMap(namesOf);
    case "ArrayPattern":
      return node.elements.flatMap(namesOf);
    case "KeyValuePatternProperty":
      return namesOf(node.value);
    case "AssignmentPatternProperty":
      return namesOf(node.key);
    case "AssignmentPattern":
      return namesOf(node.left);
    case "RestElement":
      return namesOf(node.argument);
    default:
      return [];
  }
}

/** A block as the body of a function that returns what it declares. */
function bodyOf(code, ts) {
  const plain = ts ? transformSync(code, { loader: "ts", target: "es2022" }).code : code;
  const names = parseSync(plain, { syntax: "ecmascript", target: "es2022" }).body.flatMap(namesOf);
  const body = plain
    .replaceAll(
      /^import \{([^}]*)\} from "([^"]+)";?/gm,
      (_, list, name) => `const {${list.replaceAll(" as ", ": ")}} = await library("${name}");`,
    )
    .replaceAll(/^import \* as (\w+) from "([^"]+)";?/gm, (_, local, name) => `const ${local} = await library("${name}");`)
    .replaceAll("await import(", "await library(");
  return `{ ${body}\n return { ${names.join(", ")} }; }`;
}

console.log = console.table = console.info = () => undefined;
process.stdout.write = (
  (write) => (text) =>
    text.startsWith("RESULT") ? write.call(process.stdout, text) : true
)(process.stdout.write);
const results = [];
const pages = [
  "README.md",
  ...readdirSync(join(root, "docs"), { recursive: true }).map((path) => `docs/${path.replaceAll("\\", "/")}`),
].filter((path) => path.endsWith(".md") && !path.startsWith("docs/api/"));
for (const page of pages) {
  const text = readFileSync(join(root, page), "utf8");
  const blocks = [...text.matchAll(/^```(js|ts|javascript|typescript)\b *(\S*)\n([^]*?)^```$/gm)];
  const { NN } = await library("wasmlp");
  const scope = { library, NN };
  const run = async (code, ts = false) =>
    Object.assign(scope, await new AsyncFunction(...Object.keys(scope), bodyOf(code, ts))(...Object.values(scope)));
  if (blocks.length && SETUP[page]) await run(SETUP[page]);
  for (const { 1: language, 2: mark, 3: code, index } of blocks) {
    const line = text.slice(0, index).split("\n").length;
    if (mark) {
      results.push({ page, line, mark });
      continue;
    }
    try {
      await run(code, language.startsWith("t"));
      results.push({ page, line });
    } catch (error) {
      results.push({ page, line, error: String(error?.stack ?? error).slice(0, 500) });
    }
  }
}
process.chdir(root);
rmSync(folder, { recursive: true, force: true });
process.stdout.write(`RESULT${JSON.stringify(results)}\n`);
