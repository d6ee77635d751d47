// One template a precision, two builds each. The kernels are compiled once; where they multiply and add in one (madd and select
// in assembly/lanes.ts), the compiler sees stand-ins, which are replaced here. Bytes are handled as text, one character a byte.
//
// All replacements have the stand-in's length, so that nothing else moves. In a relaxed build the product's place does nothing and
// leaves its two factors where they are, under the third operand, for the relaxed_madd that stands where the sum was.
import { vectorInstructions } from "./wasm-code.mjs";

const [RELAXED_MIN, RELAXED_MAX, RELAXED_LANESELECT] = ["\xfd\x8d\x02", "\xfd\x8e\x02", "\xfd\x8b\x02"];
const NOPS = "\x01\x01\x01";
const BITSELECT = "\xfd\x52\x01"; // with a nop

/** What stands for the product, the sum, and the selection. */
const REPLACEMENTS = {
  "f32-simd": ["\xfd\xe6\x01", "\xfd\xe4\x01", BITSELECT],
  "f32-relaxed": [NOPS, "\xfd\x85\x02", RELAXED_LANESELECT],
  "f64-simd": ["\xfd\xf2\x01", "\xfd\xf0\x01", BITSELECT],
  "f64-relaxed": [NOPS, "\xfd\x87\x02", RELAXED_LANESELECT],
};

/** Opcodes of the stand-ins for the product, the sum, and the selection. */
const STAND_INS = [0x10d, 0x10e, 0x10b];

/**
 * Refuses a template in which replacing bytes, as here and in assembly/decode.ts, would change anything but the instructions that are
 * meant: each byte 0xfd must begin a vector instruction, or be followed by nothing that is replaced.
 */
export function checkTemplate(template) {
  const instructions = vectorInstructions(template);
  template.forEach((byte, i) => {
    if (byte !== 0xfd || instructions.has(i)) return;
    const [next, last] = template.subarray(i + 1);
    const isStandIn = last === 2 && STAND_INS.includes(next & 0x7f | 0x100);
    if (isStandIn || REWRITTEN.some(([low, high]) => next >= low && next < high)) {
      throw new Error(`byte ${i} of a template is no vector instruction, but bytes after it would be replaced as if it were`);
    }
  });
  const [products, sums, selections] = STAND_INS.map((code) => [...instructions.values()].filter((each) => each === code).length);
  if (!products || products !== sums || !selections) {
    throw new Error(`a template has ${products} stand-ins for products, ${sums} for sums and ${selections} for selections`);
  }
}

/** Second bytes of the instructions that are written on float32 instead of float64, either form (asFloat32 below, decode.ts). */
const REWRITTEN = [[0x09, 0x0b], [0x13, 0x15], [0x41, 0x4d], [0x85, 0x86], [0xa4, 0xb2], [0xc4, 0xd2], [0xe0, 0xf8]];

/** The builds that come from the template of one precision: a name and its bytes each. */
export function buildsOf(template, precision) {
  const names = Object.keys(REPLACEMENTS).filter((name) => name.startsWith(precision));
  return names.map((name) => {
    const [product, sum, selection] = REPLACEMENTS[name];
    const text = template.toString("latin1")
      .replaceAll(RELAXED_MIN, product).replaceAll(RELAXED_MAX, sum).replaceAll(RELAXED_LANESELECT, selection);
    return [name, Buffer.from(text, "latin1")];
  });
}

/** The place of the flags of the memory that a template imports, after its name and kind: 3 for a shared one with a maximum. */
export function memoryFlags(template) {
  const before = "\x06memory\x02";
  return template.indexOf(before + "\x03", "latin1") + before.length;
}

/**
 * The template as a JavaScript string of printable ASCII, which no page's charset and no minifier changes. Once 8 is added (modulo
 * 256), the commonest bytes are the first 93 and take one character; the next 93 take a "}" and one more, the rest a "~" and one.
 * So the text compresses as the bytes do, where base64 would hide their repetitions. Vector instructions on float64 are written as
 * those on float32: the second template then repeats most of the first.
 */
export function literal(template) {
  let text = "";
  for (const byte of asFloat32(template)) {
    const code = (byte + 8) % 256;
    const prefix = Math.floor(code / 93);
    text += (prefix > 0 ? String.fromCharCode(0x7c + prefix) : "") + String.fromCharCode(0x20 + (code % 93));
  }
  // Its decoder has one page of memory.
  if (text.length > 65_536) throw new Error(`a template has ${text.length} characters`);
  return JSON.stringify(text);
}

/** Undone by assembly/decode.ts; these ranges of opcodes after 0xfd, the prefix of vector instructions, have the same order. */
function asFloat32(template) {
  const bytes = Buffer.from(template);
  for (let i = 1; i < bytes.length; i++) {
    if (template[i - 1] !== 0xfd) continue;
    const op = template[i];
    if (op >= 0xec && op < 0xf8) bytes[i] -= 12; // arithmetic
    if (op >= 0xc4 && op < 0xd2) bytes[i] -= 32; // on integers
    if (op >= 0x47 && op < 0x4d) bytes[i] -= 6; // comparisons
    if (op === 0x0a || op === 0x14) bytes[i] -= 1; // load and splat, splat
  }
  return bytes;
}
