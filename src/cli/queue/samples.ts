// A table's numbers in Redis: pieces of bounded size, and a description with their digest. Workers need no access to the file.
import { createHash } from "node:crypto";
import type { Redis } from "ioredis";
import { ModelFormatError } from "../../index.js";
import { DataError } from "../errors.js";
import type { Encoded } from "../search/encode.js";

const VERSION = 1;
const PIECE = 1 << 20;
/** Bytes that a queue is meant for. */
const MOST = 1 << 29;
/** Seconds after which Redis drops the data of an abandoned search. */
const EXPIRY = 14 * 24 * 3600;

interface Description {
  version: number;
  rows: number;
  inputs: number;
  /** Numbers of a row's target. */
  targets: number;
  bytes: number;
  dtype: "float32" | "float64";
  digest: string;
}

const keyOf = (search: string): string => `wasmlp:data:${search}`;

const bytesOf = ({ x, y }: Encoded): Buffer =>
  Buffer.concat([x, y].map((numbers) => Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength)));

export const digestOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

export const digestOfSamples = (samples: Encoded): string => digestOf(bytesOf(samples));

/** Stores numbers under a search, unless they are there. */
export async function putSamples(redis: Redis, search: string, samples: Encoded): Promise<void> {
  const bytes = bytesOf(samples);
  if (bytes.length > MOST)
    throw new DataError(
      `the rows are ${Math.ceil(bytes.length / 2 ** 20)} MB of numbers; a queue is meant for at most ${MOST >> 20} MB: take a sample of them`,
    );
  const key = keyOf(search);
  for (let at = 0, piece = 0; at < bytes.length; at += PIECE, piece++)
    await redis.set(`${key}:${piece}`, bytes.subarray(at, at + PIECE), "EX", EXPIRY);
  const description: Description = {
    version: VERSION,
    rows: samples.rows,
    inputs: samples.inputs,
    targets: samples.y.length / samples.rows,
    bytes: bytes.length,
    dtype: samples.dtype,
    digest: digestOf(bytes),
  };
  // Written last, so that a reader who finds it also finds the pieces.
  await redis.set(key, JSON.stringify(description), "EX", EXPIRY);
}

export async function dropSamples(redis: Redis, search: string): Promise<void> {
  const key = keyOf(search);
  const description = await readDescription(redis, search).catch(() => undefined);
  const pieces = description ? Math.ceil(description.bytes / PIECE) : 0;
  await redis.del(key, ...Array.from({ length: pieces }, (_, piece) => `${key}:${piece}`));
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;

async function readDescription(redis: Redis, search: string): Promise<Description> {
  const text = await redis.get(keyOf(search));
  if (text === null) throw new ModelFormatError(`search ${search} has no data in Redis; it may be over`);
  if (text.length > 1000) throw new ModelFormatError(`the description of search ${search} is too long`);
  const value = JSON.parse(text) as Description;
  const { version, rows, inputs, targets, bytes, dtype } = value;
  if (version !== VERSION)
    throw new ModelFormatError(
      `search ${search} was written by another version of wasmlp (data version ${String(version)}, not ${VERSION})`,
    );
  const size = dtype === "float64" ? 8 : 4;
  if (
    ![rows, inputs, targets, bytes].every(isCount) ||
    (dtype !== "float32" && dtype !== "float64") ||
    bytes > MOST ||
    rows * (inputs + targets) * size !== bytes
  ) {
    throw new ModelFormatError(`the description of search ${search} contradicts itself`);
  }
  return value;
}

/** @throws ModelFormatError when the numbers are not what their description says */
export async function getSamples(redis: Redis, search: string): Promise<Encoded> {
  const { rows, inputs, targets, bytes, dtype, digest } = await readDescription(redis, search);
  const all = Buffer.from(new ArrayBuffer(bytes));
  for (let at = 0, piece = 0; at < bytes; at += PIECE, piece++) {
    const part = await redis.getBuffer(`${keyOf(search)}:${piece}`);
    if (part?.length !== Math.min(PIECE, bytes - at))
      throw new ModelFormatError(`piece ${piece} of the data of search ${search} is missing or of the wrong size`);
    all.set(part, at);
  }
  if (digestOf(all) !== digest)
    throw new ModelFormatError(`the data of search ${search} was altered: its SHA-256 is not the one that was stored`);
  const numbers = dtype === "float64" ? new Float64Array(all.buffer) : new Float32Array(all.buffer);
  return { x: numbers.subarray(0, rows * inputs), y: numbers.subarray(rows * inputs), rows, inputs, targets, dtype };
}
