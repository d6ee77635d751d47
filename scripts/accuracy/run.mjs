// Compares accuracy with scikit-learn: node scripts/accuracy/run.mjs [TASK …] trains both sides on one thread each, task by task,
// and writes results.json and the table in docs/accuracy.md. With task names it only prints. PYTHON names a Python that
// has scikit-learn; default /usr/bin/python3 (Debian: python3-sklearn).
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describeMachine } from "../../bench/machine.mjs";
import { folderOf } from "./data.mjs";
import { compareReplica } from "./replica.mjs";
import { replaceTable, table } from "./report.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const python = process.env.PYTHON || "/usr/bin/python3";
const env = { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1", MKL_NUM_THREADS: "1" };

/** The JSON that a command prints. */
const read = (command, ...args) =>
  JSON.parse(execFileSync(command, args, { env, encoding: "utf8", maxBuffer: 2 ** 28, stdio: ["ignore", "pipe", "inherit"] }));

const { folds, tasks } = JSON.parse(readFileSync(here("tasks.json"), "utf8"));
const chosen = process.argv.slice(2);
const unknown = chosen.find((name) => tasks.every((task) => task.name !== name));
if (unknown) throw new Error(`there is no task "${unknown}"; choose from ${tasks.map(({ name }) => name).join(", ")}`);

const machine = describeMachine();
const results = { machine, folds, tasks: [] };
for (const task of tasks) {
  if (chosen.length && !chosen.includes(task.name)) continue;
  const folder = folderOf(task);
  if (folder && !existsSync(folder)) {
    console.error(`${task.name} is skipped: there is no ${fileURLToPath(folder)}`);
    continue;
  }
  const ours = read(process.execPath, here("train.mjs"), task.name);
  const other = [python, here("train.py"), task.name, ...(folder ? [fileURLToPath(folder)] : [])];
  const theirs = read(...other);
  const difference = compareReplica(task, read(...other, "--replica"));
  Object.assign(machine, { backend: ours.backend }, theirs.versions);
  results.tasks.push({ ...task, difference, ours: ours.runs, theirs: theirs.runs });
  console.error(`${task.name} done`);
}
console.log(table(results));

if (!chosen.length) {
  const digits = (_, value) => (typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value);
  const text = JSON.stringify(results, digits, 2).replace(
    /\{\s+("score": [-\d.e]+),\s+("seconds": [-\d.e]+)\s+\}/g,
    "{ $1, $2 }",
  );
  writeFileSync(here("results.json"), text + "\n");
  const docs = here("../../docs/accuracy.md");
  writeFileSync(docs, replaceTable(readFileSync(docs, "utf8"), results));
}
