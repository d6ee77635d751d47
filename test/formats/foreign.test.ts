// Files that another program has rewritten, and bytes that come in another program's wrapping. What a checksum no longer
// covers is still checked: names, shapes, places.
import { describe, expect, test } from "vitest";
import { NN } from "../../src/index.js";
import { CASES } from "../nn/support.js";
import { FULL, X, Y, forge, formatError, put, small, take, weightBytes, type Entry } from "./support.js";

/** A file without its checksum, everything else as it was. */
const bare = (file: Uint8Array): Uint8Array => forge(file, ({ metadata }) => void delete metadata["checksum"]);

/** The tensors in another order, in the header or in the data. */
function reordered(file: Uint8Array, inHeader: (names: string[]) => string[], inData: (names: string[]) => string[]): Uint8Array {
  const { tensors, metadata, data } = take(file);
  const names = Object.keys(tensors);
  const { checksum, ...kept } = metadata;
  expect(checksum).toMatch(/^[0-9a-f]{8}$/);
  const pieces: Uint8Array[] = [];
  const places: Record<string, Entry> = {};
  let end = 0;
  for (const name of inData(names)) {
    const piece = data.slice(...tensors[name].data_offsets);
    pieces.push(piece);
    places[name] = { ...tensors[name], data_offsets: [end, end + piece.length] };
    end += piece.length;
  }
  const header = { __metadata__: kept, ...Object.fromEntries(inHeader(names).map((name) => [name, places[name]])) };
  const text = JSON.stringify(header);
  return put(text.padEnd(Math.ceil(text.length / 8) * 8), Uint8Array.from(pieces.flatMap((piece) => [...piece])));
}
const same = (names: string[]): string[] => names;
const sorted = (names: string[]): string[] => names.toSorted();

describe.each(CASES)("$name", ({ options }) => {
  const nn = new NN({ ...FULL, layers: [3, 4, ...Array.from({ length: 10 }, () => 3), 2], ...options, optimizer: "adam" });
  nn.fit(X, Y);
  const file = nn.save();
  const text = JSON.stringify(JSON.parse(take(bare(file)).text));
  const { data } = take(file);

  test.each<[string, () => Uint8Array]>([
    ["without a checksum", () => bare(file)],
    [
      "with PyTorch's format entry",
      () =>
        forge(bare(file), ({ metadata }) => {
          metadata["format"] = "pt";
          delete metadata["checksum"];
        }),
    ],
    [
      "with spaces between words, as Python's json writes",
      () => put(text.replaceAll(/(?<=\]|"|\}|\d)([:,])(?=["\d[{])/g, "$1 ").replaceAll('\\" ', '\\"'), data),
    ],
    ["with line ends", () => put(JSON.stringify(JSON.parse(text), null, 2), data)],
    ["with more padding", () => put(text.padEnd(text.length + 801), data)],
    ["without padding, the data at an odd place", () => put(text.length % 2 ? text : `${text} `, data)],
    ["with escapes that JSON allows", () => put(text.replace('"layers.0.weight"', String.raw`"\u006cayers.0.weight"`), data)],
    ["with its tensors named in another order", () => reordered(file, (names) => names.toReversed(), same)],
    // The safetensors library writes tensors by name, so layers.0.bias before layers.0.weight, layers.10 before layers.2.
    ["with its tensors laid in the order of their names", () => reordered(file, sorted, sorted)],
    ["with its tensors laid backwards", () => reordered(file, same, (names) => names.toReversed())],
  ])("%s", (_name, rewrite) => {
    const loaded = NN.load(rewrite());
    expect(weightBytes(loaded)).toEqual(weightBytes(nn));
    expect(loaded.save()).toEqual(file);
    const through = NN.load(file);
    expect(loaded.fit(X, Y).loss).toEqual(through.fit(X, Y).loss);
    expect(weightBytes(loaded)).toEqual(weightBytes(through));
  });

  test("weights that another program has changed", () => {
    const changed = forge(bare(file), ({ metadata, data: bytes }) => {
      delete metadata["checksum"];
      bytes.fill(0, ...take(file).tensors["layers.0.weight"].data_offsets);
    });
    expect([...NN.load(changed).getWeights()[0].kernel]).toEqual(Array.from({ length: 12 }, () => 0));
  });

  test("a window into a larger buffer, at every alignment", () => {
    for (let offset = 0; offset <= 9; offset++) {
      const window = new Uint8Array(new ArrayBuffer(file.length + 32), offset, file.length);
      window.set(file);
      const loaded = NN.load(window);
      expect(weightBytes(loaded)).toEqual(weightBytes(nn));
      expect(loaded.save()).toEqual(file);
      expect(window).toEqual(file);
      window.fill(0xff);
      expect(weightBytes(loaded)).toEqual(weightBytes(nn));
    }
  });
});

test("a Uint8Array of a class of its own, whose slice is a view, as Node's Buffer", () => {
  class View extends Uint8Array {
    override slice(start?: number, end?: number): Uint8Array<ArrayBuffer> {
      return this.subarray(start, end) as Uint8Array<ArrayBuffer>;
    }
  }
  const { nn, file } = small();
  const bytes = new View(new ArrayBuffer(file.length + 16), 16, file.length);
  bytes.set(file);
  expect(weightBytes(NN.load(bytes))).toEqual(weightBytes(nn));
  expect(NN.load(bytes).save()).toEqual(file);
  expect(Array.from(bytes)).toEqual(Array.from(file));
});

test("without a checksum, damage that shows is still refused", () => {
  const { file } = small();
  for (const name of ["layers.0.weight", "layers.0.bias"]) {
    formatError(() =>
      NN.load(
        forge(bare(file), ({ header, metadata }) => {
          delete metadata["checksum"];
          delete header[name];
        }),
      ),
    );
  }
  formatError(() => NN.load(bare(file).slice(0, -1)));
  formatError(() =>
    NN.load(
      forge(bare(file), ({ metadata, data }) => {
        delete metadata["checksum"];
        data.fill(0xff);
      }),
    ),
  );
});
