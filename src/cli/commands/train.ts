// `wasmlp train`: a model from a file of rows.
import type { Command, Values } from "../command.js";
import { DATA_OPTIONS, openDataset, type Dataset } from "../data/rows.js";
import { InterruptedError, UsageError } from "../errors.js";
import { duration, plural, short, table as drawTable } from "../format.js";
import { explain } from "../messages.js";
import { saveModel } from "../models.js";
import {
  COLUMN_OPTIONS,
  FIT_OPTIONS,
  fitOptions,
  NETWORK_OPTIONS,
  networkOptions,
  tableOptions,
  targetOf,
} from "../network-options.js";
import { numberOf, textOf } from "../parse.js";
import { createProgress } from "../progress.js";
import { columnsOf, note, print } from "../terminal.js";
import { checkpointPath, loadCheckpoint, saveCheckpoint, type Checkpoint } from "../train/checkpoint.js";
import { trainOn, type Job, type Trained } from "../train/fit.js";
import { listenForInterrupt, type Interrupt } from "../train/interrupt.js";
import { columnLines } from "./info.js";

/** Options of the run, which a checkpoint keeps. */
const RUN_OPTIONS = [...Object.keys(FIT_OPTIONS), "validation", "fold"];

export const trainCommand: Command = {
  name: "train",
  summary: "Train a model on a file of rows.",
  description: [
    "Finds how the file is written and what its columns hold, shows both, trains a network to predict the target, and saves it with the " +
      "columns in one file. Texts become categories, numbers are scaled; a missing value is an error until --missing says what stands for it.",
    "Files that are too large for memory are read twice and then trained on from a temporary file of numbers, for 10 epochs unless --epochs " +
      "says otherwise; standard input is copied to a temporary file first.",
    "Ctrl-C (SIGINT) saves a checkpoint beside the output, from which --resume goes on as if nothing had happened.",
  ],
  positionals: [
    {
      name: "DATA",
      help: "A file of comma-, semicolon- or tab-separated values, JSON or JSON lines, gzipped or not; - for standard input.",
    },
  ],
  options: {
    ...COLUMN_OPTIONS,
    output: { type: "string", short: "o", value: "FILE", help: "Where the model is saved. Required." },
    validation: {
      type: "string",
      value: "FRACTION",
      group: "Training",
      help: "The fraction of the rows that is only measured. Default 0.",
    },
    fold: {
      type: "string",
      value: "I/N",
      group: "Training",
      help: "Measure on the I-th of N folds of the rows, counted from 0, and train on the others; --seed settles the folds. For cross-validation by several processes.",
    },
    resume: {
      type: "string",
      value: "CHECKPOINT",
      group: "Training",
      help: "Go on with an interrupted training, on the same data.",
    },
    ...FIT_OPTIONS,
    ...NETWORK_OPTIONS,
    ...DATA_OPTIONS,
  },
  examples: [
    ["wasmlp train flowers.csv --target species -o flowers.safetensors", "Everything by default."],
    [
      "wasmlp train houses.csv -t price --validation 0.2 --patience 10 --hidden 64,32 --seed 1 -o houses.safetensors",
      "Two hidden layers; ends when the validation loss stops falling.",
    ],
    [
      "wasmlp train ads.csv.gz -t clicked --column id=ignore --missing age=median -o ads.safetensors",
      "Without one column, with a rule for missing values of another.",
    ],
  ],
  async run(values, [path]) {
    const output = textOf(values, "output");
    if (output === undefined) throw new UsageError("-o is missing; it names the file to save the model in");
    const checkpoint = await resume(values);
    const run: Values = { ...checkpoint?.run.options, ...values };
    if (!checkpoint && targetOf(values) === undefined)
      throw new UsageError("--target is missing; it names the column to predict");
    const validation =
      numberOf(run, "validation", (value) => value >= 0 && value < 1, "a fraction of at least 0 and below 1") ?? 0;
    const fold = foldOf(run);
    if (fold && validation) throw new UsageError("--fold and --validation are both given; give one of them");
    if (fold && run.seed === undefined && !checkpoint)
      throw new UsageError("--seed is missing; --fold needs it, so that all processes divide the rows alike");
    const done = checkpoint?.run.epochs ?? 0;
    const fit = fitOptions(run, validation > 0 || fold !== undefined);
    const dataset = await openDataset(path!, values, "many");
    const quiet = Boolean(values.quiet);
    const interrupt = listenForInterrupt();
    let epochs = done;
    const job: Job = {
      dataset,
      validation,
      fold,
      resumed: checkpoint?.model,
      network: checkpoint?.model.network,
      options: tableOptions(values, networkOptions(values)),
      fit: {
        ...fit,
        ...(typeof fit.epochs === "number" && { epochs: Math.max(0, fit.epochs - done) }),
        signal: interrupt.signal,
      },
      progress: createProgress(quiet),
      onColumns(model, rows) {
        if (quiet) return;
        job.progress.end();
        note(
          [
            `${dataset.name}: ${dataset.describe()}; ${plural(rows, "row")}`,
            ...columnLines(model.columns, columnsOf(process.stderr)),
            "",
          ].join("\n"),
        );
      },
      onEpoch: () => {
        epochs++;
      },
    };
    const began = performance.now();
    try {
      const trained = await trainOn(job);
      job.progress.end();
      await saveModel(trained.nn, output);
      await report(values, output, dataset, trained, performance.now() - began);
    } catch (error) {
      job.progress.end();
      throw interrupt.received ? await saveInterrupted(job, interrupt, run, epochs, output) : explain(error, dataset);
    } finally {
      interrupt.end();
    }
  },
};

function foldOf({ fold }: Values): Job["fold"] {
  if (fold === undefined) return undefined;
  const [, index, folds] = /^(\d+)\/(\d+)$/.exec(String(fold)) ?? [];
  if (index === undefined || Number(folds) < 2 || Number(index) >= Number(folds))
    throw new UsageError(`--fold is "${String(fold)}"; it must be like 0/5, …, 4/5`);
  return { index: Number(index), folds: Number(folds) };
}

/** The checkpoint to continue from, if any; options that it contains cannot be given again. */
function resume(values: Values): Promise<Checkpoint> | undefined {
  const path = textOf(values, "resume");
  if (path === undefined) return undefined;
  const told = [...Object.keys(NETWORK_OPTIONS), ...Object.keys(COLUMN_OPTIONS), "validation", "fold"].find(
    (name) => values[name] !== undefined,
  );
  if (told) throw new UsageError(`--${told} is given, but --resume goes on as the checkpoint's training began`);
  return loadCheckpoint(path);
}

async function saveInterrupted(job: Job, { received }: Interrupt, run: Values, epochs: number, output: string): Promise<Error> {
  if (!job.network || epochs === 0)
    return new InterruptedError("interrupted before the first epoch was complete; nothing was saved", received!);
  const path = checkpointPath(output);
  const options = Object.fromEntries(
    RUN_OPTIONS.filter((name) => run[name] !== undefined).map((name) => [name, run[name] as string | boolean]),
  );
  await saveCheckpoint(job.network, { options, epochs }, path);
  return new InterruptedError(
    `interrupted after ${plural(epochs, "epoch")}; saved ${path}, from which --resume ${path} goes on`,
    received!,
  );
}

/** The figures of the run: those of the best epoch where early stopping went back to it. */
async function report(
  values: Values,
  output: string,
  dataset: Dataset,
  { nn, history, rows }: Trained,
  ms: number,
): Promise<void> {
  const at = history.bestEpoch ?? history.epochs - 1;
  const figures = (["loss", "accuracy", "valLoss", "valAccuracy"] as const).flatMap((name) => {
    const value = history[name]?.[at];
    return value === undefined ? [] : [[name, value] as const];
  });
  if (values.json) {
    await print(
      `${JSON.stringify({
        output,
        data: dataset.name,
        rows,
        epochs: history.epochs,
        stopReason: history.stopReason,
        ...Object.fromEntries(figures),
        parameters: nn.parameterCount,
        seed: nn.seed,
        seconds: Number((ms / 1000).toFixed(3)),
        rowsPerSecond: Math.round(history.samplesPerSecond),
      })}\n`,
    );
    return;
  }
  const lines = drawTable(
    ["result", ""],
    [
      ...figures.map(([name, value]) => [name, short(value)]),
      ["epochs", `${short(history.epochs)}, ${history.stopReason}`],
      ["parameters", short(nn.parameterCount)],
      ["seed", String(nn.seed)],
      ["time", `${duration(ms)}, ${short(Math.round(history.samplesPerSecond))} rows/s`],
      ["saved", output],
    ],
    columnsOf(process.stdout),
  );
  await print(`${lines.slice(1).join("\n")}\n`);
}
