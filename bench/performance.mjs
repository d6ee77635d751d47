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
/** A page's source of figures. @typedef {Saved[number]} Source */

/** @param {Source} source */
const from = ({ source }) => `[${source.split("/").pop()}](../${source})`;

/**
 * @param {Saved} saved every result @param {string} notes performance-notes.md
 * @returns {{ page: string, charts: Record<string, string> }} the page, and its charts by file name
 */
export function performancePage(saved, notes) {
  // Links in the notes are relative to bench/.
  const [bounds, ...rest] = notes.replaceAll("](../docs/", "](").split(/^(?=## )/m);
  /** @type {Record<string, string>} */
  const charts = {};
  const sections = [
    intro(),
    targets(saved, bounds),
    workloads(saved),
    padding(saved),
    gemm(saved),
    peers(saved, charts),
    sweeps(saved, charts),
    threads(saved),
    zeroCopy(saved),
    revectorize(saved),
    browser(saved),
    startup(saved),
    counters(saved),
    ...rest.map((each) => each.trim()),
  ];
  return { page: `${sections.filter(Boolean).join("\n\n")}\n`, charts };
}

const intro = () => `# Performance

<!-- Written by \`node bench/report.mjs\` from bench/results and bench/performance-notes.md: change those, not this. -->

How fast wasmlp is, compared with the machine's limit and with other libraries. [bench/README.md](../bench/README.md) describes the
method and how far to trust the figures; \`npm run bench:all\` measures everything again. "Peak" is the rate of independent multiply-adds
in registers that WebAssembly reached in the same round: the most that one core does with 128-bit vectors.`;

/** @param {Saved} saved @param {string} bounds */
function targets(saved, bounds) {
  const results = (/** @type {Source | undefined} */ source) => source?.results;
  const judged = judge({
    float32: results(newest(saved, { dtype: "float32" })),
    float64: results(newest(saved, { dtype: "float64" })),
    node20: results(newest(saved, { dtype: "float32", node: "20" })),
    peers: results(newest(saved, { kind: "peers" })),
    gemm: results(newest(saved, { kind: "gemm", dtype: "float32" })),
    revectorize: results(newest(saved, { kind: "variants", node: "26" })),
    startup: results(newest(saved, { kind: "startup" })),
    kilobytes: Number.parseFloat(JSON.parse(readFileSync(new URL("../.size-limit.json", import.meta.url), "utf8"))[0].limit),
  });
  const form = (/** @type {number} */ value, /** @type {string} */ unit) => (unit === "fraction" ? percent(value) : times(value));
  const rows = judged.map(({ work, unit, aim, against, value, reached, share }) => [
    `${work}: ${against}`,
    `${atMost(unit) ? "≤" : "≥"} ${unit === "fraction" ? percent(aim) : figure(aim)}`,
    value === undefined ? "not measured" : form(value, unit),
    reached === undefined ? "" : reached ? "yes" : "no",
    share === undefined ? "" : percent(share),
  ]);
  const missed = judged
    .filter(({ reached }) => reached === false)
    .flatMap(({ id, work, against }) => {
      const why = boundOf(bounds, id);
      return why ? [`- ${work}, ${against}: ${why}`] : [];
    });
  return [
    "## Targets",
    "",
    '"Needs" is the share of the peak that the target requires; above 100 % it is unreachable on this machine in 128-bit vectors.',
    "",
    markdown([["", "target", "measured", "reached", "needs"], ...rows]),
    ...(missed.length ? ["", "What limits those that were missed:", "", ...missed] : []),
  ].join("\n");
}

/** A target's paragraph in the notes: \`**id** text\`. @param {string} bounds @param {string} id */
export function boundOf(bounds, id) {
  const paragraph = bounds
    .split(/\n\s*\n/)
    .map((each) => each.trim())
    .find((each) => each.startsWith(`**${id}** `));
  return paragraph?.slice(id.length + 5).replace(/\s*\n\s*/g, " ");
}

/** A table for each Node, and for float64. @param {Saved} saved */
function workloads(saved) {
  const wanted = [
    ...["24", "26", "22", "20"].map((node) => ({ title: `Node ${node}`, found: newest(saved, { dtype: "float32", node }) })),
    { title: "float64", found: newest(saved, { dtype: "float64" }) },
  ];
  const parts = wanted.flatMap(({ title, found }) =>
    found
      ? [`### ${title}\n\n${workloadsMarkdown(found.results)}\n\n${workloadsNote(found.results)}\nRaw samples: ${from(found)}.`]
      : [],
  );
  return ["## The workloads", ...parts].join("\n\n");
}

/** The bound set by padding. @param {Saved} saved */
function padding(saved) {
  const found = newest(saved, { dtype: "float32" });
  if (!found) return "";
  const rows = found.results.measurements.map((/** @type {import("./statistics.mjs").Measurement} */ measurement) => {
    const best = summarize(measurement).findLast(({ engine }) => engine !== "js");
    const bound = paddingBound(findWorkload(measurement.name), 4);
    const share = best?.ofPeak?.median;
    return [
      measurement.name,
      percent(bound),
      share === undefined ? "–" : percent(share),
      share === undefined ? "–" : percent(share / bound),
    ];
  });
  return [
    "### The bound set by padding",
    "",
    "Units are padded to whole vectors of four numbers; arithmetic on the padding is not counted as work. If padding were the only " +
      "overhead, a workload could reach:",
    "",
    markdown([["", "bound by padding", "reached", "of the bound"], ...rows]),
  ].join("\n");
}

/** @param {Saved} saved */
function gemm(saved) {
  const parts = ["float32", "float64"].flatMap((dtype) => {
    const found = newest(saved, { kind: "gemm", dtype });
    if (!found) return [];
    const rows = found.results.measurements.flatMap((/** @type {import("./statistics.mjs").Measurement} */ measurement) =>
      summarize(measurement).map(({ engine, gflops, ofPeak }) => [
        `${measurement.name}: ${measurement.about}`,
        engine,
        `${median(gflops)} (${range(gflops)})`,
        median(ofPeak, percent),
      ]),
    );
    return [
      markdown([[dtype, "engine", "GFLOP/s", "of peak"], ...rows]),
      `${place(found.results.machine)}. Raw samples: ${from(found)}.`,
    ];
  });
  return parts.length
    ? [
        "## Matrix products alone",
        `The three products of a layer of ${SIZE} inputs and ${SIZE} units, ${SIZE} rows: only the kernels' calls are timed. Medians (quartiles).`,
        ...parts,
      ].join("\n\n")
    : "";
}

/** Libraries whose speed depends most on V8's version. */
const OTHER_V8 = ["brain.js", "brain.js 2 beta", "tfjs wasm"];

/** @param {import("./peers/run.mjs").PeerResults} results @param {string[]} names @returns {import("./peers/run.mjs").PeerResults} */
const only = ({ measurements, ...results }, names) => ({
  ...results,
  measurements: measurements.map(({ task, comparisons }) => ({
    task,
    comparisons: comparisons.filter(({ peer }) => names.includes(peer)),
  })),
});

/** @param {Saved} saved @param {Record<string, string>} charts */
function peers(saved, charts) {
  const found = newest(saved, { kind: "peers" });
  if (!found) return "";
  charts["peers.svg"] = peersChart(found.results);
  const older = newest(saved, { kind: "peers", node: "20" });
  return [
    "## Comparison with other libraries",
    "![Rows per second of each library on each workload](performance/peers.svg)",
    speedMarkdown(found.results),
    `Medians of rounds in which wasmlp and the other library alternated, each in its own process with one thread, without shuffling. "NumPy float64" is compared with wasmlp in float64. ${place(found.results.machine)}. Raw samples: ${from(found)}.`,
    ...(older && older !== found
      ? [
          "### On Node 20",
          speedMarkdown(only(older.results, OTHER_V8)),
          `${place(older.results.machine)}. Raw samples: ${from(older)}.`,
        ]
      : []),
    "### Training accuracy",
    "Accuracy on the training rows after the same number of epochs on the same rows, each from its own initial weights: the library, then wasmlp. † marks accuracy no better than chance.",
    learningMarkdown(found.results),
    "### Settings",
    settingsMarkdown(found.results),
  ].join("\n\n");
}

/** @param {Saved} saved @param {Record<string, string>} charts */
function sweeps(saved, charts) {
  const found = newest(saved, { kind: "sweep", dtype: "float32" });
  if (!found) return "";
  const parts = Object.entries(SWEEPS).map(([sweep, { about, values }]) => {
    const points = values.map((value) => ({
      value,
      figures: figuresOf(
        found.results.measurements.find((/** @type {{ name: string }} */ { name }) => name === `${sweep}=${value}`),
      ),
    }));
    const engines = [...new Set(points.flatMap(({ figures }) => figures.map(({ engine }) => engine)))];
    const line = (/** @type {(figures: import("./statistics.mjs").Figures) => number} */ of) =>
      engines.map((engine) => ({
        name: engine,
        points: points.flatMap(({ value, figures }) => {
          const own = figures.find((each) => each.engine === engine);
          return own ? [/** @type {[number, number]} */ ([value, of(own)])] : [];
        }),
      }));
    charts[`${sweep}.svg`] = lineChart({
      title: about,
      panels: [
        {
          title: "microseconds per row",
          xLabel: about.split(",")[0],
          lines: line(({ rowsPerSecond }) => 1e6 / rowsPerSecond.median),
        },
        {
          title: "percentage of the peak",
          xLabel: about.split(",")[0],
          from: 0,
          to: 100,
          lines: line(({ ofPeak }) => 100 * (ofPeak?.median ?? NaN)),
        },
      ],
    });
    return `![${about}: time per row, and share of the peak](performance/${sweep}.svg)`;
  });
  return ["## Scaling", ...parts, `${place(found.results.machine)}. Raw samples: ${from(found)}.`].join("\n\n");
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
  const note = `Rows per second, medians; ${place(found.results.machine)}. Raw samples: ${from(found)}.`;
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
  return table
    ? `## Rows in the network's memory\n\n\`nn.inputBuffer(rows)\` is filled once and used in place; an array is copied for every call.\n\n${table}`
    : "";
}

/** @param {Saved} saved */
function revectorize(saved) {
  const table = pairs(saved, "revectorize", "26");
  return table
    ? `## 256-bit vectors\n\nNode 26 with \`--experimental-wasm-revectorize\`: V8 combines pairs of 128-bit vectors. Results are identical.\n\n${table}`
    : "";
}

/** @param {Saved} saved */
function browser(saved) {
  const found = newest(saved, { dtype: "float32", browser: true });
  return found
    ? `## In Chromium\n\n${workloadsMarkdown(found.results)}\n\n${workloadsNote(found.results)}\nRaw samples: ${from(found)}.`
    : "";
}

/** @param {Saved} saved */
function startup(saved) {
  const found = newest(saved, { kind: "startup" });
  if (!found) return "";
  const { milliseconds, processes, networks, residentMegabytes, machine } = /** @type {import("./targets.mjs").Startup} */ (
    found.results
  );
  const steps = Object.keys(Object.values(milliseconds)[0]);
  const rows = Object.entries(milliseconds).map(([network, spreads]) => [
    network,
    ...steps.map((step) => `${median(spreads[step])} (${range(spreads[step])})`),
  ]);
  return [
    "## Startup",
    markdown([["ms", ...steps], ...rows]),
    `Medians (quartiles) of ${processes} new processes. Megabytes resident while ${figure(networks)} networks were constructed, used and released: ${residentMegabytes.join(", ")}. ${place(machine)}. Raw: ${from(found)}.`,
  ].join("\n\n");
}

/** @param {Saved} saved */
function counters(saved) {
  const found = newest(saved, { kind: "counters", dtype: "float32" });
  if (!found) return "";
  const { measurements, counter, machine } = /** @type {import("./table.mjs").Counts} */ (found.results);
  const rows = measurements.flatMap(({ name, tracks }) =>
    tracks.map(({ engine, instructionsPerRow }) => [
      `${name}, ${engine}`,
      figure(instructionsPerRow),
      figure(flopPerRow(findWorkload(name)) / instructionsPerRow),
    ]),
  );
  return [
    "## Instructions",
    markdown([["", "instructions per row", "floating-point operations per instruction"], ...rows]),
    `Counted by \`${counter}\`, for whole calls, not only the products. ${place(machine)}. Raw: ${from(found)}.`,
  ].join("\n\n");
}
