// JSON → rows: one object a line (JSON lines, NDJSON), or an array of objects.
import { DataError } from "../errors.js";
import type { LineMap } from "./lines.js";
import type { Row } from "./row.js";

/** Characters that a JSON array may have, since it is read as a whole; and a line of JSON lines. */
const MOST = 1 << 28;
const LONGEST_LINE = 1 << 24;

const show = (value: unknown): string => (Array.isArray(value) ? "an array" : value === null ? "null" : `a ${typeof value}`);

function rowOf(value: unknown, place: string): Row {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new DataError(`${place}: ${show(value)}; an object such as {"length": 5.1, "species": "setosa"} is expected`);
  }
  for (const [key, cell] of Object.entries(value)) {
    if (typeof cell === "object" && cell !== null) {
      throw new DataError(
        `${place}, column "${key}": ${Array.isArray(cell) ? "an array" : "an object"}; a number, a string, true, false or null is expected`,
      );
    }
  }
  return value as Row;
}

function parse(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DataError(`${place}: no valid JSON (${(error as Error).message})`, { cause: error });
  }
}

export async function* readJsonLines(name: string, text: AsyncIterable<string>, lines: LineMap): AsyncGenerator<Row[], void> {
  let pending = "",
    line = 1,
    row = 0;
  lines.clear();
  const take = (part: string): Row[] =>
    part.split("\n").flatMap((each) => {
      const at = line++;
      if (!each.trim()) return [];
      lines.add(row++, at);
      return [rowOf(parse(each, `${name}, line ${at}`), `${name}, line ${at}`)];
    });
  for await (const piece of text) {
    pending += piece;
    const end = pending.lastIndexOf("\n");
    if (end < 0) {
      if (pending.length > LONGEST_LINE)
        throw new DataError(
          `${name}, line ${line}: a line of more than ${LONGEST_LINE >> 20} MB; one JSON object per line is expected`,
        );
      continue;
    }
    const rows = take(pending.slice(0, end));
    pending = pending.slice(end + 1);
    if (rows.length) yield rows;
  }
  const rows = take(pending);
  if (rows.length) yield rows;
  if (row === 0) throw new DataError(`${name} has no rows`);
}

export async function* readJsonArray(name: string, text: AsyncIterable<string>, lines: LineMap): AsyncGenerator<Row[], void> {
  let all = "";
  lines.clear();
  for await (const piece of text) {
    all += piece;
    if (all.length > MOST)
      throw new DataError(
        `${name}: a JSON array of more than ${MOST >> 20} MB; convert it to JSON lines, which are streamed: jq -c '.[]'`,
      );
  }
  const value = parse(all, name);
  if (!Array.isArray(value)) throw new DataError(`${name}: ${show(value)}; an array of objects is expected`);
  if (value.length === 0) throw new DataError(`${name} has no rows`);
  yield value.map((each, i) => rowOf(each, `${name}, row ${i}`));
}
