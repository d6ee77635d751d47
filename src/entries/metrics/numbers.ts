// Metrics of predicted numbers.
import { outOfRange, plural } from "../../options/checks.js";
import { checkRows, columnsOf, mean, meanOf, squaredError, type Values } from "./values.js";

/**
 * The coefficient of determination R² = 1 − Σ (t − p)² / Σ (t − mean t)²: 1 for perfect predictions, 0 for predictions that are no
 * better than the mean of the targets, negative for worse ones. If all targets are equal, it is 1 for perfect predictions, else 0.
 * For several outputs: the mean of their R².
 * @param actual the targets
 * @param predicted the predictions
 * @param outputs the number of values per row of plain and flat typed arrays; default 1, for lists of rows their length
 * @throws TypeError, RangeError for unequal shapes, values that are not finite numbers, or fewer than 2 rows
 * @example
 * r2Score([3, -0.5, 2, 7], [2.5, 0, 2, 8]);                      // 0.94…
 */
export function r2Score(actual: Values, predicted: Values, outputs?: number): number {
  return eachOutput(actual, predicted, outputs, (targets, predictions) => {
    if (targets.length < 2) outOfRange("r2Score needs 2 rows or more; there is 1");
    const rest = squaredError(targets, predictions);
    // Not a test of the variance, which rounding may leave above 0.
    if (targets.every((t) => t === targets[0])) return Number(rest === 0);
    const center = mean(targets);
    return (
      1 -
      rest /
        squaredError(
          targets,
          targets.map(() => center),
        )
    );
  });
}

/**
 * The mean of |t − p| over rows, then over outputs.
 * @param outputs as for `r2Score`
 * @throws TypeError, RangeError for unequal shapes or values that are not finite numbers
 * @example
 * meanAbsoluteError([3, -0.5, 2, 7], [2.5, 0, 2, 8]);            // 0.5
 */
export function meanAbsoluteError(actual: Values, predicted: Values, outputs?: number): number {
  return eachOutput(actual, predicted, outputs, (t, p) => meanOf(t, p, (a, b) => Math.abs(a - b)));
}

/**
 * The mean of (t − p)² over rows, then over outputs.
 * @param outputs as for `r2Score`
 * @throws as `meanAbsoluteError`
 * @example
 * meanSquaredError([3, -0.5, 2, 7], [2.5, 0, 2, 8]);             // 0.375
 */
export function meanSquaredError(actual: Values, predicted: Values, outputs?: number): number {
  return eachOutput(actual, predicted, outputs, squaredError);
}

/**
 * The root of the mean squared error, in the units of the targets. For several outputs: the mean of their roots.
 * @param outputs as for `r2Score`
 * @throws as `meanAbsoluteError`
 * @example
 * rootMeanSquaredError([3, -0.5, 2, 7], [2.5, 0, 2, 8]);         // 0.61…
 */
export function rootMeanSquaredError(actual: Values, predicted: Values, outputs?: number): number {
  return eachOutput(actual, predicted, outputs, (t, p) => Math.sqrt(squaredError(t, p)));
}

/** The mean of a metric over outputs. */
function eachOutput(
  actual: unknown,
  predicted: unknown,
  outputs: number | undefined,
  measure: (t: Float64Array, p: Float64Array) => number,
): number {
  const targets = columnsOf(actual, "actual", outputs);
  const predictions = columnsOf(predicted, "predicted", outputs);
  if (targets.length !== predictions.length) {
    outOfRange(`actual has ${plural(targets.length, "output")} a row but predicted has ${predictions.length}`);
  }
  checkRows(targets[0].length, "predicted", predictions[0].length);
  return mean(targets.map((column, c) => measure(column, predictions[c])));
}
