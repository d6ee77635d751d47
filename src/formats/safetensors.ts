// A network as one safetensors file. Its tensors are the model, named and shaped as PyTorch names and shapes them, so that
// load_state_dict takes them; its metadata is the rest: the description, the optimiser's state, a checksum.
//
//   8 bytes  length of the header, little-endian
//   header   JSON: name → { dtype, shape, data_offsets }, and __metadata__: text → text
//   data     the tensors, without gaps: layers.0.weight [units, inputs], layers.0.bias [units], layers.1.weight …
//
// Format: https://github.com/huggingface/safetensors#format
import { malformed } from "../errors.js";
import { createArray, slotCount, viewBlock } from "../parameters.js";
import { itemSize, type FloatArray, type LayerParameters, type ModelSpec } from "../spec.js";
import { show } from "../suggest.js";
import { crc32 } from "./crc32.js";
import { describe, object, readDescription, type LoadedModel, type SavedModel } from "./model.js";

/** The largest header that safetensors' own readers accept. */
const LARGEST_HEADER = 100_000_000;
/** Stands for the checksum while it is computed. */
const NO_CHECKSUM = "00000000";
const METADATA = "__metadata__";

/** What the header says of a tensor, and its length in bytes. */
interface Tensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: number;
}

export function encode(model: SavedModel): Uint8Array<ArrayBuffer> {
  const { spec } = model.settings;
  const { parameters, slots } = model.state;
  const data = bytesOf(flatten(spec, parameters));
  const entries: Record<string, unknown> = {
    [METADATA]: {
      wasmlp: JSON.stringify(describe(model)),
      optimizer: base64(bytesOf(slots.flatMap((slot) => flatten(spec, slot)))),
      checksum: NO_CHECKSUM,
    },
  };
  let end = 0;
  for (const { name, dtype, shape, bytes } of tensors(spec)) entries[name] = { dtype, shape, data_offsets: [end, (end += bytes)] };
  const text = new TextEncoder().encode(JSON.stringify(entries));
  // Padded with spaces, so that the data starts at a multiple of 8.
  const headerBytes = Math.ceil(text.length / 8) * 8;
  if (headerBytes > LARGEST_HEADER) throw new RangeError("the optimiser's state is too large for a safetensors header");
  const file = new Uint8Array(8 + headerBytes + data.length).fill(0x20, 8, 8 + headerBytes);
  new DataView(file.buffer).setUint32(0, headerBytes, true);
  file.set(text, 8);
  file.set(data, 8 + headerBytes);
  const { digits, place } = checksum(file, headerBytes);
  file.set(new TextEncoder().encode(digits), place);
  return file;
}

/** @throws ModelFormatError */
export function decode(bytes: Uint8Array): LoadedModel {
  // Node's Buffer is a Uint8Array whose slice does not copy; this view's does.
  const file = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.length < 8) malformed("the file is cut short: it has no header");
  const headerBytes = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const data = file.subarray(8 + headerBytes);
  if (headerBytes > file.length - 8) malformed(`the file is cut short, or no safetensors file: its header claims ${headerBytes} bytes`);
  const header = parse(utf8(file.subarray(8, 8 + headerBytes)), "the header");
  const metadata = object(header[METADATA], METADATA);
  for (const key of Object.keys(metadata)) {
    if (!["wasmlp", "optimizer", "checksum", "format"].includes(key)) malformed(`metadata has an unknown entry "${key}"`);
  }
  if (typeof metadata.wasmlp !== "string") malformed("this safetensors file was not saved by wasmlp");
  const { step, epoch, ...described } = readDescription(parse(metadata.wasmlp, "the description"));
  const { spec } = described.settings;
  const pieces = locate(spec, header, data);
  if (metadata.checksum !== undefined && checksum(file, headerBytes).digits !== metadata.checksum) {
    malformed("the file is damaged: its checksum is wrong");
  }
  const optimizer = unbase64(metadata.optimizer);
  const slots = Array.from({ length: slotCount(spec.optimizer) }, (_, i) => optimizer.subarray(i * data.length, (i + 1) * data.length));
  const size = slots.length * data.length;
  if (optimizer.length !== size) malformed(`the optimizer's state has ${optimizer.length} bytes; it must have ${size}`);
  return {
    ...described,
    state: { parameters: unflatten(spec, bytesOf(pieces)), slots: slots.map((slot) => unflatten(spec, slot)), step, epoch },
  };
}

function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    malformed("the header is not UTF-8");
  }
}

function parse(text: string, name: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    malformed(`${name} is not JSON`);
  }
  return object(value, name);
}

/**
 * Each of the network's tensors in the data. The file must have these and no others, in any order (other tools sort them),
 * without gaps.
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
    if (!isList(shape, tensor.shape)) malformed(`shape ${of} must be [${tensor.shape.join(", ")}]`);
    if (!isList(place, expected)) malformed(`data_offsets ${of} must be [${expected.join(", ")}]`);
  }
  if (end !== data.length) malformed(`the file has ${data.length} bytes of tensors; it must have ${end}`);
  return found.map(({ tensor, begin }) => data.subarray(begin, begin + tensor.bytes));
}

const isList = (value: unknown, expected: readonly number[]): boolean =>
  Array.isArray(value) && value.length === expected.length && expected.every((number, i) => number === value[i]);

/** The file's checksum, in eight hexadecimal digits, and their place: it is that of the file with zeros there. */
function checksum(file: Uint8Array, headerBytes: number): { digits: string; place: number } {
  const mark = '"checksum":"';
  const place = 8 + new TextDecoder("latin1").decode(file.subarray(8, 8 + headerBytes)).lastIndexOf(mark) + mark.length;
  const crc = crc32(file.subarray(0, place), new TextEncoder().encode(NO_CHECKSUM), file.subarray(place + 8));
  return { digits: crc.toString(16).padStart(8, "0"), place };
}

function tensors({ layers, dtype }: ModelSpec): Tensor[] {
  const name = dtype === "float32" ? "F32" : "F64";
  const tensor = (layer: number, part: string, ...shape: number[]): Tensor =>
    ({ name: `layers.${layer}.${part}`, dtype: name, shape, bytes: shape.reduce((product, n) => product * n, itemSize(dtype)) });
  return layers.flatMap(({ inputs, units, bias }, l) => [
    tensor(l, "weight", units, inputs), ...(bias ? [tensor(l, "bias", units)] : []),
  ]);
}

/** A block's arrays in the file's order: each kernel transposed to [units, inputs], then its bias. */
function flatten({ layers }: ModelSpec, block: readonly LayerParameters[]): FloatArray[] {
  return block.flatMap(({ kernel, bias }, l) => [transpose(kernel, layers[l].inputs, layers[l].units), ...(bias ? [bias] : [])]);
}

/** The block whose arrays, in the file's order, are these bytes. */
function unflatten(spec: ModelSpec, bytes: Uint8Array): LayerParameters[] {
  // A copy: the numbers may not be aligned.
  const numbers = createArray(spec.dtype, bytes.slice().buffer);
  if (!numbers.every(Number.isFinite)) malformed("the file holds numbers that are not finite");
  const block = viewBlock(spec.layers, numbers);
  block.forEach(({ kernel }, l) => kernel.set(transpose(kernel, spec.layers[l].units, spec.layers[l].inputs)));
  return block;
}

function transpose(matrix: FloatArray, rows: number, columns: number): FloatArray {
  const result = matrix.slice();
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) result[c * rows + r] = matrix[r * columns + c];
  return result;
}

/** One new, aligned array of all the bytes. */
function bytesOf(arrays: readonly (FloatArray | Uint8Array)[]): Uint8Array {
  const bytes = new Uint8Array(arrays.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let offset = 0;
  for (const { buffer, byteOffset, byteLength } of arrays) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), offset);
    offset += byteLength;
  }
  return bytes;
}

function base64(bytes: Uint8Array): string {
  let text = "";
  // Through apply: spreading a typed array goes element by element, eight times slower.
  for (let i = 0; i < bytes.length; i += 0x2000) text += String.fromCharCode.apply(null, bytes.subarray(i, i + 0x2000) as unknown as number[]);
  return btoa(text);
}

function unbase64(text: unknown): Uint8Array {
  let decoded: string;
  try {
    decoded = atob(text as string);
  } catch {
    malformed("the optimizer's state is not base64");
  }
  const bytes = new Uint8Array(decoded.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = decoded.charCodeAt(i);
  return bytes;
}
