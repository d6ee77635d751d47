// Results of the comparison with other libraries: figures from raw samples, as text, as Markdown and as a chart.
import { barChart } from "../chart.mjs";
import { rates, spread, summarizePair } from "../statistics.mjs";
import { align, figure, markdown, percent, place, range, times } from "../table.mjs";

/** @typedef {import("./run.mjs").PeerResults} PeerResults */
/** @typedef {import("./run.mjs").Comparison} Comparison */
/** @typedef {import("./run.mjs").Missing} Missing */
/** @typedef {import("../statistics.mjs").Spread} Spread */
/** @typedef {Comparison & { rate: Spread, ratio: Spread }} Compared `ratio`: how many times as fast wasmlp is, per round */

/** Rows per second, and each round's ratio. @param {Comparison} comparison @returns {Compared} */
export function compared(comparison) {
  const { usual, ratio } = summarizePair({ sides: [comparison.theirs, comparison.ours] });
  return { ...comparison, rate: usual, ratio };
}

/**
 * One library on one task, where it was measured.
 * @param {PeerResults} results @param {string} task @param {string} peer @returns {Compared | undefined}
 */
export function findCompared({ measurements }, task, peer) {
  const found = measurements.find((each) => each.task.name === task)?.comparisons.find((each) => each.peer === peer);
  return found && "theirs" in found ? compared(found) : undefined;
}

/** wasmlp's rows per second on a task, over all rounds. @param {PeerResults["measurements"][number]} measurement @param {string} dtype */
function ownRate({ comparisons }, dtype = "float32") {
  const all = comparisons.flatMap((each) => ("ours" in each && each.dtype === dtype ? rates(each.ours) : []));
  return all.length ? spread(all) : undefined;
}

/** Why there is no figure. @param {Missing} missing */
const reason = ({ absent, not, failed }) => (absent ? `absent: ${absent}` : not ? `not run: ${not}` : `failed: ${failed}`);

/** For the terminal. @param {PeerResults} results */
export function peersTable(results) {
  const rows = [["task", "library", "rows/s", "wasmlp ×", "quartiles", "n", "learns (wasmlp)"]];
  for (const measurement of results.measurements) {
    measurement.comparisons.forEach((each, i) => {
      const start = [i ? "" : measurement.task.name, each.peer];
      if (!("theirs" in each)) return rows.push([...start, reason(each), "", "", "", ""]);
      const { rate, ratio, learning } = compared(each);
      return rows.push([
        ...start,
        figure(rate.median),
        times(ratio.median),
        range(ratio, times),
        String(each.theirs.ms.length),
        learning
          ? `${percent(learning.theirs.after.accuracy)} (${percent(learning.ours.after.accuracy)})${learning.theyLearn ? "" : " no"}`
          : "",
      ]);
    });
  }
  return [place(results.machine), "", ...align(rows, 3)].join("\n");
}

/** All peers in the order of the run. @param {PeerResults} results */
const peerNames = ({ measurements }) => [
  ...new Set(measurements.flatMap(({ comparisons }) => comparisons.map(({ peer }) => peer))),
];

/** Speed: one line per library, one column per task. @param {PeerResults} results */
export function speedMarkdown(results) {
  const cell = (/** @type {Comparison | Missing | undefined} */ each) => {
    if (!each) return "";
    if (!("theirs" in each)) return each.absent ? "absent" : each.not ? "not run" : "failed";
    const { rate, ratio } = compared(each);
    return `${times(ratio.median)} × (${figure(rate.median)})`;
  };
  return markdown([
    ["wasmlp is … times as fast (rows/s)", ...results.measurements.map(({ task }) => task.name)],
    ...peerNames(results).map((peer) => [
      peer,
      ...results.measurements.map(({ comparisons }) => cell(comparisons.find((each) => each.peer === peer))),
    ]),
    [
      "wasmlp, rows/s",
      ...results.measurements.map((each) => {
        const rate = ownRate(each);
        return rate ? figure(rate.median) : "–";
      }),
    ],
  ]);
}

/** Accuracies after the same number of epochs on the same rows. @param {PeerResults} results */
export function learningMarkdown(results) {
  const measurements = results.measurements.filter(({ task }) => task.epochs > 0);
  const cell = (/** @type {Comparison | Missing | undefined} */ each) => {
    if (!each || !("theirs" in each) || !each.learning) return "";
    const { epochs, theirs, ours, theyLearn, weLearn } = each.learning;
    const accuracy = (/** @type {{ after: { accuracy: number } }} */ { after }, /** @type {boolean} */ learns) =>
      `${percent(after.accuracy)}${learns ? "" : " †"}`;
    return `${accuracy(theirs, theyLearn)}, ${accuracy(ours, weLearn)} (${epochs} × ${each.rows})`;
  };
  return markdown([
    ["library, wasmlp (epochs × rows)", ...measurements.map(({ task }) => task.name)],
    ...peerNames(results).map((peer) => [
      peer,
      ...measurements.map(({ comparisons }) => cell(comparisons.find((each) => each.peer === peer))),
    ]),
  ]);
}

/** A list of the libraries' versions and settings, and why figures are missing. @param {PeerResults} results */
export function settingsMarkdown(results) {
  return peerNames(results)
    .map((peer) => {
      const all = results.measurements.flatMap(({ task, comparisons }) =>
        comparisons.filter((each) => each.peer === peer).map((each) => ({ task, each })),
      );
      const measured = all.flatMap(({ each }) => ("theirs" in each ? [each] : []));
      const settings = [...new Set(measured.map((each) => each.settings))];
      const fewer = all.flatMap(({ task, each }) =>
        "theirs" in each && each.rows < task.rows ? [`${task.name} ${each.rows}`] : [],
      );
      const missing = all.flatMap(({ task, each }) => ("theirs" in each ? [] : [`${task.name} ${reason(each)}`]));
      return [
        `- **${peer}**${measured.length ? ` ${measured[0].version}: ${settings.join("; or ")}` : ""}.`,
        ...(fewer.length ? [`Fewer rows: ${fewer.join(", ")}.`] : []),
        ...(missing.length ? [`${missing.join("; ")}.`] : []),
      ].join(" ");
    })
    .join("\n");
}

/** Rows per second, one panel per task. @param {PeerResults} results */
export function peersChart(results) {
  return barChart({
    title: "Rows per second, one thread, logarithmic",
    panels: results.measurements.map((measurement) => {
      const { task, comparisons } = measurement;
      const own = ownRate(measurement);
      return {
        title: `${task.trains ? "train" : "predict"} ${task.sizes.join("-")}${task.trains ? `, batch ${task.batch}` : task.batch === 1 ? ", one row per call" : ", many rows per call"}`,
        bars: [
          ...(own ? [{ name: "wasmlp", value: own.median, ours: true }] : []),
          ...comparisons
            .filter((each) => !("dtype" in each) || each.dtype === "float32")
            .map((each) =>
              "theirs" in each
                ? { name: each.peer, value: compared(each).rate.median }
                : { name: each.peer, value: 0, note: each.absent ? "absent" : each.not ? "not run" : "failed" },
            ),
        ].sort((a, b) => b.value - a.value),
      };
    }),
  });
}
