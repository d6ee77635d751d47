// A network as one safetensors file. The tensors have PyTorch's names and shapes, so that load_state_dict accepts them. The metadata has
// the description, the optimiser's state and a checksum.
//
//   8 bytes  length of the header, little-endian
//   header   JSON: name → { dtype, shape, data_offsets }, and __metadata__: text → text
//   data     the tensors, without gaps: layers.0.weight [units, inputs], layers.0.bias [units], layers.1.weight …
//
// Format: https://github.com/huggingface/safetensors#format
import { malformed } from "../errors.js";
import { checkSize, createArray, parameterCount, slotCount, viewBlock } from "../model/parameters.js";
import { itemSize, type FloatArray, type LayerParameters, type ModelSpec } from "../model/spec.js";
import { show } from "../options/checks.js";
import { decodeBase64, decodeUtf8, encodeBase64, encodeUtf8, latin1 } from "../platform.js";
import { object, parseBounded } from "./bounded-json.js";
import { crc32 } from "./crc32.js";
import { describe, metadataText, readDescription, readMetadata, type SavedModel } from "./model.js";

/** The largest header that the reference implementation of safetensors accepts. */
const LARGEST_HEADER = 100_000_000;
/** The placeholder of the checksum while it is computed. */
const NO_CHECKSUM = "00000000";
const METADATA = "__metadata__";

/** A tensor's entry in the header, and its length in bytes. */
interface Tensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: number;
}

export function encode(model: SavedModel): Uint8Array<ArrayBuffer> {
  const { spec } = model.settings;
  const { parameters, slots } = model.state;
  const data = flatten(spec, [parameters]);
  const metadata = {
    wasmlp: JSON.stringify(describe(model)),
    metadata: metadataText(model.metadata),
    optimizer: encodeBase64(flatten(spec, slots)),
    checksum: NO_CHECKSUM,
  };
  let end = 0;
  // The text is built entry by entry: an object with this many keys takes several times as long.
  const entries = tensors(spec).map(
    ({ name, dtype, shape, bytes }) => `,"${name}":` + JSON.stringify({ dtype, shape, data_offsets: [end, (end += bytes)] }),
  );
  const text = encodeUtf8(`{"${METADATA}":${JSON.stringify(metadata)}${entries.join("")}}`);
  // Padded with spaces, so that the data starts at a multiple of 8.
  const headerBytes = Math.ceil(text.length / 8) * 8;
  if (headerBytes > LARGEST_HEADER) throw new RangeError("the optimiser's state is too large for a safetensors header");
  const file = new Uint8Array(8 + headerBytes + data.length).fill(0x20, 8, 8 + headerBytes);
  new DataView(file.buffer).setUint32(0, headerBytes, true);
  file.set(text, 8);
  file.set(data, 8 + headerBytes);
  const { digits, place } = checksum(file, headerBytes);
  file.set(encodeUtf8(digits), place);
  return file;
}

/** A safetensors file whose header has been parsed. */
export interface SafetensorsFile {
  readonly file: Uint8Array;
  readonly headerBytes: number;
  /** The entries of all tensors, and `__metadata__`. */
  readonly header: Record<string, unknown>;
  readonly data: Uint8Array;
}

/** @throws ModelFormatError */
export function openFile(bytes: Uint8Array): SafetensorsFile {
  if (bytes.byteLength < 8) malformed("the file is cut short: it has no header");
  // Node's Buffer is a Uint8Array whose slice does not copy, so a plain view replaces it. Shared memory is copied, because another thread
  // may write to it between a check and a use.
  const view = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const file = view.buffer instanceof ArrayBuffer ? view : new Uint8Array(view);
  const headerBytes = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const data = file.subarray(8 + headerBytes);
  if (headerBytes > file.length - 8)
    malformed(`the file is cut short, or no safetensors file: its header claims ${headerBytes} bytes`);
  if (headerBytes > LARGEST_HEADER) malformed(`the header has ${headerBytes} bytes; safetensors allows ${LARGEST_HEADER}`);
  // A tensor has at least one number, and its entry is at least as long as `"layers.0.bias":{"dtype":"F32","shape":[1],…`.
  const mostTensors = 16 + Math.min(data.length / 4, headerBytes / 64);
  const header = parseBounded(utf8(file.subarray(8, 8 + headerBytes)), "the header", {
    containers: 3 * mostTensors,
    commas: 6 * mostTensors,
    texts: 6 * mostTensors,
  });
  return { file, headerBytes, header, data };
}

/** @throws ModelFormatError */
export function decode(bytes: Uint8Array): SavedModel {
  const { file, headerBytes, header, data } = openFile(bytes);
  const metadata = (header[METADATA] ?? {}) as Record<string, unknown>;
  if (typeof object(metadata, METADATA).wasmlp !== "string") {
    malformed(
      "this safetensors file was not saved by wasmlp; to take the weights of another program's, say what its layers are: NN.load(bytes, { layers })",
    );
  }
  for (const key of Object.keys(metadata)) {
    if (!["wasmlp", "metadata", "optimizer", "checksum", "format"].includes(key))
      malformed(`metadata has an unknown entry ${show(key)}`);
  }
  const layers = Object.keys(header).length - 1;
  // A layer has up to five options; scalers have up to four lists of a number for each input or output, labels a text for each output.
  const description = parseBounded(metadata.wasmlp as string, "the description", {
    containers: 16 + layers,
    commas: 64 + 6 * layers + data.length,
    texts: 128 + 8 * layers + data.length / 4,
  });
  const { step, epoch, ...described } = readDescription(description, layers);
  const { spec } = described.settings;
  const pieces = locate(spec, header, data);
  if (metadata.checksum !== undefined && checksum(file, headerBytes).digits !== metadata.checksum) {
    malformed("the file is damaged: its checksum is wrong");
  }
  checkSize(spec);
  const optimizer = unbase64(metadata.optimizer, slotCount(spec.optimizer) * data.length);
  const slots = Array.from({ length: slotCount(spec.optimizer) }, (_, i) =>
    optimizer.subarray(i * data.length, (i + 1) * data.length),
  );
  return {
    ...described,
    metadata: readMetadata(metadata.metadata),
    state: { parameters: unflatten(spec, pieces), slots: slots.map((slot) => unflatten(spec, [slot])), step, epoch },
  };
}

function utf8(bytes: Uint8Array): string {
  try {
    return decodeUtf8(bytes);
  } catch {
    malformed("the header is not UTF-8");
  }
}

/**
 * Locates the network's tensors in the data. The file must have exactly these, in any order (other tools sort them), without gaps.
 */
function locate(spec: ModelSpec, header: Record<string, unknown>, data: Uint8Array): Uint8Array[] {
  const wanted = tensors(spec);
  const names = new Set([METADATA, ...wanted.map(({ name }) => name)]);
  const surplus = Object.keys(header).find((name) => !names.has(name));
  if (surplus !== undefined) malformed(`the file has an unknown tensor ${show(surplus)}`);
  const found = wanted.map((tensor) => {
    const { dtype, shape, data_offsets: place } = object(header[tensor.name], `tensor "${tensor.name}"`);
    return { tensor, dtype, shape, place, begin: (place as number[] | undefined)?.[0] as number };
  });
  let end = 0;
  for (const { tensor, dtype, shape, place } of [...found].sort((a, b) => a.begin - b.begin)) {
    const of = `of tensor "${tensor.name}"`;
    const expected = [end, (end += tensor.bytes)];
    if (dtype !== tensor.dtype) malformed(`dtype ${of} is ${show(dtype)}; it must be "${tensor.dtype}"`);
    if (!equalsList(shape, tensor.shape)) malformed(`shape ${of} must be [${tensor.shape.join(", ")}]`);
    if (!equalsList(place, expected)) malformed(`data_offsets ${of} must be [${expected.join(", ")}]`);
  }
  if (end !== data.length) malformed(`the file has ${data.length} bytes of tensors; it must have ${end}`);
  return found.map(({ tensor, begin }) => data.subarray(begin, begin + tensor.bytes));
}

const equalsList = (value: unknown, expected: readonly number[]): boolean =>
  Array.isArray(value) && value.length === expected.length && expected.every((number, i) => number === value[i]);

/** The file's checksum in eight hexadecimal digits, and their position. It is computed with zeros in their place. */
function checksum(file: Uint8Array, headerBytes: number): { digits: string; place: number } {
  const mark = '"checksum":"';
  const place = 8 + latin1(file.subarray(8, 8 + headerBytes)).lastIndexOf(mark) + mark.length;
  const crc = crc32(file.subarray(0, place), encodeUtf8(NO_CHECKSUM), file.subarray(place + 8));
  return { digits: crc.toString(16).padStart(8, "0"), place };
}

function tensors({ layers, dtype }: ModelSpec): Tensor[] {
  const name = dtype === "float32" ? "F32" : "F64";
  const tensor = (layer: number, part: string, ...shape: number[]): Tensor => ({
    name: `layers.${layer}.${part}`,
    dtype: name,
    shape,
    bytes: shape.reduce((product, n) => product * n, itemSize(dtype)),
  });
  return layers.flatMap(({ inputs, units, bias }, l) => [
    tensor(l, "weight", units, inputs),
    ...(bias ? [tensor(l, "bias", units)] : []),
  ]);
}

/** The blocks' numbers as bytes in the file's order: for each layer the kernel, transposed to [units, inputs], then the bias. */
function flatten({ layers, dtype }: ModelSpec, blocks: readonly (readonly LayerParameters[])[]): Uint8Array {
  // One array for all layers: separate buffers would take most of the time.
  const flat = createArray(dtype, blocks.length * parameterCount(layers));
  let at = 0;
  for (const block of blocks) {
    block.forEach(({ kernel, bias }, l) => {
      transpose(kernel, layers[l].inputs, layers[l].units, flat, at);
      at += kernel.length;
      if (bias) flat.set(bias, at);
      at += bias?.length ?? 0;
    });
  }
  return new Uint8Array(flat.buffer);
}

/** The block with the numbers of these bytes, which are in the file's order. */
function unflatten({ layers, dtype }: ModelSpec, pieces: readonly Uint8Array[]): LayerParameters[] {
  const count = parameterCount(layers);
  // Copied, because the numbers may be unaligned.
  const bytes = new Uint8Array(count * itemSize(dtype));
  let end = 0;
  for (const piece of pieces) {
    bytes.set(piece, end);
    end += piece.length;
  }
  const numbers = createArray(dtype, bytes.buffer);
  if (!numbers.every(Number.isFinite)) malformed("the file holds numbers that are not finite");
  const block = viewBlock(layers, createArray(dtype, count));
  let at = 0;
  block.forEach(({ kernel, bias }, l) => {
    transpose(numbers, layers[l].units, layers[l].inputs, kernel, 0, at);
    at += kernel.length;
    bias?.set(numbers.subarray(at, (at += bias.length)));
  });
  return block;
}

/** Transposes a matrix, rows × columns from `start` on, to another array, from `at` on. */
function transpose(matrix: FloatArray, rows: number, columns: number, to: FloatArray, at: number, start = 0): void {
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) to[at + c * rows + r] = matrix[start + r * columns + c];
}

function unbase64(text: unknown, size: number): Uint8Array {
  // What is too long is not even decoded.
  const bytes = typeof text === "string" && text.length === 4 * Math.ceil(size / 3) ? decodeBase64(text) : undefined;
  if (bytes?.length !== size) malformed(`the optimizer's state must be ${size} bytes in base64`);
  return bytes;
}
