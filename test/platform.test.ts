// UTF-8 and base64 as the platform itself has them.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeBase64, decodeUtf8, encodeBase64, encodeUtf8, latin1 } from "../src/platform.js";

const bytes = fc.uint8Array({ maxLength: 70 });

test("text is encoded as TextEncoder encodes it", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary" }).filter((text) => !/[\ud800-\udfff]/u.test(text)),
      (text) => {
        expect(encodeUtf8(text)).toEqual(new TextEncoder().encode(text));
      },
    ),
  );
});

test("a surrogate without a partner is refused", () => {
  expect(() => encodeUtf8("a\ud800b")).toThrow(URIError);
});

describe("bytes are decoded as TextDecoder decodes them", () => {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const attempt = (decode: (given: Uint8Array) => string, given: Uint8Array): string | undefined => {
    try {
      return decode(given);
    } catch {
      return undefined;
    }
  };
  test.each([
    ["of a text", fc.string({ unit: "binary" }).map((text) => new TextEncoder().encode(text))],
    ["of any kind", bytes],
    // Nearly right: cut sequences, overlong ones, surrogates, numbers beyond U+10FFFF.
    [
      "of sequences that may be wrong",
      fc
        .array(fc.constantFrom(0x41, 0x80, 0xbf, 0xc0, 0xc3, 0xe0, 0xed, 0xa0, 0xef, 0xf0, 0x90, 0xf4, 0xf5), { maxLength: 8 })
        .map((list) => Uint8Array.from(list)),
    ],
  ])("%s", (_title, given) => {
    fc.assert(
      fc.property(given, (each) => {
        expect(attempt(decodeUtf8, each)).toBe(attempt((some) => decoder.decode(some), each));
      }),
      { numRuns: 1000 },
    );
  });

  test("also when they are many", () => {
    const text = "naïve 漢字 😀 ".repeat(10_000);
    expect(decodeUtf8(encodeUtf8(text))).toBe(text);
  });
});

test("base64 is written as btoa writes it, and read again", () => {
  fc.assert(
    fc.property(bytes, (each) => {
      const text = encodeBase64(each);
      expect(text).toBe(btoa(latin1(each)));
      expect(decodeBase64(text)).toEqual(each);
    }),
    { numRuns: 1000 },
  );
});

test.each(["a*==", "ab\u0100=", "=abc", "ab=c", "a b="])("%o is no base64", (text) => {
  expect(decodeBase64(text)).toBeUndefined();
});
