// Small tables that the tests share.
import { readFileSync } from "node:fs";

export type Row = Record<string, unknown>;

/** Rows of a CSV file in examples/data, every cell a text. */
export function readExample(name: string): Row[] {
  const text = readFileSync(new URL(`../../examples/data/${name}.csv`, import.meta.url), "utf8");
  const [head, ...lines] = text.trim().split("\n").map((line) => line.split(","));
  return lines.map((cells) => Object.fromEntries(head!.map((column, c) => [column, cells[c]!])));
}
