// The quality of predictions, in the same two figures for every library, whatever loss it minimises.

/** @typedef {{ squaredError: number, accuracy: number }} Quality */

/**
 * The mean squared error, and the share of rows whose largest output, or whose side of ½, is correct.
 * @param {ArrayLike<number>} outputs row-major @param {ArrayLike<number>} targets row-major, 0 or 1
 * @param {{ sizes: number[] }} task @returns {Quality}
 */
export function quality(outputs, targets, { sizes }) {
  const width = sizes[sizes.length - 1];
  const rows = targets.length / width;
  if (outputs.length !== targets.length) throw new Error(`${outputs.length} outputs for ${targets.length} targets`);
  let squares = 0,
    right = 0;
  for (let row = 0; row < rows; row++) {
    let most = 0,
      wanted = 0;
    for (let i = 0; i < width; i++) {
      const at = row * width + i;
      squares += (outputs[at] - targets[at]) ** 2;
      if (outputs[at] > outputs[row * width + most]) most = i;
      if (targets[at] > targets[row * width + wanted]) wanted = i;
    }
    if (width === 1 ? outputs[row] > 0.5 === targets[row] > 0.5 : most === wanted) right++;
  }
  return { squaredError: squares / targets.length, accuracy: right / rows };
}

/**
 * The squared error of a baseline that always predicts each target's mean.
 * @param {ArrayLike<number>} targets row-major @param {number} width
 */
export function squaredErrorOfGuessing(targets, width) {
  const rows = targets.length / width;
  let squares = 0;
  for (let i = 0; i < width; i++) {
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += targets[row * width + i];
    squares += sum * (1 - sum / rows);
  }
  return squares / targets.length;
}

/**
 * Whether the network learnt: it is better than before and, by at least a tenth, than guessing. False for NaN.
 * @param {{ before: Quality, after: Quality }} seen @param {number} guessing
 */
export const learns = ({ before, after }, guessing) =>
  after.squaredError < before.squaredError && after.squaredError < 0.9 * guessing;
