// What a training that was interrupted leaves behind: the model file of its last complete epoch, with the options of the run in its metadata.
import type { TableModel } from "../../entries/table.js";
import type { NN } from "../../index.js";
import { DataError } from "../errors.js";
import { loadTable, saveModel } from "../models.js";

const KEY = "wasmlp/train";
const VERSION = 1;

/** The state from which a run continues: options as command-line texts, and completed epochs. */
export interface Run {
  readonly options: Readonly<Record<string, string | boolean>>;
  readonly epochs: number;
}

export interface Checkpoint {
  readonly model: TableModel;
  readonly run: Run;
}

type Metadata = Record<string, unknown>;

/** `flowers.checkpoint.safetensors` beside `flowers.safetensors`. */
export const checkpointPath = (output: string): string => output.replace(/(\.safetensors)?$/, ".checkpoint.safetensors");

export async function saveCheckpoint(nn: NN, run: Run, path: string): Promise<void> {
  const before = nn.metadata;
  nn.metadata = { ...(before as Metadata), [KEY]: { version: VERSION, ...run } };
  await saveModel(nn, path);
  nn.metadata = before;
}

/** The model of a checkpoint, and what its run was told. */
export async function loadCheckpoint(path: string): Promise<Checkpoint> {
  const model = await loadTable(path);
  const { [KEY]: run, ...metadata } = model.network.metadata as Metadata;
  if (!isRun(run)) throw new DataError(`${path} is no checkpoint of an interrupted training, which wasmlp train saves on SIGINT`);
  model.network.metadata = metadata;
  return { model, run: { options: run.options, epochs: run.epochs } };
}

function isRun(value: unknown): value is Run {
  if (typeof value !== "object" || value === null) return false;
  const { version, options, epochs } = value as Run & { version: unknown };
  return (
    version === VERSION &&
    Number.isSafeInteger(epochs) &&
    epochs >= 0 &&
    typeof options === "object" &&
    options !== null &&
    Object.values(options).every((each) => typeof each === "string" || typeof each === "boolean")
  );
}
