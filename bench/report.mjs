// Writes the newest saved results to the README's table, docs/performance.md and its charts.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { withStandaloneLinks } from "../scripts/standalone-links.mjs";
import { performancePage } from "./performance.mjs";
import { newest, savedResults } from "./results.mjs";
import { workloadsMarkdown, workloadsNote } from "./table.mjs";
import { WORKLOADS } from "./workloads.mjs";

const START = "<!-- bench:start -->";
const END = "<!-- bench:end -->";
const root = new URL("../", import.meta.url);
const HELP = `node bench/report.mjs [--check]
  --check   writes nothing, and fails when the pages do not show the newest results`;

/** The README with its table replaced. @param {ReturnType<typeof savedResults>} saved */
function readmePage(saved) {
  const found = newest(saved, { dtype: "float32" });
  if (!found) throw new Error("bench/results/ has no results in float32; `npm run bench -- --save` makes them");
  const { source, results } = found;
  const missing = Object.keys(WORKLOADS).filter(
    (workload) => !results.measurements.some((/** @type {{ name: string }} */ { name }) => name === workload),
  );
  if (missing.length) throw new Error(`${source} lacks ${missing.join(", ")}; save a new run`);
  const text = read("README.md");
  const from = text.indexOf(START),
    to = text.indexOf(END);
  if (from < 0 || to < from) throw new Error(`README.md lacks the markers ${START} and ${END}`);
  const table = [
    workloadsMarkdown(results),
    "",
    workloadsNote(results),
    `More, and other libraries: [docs/performance.md](docs/performance.md). Raw samples: [${source}](${source}); method: [bench/README.md](bench/README.md).`,
  ];
  return `${text.slice(0, from + START.length)}\n${table.join("\n")}\n${text.slice(to)}`;
}

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(new URL(path, root), "utf8");
  } catch {
    return "";
  }
}

/** @param {boolean} checks whether to compare instead of writing */
function main(checks) {
  const saved = savedResults();
  const { page, charts } = performancePage(saved, read("bench/performance-notes.md"));
  /** @type {Record<string, string>} */
  const files = {
    "README.md": withStandaloneLinks("README.md", readmePage(saved)),
    "docs/performance.md": withStandaloneLinks("docs/performance.md", page),
    ...Object.fromEntries(Object.entries(charts).map(([name, svg]) => [`docs/performance/${name}`, svg])),
  };
  if (!checks) mkdirSync(new URL("docs/performance/", root), { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    if (!checks) writeFileSync(new URL(path, root), text);
    else if (read(path) !== text)
      throw new Error(`${path} does not show the newest of bench/results; \`node bench/report.mjs\` writes it`);
  }
}

try {
  const {
    values: { check = false, help },
  } = parseArgs({ options: { check: { type: "boolean" }, help: { type: "boolean", short: "h" } } });
  if (help) console.log(HELP);
  else main(check);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
