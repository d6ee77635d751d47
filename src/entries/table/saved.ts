// Writes a table's columns to a network's metadata and reads them back, with the checks of an untrusted file.
import type { NN } from "../../index.js";
import { isObject, outOfRange, refuse, show } from "../../options/checks.js";
import { asFormatErrors, list, malformed, record } from "../foreign.js";
import type { TableColumns } from "./columns.js";
import { Encoder } from "./encode.js";
import { parseColumns } from "./options.js";
import { toldColumns } from "./scan.js";

const KEY = "wasmlp/table";
const VERSION = 1;
/** A little less than `NN.metadata` may have. */
const MOST_CHARACTERS = 4_000_000;

/** Metadata that says what the columns are, beside the user's own. @throws RangeError where no file could hold it */
export function describe({ inputs, targets, several }: TableColumns, metadata?: unknown): object {
  if (metadata !== undefined && !isObject(metadata))
    refuse("network.metadata", metadata, "an object, to which the table's columns are added", true);
  const columns = [...inputs, ...targets];
  const { length } = JSON.stringify(columns);
  if (length > MOST_CHARACTERS)
    outOfRange(
      `the columns' names and categories have ${length} characters; a file holds ${MOST_CHARACTERS}: ignore some, or set fewer categories`,
    );
  return {
    ...metadata,
    [KEY]: { version: VERSION, target: several ? targets.map(({ name }) => name) : targets[0].name, columns },
  };
}

/** The columns that a network's metadata describe: checked as those that a user tells in full. @throws ModelFormatError */
export function readColumns(nn: NN): TableColumns {
  return asFormatErrors(() => {
    const { metadata } = nn;
    if (!isObject(metadata) || !Object.hasOwn(metadata, KEY))
      malformed("the file is a network's, without a table; NN.load reads it");
    const { version, target, columns } = record((metadata as Record<string, unknown>)[KEY], KEY);
    if (version !== VERSION) malformed(`its table has version ${show(version)}; this library reads version ${VERSION}`);
    const entries = list(columns, `${KEY}.columns`).map((each, i) => {
      const { name, ...column } = record(each, `${KEY}.columns[${i}]`);
      return [typeof name === "string" ? name : malformed(`${KEY}.columns[${i}] has no name`), column] as const;
    });
    const told = parseColumns(target, entries);
    const found = toldColumns(told);
    if (!found || found.inputs.length + found.targets.length < entries.length)
      malformed("its columns are incomplete, or two have one name");
    const { width, outputs } = new Encoder(found, false);
    if (nn.layers[0].inputs !== width || nn.layers.at(-1)!.units !== outputs)
      malformed(`its columns make ${width} inputs and ${outputs} outputs, as its network does not have`);
    return found;
  });
}
