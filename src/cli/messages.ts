// Errors of the library in the words of the command line: lines of files in the place of rows, options in the place of objects.
import { TableError } from "../entries/table.js";
import type { Dataset } from "./data/rows.js";
import { DataError, UsageError } from "./errors.js";
import { NETWORK_OPTIONS, FIT_OPTIONS, COLUMN_OPTIONS } from "./network-options.js";

/** `{ "age": { missing: "median" } }` and the like, as the options that say the same. */
function asOptions(text: string): string {
  const pair = /"((?:[^"\\]|\\.)*)": (?:"(\w+)"|\{ (\w+): "?([^"} ]+)"? \})/g;
  return [...text.matchAll(pair)]
    .map(([, name, kind, key, value]) => {
      const argument = `${JSON.parse(`"${name!}"`) as string}=${kind ?? value!}`;
      return `--${key ?? "column"} ${/[^\w=.-]/.test(argument) ? `'${argument}'` : argument}`;
    })
    .join(" ");
}

const OBJECT = /\{ "(?:[^"\\]|\\.)*": (?:"\w+"|\{ \w+: "?[^"} ]+"? \})(?:, "(?:[^"\\]|\\.)*": "\w+")* \}/g;

/** A message with the remedies that the command line has. */
export const inOptions = (message: string): string =>
  message
    .replaceAll(OBJECT, asOptions)
    .replaceAll("set columns: ", "say ")
    .replaceAll('or "category" to use it', "or =category to use it");

/**
 * An error of the library about a table that was read from a file, in the words of the command line.
 * @param first the number of the first row of the block that the error is about
 */
export function explain(error: unknown, dataset: Dataset, first = 0): unknown {
  if (error instanceof Error && /^unknown (?:target|column)/.test(error.message))
    return new UsageError(`${dataset.name}: ${error.message}`, { cause: error });
  if (!(error instanceof TableError)) return explainOption(error);
  const { row, column } = error;
  const message = inOptions(error.message).replace(
    /^rows\[\d+\](?:\.[\w$]+|\["(?:[^"\\]|\\.)*"\])?/,
    column === undefined ? "the row" : `column "${column}"`,
  );
  return new DataError(`${row === undefined ? dataset.name : dataset.place(first + row)}: ${message}`, { cause: error });
}

const OPTIONS = new Set(Object.keys({ ...NETWORK_OPTIONS, ...FIT_OPTIONS, ...COLUMN_OPTIONS }));

/** A refused option of the library as a mistake in the command line. */
export function explainOption(error: unknown): unknown {
  if (!(error instanceof TypeError || error instanceof RangeError)) return error;
  // A kind or rule of --column and the like, or an option of --space.
  if (/^(?:columns\[|unknown option)/.test(error.message))
    return new UsageError(error.message.replace(/^columns\["((?:[^"\\]|\\.)*)"\](?:\.\w+)?/, 'column "$1"'), { cause: error });
  const [, name] =
    /^(?:network\.)?([a-zA-Z0-9]+)(?:\.\w+)? is /.exec(error.message) ?? /unknown (\w+) "/.exec(error.message) ?? [];
  const option = name?.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  if (option === undefined || !OPTIONS.has(option)) return error;
  return new UsageError(error.message.replace(new RegExp(`^(?:network\\.)?${name!}\\b`), `--${option}`), { cause: error });
}
