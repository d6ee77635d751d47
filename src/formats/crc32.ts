// CRC-32 (ISO 3309, the polynomial of zip and PNG): detects every change of a single byte, and nearly all other damage.
let table: Uint32Array | undefined;

const makeTable = (): Uint32Array =>
  Uint32Array.from({ length: 256 }, (_, n) => {
    for (let bit = 0; bit < 8; bit++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
    return n;
  });

/** The checksum of the concatenated pieces, as an unsigned 32-bit integer. */
export function crc32(...pieces: readonly Uint8Array[]): number {
  table ??= makeTable();
  let crc = -1;
  for (const bytes of pieces) {
    for (let i = 0; i < bytes.length; i++) crc = table[(crc ^ bytes[i]) & 255] ^ (crc >>> 8);
  }
  return ~crc >>> 0;
}
