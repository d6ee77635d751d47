// Formats the results of the sweep as a Markdown table, and inserts it in docs/numerics.md between two comments.
import { FUNCTIONS } from "./oracles.mjs";

const START = "<!-- results: scripts/numerics/run.mjs -->";
const END = "<!-- end of results -->";
const BUILDS = ["simd", "relaxed"];

const UNITS = { argument: "of x", "max(result, 1)": "of max(\\|log x\\|, 1)", swish: "of the result, + \\|x\\|·2^−149" };

/** The error, rounded up, and its argument. */
const cells = ({ count, rounded, worst, argument }) => [
  (Math.ceil(worst * 1000) / 1000).toFixed(3),
  String(argument),
  `${((100 * rounded) / count).toFixed(2)} %`,
];

export function table(results) {
  const builds = BUILDS.filter((build) => results[build]);
  const line = (texts) => `| ${texts.join(" | ")} |`;
  const heads = builds.flatMap((build) => [`${build}: largest error, ulp`, "at x", "correctly rounded"]);
  const rows = Object.entries(FUNCTIONS).map(([name, { formula, domain, bound, unit }]) =>
    line([
      name,
      formula.replaceAll("|", "\\|"),
      domain,
      bound + (unit ? ` ${UNITS[unit]}` : ""),
      ...builds.flatMap((build) => cells(results[build].functions[name])),
    ]),
  );
  const machines = builds.map((build) => {
    const { machine, seconds, blocks } = results[build];
    return `${build}: ${machine.cpu}, Node ${machine.node}, ${seconds} s of processor time, ${machine.date.slice(0, 10)}; ${coverage(blocks)}.`;
  });
  return [
    line(["function", "formula", "x", "bound, ulp", ...heads]),
    line(["---", "---", "---", "--:", ...builds.flatMap(() => ["--:", "--:", "--:"])]),
    ...rows,
    "",
    ...machines.flatMap((each) => [each, ""]),
  ]
    .join("\n")
    .trimEnd();
}

/** Which numbers have been swept: all, or the exponents nearest to 0. */
function coverage(blocks) {
  if (blocks === 4096) return "all 2^32 numbers";
  const exponents = Math.floor((blocks / 16 - 1) / 2);
  return `all numbers with |x| from 2^−${exponents} to below 2^${exponents + 1}`;
}

/** The page with its table replaced. */
export function replaceTable(page, results) {
  const [start, end] = [page.indexOf(START), page.indexOf(END)];
  if (start < 0 || end < start) throw new Error(`docs/numerics.md has no lines "${START}" and "${END}"`);
  return `${page.slice(0, start + START.length)}\n${table(results)}\n${page.slice(end)}`;
}
