// Permutation importance: how much worse predictions are with one column's values shuffled.
import { checkOptions, count, positiveInteger } from "../../options/checks.js";
import { deriveSeed, shuffledRows } from "../selection/random.js";
import { widthOf } from "./columns.js";
import type { ImportanceOptions } from "./interface.js";
import { Score } from "./measure.js";
import { listRows, type Fitted } from "./prepare.js";
import { finish } from "./steps.js";

const IMPORTANCE = { repeats: positiveInteger, seed: count };

/** @returns a number for each column but the target, as `TableModel.importance` */
export function importanceOf(
  { nn, encoder }: Fitted,
  rows: Iterable<object>,
  options: ImportanceOptions,
): Record<string, number> {
  const { columns, width, outputs, classes } = encoder;
  const { repeats = 5, seed = nn.seed } = checkOptions(options, IMPORTANCE);
  const { x, y } = finish(encoder.encode(listRows(rows, "rows"), 0, true));
  const mixed = x.slice();
  const score = (): number => {
    if (classes) return nn.evaluate(mixed, y).accuracy!;
    const score = new Score(outputs);
    score.add(nn.predict(mixed), y);
    return score.figures.r2;
  };
  const whole = score();
  const rowCount = x.length / width;
  const inOrder = Array.from({ length: rowCount }, (_, r) => r);
  let first = 0;
  return Object.fromEntries(
    columns.inputs.map((column, place) => {
      const from = first,
        to = (first += widthOf(column));
      const arrange = (order: readonly number[]): void =>
        order.forEach((source, row) => {
          for (let c = from; c < to; c++) mixed[row * width + c] = x[source * width + c];
        });
      let sum = 0;
      for (let i = 0; i < repeats; i++) {
        arrange(shuffledRows(rowCount, deriveSeed(seed, place * repeats + i)));
        sum += score();
      }
      arrange(inOrder);
      return [column.name, whole - sum / repeats];
    }),
  );
}
