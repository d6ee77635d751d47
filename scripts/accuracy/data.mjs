// A task's rows: the folds of a table, or the training and test sets of images.
import { FASHION, MNIST, readImages } from "../../examples/datasets/images.mjs";
import { readDigits, readTable, splitFolds } from "../../examples/datasets/table.mjs";

/** The folder of a task's images, also for the Python side; undefined for a table. */
export const folderOf = ({ images }) => images && { mnist: MNIST, fashion: FASHION }[images];

/**
 * @returns {{ inputs: number, outputs: number, folds: { train: { x, y }, test: { x, y } }[] } | undefined} rows as flat
 *   typed arrays, the fastest input; undefined where the images are not installed
 */
export function readTask(task, folds) {
  const folder = folderOf(task);
  if (folder) {
    const [train, test] = ["train", "t10k"].map((set) => readImages(folder, set));
    return train && test && { inputs: 784, outputs: 10, folds: [{ train, test }] };
  }
  const table = task.data === "digits" ? readDigits() : readTable(task.data);
  const flat = ({ x, y }) => ({ x: Float64Array.from(x.flat()), y: Float64Array.from(y) });
  return {
    inputs: table.x[0].length,
    outputs: task.loss === "categoricalCrossentropy" ? table.classes.length : 1,
    folds: splitFolds(table, folds).map(({ train, test }) => ({ train: flat(train), test: flat(test) })),
  };
}
