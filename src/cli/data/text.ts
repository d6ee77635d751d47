// Bytes → text. UTF-8 unless a byte order mark says UTF-16, or the first byte that is no ASCII is no UTF-8 either: then Windows-1252,
// of which Latin-1 is a part. All text before that byte is the same in both, so nothing has to be read again.
import { isAscii } from "node:buffer";
import { DataError } from "../errors.js";

export const ENCODINGS = ["utf-8", "utf-16le", "utf-16be", "windows-1252"] as const;
export type Encoding = (typeof ENCODINGS)[number];

export interface TextReader {
  /** Undefined until the first text has been read. */
  encoding: Encoding | undefined;
  read(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void>;
}

/**
 * @param name of the file, for messages
 * @param told the encoding that the user named
 */
export function createTextReader(name: string, told: Encoding | undefined): TextReader {
  const reader: TextReader = {
    encoding: told,
    async *read(chunks) {
      let decoder: TextDecoder | undefined;
      /** Whether all bytes so far were ASCII: UTF-8 is not settled yet. */
      let ascii = told === undefined;
      let position = 0;
      /** The first bytes of a character that continues in the next chunk. */
      let carried = Buffer.alloc(0);
      for await (const chunk of chunks) {
        const bytes = carried.length
          ? Buffer.concat([carried, chunk])
          : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
        carried = Buffer.alloc(0);
        if (!decoder) {
          reader.encoding = told ?? byMark(bytes) ?? "utf-8";
          decoder = decoderOf(reader.encoding);
          ascii &&= reader.encoding === "utf-8";
        }
        if (ascii) {
          const at = isAscii(bytes) ? -1 : bytes.findIndex((byte) => byte > 0x7f);
          // Four bytes settle any character.
          if (at >= 0 && bytes.length - at < 4) {
            carried = Buffer.from(bytes.subarray(at));
            position += at;
            yield bytes.toString("latin1", 0, at);
            continue;
          }
          if (at >= 0) {
            ascii = false;
            if (!isUtf8Character(bytes.subarray(at, at + 4))) decoder = decoderOf((reader.encoding = "windows-1252"));
          }
        }
        yield decode(decoder, bytes, position, true);
        position += bytes.length;
      }
      if (!decoder) return;
      if (ascii && carried.length && !isUtf8Character(carried)) decoder = decoderOf((reader.encoding = "windows-1252"));
      yield decode(decoder, carried, position, false);
    },
  };

  function decode(decoder: TextDecoder, bytes: Uint8Array, position: number, stream: boolean): string {
    try {
      return decoder.decode(bytes, { stream });
    } catch (error) {
      throw new DataError(
        `${name}: after byte ${position.toLocaleString("en-US")} it is not valid ${reader.encoding ?? "text"}; ` +
          `if it is Windows-1252 or Latin-1, say --encoding windows-1252`,
        { cause: error },
      );
    }
  }
  return reader;
}

const decoderOf = (encoding: Encoding): TextDecoder => new TextDecoder(encoding, { fatal: true });

function byMark(bytes: Uint8Array): Encoding | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  return bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : undefined;
}

/** Whether these bytes begin with a whole character of UTF-8. */
function isUtf8Character(bytes: Uint8Array): boolean {
  return [2, 3, 4].some((length) => {
    if (length > bytes.length) return false;
    try {
      return [...decoderOf("utf-8").decode(bytes.subarray(0, length))].length <= 1;
    } catch {
      return false;
    }
  });
}
