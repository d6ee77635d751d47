// The names and sizes of the files that MNIST is served in: shared by the page and by the plugin that makes them.

export const PIXELS = 28 * 28;
export const TRAIN_FILES = 6;
export const TRAIN_ROWS_A_FILE = 10_000;
export const TEST_ROWS = 2_000;

/** Beside index.html. */
export const trainFile = (index: number): string => `mnist/train-${index}.bin`;
export const testFile = "mnist/test.bin";
