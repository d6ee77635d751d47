// The folder of results: one JSON file a run, named by date, processor and engine; which of them is the newest.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const FOLDER = new URL("results/", import.meta.url);

/** What every file has. @typedef {{ kind: string, machine: import("./machine.mjs").Machine, dtype?: string }} Saved */

/** @param {Saved} results @returns {string} the file's name */
export function resultName({ kind, machine: { date, cpu, node, browser }, dtype }) {
  const processor = cpu.toLowerCase().replace(/\((r|tm)\)/g, "").replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
  const where = browser ? browser.replace(" ", "") : `node${node}`;
  const name = `${date.slice(0, 10)}-${processor}-${where}`;
  const precision = dtype === "float64" ? "-float64" : "";
  return kind === "workloads" ? `${name}${precision}.json` : `${kind}-${name}${precision}.json`;
}

/** Writes a run's results; returns the file's path. @param {Saved} results */
export function save(results) {
  mkdirSync(FOLDER, { recursive: true });
  const file = new URL(resultName(results), FOLDER);
  writeFileSync(file, compact(results));
  return fileURLToPath(file);
}

/**
 * Every saved run, the newest first. Files from before there were kinds are workloads.
 * @returns {{ source: string, results: any }[]} `source`: the path from the repository's root
 */
export function savedResults() {
  /** @type {string[]} */
  let names = [];
  try {
    names = readdirSync(FOLDER).filter((name) => name.endsWith(".json"));
  } catch {
    // No folder: no results.
  }
  return names
    .map((name) => ({
      source: `bench/results/${name}`, results: { kind: "workloads", ...JSON.parse(readFileSync(new URL(name, FOLDER), "utf8")) },
    }))
    .sort((a, b) => (a.results.machine.date < b.results.machine.date ? 1 : -1));
}

/** JSON to be read and compared: numbers to six digits, lists of them on one line. @param {object} results */
export function compact(results) {
  const rounded = (/** @type {string} */ _, /** @type {unknown} */ value) =>
    typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
  const text = JSON.stringify(results, rounded, 2);
  return text.replace(/\[\s+([-\d.e,\s]+?)\s+\]/g, (_, list) => `[${list.replace(/\s+/g, " ")}]`) + "\n";
}
