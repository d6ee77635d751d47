// The two ways of training on a file: rows in memory, or, where there are too many, encoded rows in a temporary file.
import { kFold } from "../../entries/selection.js";
import { generator } from "../../entries/selection/random.js";
import { TableModel, type TableAsyncFitOptions, type TableOptions } from "../../entries/table.js";
import { parseOptions } from "../../entries/table/options.js";
import { encoderFor, encodeStream, fittedFor, readClassWeight, scanStream, type Fitted } from "../../entries/table/prepare.js";
import { readColumns } from "../../entries/table/saved.js";
import type { AsyncFitOptions, EpochLogs, History, NN } from "../../index.js";
import type { Row } from "../data/row.js";
import type { Dataset } from "../data/rows.js";
import { plural } from "../format.js";
import type { Progress } from "../progress.js";
import { RowCache } from "./cache.js";

/** Cells that are held in memory as they are. */
const MOST_CELLS = 500_000;
/** Epochs of a file that is too large for memory; fewer rows are trained on until their loss stops falling. */
const LARGE_EPOCHS = 10;

export interface Job {
  readonly dataset: Dataset;
  readonly options: TableOptions;
  /** The model of a checkpoint, from which training continues. */
  readonly resumed: TableModel | undefined;
  /** The fraction of the rows that is kept for validation. */
  readonly validation: number;
  /** Instead: which of how many folds is kept for it. */
  readonly fold: { readonly index: number; readonly folds: number } | undefined;
  readonly fit: TableAsyncFitOptions;
  readonly progress: Progress;
  /** Called once the columns are known, before the first epoch has ended. */
  readonly onColumns: (model: TableModel, rows: number) => void;
  readonly onEpoch: (logs: EpochLogs) => void;
  /** The network as soon as there is one. */
  network: NN | undefined;
}

export interface Trained {
  readonly nn: NN;
  readonly history: History;
  readonly rows: number;
}

/** Trains on the rows of a file. */
export async function trainOn(job: Job): Promise<Trained> {
  const rows = await readAll(job);
  return rows ? trainInMemory(job, rows) : trainFromFile(job);
}

/** Shows how much of the file has been read. */
function reading({ dataset, progress }: Job, what: string, began: number, rows: number): void {
  const { size, position } = dataset.source;
  progress.update(size && position / size, `${what} ${plural(rows, "row")}`, [
    rows / ((performance.now() - began) / 1000),
    "rows",
  ]);
}

/** The rows, or undefined where there are too many cells. */
async function readAll(job: Job): Promise<Row[] | undefined> {
  const rows: Row[] = [];
  let cells = 0;
  const began = performance.now();
  for await (const block of job.dataset.blocks()) {
    cells += block.length * Object.keys(block[0]!).length;
    if (cells > MOST_CELLS && job.dataset.source.repeatable) return undefined;
    for (const row of block) rows.push(row);
    reading(job, "reading", began, rows.length);
  }
  return rows;
}

async function trainInMemory(job: Job, rows: Row[]): Promise<Trained> {
  const model = job.resumed ?? new TableModel(job.options);
  const { epochs } = job.fit;
  const { trained, validationData } = job.fold
    ? divide(rows, job.fold, job.resumed?.network.seed ?? job.options.network!.seed!)
    : { trained: rows };
  const history = await model.fitAsync(trained, {
    ...job.fit,
    ...(job.validation && { validationSplit: job.validation }),
    ...(validationData && { validationData }),
    onEpochEnd(logs) {
      if (!job.network || logs.epoch === 0) {
        job.network = model.network;
        job.onColumns(model, rows.length);
      }
      job.onEpoch(logs);
      showEpoch(job.progress, logs, epochs);
    },
  });
  return { nn: (job.network = model.network), history, rows: rows.length };
}

/** Rows of the other folds to train on, and those of one fold to measure. */
function divide(
  rows: readonly Row[],
  { index, folds }: NonNullable<Job["fold"]>,
  seed: number,
): { trained: Row[]; validationData: Row[] } {
  const { train, test } = kFold(rows.length, { folds, seed })[index]!;
  return { trained: train.map((row) => rows[row]!), validationData: test.map((row) => rows[row]!) };
}

function showEpoch(progress: Progress, { epoch, loss, valLoss, samplesPerSecond }: EpochLogs, epochs: number | undefined): void {
  const done = epochs && (epoch + 1) / epochs;
  progress.update(
    done,
    `epoch ${epoch + 1}${epochs ? `/${epochs}` : ""}  loss ${loss.toPrecision(4)}${valLoss === undefined ? "" : `  valLoss ${valLoss.toPrecision(4)}`}`,
    [samplesPerSecond, "rows"],
  );
}

const fittedOf = ({ network: nn }: TableModel): Fitted => ({ nn, encoder: encoderFor(nn, readColumns(nn)) });

/** Two passes through the text: one for what columns hold, one to encode them; then each epoch reads numbers. */
async function trainFromFile(job: Job): Promise<Trained> {
  const told = job.resumed ? undefined : parseOptions(job.options);
  async function* rows(what: string): AsyncGenerator<Row, void> {
    const began = performance.now();
    job.progress.restart();
    for await (const block of job.dataset.blocks()) {
      yield* block;
      reading(job, what, began, job.dataset.count + block.length);
    }
  }
  /** How many rows there are, for a run that needs no first pass. */
  async function count(): Promise<number> {
    for await (const row of rows("counting")) void row;
    return job.dataset.count;
  }
  const scan = told && (await scanStream(told, rows("first pass:"), job.fit));
  const { nn, encoder } = scan ? fittedFor(scan.finish(), told) : fittedOf(job.resumed!);
  const { classWeight, epochs = LARGE_EPOCHS, validationData: _, ...fit } = job.fit;
  if (classWeight === "balanced" && !scan)
    throw new RangeError(
      'classWeight is "balanced", which a run that was resumed on a file this large cannot count again; give weights per class',
    );
  const weights =
    classWeight === undefined
      ? undefined
      : readClassWeight(classWeight, encoder.classes, encoder.classes && scan?.countsOf(encoder.columns));

  // Classes are their indices for a cross-entropy of classes, else rows of zeros with a one.
  const targets = encoder.classes && nn.layers.at(-1)!.activation === "softmax" ? 1 : encoder.outputs;
  const cache = new RowCache(encoder.width, targets, nn.dtype),
    held = new RowCache(encoder.width, targets, nn.dtype);
  try {
    const random = generator(nn.seed);
    const tested =
      job.fold &&
      new Set(kFold(scan ? job.dataset.count : await count(), { folds: job.fold.folds, seed: nn.seed })[job.fold.index]!.test);
    const isHeld = (row: number): boolean => tested?.has(row) ?? (job.validation > 0 && random() < job.validation);
    let row = 0;
    for await (const [x, y] of encodeStream(encoder, rows("second pass:"), !job.resumed)) {
      for (let i = 0; i < y.length / targets; i++) {
        const to = isHeld(row++) ? held : cache;
        to.add(x.subarray(i * encoder.width, (i + 1) * encoder.width), y.subarray(i * targets, (i + 1) * targets));
      }
    }
    for (const each of [cache, held]) each.finish();
    job.onColumns(TableModel.load(nn.save()), cache.rows + held.rows);
    job.network = nn;
    const before = nn.toJSON().epoch;
    let epoch = before;
    job.progress.restart();
    const history = await nn.fitAsync(() => cache.chunks(fit.shuffle === false ? undefined : nn.seed + epoch++), {
      ...(fit as AsyncFitOptions),
      epochs,
      ...(weights && { classWeight: weights }),
      ...(held.rows && { validationData: held.all() }),
      onEpochEnd(logs) {
        job.onEpoch(logs);
        showEpoch(job.progress, logs, epochs);
      },
    });
    return { nn, history, rows: cache.rows };
  } finally {
    for (const each of [cache, held]) each.close();
  }
}
