// Reads bytes from a file or standard input, and decompresses gzip data.
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { codeOf, DataError } from "../errors.js";

export interface Source {
  /** As messages name it. */
  readonly name: string;
  /** Bytes, compressed as they are; undefined for a pipe. */
  readonly size: number | undefined;
  /** Whether `open` may be called more than once. */
  readonly repeatable: boolean;
  /** Bytes that the present pass has read, compressed as they are. */
  readonly position: number;
  open(): AsyncIterable<Uint8Array>;
}

const CHUNK = 1 << 18;

/**
 * @param path a file's path, or `-` for standard input
 * @param passes whether the bytes are needed several times: standard input is then copied to a temporary file
 * @throws DataError when there is no such file
 */
export async function openSource(path: string, passes: "one" | "many"): Promise<Source> {
  if (path !== "-") return fileSource(path, path);
  if (process.stdin.isTTY) throw new DataError("standard input is a terminal; name a file, or pipe data in");
  return passes === "one" ? stdinSource() : fileSource(await spool(process.stdin), "standard input");
}

async function fileSource(path: string, name: string): Promise<Source> {
  const info = await stat(path).catch((error: unknown) => {
    throw new DataError(codeOf(error) === "ENOENT" ? `${name}: no such file` : `${name}: ${(error as Error).message}`, {
      cause: error,
    });
  });
  if (info.isDirectory()) throw new DataError(`${name} is a folder; a file is expected`);
  const isPipe = info.isFIFO() || info.isCharacterDevice();
  return countedSource(name, isPipe ? undefined : info.size, !isPipe, () => createReadStream(path, { highWaterMark: CHUNK }));
}

const stdinSource = (): Source => countedSource("standard input", undefined, false, () => process.stdin);

function countedSource(name: string, size: number | undefined, repeatable: boolean, read: () => Readable): Source {
  let position = 0;
  let opened = false;
  return {
    name,
    size,
    repeatable,
    get position() {
      return position;
    },
    open() {
      if (opened && !repeatable) throw new DataError(`${name} can be read only once; save it to a file first`);
      opened = true;
      position = 0;
      return unzipped(name, read(), (bytes) => {
        position += bytes;
      });
    },
  };
}

async function* unzipped(name: string, stream: Readable, count: (bytes: number) => void): AsyncGenerator<Uint8Array, void> {
  const chunks = counted(stream, count);
  try {
    const head: Uint8Array[] = [];
    let length = 0;
    while (length < 2) {
      const { done, value } = await chunks.next();
      if (done) break;
      head.push(value);
      length += value.length;
    }
    const first = Buffer.concat(head);
    const all = prepended(first, chunks);
    if (first[0] !== 0x1f || first[1] !== 0x8b) {
      yield* all;
      return;
    }
    const gunzip = createGunzip({ chunkSize: CHUNK });
    // Its errors are emitted by the stream that is read below.
    pipeline(all, gunzip).catch(() => undefined);
    yield* gunzip as AsyncIterable<Uint8Array>;
  } catch (error) {
    const code = codeOf(error);
    if (!code?.startsWith("Z_")) throw error;
    throw new DataError(`${name}: the gzip data is damaged or cut short (${(error as Error).message}); try gzip -t`, {
      cause: error,
    });
  }
}

async function* counted(stream: Readable, count: (bytes: number) => void): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    count(chunk.length);
    yield chunk;
  }
}

async function* prepended(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  if (first.length) yield first;
  yield* rest;
}

/** Copies a stream to a temporary file, which is removed when the process ends. Returns its path. */
async function spool(stream: Readable): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "wasmlp-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "stdin");
  await pipeline(stream, createWriteStream(path));
  return path;
}
