// Formats results as a Markdown table, and inserts it in docs/accuracy.md between two comments.
const START = "<!-- results: scripts/accuracy/run.mjs -->";
const END = "<!-- end of results -->";

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values) =>
  Math.sqrt(values.reduce((sum, value) => sum + (value - mean(values)) ** 2, 0) / (values.length - 1));
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

const settings = ({ hidden, activation, optimizer, batchSize, epochs, alpha }) =>
  `${hidden.join("-")} ${activation}, ${optimizer.name} ${optimizer.learningRate}${optimizer.nesterov ? " Nesterov" : ""}, batch ${batchSize}, ${epochs} epochs, alpha ${alpha}`;

/** Accuracy in per cent; R² unchanged. */
function spread(task, runs) {
  const scores = runs.map(({ score }) => score);
  const [factor, digits] = task.loss === "halfSquaredError" ? [1, 3] : [100, 2];
  return `${(factor * mean(scores)).toFixed(digits)} ± ${(factor * deviation(scores)).toFixed(digits)}`;
}

const seconds = (runs) => median(runs.map((run) => run.seconds)).toPrecision(2);

export function table({ tasks, machine }) {
  const rows = tasks.map((task) => [
    task.name,
    settings(task),
    task.loss === "halfSquaredError" ? "R²" : "accuracy, %",
    task.seeds,
    spread(task, task.ours),
    spread(task, task.theirs),
    task.difference.toExponential(0),
    seconds(task.ours),
    seconds(task.theirs),
  ]);
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [
    line(["data", "network", "measure", "seeds", "wasmlp", "scikit-learn", "same start", "wasmlp, CPU s", "scikit-learn, CPU s"]),
    line(["---", "---", "---", "--:", "--:", "--:", "--:", "--:", "--:"]),
    ...rows.map(line),
    "",
    `${machine.cpu}, one thread each; wasmlp ${machine.commit} (${machine.backend}) on Node ${machine.node}; scikit-learn ${machine.sklearn}, NumPy ${machine.numpy}, ${machine.blas}, Python ${machine.python}; ${machine.date.slice(0, 10)}.`,
  ].join("\n");
}

/** The page with its table replaced. */
export function replaceTable(page, results) {
  const [start, end] = [page.indexOf(START), page.indexOf(END)];
  if (start < 0 || end < start) throw new Error(`docs/accuracy.md has no lines "${START}" and "${END}"`);
  return `${page.slice(0, start + START.length)}\n${table(results)}\n${page.slice(end)}`;
}
