// `npm run links`: makes README and docs stand alone in the tarball. Links to files that are not packed become absolute, with the address
// in package.json's `repository` field, which is the one place to name it. With `--check` it changes nothing and fails where something
// would change, or, before publishing (`--publish`), where the address is still a placeholder.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { address, isPacked, manifest, withStandaloneLinks } from "./standalone-links.mjs";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const options = new Set(process.argv.slice(2));
const problems = [];

for (const page of [
  "README.md",
  "CHANGELOG.md",
  ...readdirSync("docs", { recursive: true }).map((path) => `docs/${path.replaceAll("\\", "/")}`),
].filter(isPacked)) {
  const text = readFileSync(page, "utf8");
  const linked = withStandaloneLinks(page, text, (problem) => problems.push(problem));
  if (linked === text) continue;
  if (options.has("--check") || options.has("--publish")) problems.push(`${page} has links that npm run links would change`);
  else writeFileSync(page, linked);
}

/** Other files that name the address. */
const NAMED = ["CITATION.cff", "llms.txt"];
for (const file of NAMED) {
  const text = readFileSync(file, "utf8");
  const named = text.replaceAll(/https:\/\/github\.com\/[^/\s]+\/wasmlp/g, address);
  if (named === text) continue;
  if (options.size) problems.push(`${file} names another repository than package.json`);
  else writeFileSync(file, named);
}
const expected = { homepage: `${address}#readme`, bugs: { url: `${address}/issues` } };
for (const [field, value] of Object.entries(expected)) {
  if (JSON.stringify(manifest[field]) === JSON.stringify(value)) continue;
  if (options.size) problems.push(`package.json's ${field} does not go with its repository`);
  else writeFileSync("package.json", `${JSON.stringify(Object.assign(manifest, expected), null, 2)}\n`);
}
if (options.has("--publish") && /OWNER/.test(address)) {
  problems.push(
    `package.json's repository is still the placeholder ${address}: name the repository there, then run npm run links`,
  );
}
if (problems.length) {
  console.error(problems.join("\n"));
  process.exitCode = 1;
}
