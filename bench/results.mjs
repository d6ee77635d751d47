// The folder of results: one JSON file per run, named by date, processor and engine; and the selection of the newest.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const FOLDER = new URL("results/", import.meta.url);

/** Properties of every file. @typedef {{ kind: string, machine: import("./machine.mjs").Machine, dtype?: string }} Saved */

/** @param {Saved} results @returns {string} the file's name */
export function resultName({ kind, machine: { date, cpu, node, browser, flags = [] }, dtype }) {
  const processor = cpu
    .toLowerCase()
    .replace(/\((r|tm)\)/g, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  const where = browser ? browser.replace(" ", "") : `node${node}`;
  const name = `${date.slice(0, 10)}-${processor}-${where}`;
  const rest = [
    ...(dtype === "float64" ? ["float64"] : []),
    ...flags.map((flag) => flag.replace(/[^\w]+/g, "-").replace(/^-+/, "")),
  ];
  return `${[...(kind === "workloads" ? [] : [kind]), name, ...rest].join("-")}.json`;
}

/** Writes a run's results; returns the file's path. @param {Saved} results */
export function save(results) {
  mkdirSync(FOLDER, { recursive: true });
  const file = new URL(resultName(results), FOLDER);
  writeFileSync(file, compact(results));
  return fileURLToPath(file);
}

/** The version of Node whose figures a page shows where it shows one version: the one that the targets are defined for. */
const USUAL_NODE = "24";

/**
 * The newest results of a kind, without flags: of the default Node or, unless `node` names one, of any.
 * @param {ReturnType<typeof savedResults>} saved @param {{ kind?: string, dtype?: string, node?: string, browser?: boolean }} wanted
 */
export function newest(saved, { kind = "workloads", dtype, node, browser = false }) {
  const fitting = saved.filter(
    ({ results }) =>
      results.kind === kind &&
      (!dtype || results.dtype === dtype) &&
      Boolean(results.machine.browser) === browser &&
      !results.machine.flags,
  );
  const inNode = (/** @type {string} */ major) => fitting.find(({ results }) => results.machine.node.split(".")[0] === major);
  return node ? inNode(node) : (inNode(USUAL_NODE) ?? fitting[0]);
}

/**
 * Every saved run, the newest first. Older files without a kind are workloads.
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
      source: `bench/results/${name}`,
      results: { kind: "workloads", ...JSON.parse(readFileSync(new URL(name, FOLDER), "utf8")) },
    }))
    .sort((a, b) => (a.results.machine.date < b.results.machine.date ? 1 : -1));
}

/** Readable JSON: numbers with six digits, lists of numbers on one line. @param {object} results */
export function compact(results) {
  const rounded = (/** @type {string} */ _, /** @type {unknown} */ value) =>
    typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
  const text = JSON.stringify(results, rounded, 2);
  return text.replace(/\[\s+([-\d.e,\s]+?)\s+\]/g, (_, list) => `[${list.replace(/\s+/g, " ")}]`) + "\n";
}
