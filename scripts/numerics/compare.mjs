// Compares results with an oracle. The sweep imports this file once for each oracle, by a query of its own: V8 then inlines the
// oracle into a loop that serves no other, which is several times as fast.
import { unitOf } from "./oracles.mjs";

/** How many inputs belong to the domain, how many results are correctly rounded, the largest error and its argument, and how many NaNs gave a number. */
export function compare({ takes, unit }, oracle, inputs, results) {
  let count = 0,
    rounded = 0,
    wrong = 0,
    worst = 0,
    argument = NaN;
  for (let i = 0; i < inputs.length; i++) {
    const x = inputs[i],
      actual = results[i];
    if (Number.isNaN(x)) {
      if (!Number.isNaN(actual)) wrong++;
      continue;
    }
    if (takes && !takes(x)) continue;
    count++;
    const expected = oracle(x);
    if (Math.fround(expected) === actual) {
      rounded++;
      continue;
    }
    const error = Math.abs(actual - expected) / unitOf(unit, x, expected);
    // So that a NaN counts, too.
    if (!(error <= worst)) {
      worst = error;
      argument = x;
    }
  }
  return { count, rounded, wrong, worst, argument };
}
