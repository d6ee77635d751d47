// Writes the newest saved results into the README, between its markers. With --check: fails when they are not there already.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { markdownTable } from "./table.mjs";
import { WORKLOADS } from "./workloads.mjs";

const START = "<!-- bench:start -->";
const END = "<!-- bench:end -->";
const readme = new URL("../README.md", import.meta.url);
const folder = new URL("results/", import.meta.url);

/** The newest results in float32, the default. @returns {{ name: string, results: import("./table.mjs").Results }} */
function newest() {
  /** @type {string[]} */
  let names = [];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  } catch {
    // No folder: no results.
  }
  const saved = names
    .map((name) => ({ name, results: JSON.parse(readFileSync(new URL(name, folder), "utf8")) }))
    .filter(({ results }) => results.dtype === "float32")
    .sort((a, b) => (a.results.machine.date < b.results.machine.date ? 1 : -1));
  if (!saved.length) throw new Error("bench/results/ has no results in float32; `npm run bench -- --save` makes them");
  return saved[0];
}

try {
  const { name, results } = newest();
  const missing = Object.keys(WORKLOADS).filter((workload) => !results.measurements.some((each) => each.name === workload));
  if (missing.length) throw new Error(`bench/results/${name} lacks ${missing.join(", ")}; save a new run`);
  const text = readFileSync(readme, "utf8");
  const from = text.indexOf(START), to = text.indexOf(END);
  if (from < 0 || to < from) throw new Error(`README.md lacks the markers ${START} and ${END}`);
  const next = `${text.slice(0, from + START.length)}\n${markdownTable(results, `bench/results/${name}`)}\n${text.slice(to)}`;
  if (!process.argv.includes("--check")) writeFileSync(readme, next);
  else if (next !== text) throw new Error(`README.md does not show bench/results/${name}; \`node bench/report.mjs\` writes it`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
