// Every single-byte change and every truncation of a file is noticed: ModelFormatError, never a network, never another error.
import { describe, expect, test } from "vitest";
import { ModelFormatError, NN } from "../../src/index.js";
import { isTried } from "../sampling.js";
import { formatError, small, take, weightBytes } from "./support.js";

/** How many of the files are refused with a ModelFormatError; anything else that happens is kept for the message. */
function refusals(files: Iterable<[string, Uint8Array]>): { refused: number; strange: string[] } {
  let refused = 0;
  const strange: string[] = [];
  for (const [name, file] of files) {
    try {
      NN.load(file);
      strange.push(name + " loaded");
    } catch (error) {
      if (error instanceof ModelFormatError && error.message) refused++;
      else strange.push(`${name}: ${String(error)}`);
    }
  }
  return { refused, strange };
}

describe.each([
  ["sgd, float32", small({ optimizer: "sgd", inputScaling: "none" })],
  ["adam and a scaler, float64", small({ dtype: "float64" })],
])("%s", (_name, { nn, file }) => {
  test("the file itself loads", () => {
    expect(weightBytes(NN.load(file))).toEqual(weightBytes(nn));
  });

  test("refuses the file with any bit or byte flipped", () => {
    let tried = 0;
    function* flipped(): Generator<[string, Uint8Array]> {
      const copy = file.slice();
      for (let at = 0; at < file.length; at++) {
        for (const [i, mask] of [1, 2, 4, 8, 16, 32, 64, 128, 255].entries()) {
          // A sample has some bits of every byte, and of its neighbours the others.
          if (!isTried(at + i, 3)) continue;
          tried++;
          copy[at] = file[at] ^ mask;
          yield [`byte ${at}, ${file[at]} → ${copy[at]}`, copy];
        }
        copy[at] = file[at];
      }
    }
    const found = refusals(flipped());
    expect(found).toEqual({ refused: tried, strange: [] });
    expect(tried).toBeGreaterThanOrEqual(3 * file.length);
  });

  test("refuses every truncation", () => {
    const starts = Array.from({ length: file.length }, (_, length): [string, Uint8Array] => [
      `${length} bytes`,
      file.slice(0, length),
    ]);
    expect(refusals(starts)).toEqual({ refused: file.length, strange: [] });
  });

  test("refuses surplus, missing, swapped and repeated bytes", () => {
    const joined = (...pieces: Uint8Array[]): Uint8Array => {
      const all = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
      pieces.reduce((at, piece) => {
        all.set(piece, at);
        return at + piece.length;
      }, 0);
      return all;
    };
    function* changed(): Generator<[string, Uint8Array]> {
      yield ["one more", joined(file, new Uint8Array(1))];
      yield ["twice", joined(file, file)];
      yield ["something before", joined(new Uint8Array(8), file)];
      for (let at = 0; at < file.length; at++) {
        yield [`without byte ${at}`, joined(file.subarray(0, at), file.subarray(at + 1))];
        yield [`a byte before ${at}`, joined(file.subarray(0, at), new Uint8Array(1), file.subarray(at))];
        if (at && file[at] !== file[at - 1])
          yield [
            `bytes ${at - 1} and ${at} swapped`,
            joined(file.subarray(0, at - 1), file.subarray(at, at + 1), file.subarray(at - 1, at), file.subarray(at + 1)),
          ];
      }
    }
    expect(refusals(changed()).strange).toEqual([]);
  });
});

test("refuses a header with any byte replaced by a character of JSON's syntax", () => {
  const { file } = small({ layers: [1, 1], optimizer: "sgd", inputScaling: "none" });
  const length = file.length - take(file).data.length;
  let tried = 0;
  function* replaced(): Generator<[string, Uint8Array]> {
    const copy = file.slice();
    for (let at = 8; at < length; at++) {
      for (const [i, character] of new TextEncoder().encode('{}[]":,\\ 09-.e\0').entries()) {
        if (character === file[at] || !isTried(at + i, 4)) continue;
        tried++;
        copy[at] = character;
        yield [`byte ${at}, ${file[at]} → ${character}`, copy];
      }
      copy[at] = file[at];
    }
  }
  const { refused, strange } = refusals(replaced());
  expect(strange).toEqual([]);
  expect(refused).toBe(tried);
  expect(tried).toBeGreaterThan((length - 8) * 3);
});

test("refuses what is not a file", () => {
  expect(formatError(() => NN.load(new Uint8Array()))).toBe("the file is cut short: it has no header");
  expect(formatError(() => NN.load(new Uint8Array(1000).fill(0xff)))).toMatch(
    /^the file is cut short, or no safetensors file: its header claims 18446744073709552000 bytes$/,
  );
  formatError(() => NN.load(new TextEncoder().encode("<!DOCTYPE html><html><body>404</body></html>")));
  for (const value of [undefined, null, "model", 1, [1, 2], new ArrayBuffer(16), new Float32Array(4)]) {
    expect(() => NN.load(value as unknown as Uint8Array)).toThrow(
      new TypeError("load takes the bytes of a file as a Uint8Array"),
    );
  }
});
