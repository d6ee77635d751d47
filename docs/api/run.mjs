// `npm run docs:api`: the entries' reference from their docstrings, as HTML in build/api/. TypeDoc and the TypeScript that it reads
// sources with are a package of their own here; the project's TypeScript has no compiler API.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { install, isInstalled } from "../../scripts/install.mjs";

process.chdir(fileURLToPath(new URL("../..", import.meta.url)));
if (!isInstalled("docs/api") && install("docs/api", "--ignore-scripts").status !== 0) {
  console.error("npm ci failed in docs/api; its reason is above.");
  process.exit(1);
}
const args = ["docs/api/node_modules/typedoc/bin/typedoc", "--options", "docs/api/typedoc.json"];
const { status, error } = spawnSync(process.execPath, args, { stdio: ["ignore", "inherit", "inherit"] });
if (error) console.error(error.message);
process.exitCode = status ?? 1;
