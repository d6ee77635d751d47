// Results as text: an aligned table for the terminal, a markdown table for the README.
import { spread, summarize } from "./statistics.mjs";
import { findWorkload } from "./workloads.mjs";

/**
 * @typedef {import("./statistics.mjs").Spread} Spread
 * @typedef {import("./statistics.mjs").Measurement} Measurement
 * What `run.mjs --save` and `gemm.mjs --save` write.
 * @typedef {{ kind: "workloads" | "sweep" | "gemm", machine: import("./machine.mjs").Machine, dtype: string, seconds: number, measurements: Measurement[] }} Results
 * What it writes with `--counters`.
 * @typedef {{ kind: "counters", machine: import("./machine.mjs").Machine, dtype: string, counter: string,
 *   measurements: { name: string, tracks: { engine: string, build: string, instructionsPerRow: number }[] }[] }} Counts
 */

/** Three significant digits, with thousands separators: 94,500; 1.23. @param {number} value */
export function figure(value) {
  if (!Number.isFinite(value)) return "–";
  return value.toLocaleString("en-US", { maximumSignificantDigits: 3 });
}
/** @param {Spread | undefined} s @param {(value: number) => string} form */
export const median = (s, form = figure) => (s ? form(s.median) : "–");
/** @param {Spread | undefined} s */
export const range = (s, form = figure) => (s ? `${form(s.q1)}…${form(s.q3)}` : "–");
export const percent = (/** @type {number} */ value) => `${Math.round(100 * value)} %`;
/** Two decimals below ten, three below one: when builds are compared, one per cent matters. @param {number} value */
export const times = (value) => (value < 10 ? value.toFixed(value < 1 ? 3 : 2) : figure(value));

/** Columns as wide as their widest cell, the first `left` of them left-aligned, the others right-aligned. @param {string[][]} rows @param {number} left */
export function align(rows, left) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const pad = (/** @type {string} */ cell, /** @type {number} */ c) =>
    c < left ? cell.padEnd(widths[c]) : cell.padStart(widths[c]);
  return rows.map((row) => row.map(pad).join("  ").trimEnd());
}

/** @param {{ machine: import("./machine.mjs").Machine, dtype: string }} results */
export function machineLine({ machine, dtype }) {
  return `${dtype}, one thread; ${place(machine)}`;
}

/** The machine, engine and date of a measurement. @param {import("./machine.mjs").Machine} machine */
export function place({ cpu, cores, node, v8, os, load, date, commit, browser, flags }) {
  const engine = browser ?? `Node ${node} (V8 ${v8})${flags ? ` with ${flags.join(" ")}` : ""}`;
  return `${cpu} (${cores} cores, load ${load}), ${os}, ${engine}; ${date.slice(0, 10)}, commit ${commit}`;
}

/** The peaks over a whole run, by engine. @param {Results} results @returns {Record<string, Spread>} */
export function peaks({ measurements }) {
  const engines = new Set(measurements.flatMap(({ peaks }) => Object.keys(peaks)));
  const of = (/** @type {string} */ engine) => spread(measurements.flatMap(({ peaks }) => peaks[engine] ?? []));
  return Object.fromEntries([...engines].map((engine) => [engine, of(engine)]));
}

/** For the terminal. @param {Results} results */
export function textTable(results) {
  const compares = results.measurements.some(({ tracks }) => tracks.some(({ build }) => build === "other"));
  const rows = [
    [
      "workload",
      "engine",
      ...(compares ? ["build"] : []),
      "rows/s",
      "quartiles",
      "GFLOP/s",
      "of peak",
      compares ? "÷ other" : "× js",
      "quartiles",
      "n",
    ],
  ];
  for (const measurement of results.measurements) {
    summarize(measurement).forEach(({ engine, build, rowsPerSecond, gflops, ofPeak, ratio }, i) =>
      rows.push([
        i ? "" : measurement.name,
        engine,
        ...(compares ? [build] : []),
        median(rowsPerSecond),
        range(rowsPerSecond),
        median(gflops),
        median(ofPeak, percent),
        median(ratio, times),
        range(ratio, times),
        String(measurement.tracks[i].ms.length),
      ]),
    );
  }
  const tops = Object.entries(peaks(results)).map(([engine, peak]) => `${engine} ${figure(peak.median)} (${range(peak)})`);
  return [
    machineLine(results),
    `peak, GFLOP/s of independent multiply-adds in registers: ${tops.join("; ") || "none measured"}`,
    "",
    ...align(rows, compares ? 3 : 2),
  ].join("\n");
}

/** Instructions per row, for the terminal. @param {Counts} results */
export function countsTable(results) {
  const rows = [["workload", "engine", "build", "instructions/row"]];
  for (const { name, tracks } of results.measurements) {
    tracks.forEach(({ engine, build, instructionsPerRow }, i) =>
      rows.push([i ? "" : name, engine, build, figure(instructionsPerRow)]),
    );
  }
  return [machineLine(results), `counted by ${results.counter}`, "", ...align(rows, 3)].join("\n");
}

/** A table whose first row is the head; all columns but the first are right-aligned. @param {string[][]} rows */
export const markdown = ([head, ...rows]) =>
  [head, head.map((_, i) => (i ? "---:" : "---")), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

/** Medians, one line per workload, in Markdown. @param {Results} results */
export function workloadsMarkdown(results) {
  const rows = [
    ["workload", "plain JS, rows/s", "wasm, `reproducible`, rows/s", "wasm, rows/s", "wasm ÷ JS", "GFLOP/s", "of peak"],
  ];
  for (const measurement of results.measurements) {
    const figures = summarize(measurement);
    const of = (/** @type {string} */ name) => figures.find(({ engine }) => engine === name);
    const plain = of("wasm-simd");
    const best = of("wasm-relaxed-simd") ?? plain;
    rows.push([
      `${measurement.name}: ${findWorkload(measurement.name).about}`,
      median(of("js")?.rowsPerSecond),
      median(plain?.rowsPerSecond),
      median(best?.rowsPerSecond),
      median(best?.ratio, times),
      median(best?.gflops),
      median(best?.ofPeak, percent),
    ]);
  }
  return markdown(rows);
}

/** The note under such a table. @param {Results} results */
export function workloadsNote(results) {
  const tops = Object.entries(peaks(results)).map(([engine, peak]) => `${figure(peak.median)} (${engine})`);
  return `Medians; wasm ÷ JS is the median of each round's ratio; ${machineLine(results)}.\nPeak, GFLOP/s: ${tops.join(", ")}.`;
}
