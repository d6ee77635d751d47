// Shared by the suites of the formats: a second, minimal reader and writer of safetensors files that shares no line with
// the library, every optimiser, and networks in which everything that has a state is on.
import { expect } from "vitest";
import { ModelFormatError, NN, type LayerWeights, type NetworkOptions } from "../../src/index.js";
import { table } from "../nn/support.js";

export interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}
export interface Parts {
  /** Entries by name, `__metadata__` left out. */
  tensors: Record<string, Entry>;
  metadata: Record<string, string>;
  text: string;
  data: Uint8Array;
}

/** The parts of a file, by https://github.com/huggingface/safetensors#format. */
export function take(file: Uint8Array): Parts {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const length = Number(view.getBigUint64(0, true));
  const text = new TextDecoder("utf-8", { fatal: true }).decode(file.subarray(8, 8 + length));
  const { __metadata__: metadata, ...tensors } = JSON.parse(text) as { __metadata__: Record<string, string> };
  return { tensors: tensors as unknown as Record<string, Entry>, metadata, text, data: file.subarray(8 + length) };
}

/** A CRC-32 after half a byte, bit by bit. */
const HALVES = Array.from({ length: 16 }, (_, crc) => {
  for (let bit = 0; bit < 4; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  return crc;
});

/** CRC-32, half a byte at a time. */
export function crc32(bytes: Uint8Array): string {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) {
    crc ^= bytes[i];
    crc = (crc >>> 4) ^ HALVES[crc & 15];
    crc = (crc >>> 4) ^ HALVES[crc & 15];
  }
  return (~crc >>> 0).toString(16).padStart(8, "0");
}

const ZEROS = '"checksum":"00000000"';

/** A file of a header, as text or as bytes, and data; a checksum of zeros in the text becomes the right one. */
export function put(header: string | Uint8Array, data: Uint8Array = new Uint8Array()): Uint8Array {
  const bytes = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const file = new Uint8Array(8 + bytes.length + data.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(bytes.length), true);
  file.set(bytes, 8);
  file.set(data, 8 + bytes.length);
  const at = typeof header === "string" ? header.indexOf(ZEROS) : -1;
  if (at >= 0) {
    const before = new TextEncoder().encode((header as string).slice(0, at)).length;
    file.set(new TextEncoder().encode(crc32(file)), 8 + before + ZEROS.length - 9);
  }
  return file;
}

/** The parts of a file that a test may change. `description` is the network's JSON, `header` the whole file's. */
export interface Forgery {
  header: Record<string, unknown>;
  metadata: Record<string, unknown>;
  description: Record<string, unknown>;
  options: Record<string, unknown>;
  data: Uint8Array;
}

/** A file after changes, its checksum right again; `text` may be changed at last, where JSON has no words for it. */
export function forge(file: Uint8Array, change: (parts: Forgery) => void, text = (header: string): string => header): Uint8Array {
  const parts = take(file);
  const header = JSON.parse(parts.text) as Record<string, unknown>;
  const metadata = header["__metadata__"] as Record<string, unknown>;
  const description = JSON.parse(metadata["wasmlp"] as string) as Record<string, unknown>;
  metadata["checksum"] = "00000000";
  const forgery: Forgery = {
    header,
    metadata,
    description,
    options: description["options"] as Record<string, unknown>,
    data: parts.data.slice(),
  };
  const wasmlp = metadata["wasmlp"];
  change(forgery);
  if (metadata["wasmlp"] === wasmlp) metadata["wasmlp"] = JSON.stringify(description);
  return put(text(JSON.stringify(header)), forgery.data);
}

export const OPTIMIZERS = [
  { name: "sgd" },
  { name: "sgd", momentum: 0.9 },
  { name: "sgd", momentum: 0.8, nesterov: true },
  { name: "rmsprop", rho: 0.95, epsilon: 1e-6 },
  { name: "adam", beta1: 0.8, beta2: 0.99 },
  { name: "adamw", weightDecay: 0.05 },
] as const;

/** Layers with and without biases, dropout, shuffling, l2, clipping, scalers. 3 inputs, 2 outputs. */
export const FULL = {
  layers: [3, { units: 7, activation: "gelu", dropout: 0.25 }, { units: 5, activation: "relu", bias: false }, 2],
  loss: "meanSquaredError",
  learningRate: 0.01,
  l2: 0.01,
  clipNorm: 0.5,
  inputScaling: "standard",
  targetScaling: "minmax",
  batchSize: 4,
  shuffle: true,
  epochs: 3,
  seed: 77,
} as const satisfies NetworkOptions;
export const X = table(11, 3, 1).map((row) => row.map((value) => 10 * value + 3));
/** From 0 to 1, for last layers that are sigmoids. */
export const Y = table(11, 2, 2).map((row) => row.map(Math.abs));

/** A small network that has trained, and its file. */
export function small(options: Partial<NetworkOptions> = {}): { nn: NN; file: Uint8Array<ArrayBuffer> } {
  const nn = new NN({ layers: [2, 3, 1], optimizer: "adam", inputScaling: "standard", epochs: 1, seed: 1, ...options });
  const x = table(3, nn.layers[0].inputs);
  nn.fit(
    x,
    table(3, nn.layers.at(-1)!.units).map((row) => row.map(Math.abs)),
  );
  return { nn, file: nn.save() };
}

/** The bytes of all weights, each array in hexadecimal. */
export const bytesOf = (weights: readonly LayerWeights[]): string[] =>
  weights.flatMap(({ kernel, bias }) =>
    [kernel, ...(bias ? [bias] : [])].map((array) =>
      Array.from(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), (byte) =>
        byte.toString(16).padStart(2, "0"),
      ).join(""),
    ),
  );

export const weightBytes = (nn: NN): string[] => bytesOf(nn.getWeights());

/** The error that a call throws, which must be a ModelFormatError. */
export function formatError(call: () => unknown): string {
  let thrown: unknown;
  try {
    call();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(ModelFormatError);
  return (thrown as Error).message;
}
