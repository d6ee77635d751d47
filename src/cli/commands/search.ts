// `wasmlp search`: which options suit a table best, tried on this machine or on the workers of a queue.
import { planTrials, search, type PlanOptions, type SearchResult, type TrialResult } from "../../entries/selection.js";
import { TableModel, type TableNetworkOptions } from "../../entries/table.js";
import type { Command, Values } from "../command.js";
import type { Row } from "../data/row.js";
import { DATA_OPTIONS, openDataset } from "../data/rows.js";
import { InterruptedError, UsageError } from "../errors.js";
import { duration, plural, short, table as drawTable } from "../format.js";
import { explain } from "../messages.js";
import { saveModel } from "../models.js";
import { COLUMN_OPTIONS, NETWORK_OPTIONS, networkOptions, tableOptions, targetOf } from "../network-options.js";
import { numberOf, textOf } from "../parse.js";
import { createProgress, type Progress } from "../progress.js";
import { searchOnQueue } from "../queue/coordinator.js";
import { connect } from "../queue/redis.js";
import { encodeTable, type EncodedTable } from "../search/encode.js";
import { describeOptions, networkSpace, readSpace } from "../search/space.js";
import { columnsOf, note, print } from "../terminal.js";
import { listenForInterrupt, type Interrupt } from "../train/interrupt.js";

const SEARCH = "Search";
/** Results that are shown. */
const SHOWN = 10;
const EPOCHS = 30;

const isPositive = (value: number): boolean => Number.isSafeInteger(value) && value > 0;

export const searchCommand: Command = {
  name: "search",
  summary: "Find the options with which a network predicts best.",
  description: [
    "Tries networks and scores each by cross-validation: by its accuracy for classes, else by its loss. Options that are given are the same for all; the others " +
      "come from --space, by default hidden layers, activation, learning rate and batch size. The same command finds the same best, on any number of workers.",
    "With --redis the trials go to a queue, from which wasmlp work takes them on any number of machines. A search that is stopped goes on " +
      "when the same command is given again. The rows go through Redis, as numbers: workers need no file.",
  ],
  positionals: [{ name: "DATA", help: "A file, or - for standard input." }],
  options: {
    ...COLUMN_OPTIONS,
    output: { type: "string", short: "o", value: "FILE", help: "Train the best network on all rows and save it here." },
    trials: { type: "string", value: "N", group: SEARCH, help: "How many networks are tried. Default 20, for grid all." },
    strategy: { type: "string", value: "NAME", choices: ["random", "grid", "halving"], group: SEARCH, help: "Default random." },
    space: {
      type: "string",
      value: "JSON",
      group: SEARCH,
      help: 'What is varied: JSON or a file of it, such as {"learningRate": {"logUniform": [1e-4, 0.1]}, "hidden": {"oneOf": [[16], [64, 32]]}}.',
    },
    folds: { type: "string", value: "N", group: SEARCH, help: "Folds of the cross-validation. Default 5." },
    test: { type: "string", value: "FRACTION", group: SEARCH, help: "Score on this fraction of the rows in the place of folds." },
    epochs: {
      type: "string",
      value: "N",
      group: SEARCH,
      help: `Epochs of a trial, with halving of its last round. Default ${EPOCHS}.`,
    },
    workers: {
      type: "string",
      value: "N",
      group: SEARCH,
      help: "Trials at a time on this machine. Default one less than it has cores.",
    },
    redis: { type: "string", value: "URL", group: SEARCH, help: "Give the trials to a queue: redis://host:6379." },
    ...NETWORK_OPTIONS,
    seed: { ...NETWORK_OPTIONS.seed, help: "Settles the trials, their folds and networks. Default 0." },
    ...DATA_OPTIONS,
  },
  examples: [
    [
      "wasmlp search flowers.csv -t species --trials 50 -o best.safetensors",
      "On this machine; the best network is then trained on all rows.",
    ],
    [
      "wasmlp search flowers.csv -t species --trials 200 --redis redis://queue:6379",
      "On the machines that run: wasmlp work --redis redis://queue:6379",
    ],
  ],
  async run(values, [path]) {
    if (targetOf(values) === undefined) throw new UsageError("--target is missing; it names the column to predict");
    const { seed = 0, hidden, ...fixed } = networkOptions(values);
    const plan: PlanOptions = {
      seed,
      strategy: (textOf(values, "strategy") ?? "random") as NonNullable<PlanOptions["strategy"]>,
      ...optional("trials", numberOf(values, "trials", isPositive, "a positive integer")),
      ...optional(
        "folds",
        numberOf(values, "folds", (value) => isPositive(value) && value > 1, "an integer, 2 or more"),
      ),
      ...optional(
        "test",
        numberOf(values, "test", (value) => value > 0 && value < 1, "a fraction above 0 and below 1"),
      ),
      epochs: numberOf(values, "epochs", isPositive, "a positive integer") ?? EPOCHS,
    };
    const workers = numberOf(values, "workers", isPositive, "a positive integer");
    const space = readSpace(textOf(values, "space"));
    const dataset = await openDataset(path!, values, "one");
    const quiet = Boolean(values.quiet);
    const progress = createProgress(quiet);
    const interrupt = listenForInterrupt();
    const began = performance.now();
    try {
      const rows: Row[] = [];
      for await (const block of dataset.blocks()) rows.push(...block);
      const encoded = encodeTable(tableOptions(values, { ...fixed, seed }), rows);
      if (!quiet)
        note(
          `${dataset.name}: ${dataset.describe()}; ${plural(rows.length, "row")} of ${plural(encoded.samples.inputs, "number")}`,
        );
      const networks = networkSpace(space, { ...fixed, ...(hidden && { hidden }) }, encoded);
      const onTrial = trialProgress(progress, encoded, began);
      const result =
        values.redis === undefined
          ? {
              ...(await search(networks, encoded.samples.x, encoded.samples.y, {
                ...plan,
                ...optional("workers", workers),
                signal: interrupt.signal,
                onTrial,
              })),
              repeated: 0,
            }
          : await searchByQueue(textOf(values, "redis")!, planTrials(networks, plan), encoded, {
              progress,
              interrupt,
              onTrial,
              quiet,
            });
      progress.end();
      await report(values, result, result.repeated, encoded, performance.now() - began);
      const output = textOf(values, "output");
      if (output !== undefined) {
        const model = new TableModel(tableOptions(values, bestNetwork(result.best)));
        await model.fitAsync(rows, { signal: interrupt.signal });
        await saveModel(model.network, output);
        if (!quiet) note(`trained the best network on all rows and saved ${output}`);
      }
    } catch (error) {
      progress.end();
      if (!interrupt.received) throw explain(error, dataset);
      throw new InterruptedError(
        `interrupted${values.redis === undefined ? "" : "; trials in the queue go on, and the same command picks up their results"}`,
        interrupt.received,
      );
    } finally {
      interrupt.end();
    }
  },
};

/** An entry where there is a value. */
const optional = <K extends string, V>(name: K, value: V | undefined): { [key in K]?: V } =>
  value === undefined ? {} : ({ [name]: value } as { [key in K]: V });

/** The options of a trial for a table's network. */
function bestNetwork({ options: { layers, ...options } }: TrialResult): TableNetworkOptions {
  return { ...options, hidden: layers.slice(1, -1) } as TableNetworkOptions;
}

type OnTrial = (result: TrialResult, progress: { done: number; total: number }) => void;

function trialProgress(progress: Progress, encoded: EncodedTable, began: number): OnTrial {
  let best: TrialResult | undefined;
  return (result, { done, total }) => {
    const isBetter =
      result.score !== null && (!best || (result.greaterIsBetter ? result.score > best.score! : result.score < best.score!));
    if (isBetter) best = result;
    progress.update(
      done / total,
      `${done}/${plural(total, "trial")}${best ? `  best ${best.metric} ${short(best.score!)}: ${describeOptions(best.options, encoded)}` : ""}`,
      [done / ((performance.now() - began) / 1000), "trials"],
    );
  };
}

async function searchByQueue(
  url: string,
  trials: ReturnType<typeof planTrials>,
  encoded: EncodedTable,
  { progress, interrupt, onTrial, quiet }: { progress: Progress; interrupt: Interrupt; onTrial: OnTrial; quiet: boolean },
): ReturnType<typeof searchOnQueue> {
  const connection = await connect(url, quiet);
  let told = false;
  try {
    return await searchOnQueue(connection, trials, encoded.samples, {
      signal: interrupt.signal,
      onTrial,
      onWorkers(count, done, total) {
        if (count === 0 && !told && !quiet) {
          told = true;
          progress.end();
          note(`waiting for workers; start any number of them: wasmlp work --redis ${url}`);
        }
        progress.update(done / total || undefined, `${done}/${plural(total, "trial")} on ${plural(count, "worker")}`);
      },
    });
  } finally {
    connection.end();
  }
}

/** The entries of a result in one order, wherever it was worked out. */
const inOrder = ({
  trial,
  round,
  metric,
  greaterIsBetter,
  score,
  scores,
  deviation,
  evaluation,
  error,
  ...rest
}: TrialResult): TrialResult => ({
  trial,
  round,
  metric,
  greaterIsBetter,
  score,
  scores,
  deviation,
  ...(evaluation && { evaluation }),
  ...(error !== undefined && { error }),
  ...rest,
});

async function report(
  values: Values,
  { best, trials }: SearchResult,
  repeated: number,
  encoded: EncodedTable,
  ms: number,
): Promise<void> {
  if (values.json) {
    await print(
      `${JSON.stringify({ best: inOrder(best), trials: trials.map(inOrder), repeated, seconds: Number((ms / 1000).toFixed(3)) })}\n`,
    );
    return;
  }
  const ranked = trials
    .filter(({ score }) => score !== null)
    .sort((a, b) => (a.greaterIsBetter ? b.score! - a.score! : a.score! - b.score!) || a.trial - b.trial);
  const lines = drawTable(
    ["trial", best.metric, "±", "options"],
    ranked
      .slice(0, SHOWN)
      .map((each) => [String(each.trial), short(each.score!), short(each.deviation), describeOptions(each.options, encoded)]),
    columnsOf(process.stdout),
  );
  const diverged = trials.length - ranked.length;
  await print(
    `${[
      ...lines,
      ...(ranked.length > SHOWN ? [`… and ${plural(ranked.length - SHOWN, "more trial")}; --json has all`] : []),
      "",
      `best ${best.metric} ${short(best.score!)}: trial ${best.trial}, ${describeOptions(best.options, encoded)}`,
      `${plural(trials.length, "trial")}${diverged ? `, ${diverged} of which diverged` : ""}${repeated ? `, ${repeated} begun again` : ""} in ${duration(ms)}`,
    ].join("\n")}\n`,
  );
}
