// A network as one safetensors file. Its tensors are the model, named and shaped as PyTorch names and shapes them, so that
// load_state_dict takes them; its metadata is the rest: the description, the optimiser's state, a checksum.
//
//   8 bytes  length of the header, little-endian
//   header   JSON: name → { dtype, shape, data_offsets }, and __metadata__: text → text
//   data     the tensors, without gaps: layers.0.weight [units, inputs], layers.0.bias [units], layers.1.weight …
//
// Format: https://github.com/huggingface/safetensors#format
import { ModelFormatError } from "../errors.js";
import { emptyBlock, slotCount } from "../parameters.js";
import type { FloatArray, LayerParameters, ModelSpec } from "../spec.js";
import { show } from "../suggest.js";
import { crc32 } from "./crc32.js";
import { describe, object, readDescription, type LoadedModel, type SavedModel } from "./model.js";

/** The largest header that safetensors' own readers accept. */
const LARGEST_HEADER = 100_000_000;
/** Stands for the checksum while it is computed. */
const NO_CHECKSUM = "00000000";

interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
}

export function encode(model: SavedModel): Uint8Array<ArrayBuffer> {
  const { spec } = model.settings;
  const dtype = spec.dtype === "float32" ? "F32" : "F64";
  const data = bytesOf(flatten(spec, model.state.parameters));
  const entries: Record<string, unknown> = {
    __metadata__: {
      wasmlp: JSON.stringify(describe(model)),
      optimizer: base64(model.state.slots.map((slot) => bytesOf(flatten(spec, slot)))),
      checksum: NO_CHECKSUM,
    },
  };
  let offset = 0;
  for (const { name, shape } of tensors(spec)) {
    const end = offset + shape.reduce((product, n) => product * n) * itemBytes(spec);
    entries[name] = { dtype, shape, data_offsets: [offset, end] };
    offset = end;
  }
  const text = new TextEncoder().encode(JSON.stringify(entries));
  // Padded with spaces, so that the data starts at a multiple of 8.
  const headerBytes = Math.ceil(text.length / 8) * 8;
  if (headerBytes > LARGEST_HEADER) throw new RangeError("the optimiser's state is too large for a safetensors header");
  const file = new Uint8Array(8 + headerBytes + data.length).fill(0x20, 8, 8 + headerBytes);
  new DataView(file.buffer).setUint32(0, headerBytes, true);
  file.set(text, 8);
  file.set(data, 8 + headerBytes);
  const at = checksumPlace(file.subarray(8, 8 + headerBytes))!;
  file.set(new TextEncoder().encode(crc32(file).toString(16).padStart(8, "0")), 8 + at);
  return file;
}

/** @throws ModelFormatError */
export function decode(bytes: Uint8Array): LoadedModel {
  // Node's Buffer is a Uint8Array whose slice does not copy; this view's does.
  const file = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { header, data, headerText } = split(file);
  const metadata = object(header["__metadata__"], "__metadata__") as Record<string, unknown>;
  for (const key of Object.keys(metadata)) {
    if (!["wasmlp", "optimizer", "checksum", "format"].includes(key)) throw new ModelFormatError(`metadata has an unknown entry "${key}"`);
  }
  if (typeof metadata["wasmlp"] !== "string") throw new ModelFormatError("this safetensors file was not saved by wasmlp");
  const { step, epoch, ...described } = readDescription(parse(metadata["wasmlp"], "the description"));
  const { spec } = described.settings;
  const places = tensorPlaces(spec, header, data.length);
  if (metadata["checksum"] !== undefined) checkSum(file, headerText, metadata["checksum"]);
  const optimizer = unbase64(metadata["optimizer"]);
  const slots = slotCount(spec.optimizer);
  if (optimizer.length !== slots * data.length) {
    throw new ModelFormatError(`the optimizer's state has ${optimizer.length} bytes; it must have ${slots * data.length}`);
  }
  const inOrder = places.map(([begin, end]) => data.subarray(begin, end));
  const slot = (_: unknown, i: number) => unflatten(spec, [optimizer.subarray(i * data.length, (i + 1) * data.length)]);
  return { ...described, state: { parameters: unflatten(spec, inOrder), slots: Array.from({ length: slots }, slot), step, epoch } };
}

/** Header, data, and where they are; only lengths and syntax are checked. */
function split(file: Uint8Array): { header: Record<string, unknown>; headerText: Uint8Array; data: Uint8Array } {
  if (file.length < 8) throw new ModelFormatError("the file is cut short: it has no header");
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const headerBytes = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  if (headerBytes > file.length - 8) throw new ModelFormatError(`the file is cut short, or no safetensors file: its header claims ${headerBytes} bytes`);
  const headerText = file.subarray(8, 8 + headerBytes);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(headerText);
  } catch {
    throw new ModelFormatError("the header is not UTF-8");
  }
  const header = object(parse(text, "the header"), "the header") as Record<string, unknown>;
  return { header, headerText, data: file.subarray(8 + headerBytes) };
}

function parse(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ModelFormatError(`${name} is not JSON`);
  }
}

/**
 * Where each of the network's tensors begins and ends in the data. The file must have these and no others, in any order (other
 * tools sort them), without gaps.
 */
function tensorPlaces(spec: ModelSpec, header: Record<string, unknown>, dataBytes: number): [number, number][] {
  const wanted = tensors(spec);
  const names = new Set(["__metadata__", ...wanted.map(({ name }) => name)]);
  const surplus = Object.keys(header).find((name) => !names.has(name));
  if (surplus !== undefined) throw new ModelFormatError(`the file has an unknown tensor ${show(surplus)}`);
  const dtype = spec.dtype === "float32" ? "F32" : "F64";
  const places = wanted.map(({ name, shape }): [number, number] => {
    const entry = object(header[name], `tensor "${name}"`) as { dtype?: unknown; shape?: unknown; data_offsets?: unknown };
    if (entry.dtype !== dtype) throw new ModelFormatError(`dtype of tensor "${name}" is ${show(entry.dtype)}; it must be "${dtype}"`);
    const given = integers(entry.shape), offsets = integers(entry.data_offsets);
    if (given?.length !== shape.length || given.some((n, i) => n !== shape[i])) {
      throw new ModelFormatError(`shape of tensor "${name}" must be [${shape.join(", ")}]`);
    }
    const [begin, end] = offsets ?? [];
    const bytes = shape.reduce((product, n) => product * n) * itemBytes(spec);
    if (offsets?.length !== 2 || end! - begin! !== bytes) {
      throw new ModelFormatError(`data_offsets of tensor "${name}" must enclose ${bytes} bytes`);
    }
    return [begin!, end!];
  });
  let reached = 0;
  const inPlace = wanted.map(({ name }, i) => ({ name, begin: places[i]![0], end: places[i]![1] })).sort((a, b) => a.begin - b.begin);
  for (const { name, begin, end } of inPlace) {
    if (begin !== reached) throw new ModelFormatError(`tensor "${name}" begins at byte ${begin}; it must begin at ${reached}`);
    reached = end;
  }
  if (reached !== dataBytes) throw new ModelFormatError(`the file has ${dataBytes} bytes of tensors; it must have ${reached}`);
  return places;
}

const integers = (value: unknown): number[] | undefined =>
  Array.isArray(value) && value.every((each) => Number.isSafeInteger(each)) ? (value as number[]) : undefined;

/** The checksum is that of the whole file with zeros in the checksum's own place. */
function checkSum(file: Uint8Array, headerText: Uint8Array, given: unknown): void {
  const at = checksumPlace(headerText);
  if (at !== undefined) {
    const copy = file.slice();
    copy.set(new TextEncoder().encode(NO_CHECKSUM), 8 + at);
    if (crc32(copy).toString(16).padStart(8, "0") === given) return;
  }
  throw new ModelFormatError("the file is damaged: its checksum is wrong");
}

/** Where in the header the checksum's eight digits begin. */
function checksumPlace(header: Uint8Array): number | undefined {
  const mark = '"checksum":"';
  const text = new TextDecoder("latin1").decode(header);
  const at = text.lastIndexOf(mark);
  return at < 0 ? undefined : at + mark.length;
}

function tensors({ layers }: ModelSpec): Tensor[] {
  return layers.flatMap(({ inputs, units, bias }, l) => [
    { name: `layers.${l}.weight`, shape: [units, inputs] },
    ...(bias ? [{ name: `layers.${l}.bias`, shape: [units] }] : []),
  ]);
}

const itemBytes = ({ dtype }: ModelSpec): number => (dtype === "float32" ? 4 : 8);

/** A block's arrays in the file's order: each kernel transposed to [units, inputs], then its bias. */
function flatten({ layers }: ModelSpec, block: readonly LayerParameters[]): FloatArray[] {
  return block.flatMap(({ kernel, bias }, l) => [transpose(kernel, layers[l]!.inputs, layers[l]!.units), ...(bias ? [bias] : [])]);
}

/** The block whose arrays, in the file's order, are these bytes. */
function unflatten(spec: ModelSpec, parts: readonly Uint8Array[]): LayerParameters[] {
  const { buffer } = bytesOf(parts);
  let offset = 0;
  const take = (length: number): FloatArray => {
    const array = spec.dtype === "float32" ? new Float32Array(buffer, offset, length) : new Float64Array(buffer, offset, length);
    offset += length * itemBytes(spec);
    if (!array.every(Number.isFinite)) throw new ModelFormatError("the file holds numbers that are not finite");
    return array;
  };
  return emptyBlock(spec).map(({ kernel, bias }, l) => {
    const { inputs, units } = spec.layers[l]!;
    kernel.set(transpose(take(inputs * units), units, inputs));
    bias?.set(take(units));
    return bias ? { kernel, bias } : { kernel };
  });
}

function transpose(matrix: FloatArray, rows: number, columns: number): FloatArray {
  const result = matrix.slice();
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) result[c * rows + r] = matrix[r * columns + c]!;
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

function base64(blocks: readonly Uint8Array[]): string {
  let text = "";
  for (const block of blocks) {
    // Through apply: spreading a typed array goes element by element, eight times slower.
    for (let i = 0; i < block.length; i += 0x2000) text += String.fromCharCode.apply(null, block.subarray(i, i + 0x2000) as unknown as number[]);
  }
  return btoa(text);
}

function unbase64(text: unknown): Uint8Array {
  let decoded: string;
  try {
    decoded = atob(text as string);
  } catch {
    throw new ModelFormatError("the optimizer's state is not base64");
  }
  const bytes = new Uint8Array(decoded.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = decoded.charCodeAt(i);
  return bytes;
}
