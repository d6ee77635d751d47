// The types of a TableModel's arguments and results, except for options.
import type { TableColumn } from "./columns.js";
import type { Label } from "./values.js";

/** What a model predicts of a row: a label as it stood in the rows, a number, or for several targets an object of numbers. */
export type Prediction = Label | Record<string, number>;

/** A stream of rows that can be read once; or a function that opens a new stream, called once per pass. */
export type RowStream = AsyncIterable<object> | (() => AsyncIterable<object> | Iterable<object>);

/** What is known of a column once a model is trained. */
export interface ColumnInfo extends Pick<TableColumn, "kind" | "missing" | "mean" | "scale" | "categories"> {
  /** Whether this is what is predicted. */
  readonly isTarget: boolean;
}

/** How good predictions are: `accuracy` for classes, `mae` (mean absolute error) and `r2` for numbers. */
export interface TableEvaluation {
  /** Mean per row of the network's loss; that of scaled targets where they are numbers. */
  loss: number;
  accuracy?: number;
  mae?: number;
  r2?: number;
}

export interface ImportanceOptions {
  /** How often each column is shuffled. Default 5. */
  repeats?: number;
  /** Settles the shuffles: an integer, 0 or more. Default: the network's seed. */
  seed?: number;
}
