// Model files: read with messages that name the file, written all or nothing.
import { readFile } from "node:fs/promises";
import { saveFile } from "../entries/node.js";
import { TableModel } from "../entries/table.js";
import { ModelFormatError, NN } from "../index.js";
import { codeOf, DataError } from "./errors.js";

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new DataError(codeOf(error) === "ENOENT" ? `${path}: no such file` : `${path}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** The network of a file, and its table's columns where it has any. */
export async function loadModel(path: string): Promise<{ nn: NN; table: TableModel | undefined }> {
  const bytes = await readBytes(path);
  try {
    const nn = NN.load(bytes);
    const hasColumns = typeof nn.metadata === "object" && nn.metadata !== null && "wasmlp/table" in nn.metadata;
    if (!hasColumns) return { nn, table: undefined };
    const table = TableModel.load(bytes);
    return { nn: table.network, table };
  } catch (error) {
    if (!(error instanceof ModelFormatError)) throw error;
    throw new DataError(`${path} is no model that can be used: ${error.message}`, { cause: error });
  }
}

/** The model of a file that was trained on a table. */
export async function loadTable(path: string): Promise<TableModel> {
  const { table } = await loadModel(path);
  if (table) return table;
  throw new DataError(
    `${path} holds a network without the columns of a table; only models that wasmlp train or TableModel saved can be used with files of rows`,
  );
}

/** @throws DataError that names the path */
export async function saveModel(nn: NN, path: string): Promise<void> {
  try {
    await saveFile(nn, path);
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    throw new DataError(`${path} cannot be written: ${(error as Error).message}`, { cause: error });
  }
}
