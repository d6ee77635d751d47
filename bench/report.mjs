// Writes the newest saved results into the README, between its markers. With --check: fails when they are not there already.
import { readFileSync, writeFileSync } from "node:fs";
import { newest, savedResults } from "./results.mjs";
import { workloadsMarkdown, workloadsNote } from "./table.mjs";
import { WORKLOADS } from "./workloads.mjs";

const START = "<!-- bench:start -->";
const END = "<!-- bench:end -->";
const readme = new URL("../README.md", import.meta.url);

try {
  const found = newest(savedResults(), { dtype: "float32" });
  if (!found) throw new Error("bench/results/ has no results in float32; `npm run bench -- --save` makes them");
  const { source, results } = found;
  const text = readFileSync(readme, "utf8");
  const from = text.indexOf(START), to = text.indexOf(END);
  if (from < 0 || to < from) throw new Error(`README.md lacks the markers ${START} and ${END}`);
  const table = [
    workloadsMarkdown(results), "", workloadsNote(results),
    `Raw samples: [${source}](${source}); method: [bench/README.md](bench/README.md).`,
  ];
  const next = `${text.slice(0, from + START.length)}\n${table.join("\n")}\n${text.slice(to)}`;
  const missing = Object.keys(WORKLOADS).filter((workload) => !results.measurements.some((each) => each.name === workload));
  if (!process.argv.includes("--check")) {
    if (missing.length) throw new Error(`${source} lacks ${missing.join(", ")}; save a new run`);
    writeFileSync(readme, next);
  } else if (next !== text) throw new Error(`README.md does not show ${source}; \`node bench/report.mjs\` writes it`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
