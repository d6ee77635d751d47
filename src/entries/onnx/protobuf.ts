// Reads and writes the wire format of Protocol Buffers, from a table of message types. Reading is strict: malformed bytes are refused,
// unknown fields are skipped, and the depth of nesting is that of the table.
import { ModelFormatError } from "../../index.js";
import { decodeUtf8, encodeUtf8 } from "../../platform.js";

/** How a field's value is written: a message type is the table of its fields. */
export type Kind = "int" | "float" | "double" | "text" | "bytes" | Fields;
/** A message type: field numbers to names and kinds; `many` marks a repeated field. */
export interface Fields {
  readonly [number: number]: readonly [name: string, kind: Kind, many?: "many"];
}
type Message = Record<string, unknown>;

const BYTES = 2;
const wireType = (kind: Kind): number => (kind === "int" ? 0 : kind === "double" ? 1 : kind === "float" ? 5 : BYTES);

/** The maximum number of messages: an empty one takes two bytes in a file, but hundreds in memory. */
const MOST_MESSAGES = 65_536;

/** Reads one message. Repeated fields that are absent are empty lists; other absent fields are undefined. */
export function decode(type: Fields, bytes: Uint8Array): Message {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  let messages = 0;

  function refuse(problem: string): never {
    throw new ModelFormatError(`the file is damaged or no ONNX model: ${problem} at byte ${at}`);
  }

  /** Advances by `length` bytes of a message that ends at `end`; returns where they start. */
  function take(length: number, end: number): number {
    if (!(length >= 0 && length <= end - at)) refuse("it is cut short");
    at += length;
    return at - length;
  }

  /** A signed 64-bit integer as a number: exact up to 2⁵³, which is enough for sizes. */
  function varint(end: number): number {
    let [low, high] = [0, 0];
    for (let i = 0; i < 10; i++) {
      const byte = bytes[take(1, end)];
      if (i < 5) low += (byte & 127) * 2 ** (7 * i);
      else high |= (byte & 127) << (7 * i - 35);
      // The upper 29 bits, of which the first is the sign.
      if (byte < 128) return ((high << 3) >> 3) * 2 ** 35 + low;
    }
    refuse("an integer is too long");
  }

  /** Reads a value by its wire type. For type BYTES it returns where the bytes start; they end at `at`. */
  function value(wire: number, end: number): number {
    if (wire === BYTES) return take(varint(end), end);
    if (wire === 0) return varint(end);
    if (wire === 5) return view.getFloat32(take(4, end), true);
    return wire === 1 ? view.getFloat64(take(8, end), true) : refuse(`there is no wire type ${wire}`);
  }

  function message(fields: Fields, end: number): Message {
    if (++messages > MOST_MESSAGES) refuse("it has too many parts");
    const read: Message = {};
    for (const [name, , many] of Object.values(fields)) if (many) read[name] = [];
    while (at < end) {
      const tag = varint(end);
      const wire = tag & 7;
      const first = value(wire, end);
      const [name, kind = "int", many] = fields[Math.floor(tag / 8)] ?? [];
      if (!name) continue;
      const add = (each: unknown): unknown => (many ? (read[name] as unknown[]).push(each) : (read[name] = each));
      const own = wireType(kind);
      if (wire === own && wire !== BYTES) add(first);
      else if (wire !== BYTES || (own !== BYTES && !many)) refuse(`"${name}" is of another type`);
      else if (typeof kind === "object") {
        const last = at;
        at = first;
        add(message(kind, last));
      } else if (own === BYTES) {
        const part = bytes.subarray(first, at);
        add(kind === "text" ? text(part) : part);
      } else {
        // Repeated numbers may be packed into one field.
        const last = at;
        const isInside = (): boolean => at < last;
        at = first;
        while (isInside()) add(value(own, last));
      }
    }
    return read;
  }

  function text(part: Uint8Array): string {
    try {
      return decodeUtf8(part);
    } catch {
      refuse("a text is no UTF-8");
    }
  }

  return message(type, bytes.length);
}

/** Writes one message without its undefined fields. Repeated integers are packed. */
export function encode(type: Fields, message: object): Uint8Array<ArrayBuffer> {
  return concat(
    Object.entries(type).flatMap(([number, [name, kind, many]]) => {
      const given = (message as Message)[name];
      const put = (each: Uint8Array, wire = wireType(kind)): Uint8Array[] => [
        varint(Number(number) * 8 + wire),
        ...(wire === BYTES ? [varint(each.length)] : []),
        each,
      ];
      if (given === undefined) return [];
      if (!many) return put(bytesOf(kind, given));
      const parts = (given as unknown[]).map((each) => bytesOf(kind, each));
      return kind === "int" ? put(concat(parts), BYTES) : parts.flatMap((part) => put(part));
    }),
  );
}

function bytesOf(kind: Kind, value: unknown): Uint8Array {
  if (kind === "int") return varint(value as number);
  if (kind === "float") return new Uint8Array(Float32Array.of(value as number).buffer);
  if (kind === "text") return encodeUtf8((value as string).replaceAll(/[\ud800-\udfff]/gu, "\ufffd"));
  return typeof kind === "object" ? encode(kind, value as object) : (value as Uint8Array);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Uint8Array.of(...bytes, Number(rest));
}

function concat(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
