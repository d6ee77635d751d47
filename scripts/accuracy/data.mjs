// A task's rows: folds of a table, or the one training and test set of a set of images.
import { FASHION, MNIST, readImages } from "../../examples/datasets/images.mjs";
import { readDigits, readTable, splitFolds } from "../../examples/datasets/table.mjs";

/** Where a task's images are, for the Python side as well; undefined for a table. */
export const folderOf = ({ images }) => images && { mnist: MNIST, fashion: FASHION }[images];

/**
 * @returns {{ inputs: number, outputs: number, folds: { train: { x, y }, test: { x, y } }[] } | undefined} rows as flat
 *   typed arrays, as fast as they can be given; undefined where the images are not installed
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
