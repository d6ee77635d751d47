// Tables from the CSV files in examples/data (a line of names, then a line a row, the last column to be predicted), and
// their division into folds.
import { readFileSync } from "node:fs";

/**
 * Rows of numbers and what is to be predicted from each: a class index where `classes` has the names, else a number.
 * @typedef {{ names: string[], x: number[][], y: number[], classes?: string[] }} Table
 */

/**
 * A file without quotes, spaces or gaps. Classes are numbered in the order in which they first appear.
 * @param {string} name of a file in examples/data, without ".csv"
 * @returns {Table}
 */
export function readTable(name) {
  const text = readFileSync(new URL(`../data/${name}.csv`, import.meta.url), "utf8");
  const [names, ...rows] = text
    .trim()
    .split("\n")
    .map((line) => line.split(","));
  const targets = rows.map((row) => row.at(-1));
  const x = rows.map((row) => row.slice(0, -1).map(Number));
  if (targets.every((target) => Number.isFinite(Number(target)))) return { names, x, y: targets.map(Number) };
  const classes = [...new Set(targets)];
  return { names, x, y: targets.map((target) => classes.indexOf(target)), classes };
}

/** 1,797 digits of 8 × 8 pixels from 0 to 16, which digits.csv writes as 64 characters, one a pixel, in base 17. @returns {Table} */
export function readDigits() {
  const text = readFileSync(new URL("../data/digits.csv", import.meta.url), "utf8");
  const rows = text
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split(","));
  return {
    names: [...Array.from({ length: 64 }, (_, i) => `pixel ${i}`), "digit"],
    x: rows.map(([pixels]) => Array.from(pixels, (pixel) => Number.parseInt(pixel, 17))),
    y: rows.map(([, digit]) => Number(digit)),
    classes: [..."0123456789"],
  };
}

/**
 * The table as training and test rows, `folds` times, so that each row is tested once: of each class, and of a table
 * without classes as a whole, row i is tested in fold i mod `folds`.
 * @param {Table} table
 * @returns {{ train: { x: number[][], y: number[] }, test: { x: number[][], y: number[] } }[]}
 */
export function splitFolds({ x, y, classes }, folds = 5) {
  const seen = new Map();
  const foldOf = y.map((target) => {
    const group = classes ? target : 0;
    const before = seen.get(group) ?? 0;
    seen.set(group, before + 1);
    return before % folds;
  });
  return Array.from({ length: folds }, (_, fold) => {
    const pick = (list, tested) => list.filter((_, row) => (foldOf[row] === fold) === tested);
    return { train: { x: pick(x, false), y: pick(y, false) }, test: { x: pick(x, true), y: pick(y, true) } };
  });
}
