// One template per precision, two builds from each. The kernels are compiled once; where the builds differ (madd and select in
// assembly/lanes.ts), the compiler sees stand-ins, which are replaced here. Bytes are handled as text, one character per byte.
//
// Every replacement has the length of its stand-in, so nothing else moves. In a relaxed build the product becomes nops: its two
// factors stay on the stack, below the third operand, for the relaxed_madd that replaces the sum.
import { vectorInstructions } from "./wasm-code.mjs";

const [RELAXED_MIN, RELAXED_MAX, RELAXED_LANESELECT] = ["\xfd\x8d\x02", "\xfd\x8e\x02", "\xfd\x8b\x02"];
const NOPS = "\x01\x01\x01";
const BITSELECT = "\xfd\x52\x01"; // with a nop

/** Replacements of the product, the sum, and the selection. */
const REPLACEMENTS = {
  "f32-simd": ["\xfd\xe6\x01", "\xfd\xe4\x01", BITSELECT],
  "f32-relaxed": [NOPS, "\xfd\x85\x02", RELAXED_LANESELECT],
  "f64-simd": ["\xfd\xf2\x01", "\xfd\xf0\x01", BITSELECT],
  "f64-relaxed": [NOPS, "\xfd\x87\x02", RELAXED_LANESELECT],
};

/** Opcodes of the stand-ins for the product, the sum, and the selection. */
const STAND_INS = [0x10d, 0x10e, 0x10b];

/**
 * Throws where replacing bytes, as here and in assembly/decode.ts, would change anything but the stand-ins: their three bytes may
 * occur only as vector instructions.
 */
export function checkTemplate(template) {
  const instructions = vectorInstructions(template);
  template.forEach((byte, i) => {
    if (byte !== 0xfd || instructions.has(i)) return;
    const [next, last] = template.subarray(i + 1);
    if (last === 2 && STAND_INS.includes((next & 0x7f) | 0x100)) {
      throw new Error(`byte ${i} of a template is not a vector instruction, but it would be replaced as one`);
    }
  });
  const [products, sums, selections] = STAND_INS.map((code) => [...instructions.values()].filter((each) => each === code).length);
  if (!products || products !== sums || !selections) {
    throw new Error(`a template has ${products} stand-ins for products, ${sums} for sums and ${selections} for selections`);
  }
}

/** The builds from the template of one precision: the name and bytes of each. */
export function buildsOf(template, precision) {
  const names = Object.keys(REPLACEMENTS).filter((name) => name.startsWith(precision));
  return names.map((name) => {
    const [product, sum, selection] = REPLACEMENTS[name];
    const text = template
      .toString("latin1")
      .replaceAll(RELAXED_MIN, product)
      .replaceAll(RELAXED_MAX, sum)
      .replaceAll(RELAXED_LANESELECT, selection);
    return [name, Buffer.from(text, "latin1")];
  });
}

/** The offset of the flags of the memory that a template imports, after its name and kind: 3 for shared memory with a maximum. */
export function memoryFlags(template) {
  const before = "\x06memory\x02";
  return template.indexOf(before + "\x03", "latin1") + before.length;
}

/**
 * The template as a JavaScript string of printable ASCII, which no page's charset and no minifier changes. After adding 8 (modulo
 * 256), the commonest bytes are the first 93 and take one character; the next 93 take a "}" and one more, the rest a "~" and one.
 * The text therefore compresses as the bytes do, where base64 would hide their repetitions.
 */
export function literal(template) {
  let text = "";
  for (const byte of template) {
    const code = (byte + 8) % 256;
    const prefix = Math.floor(code / 93);
    text += (prefix > 0 ? String.fromCharCode(0x7c + prefix) : "") + String.fromCharCode(0x20 + (code % 93));
  }
  // The decoder has one page of memory.
  if (text.length > 65_536) throw new Error(`a template has ${text.length} characters`);
  return JSON.stringify(text);
}
