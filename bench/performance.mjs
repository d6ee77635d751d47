// docs/performance.md and its charts, made from the newest results and from performance-notes.md.
import { readFileSync } from "node:fs";
import { lineChart } from "./chart.mjs";
import { learningMarkdown, peersChart, settingsMarkdown, speedMarkdown } from "./peers/report.mjs";
import { SIZE } from "./products.mjs";
import { newest } from "./results.mjs";
import { summarize, summarizePair } from "./statistics.mjs";
import { figure, markdown, median, percent, place, range, times, workloadsMarkdown, workloadsNote } from "./table.mjs";
import { atMost, judge } from "./targets.mjs";
import { findWorkload, flopPerRow, paddingBound, SWEEPS } from "./workloads.mjs";

/** @typedef {ReturnType<typeof import("./results.mjs").savedResults>} Saved */
/** Where a page's figures come from. @typedef {Saved[number]} Source */

/** @param {Source} source */
const from = ({ source }) => `[${source.split("/").pop()}](../${source})`;

/**
 * @param {Saved} saved every result @param {string} notes performance-notes.md
 * @returns {{ page: string, charts: Record<string, string> }} the page, and its charts by file name
 */
export function performancePage(saved, notes) {
  // Their links start from where they lie.
  const [bounds, ...rest] = notes.replaceAll("](../docs/", "](").split(/^(?=## )/m);
  /** @type {Record<string, string>} */
  const charts = {};
  const sections = [
    intro(), targets(saved, bounds), workloads(saved), padding(saved), gemm(saved), peers(saved, charts), sweeps(saved, charts),
    threads(saved), zeroCopy(saved), revectorize(saved), browser(saved), startup(saved), counters(saved), ...rest.map((each) => each.trim()),
  ];
  return { page: `${sections.filter(Boolean).join("\n\n")}\n`, charts };
}

const intro = () => `# Performance

<!-- Written by \`node bench/report.mjs\` from bench/results and bench/performance-notes.md: change those, not this. -->

How fast wasmlp is, how far from the machine's limit, and beside others. [bench/README.md](../bench/README.md) says how all this is
measured and how far to trust it; \`npm run bench:all\` measures it again. "Peak" is the rate of independent multiply-adds in
registers that WebAssembly reached in the same round: vectors of 128 bits get no more from one core.`;

/** @param {Saved} saved @param {string} bounds */
function targets(saved, bounds) {
  const results = (/** @type {Source | undefined} */ source) => source?.results;
  const judged = judge({
    float32: results(newest(saved, { dtype: "float32" })), float64: results(newest(saved, { dtype: "float64" })),
    node20: results(newest(saved, { dtype: "float32", node: "20" })), peers: results(newest(saved, { kind: "peers" })),
    gemm: results(newest(saved, { kind: "gemm", dtype: "float32" })), revectorize: results(newest(saved, { kind: "variants", node: "26" })),
    startup: results(newest(saved, { kind: "startup" })),
    kilobytes: Number.parseFloat(JSON.parse(readFileSync(new URL("../.size-limit.json", import.meta.url), "utf8"))[0].limit),
  });
  const form = (/** @type {number} */ value, /** @type {string} */ unit) => (unit === "fraction" ? percent(value) : times(value));
  const rows = judged.map(({ work, unit, aim, against, value, reached, share }) => [
    `${work}: ${against}`, `${atMost(unit) ? "≤" : "≥"} ${unit === "fraction" ? percent(aim) : figure(aim)}`,
    value === undefined ? "not measured" : form(value, unit), reached === undefined ? "" : reached ? "yes" : "no",
    share === undefined ? "" : percent(share),
  ]);
  const missed = judged.filter(({ reached }) => reached === false).flatMap(({ id, work, against }) => {
    const why = boundOf(bounds, id);
    return why ? [`- ${work}, ${against}: ${why}`] : [];
  });
  return [
    "## What was aimed for", "",
    "The last column is what the aim takes, of the peak; above 100 % none can reach it on this machine that does all the products in 128-bit WebAssembly.", "",
    markdown([["", "aim", "measured", "reached", "takes"], ...rows]),
    ...(missed.length ? ["", "What bounds those that are not:", "", ...missed] : []),
  ].join("\n");
}

/** A target's paragraph in the notes: \`**id** text\`. @param {string} bounds @param {string} id */
export function boundOf(bounds, id) {
  const paragraph = bounds.split(/\n\s*\n/).map((each) => each.trim()).find((each) => each.startsWith(`**${id}** `));
  return paragraph?.slice(id.length + 5).replace(/\s*\n\s*/g, " ");
}

/** A table for each Node, and for float64. @param {Saved} saved */
function workloads(saved) {
  const wanted = [
    ...["24", "26", "22", "20"].map((node) => ({ title: `Node ${node}`, found: newest(saved, { dtype: "float32", node }) })),
    { title: "float64", found: newest(saved, { dtype: "float64" }) },
  ];
  const parts = wanted.flatMap(({ title, found }) => (found ? [
    `### ${title}\n\n${workloadsMarkdown(found.results)}\n\n${workloadsNote(found.results)}\nRaw samples: ${from(found)}.`,
  ] : []));
  return ["## The workloads", ...parts].join("\n\n");
}

/** What whole vectors allow. @param {Saved} saved */
function padding(saved) {
  const found = newest(saved, { dtype: "float32" });
  if (!found) return "";
  const rows = found.results.measurements.map((/** @type {import("./statistics.mjs").Measurement} */ measurement) => {
    const best = summarize(measurement).findLast(({ engine }) => engine !== "js");
    const bound = paddingBound(findWorkload(measurement.name), 4);
    const share = best?.ofPeak?.median;
    return [measurement.name, percent(bound), share === undefined ? "–" : percent(share), share === undefined ? "–" : percent(share / bound)];
  });
  return [
    "### What whole vectors allow", "",
    "Units are padded to whole vectors of four numbers; arithmetic on the padding is not counted as work. With nothing else in the "
      + "way a workload could reach:", "",
    markdown([["", "bound by padding", "reached", "of the bound"], ...rows]),
  ].join("\n");
}

/** @param {Saved} saved */
function gemm(saved) {
  const parts = ["float32", "float64"].flatMap((dtype) => {
    const found = newest(saved, { kind: "gemm", dtype });
    if (!found) return [];
    const rows = found.results.measurements.flatMap((/** @type {import("./statistics.mjs").Measurement} */ measurement) => (
      summarize(measurement).map(({ engine, gflops, ofPeak }) => [
        `${measurement.name}: ${measurement.about}`, engine, `${median(gflops)} (${range(gflops)})`, median(ofPeak, percent),
      ])
    ));
    return [markdown([[dtype, "engine", "GFLOP/s", "of peak"], ...rows]), `${place(found.results.machine)}. Raw samples: ${from(found)}.`];
  });
  return parts.length ? [
    "## A layer's products alone",
    `A layer of ${SIZE} inputs and ${SIZE} units, ${SIZE} rows: the kernels called straight, nothing else timed. Medians (quartiles).`, ...parts,
  ].join("\n\n") : "";
}

/** Libraries whose speed hangs on V8's version more than others' does. */
const OTHER_V8 = ["brain.js", "brain.js 2 beta", "tfjs wasm"];

/** @param {import("./peers/run.mjs").PeerResults} results @param {string[]} names @returns {import("./peers/run.mjs").PeerResults} */
const only = ({ measurements, ...results }, names) => ({
  ...results, measurements: measurements.map(({ task, comparisons }) => ({ task, comparisons: comparisons.filter(({ peer }) => names.includes(peer)) })),
});

/** @param {Saved} saved @param {Record<string, string>} charts */
function peers(saved, charts) {
  const found = newest(saved, { kind: "peers" });
  if (!found) return "";
  charts["peers.svg"] = peersChart(found.results);
  const older = newest(saved, { kind: "peers", node: "20" });
  return [
    "## Beside other libraries",
    "![Rows a second of each library on each workload](performance/peers.svg)",
    speedMarkdown(found.results),
    `Medians of rounds in which wasmlp and the other took turns, each in a process of its own, one thread each; nobody shuffles. "NumPy float64" is compared with wasmlp in float64. ${place(found.results.machine)}. Raw samples: ${from(found)}.`,
    ...(older && older !== found ? ["### On Node 20", speedMarkdown(only(older.results, OTHER_V8)), `${place(older.results.machine)}. Raw samples: ${from(older)}.`] : []),
    "### Whether they learn",
    "Accuracy on the training rows after equal epochs on the same rows, each from its own first weights: the library, then wasmlp. † is no better than guessing after so few epochs.",
    learningMarkdown(found.results),
    "### How each was set",
    settingsMarkdown(found.results),
  ].join("\n\n");
}

/** @param {Saved} saved @param {Record<string, string>} charts */
function sweeps(saved, charts) {
  const found = newest(saved, { kind: "sweep", dtype: "float32" });
  if (!found) return "";
  const parts = Object.entries(SWEEPS).map(([sweep, { about, values }]) => {
    const points = values.map((value) => ({
      value, figures: figuresOf(found.results.measurements.find((/** @type {{ name: string }} */ { name }) => name === `${sweep}=${value}`)),
    }));
    const engines = [...new Set(points.flatMap(({ figures }) => figures.map(({ engine }) => engine)))];
    const line = (/** @type {(figures: import("./statistics.mjs").Figures) => number} */ of) => engines.map((engine) => ({
      name: engine,
      points: points.flatMap(({ value, figures }) => {
        const own = figures.find((each) => each.engine === engine);
        return own ? [/** @type {[number, number]} */ ([value, of(own)])] : [];
      }),
    }));
    charts[`${sweep}.svg`] = lineChart({
      title: about,
      panels: [
        { title: "microseconds a row", xLabel: about.split(",")[0], lines: line(({ rowsPerSecond }) => 1e6 / rowsPerSecond.median) },
        { title: "per cent of the peak", xLabel: about.split(",")[0], from: 0, to: 100, lines: line(({ ofPeak }) => 100 * (ofPeak?.median ?? NaN)) },
      ],
    });
    return `![${about}: time a row, and share of the peak](performance/${sweep}.svg)`;
  });
  return ["## As things grow", ...parts, `${place(found.results.machine)}. Raw samples: ${from(found)}.`].join("\n\n");
}

/** @param {import("./statistics.mjs").Measurement | undefined} measurement */
const figuresOf = (measurement) => (measurement ? summarize(measurement) : []);

/**
 * One set of pairs of the newest variants.
 * @param {Saved} saved @param {string} set @param {string} [node]
 */
function pairs(saved, set, node) {
  const found = newest(saved, { kind: "variants", ...(node && { node }) });
  const measurements = found?.results.measurements.filter((/** @type {{ set: string }} */ each) => each.set === set) ?? [];
  if (!found || !measurements.length) return undefined;
  const [usual, other] = measurements[0].sides.map((/** @type {{ name: string }} */ { name }) => name);
  const rows = measurements.map((/** @type {import("./variants.mjs").VariantMeasurement} */ measurement) => {
    const { usual, other, ratio } = summarizePair(measurement);
    return [measurement.about, figure(usual.median), figure(other.median), times(ratio.median), range(ratio, times)];
  });
  const note = `Rows a second, medians; ${place(found.results.machine)}. Raw samples: ${from(found)}.`;
  return [markdown([["", usual, other, "ratio", "quartiles"], ...rows]), note].join("\n\n");
}

/** @param {Saved} saved */
function threads(saved) {
  const table = pairs(saved, "threads");
  return table ? `## Threads\n\n${table}` : "";
}

/** @param {Saved} saved */
function zeroCopy(saved) {
  const table = pairs(saved, "zero-copy");
  return table ? `## Rows that lie in the network's memory\n\n\`nn.inputBuffer(rows)\` is filled once and predicted from, instead of an array that is copied in.\n\n${table}` : "";
}

/** @param {Saved} saved */
function revectorize(saved) {
  const table = pairs(saved, "revectorize", "26");
  return table ? `## Vectors of 256 bits\n\nNode 26 with \`--experimental-wasm-revectorize\`: V8 pairs vectors of 128 bits. Results are the same.\n\n${table}` : "";
}

/** @param {Saved} saved */
function browser(saved) {
  const found = newest(saved, { dtype: "float32", browser: true });
  return found ? `## In Chromium\n\n${workloadsMarkdown(found.results)}\n\n${workloadsNote(found.results)}\nRaw samples: ${from(found)}.` : "";
}

/** @param {Saved} saved */
function startup(saved) {
  const found = newest(saved, { kind: "startup" });
  if (!found) return "";
  const { milliseconds, processes, networks, residentMegabytes, machine } = /** @type {import("./targets.mjs").Startup} */ (found.results);
  const steps = Object.keys(Object.values(milliseconds)[0]);
  const rows = Object.entries(milliseconds).map(([network, spreads]) => [network, ...steps.map((step) => `${median(spreads[step])} (${range(spreads[step])})`)]);
  return [
    "## The first milliseconds", markdown([["ms", ...steps], ...rows]),
    `Medians (quartiles) of ${processes} new processes. Megabytes resident while ${figure(networks)} networks were made, used and dropped: ${residentMegabytes.join(", ")}. ${place(machine)}. Raw: ${from(found)}.`,
  ].join("\n\n");
}

/** @param {Saved} saved */
function counters(saved) {
  const found = newest(saved, { kind: "counters", dtype: "float32" });
  if (!found) return "";
  const { measurements, counter, machine } = /** @type {import("./table.mjs").Counts} */ (found.results);
  const rows = measurements.flatMap(({ name, tracks }) => tracks.map(({ engine, instructionsPerRow }) => [
    `${name}, ${engine}`, figure(instructionsPerRow), figure(flopPerRow(findWorkload(name)) / instructionsPerRow),
  ]));
  return [
    "## Instructions", markdown([["", "instructions a row", "floating-point operations an instruction"], ...rows]),
    `Counted by \`${counter}\`; everything counts, not only the products. ${place(machine)}. Raw: ${from(found)}.`,
  ].join("\n\n");
}
