// A file of rows in whatever format: found from its first characters, read in passes, described for the user.
import type { OptionSpec, Values } from "../command.js";
import { UsageError } from "../errors.js";
import { textOf } from "../parse.js";
import { createCsvReader } from "./csv.js";
import { SEPARATOR_NAMES, type Dialect } from "./dialect.js";
import { readJsonArray, readJsonLines } from "./json.js";
import { LineMap } from "./lines.js";
import type { Row } from "./row.js";
import { openSource, type Source } from "./source.js";
import { ENCODINGS, createTextReader, type Encoding } from "./text.js";

export const FORMATS = ["csv", "tsv", "json", "jsonl"] as const;
type Format = (typeof FORMATS)[number];

/** Options of every command that reads data. */
export const DATA_OPTIONS = {
  format: {
    type: "string",
    choices: FORMATS,
    value: "FORMAT",
    group: "Reading",
    help: "What the data is. Default: found from its first characters.",
  },
  separator: {
    type: "string",
    value: "CHAR",
    group: "Reading",
    help: "What stands between two cells; tab for a tab. Default: found.",
  },
  "no-header": { type: "boolean", group: "Reading", help: "The first line holds data; columns are called column1, column2, …" },
  header: { type: "boolean", group: "Reading", help: "The first line holds names even where some look like numbers." },
  "decimal-comma": { type: "boolean", group: "Reading", help: "Numbers are written 1,5. Default: found." },
  encoding: {
    type: "string",
    choices: ENCODINGS,
    value: "NAME",
    group: "Reading",
    help: "Default: utf-8 or what the byte order mark says; windows-1252 where the text is not utf-8.",
  },
} as const satisfies Record<string, OptionSpec>;

export class Dataset {
  readonly source: Source;
  readonly #told: { format: Format | undefined; encoding: Encoding | undefined; dialect: Partial<Dialect> };
  readonly #lines = new LineMap();
  #format: Format | undefined;
  #text: ReturnType<typeof createTextReader> | undefined;
  #csv: ReturnType<typeof createCsvReader> | undefined;
  /** Rows that the present pass has given. */
  count = 0;

  constructor(source: Source, told: { format?: Format | undefined; encoding?: Encoding | undefined; dialect: Partial<Dialect> }) {
    this.source = source;
    this.#told = { format: told.format, encoding: told.encoding, dialect: told.dialect };
  }

  get name(): string {
    return this.source.name;
  }

  /** One pass through the rows, in blocks. */
  async *blocks(): AsyncGenerator<Row[], void> {
    this.count = 0;
    this.#text = createTextReader(this.name, this.#told.encoding);
    const { first, all } = await withFirst(this.#text.read(this.source.open()));
    const format = (this.#format = this.#told.format ?? formatOf(first));
    const blocks =
      format === "json"
        ? readJsonArray(this.name, all, this.#lines)
        : format === "jsonl"
          ? readJsonLines(this.name, all, this.#lines)
          : (this.#csv = createCsvReader(
              this.name,
              this.#csv?.dialect ?? { ...(format === "tsv" ? { separator: "\t" } : {}), ...this.#told.dialect },
              this.#lines,
            )).read(all);
    for await (const block of blocks) {
      yield block;
      this.count += block.length;
    }
  }

  /** One pass through the rows, one at a time. */
  async *rows(): AsyncGenerator<Row, void> {
    for await (const block of this.blocks()) yield* block;
  }

  /** Where a row, counted from 0, stands: `data.csv, line 12`. */
  place(row: number): string {
    return `${this.name}, ${this.#format === "json" ? `row ${row}` : this.#lines.describe(row)}`;
  }

  /** The names in the file's header; undefined for JSON, and before the first row has been read. */
  get columns(): readonly string[] | undefined {
    return this.#csv?.columns;
  }

  /** How the data was read, in words. */
  describe(): string {
    const parts: string[] = [];
    if (this.#csv?.dialect) {
      const { separator, header, decimalComma } = this.#csv.dialect;
      parts.push(`separator ${SEPARATOR_NAMES[separator] ?? JSON.stringify(separator)}`, header ? "header" : "no header");
      if (decimalComma) parts.push("decimal commas");
    } else {
      parts.push(this.#format === "jsonl" ? "JSON lines" : "JSON");
    }
    if (this.#text?.encoding && this.#text.encoding !== "utf-8") parts.push(this.#text.encoding);
    return parts.join(", ");
  }
}

/** The file of a command, as its options say that it is written. */
export async function openDataset(path: string, values: Values, passes: "one" | "many"): Promise<Dataset> {
  if (values.header && values["no-header"]) throw new UsageError("--header and --no-header were both given");
  const separator = textOf(values, "separator")?.replace(/^(tab|\\t)$/, "\t");
  if (separator !== undefined && (separator.length !== 1 || /["\r\n\w]/.test(separator))) {
    throw new UsageError(
      `--separator is ${JSON.stringify(separator)}; it must be one character that is neither a letter, a digit nor a quote`,
    );
  }
  const header = values.header ? true : values["no-header"] ? false : undefined;
  return new Dataset(await openSource(path, passes), {
    format: textOf(values, "format") as Format | undefined,
    encoding: textOf(values, "encoding") as Encoding | undefined,
    dialect: {
      ...(separator === undefined ? {} : { separator }),
      ...(header === undefined ? {} : { header }),
      ...(values["decimal-comma"] ? { decimalComma: true } : {}),
    },
  });
}

/** What text begins with, and all of it. */
async function withFirst(text: AsyncGenerator<string, void>): Promise<{ first: string; all: AsyncIterable<string> }> {
  let first = "";
  while (first.trim() === "" && first.length < 1 << 16) {
    const { done, value } = await text.next();
    if (done) break;
    first += value;
  }
  async function* all(): AsyncGenerator<string, void> {
    yield first;
    yield* text;
  }
  return { first, all: all() };
}

function formatOf(first: string): Format {
  const begin = first.trimStart();
  if (begin[0] === "[") return "json";
  return begin[0] === "{" ? "jsonl" : "csv";
}
