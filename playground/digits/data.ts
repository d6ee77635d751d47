// Fetches MNIST from the page's server on demand, once, and prepares it for a network.
import { PIXELS, TEST_ROWS, TRAIN_FILES, TRAIN_ROWS_A_FILE, testFile, trainFile } from "./files.js";

/** Images with their labels. */
export interface Images {
  readonly count: number;
  /** count × 784, from 0 (paper) to 1 (ink). */
  readonly x: Float32Array<ArrayBuffer>;
  /** The digits. */
  readonly y: Uint8Array<ArrayBuffer>;
}

const fetched = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();

/** The 2,000 test images. */
export const loadTest = (): Promise<Images> => load([testFile], TEST_ROWS);

/** The first 10,000, 20,000 … training images. */
export const loadTrain = (count: number): Promise<Images> =>
  load(
    Array.from({ length: Math.min(Math.ceil(count / TRAIN_ROWS_A_FILE), TRAIN_FILES) }, (_, i) => trainFile(i)),
    TRAIN_ROWS_A_FILE,
  );

async function load(names: readonly string[], rowsAFile: number): Promise<Images> {
  try {
    return await unpack(await Promise.all(names.map(fetchFile)), rowsAFile);
  } catch (error) {
    throw new Error(`The images could not be read (${error instanceof Error ? error.message : String(error)})`, { cause: error });
  }
}

/** Rows to convert between two frames. */
const ROWS_A_FRAME = 2000;

async function unpack(files: readonly Uint8Array[], rowsAFile: number): Promise<Images> {
  if (files.some((bytes) => bytes.length !== rowsAFile * (PIXELS + 1))) throw new Error("the file is not what it should be");
  const count = files.length * rowsAFile;
  const x = new Float32Array(count * PIXELS);
  const y = new Uint8Array(count);
  for (const [f, bytes] of files.entries()) {
    const start = f * rowsAFile * PIXELS;
    y.set(bytes.subarray(rowsAFile * PIXELS), f * rowsAFile);
    for (let row = 0; row < rowsAFile; row += ROWS_A_FRAME) {
      const end = Math.min(row + ROWS_A_FRAME, rowsAFile) * PIXELS;
      for (let i = row * PIXELS; i < end; i++) x[start + i] = bytes[i] / 255;
      await new Promise(requestAnimationFrame);
    }
  }
  return { count, x, y };
}

function fetchFile(name: string): Promise<Uint8Array<ArrayBuffer>> {
  let promise = fetched.get(name);
  if (!promise) {
    promise = download(name);
    // A download that failed is tried again the next time.
    promise.catch(() => fetched.delete(name));
    fetched.set(name, promise);
  }
  return promise;
}

async function download(name: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(new URL(name, document.baseURI));
  if (!response.ok) throw new Error(`${name}: the server answers ${response.status}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  // Some servers send the file decompressed.
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (!isPacked) return bytes;
  return new Uint8Array(
    await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer(),
  );
}
