// Finds the misclassified images, the worst first.

/** A misclassified image. */
export interface Mistake {
  readonly row: number;
  readonly actual: number;
  readonly predicted: number;
  /** The probability of its true class. */
  readonly credit: number;
  /** The probability of the predicted class. */
  readonly certainty: number;
}

/**
 * @param probabilities images × 10
 * @param y their labels
 */
export function findMistakes(probabilities: ArrayLike<number>, y: Uint8Array): { predicted: number[]; mistakes: Mistake[] } {
  const predicted: number[] = [];
  const mistakes: Mistake[] = [];
  y.forEach((actual, row) => {
    let best = 0;
    for (let digit = 1; digit < 10; digit++) if (probabilities[10 * row + digit] > probabilities[10 * row + best]) best = digit;
    predicted.push(best);
    if (best === actual) return;
    mistakes.push({
      row,
      actual,
      predicted: best,
      credit: probabilities[10 * row + actual],
      certainty: probabilities[10 * row + best],
    });
  });
  // The highest probability of a wrong class comes first.
  mistakes.sort((a, b) => a.credit - b.credit);
  return { predicted, mistakes };
}
