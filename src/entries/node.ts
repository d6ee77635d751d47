// Networks in files, for Node. A file is replaced atomically: after a crash at any time, the path has either the old network or the new
// one, complete. The bytes are written to a temporary file in the same folder, flushed to disk, and then renamed.
import { randomUUID } from "node:crypto";
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ModelFormatError, NN } from "../index.js";

/** A path as text or as a `file:` URL. Typed structurally, because a program may have neither Node's `URL` type nor the DOM's. */
export type FilePath = string | { readonly href: string };

/**
 * Writes `nn.save()` to a file, atomically. The network is saved in its state at the time of the call.
 *
 * An existing file is replaced and its permissions are kept; if `path` is a symbolic link, its target is replaced. A process that is
 * killed while it saves may leave its temporary file, `.wasmlp-….tmp`, in the same folder; it can be deleted.
 * @throws Error of the file system (rejects), or when `path` is a folder or a device; `path` is then unchanged
 * @example
 * import { loadFile, saveFile } from "wasmlp/node";
 * await saveFile(nn, "xor.safetensors");
 * const again = await loadFile("xor.safetensors");
 */
export async function saveFile(nn: NN, path: FilePath): Promise<void> {
  const bytes = bytesOf(nn);
  const { target, temporary, mode } = placeOf(path);
  try {
    const file = await open(temporary, "wx", mode);
    try {
      await file.writeFile(bytes);
      if (mode !== undefined) await file.chmod(mode);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  try {
    const folder = await open(dirname(target));
    await folder.sync().finally(() => folder.close());
  } catch {
    // Some systems cannot flush a folder; the file is in place already.
  }
}

/**
 * `saveFile` for callers that cannot wait, such as `onEpochEnd` of `fit`: a checkpoint after each epoch.
 * @throws as `saveFile`
 * @example
 * nn.fit(x, y, { epochs: 100, onEpochEnd: () => saveFileSync(nn, "checkpoint.safetensors") });
 */
export function saveFileSync(nn: NN, path: FilePath): void {
  const bytes = bytesOf(nn);
  const { target, temporary, mode } = placeOf(path);
  try {
    const file = openSync(temporary, "wx", mode);
    try {
      writeFileSync(file, bytes);
      if (mode !== undefined) fchmodSync(file, mode);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  try {
    const folder = openSync(dirname(target), "r");
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  } catch {
    // As above.
  }
}

/**
 * Loads a network from a file; training continues as if it had never stopped.
 * @throws Error of the file system (rejects), such as ENOENT
 * @throws ModelFormatError that names the file, when it does not contain a network or is damaged (rejects)
 */
export async function loadFile(path: FilePath): Promise<NN> {
  return parse(await readFile(nameOf(path)), path);
}

/**
 * `loadFile` for callers that cannot wait.
 * @throws as `loadFile`
 */
export function loadFileSync(path: FilePath): NN {
  return parse(readFileSync(nameOf(path)), path);
}

function parse(bytes: Uint8Array, path: FilePath): NN {
  try {
    return NN.load(bytes);
  } catch (error) {
    if (!(error instanceof ModelFormatError)) throw error;
    throw new ModelFormatError(`${nameOf(path)}: ${error.message}`, { cause: error });
  }
}

const nameOf = (path: FilePath): string => (typeof path === "string" ? path : fileURLToPath(path as URL));

/** The file to replace, its permissions if it exists, and an unused name in the same folder. */
function placeOf(path: FilePath): { target: string; temporary: string; mode: number | undefined } {
  let target = nameOf(path);
  let mode: number | undefined;
  try {
    target = realpathSync.native(target);
    const info = statSync(target);
    if (!info.isFile()) throw new Error(`${target} is not a file that a network could be saved to`);
    mode = info.mode & 0o7777;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  return { target, mode, temporary: join(dirname(target), `.wasmlp-${randomUUID()}.tmp`) };
}

function bytesOf(nn: NN): Uint8Array {
  if (typeof (nn as Partial<NN> | null)?.save === "function") return nn.save();
  throw new TypeError("saveFile takes a network first, then a path");
}
