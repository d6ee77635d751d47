// Finds the vector instructions of a module: decodes its code section instruction by instruction.

const CODE = 10;
/** The prefixes of numeric, vector and atomic instructions. */
const NUMERIC = 0xfc,
  VECTOR = 0xfd,
  ATOMIC = 0xfe;
/** How many integers (LEB128) follow an opcode: block types, indices, memory arguments and constants. 0 for all others up to 0xc4. */
const INTEGERS = new Map([
  ...[0x02, 0x03, 0x04, 0x0c, 0x0d, 0x10, 0x20, 0x21, 0x22, 0x23, 0x24, 0x3f, 0x40, 0x41, 0x42].map(
    (op) => /** @type {const} */ ([op, 1]),
  ),
  /** @type {const} */ ([0x11, 2]),
  ...Array.from({ length: 0x3e - 0x28 + 1 }, (_, i) => /** @type {const} */ ([0x28 + i, 2])),
]);

/**
 * The offsets of all vector instructions of a module (of their prefix, 0xfd), each with its opcode. Throws on an unknown
 * instruction.
 * @param {Uint8Array} bytes @returns {Map<number, number>}
 */
export function vectorInstructions(bytes) {
  const found = new Map();
  let at = 8;
  const integer = () => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++];
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  };
  const skip = (/** @type {number} */ count) => {
    while (count-- > 0) integer();
  };
  const instruction = () => {
    const start = at;
    const op = bytes[at++];
    if (op === VECTOR) {
      const code = integer();
      found.set(start, code);
      if (code <= 0x0b || code === 0x5c || code === 0x5d) skip(2); // a memory argument
      else if (code === 0x0c || code === 0x0d) at += 16; // a constant; a shuffle's lanes
      else if (code >= 0x15 && code <= 0x22) at += 1; // a lane
      else if (code >= 0x54 && code <= 0x5b) {
        skip(2);
        at += 1;
      } else if (code > 0x113) throw new Error(`vector instruction 0x${code.toString(16)} at ${start} is unknown`);
    } else if (op === ATOMIC) {
      skip(integer() === 3 ? 1 : 2);
    } else if (op === NUMERIC) {
      const code = integer();
      if (code > 11) throw new Error(`numeric instruction ${code} at ${start} is unknown`);
      skip([8, 10].includes(code) ? 2 : code > 7 ? 1 : 0);
    } else if (op === 0x0e) {
      skip(integer() + 1); // br_table
    } else if (op === 0x43) {
      at += 4; // f32.const
    } else if (op === 0x44) {
      at += 8; // f64.const
    } else if (op === 0x1c) {
      skip(integer()); // select with types
    } else if (op > 0xc4 || op === 0x06 || (op > 0x11 && op < 0x1a)) {
      throw new Error(`instruction 0x${op.toString(16)} at ${start} is unknown`);
    } else {
      skip(INTEGERS.get(op) ?? 0);
    }
    return at;
  };
  while (at < bytes.length) {
    const section = bytes[at++];
    const sectionEnd = integer() + at;
    if (section === CODE) {
      for (let functions = integer(); functions > 0; functions--) {
        const end = integer() + at;
        for (let groups = integer(); groups > 0; groups--) {
          integer();
          at++; // the locals' type
        }
        let next = at;
        while (next < end) next = instruction();
        if (next !== end) throw new Error(`a function ends at ${end}, its last instruction at ${next}`);
      }
    }
    at = sectionEnd;
  }
  return found;
}
