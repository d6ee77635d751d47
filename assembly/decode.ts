// Decodes an inlined template into a build: a program of its own, which runs once for each build, before the kernels are compiled.
// In a new process JavaScript would interpret it, and take longer. scripts/templates.mjs describes a template's encoding.

/**
 * Turns the text at address 0 into a build's bytes, in place: for float64 (`wide`) or float32, with multiply and add in one
 * instruction (`fused`) or not.
 * @returns how many bytes there are
 */
export function decode(length: i32, wide: bool, fused: bool): i32 {
  let end = 0;
  for (let i = 0; i < length; i++) {
    let code = <i32>load<u8>(i) - 0x20;
    if (code >= 93) code = (code - 92) * 93 + load<u8>(++i) - 0x20;
    store<u8>(end++, code - 8);
  }
  // From an opcode on float32 to that on float64.
  const toFloat64 = wide ? 0x0c00 : 0;
  for (let i = 0; i < end; i++) {
    // The first three bytes of a vector instruction, the last in front.
    let instruction = load<u32>(i) & 0xffffff;
    // The stand-ins for a product, for its sum with something, and for a selection.
    if (instruction == 0x028dfd) instruction = fused ? 0x010101 : 0x01e6fd + toFloat64; // nops; mul
    else if (instruction == 0x028efd) instruction = fused ? wide ? 0x0287fd : 0x0285fd : 0x01e4fd + toFloat64; // relaxed_madd; add
    else if (instruction == 0x028bfd && !fused) instruction = 0x0152fd; // bitselect and a nop
    else continue;
    store<u16>(i, instruction);
    store<u8>(i, instruction >> 16, 2);
  }
  return end;
}
