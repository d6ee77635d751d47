// From an inlined template to a build: a program of its own, which runs once for each build, before there are any kernels.
// JavaScript would take the longer for it the newer the process is. scripts/templates.mjs says how a template is written.

/**
 * Turns the text at address 0 into a build's bytes, in place: `wide` for float64, `fused` for the relaxed build.
 * @returns how many bytes there are
 */
export function decode(length: i32, wide: bool, fused: bool): i32 {
  let end = 0;
  for (let i = 0; i < length; i++) {
    let code = <i32>load<u8>(i) - 0x20;
    if (code >= 93) code = (code - 92) * 93 + load<u8>(++i) - 0x20;
    store<u8>(end++, code - 8);
  }
  for (let i = 0; i < end; i++) {
    if (load<u8>(i) != 0xfd) continue; // the prefix of vector instructions
    // The first three bytes of one, the last in front.
    let instruction = load<u32>(i) & 0xffffff;
    // What stands for a product, for its sum with something, and for a selection.
    if (instruction == 0x028dfd) instruction = fused ? 0x010101 : 0x01e6fd; // nops; mul
    if (instruction == 0x028efd) instruction = fused ? 0x0285fd : 0x01e4fd; // relaxed_madd; add
    if (instruction == 0x028bfd && !fused) instruction = 0x0152fd; // bitselect and a nop
    if (wide) instruction += toFloat64((instruction >> 8) & 0xff) << 8;
    store<u16>(i, instruction);
    store<u8>(i, instruction >> 16, 2);
  }
  return end;
}

/** The distance from an opcode on float32 to that on float64; 0 from one that is on neither. */
@inline
function toFloat64(op: u32): i32 {
  if (op - 0xe0 < 12) return 12; // arithmetic
  if (op - 0xa4 < 14) return 32; // on integers
  if (op - 0x41 < 6) return 6; // comparisons
  if (op == 0x85) return 2; // relaxed_madd
  return i32(op == 0x09 || op == 0x13); // load and splat; splat
}
