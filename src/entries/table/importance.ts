// Permutation importance: how much worse predictions are with one column's values shuffled.
import { checkOptions, count, outOfRange, positiveInteger } from "../../options/checks.js";
import { widthOf } from "./columns.js";
import type { ImportanceOptions } from "./interface.js";
import { countRight, Errors } from "./measure.js";
import { encode, listRows, type Fitted } from "./prepare.js";
import { randomBy, shuffledOrder } from "./split.js";
import { finish } from "./steps.js";

const IMPORTANCE = { repeats: positiveInteger, seed: count };

/** @returns a number for each column but the target, as `TableModel.importance` */
export function importanceOf({ nn, encoder }: Fitted, rows: Iterable<object>, options: ImportanceOptions): Record<string, number> {
  const { columns, width, outputs, classes } = encoder;
  const { repeats = 5, seed = nn.seed } = checkOptions(options, IMPORTANCE);
  const { x, y } = finish(encode(encoder, listRows(rows, "rows"), undefined));
  const total = x.length / width;
  if (!total) outOfRange("rows has no rows");
  const score = (): number => {
    const out = nn.predict(x);
    if (classes) return countRight(out, y, total) / total;
    const errors = new Errors(outputs);
    errors.add(out, y);
    return errors.r2;
  };
  const whole = score();
  const random = randomBy(seed);
  let first = 0;
  return Object.fromEntries(columns.inputs.map((column) => {
    const [from, to] = [first, (first += widthOf(column))];
    const own = new Float64Array(total * (to - from));
    for (let r = 0; r < total; r++) own.set(x.subarray(r * width + from, r * width + to), r * (to - from));
    const put = (row: number, source: number): void => x.set(own.subarray(source * (to - from), (source + 1) * (to - from)), row * width + from);
    let sum = 0;
    for (let i = 0; i < repeats; i++) {
      shuffledOrder(total, random).forEach((source, row) => put(row, source));
      sum += score();
    }
    for (let r = 0; r < total; r++) put(r, r);
    return [column.name, whole - sum / repeats];
  }));
}
