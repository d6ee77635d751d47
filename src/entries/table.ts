// Networks for tables: from rows of named columns to labels or numbers. The encoding of columns is found from the rows and saved with the
// network.
import { NN, type AsyncFitOptions, type Chunks, type FloatArray, type History } from "../index.js";
import { isObject, outOfRange, refuse } from "../options/checks.js";
import type { TableColumn } from "./table/columns.js";
import { importanceOf } from "./table/importance.js";
import type { ColumnInfo, ImportanceOptions, Prediction, RowStream, TableEvaluation } from "./table/interface.js";
import { Score } from "./table/measure.js";
import {
  parseOptions,
  type Column,
  type ColumnOptions,
  type TableAsyncFitOptions,
  type TableFitOptions,
  type TableNetworkOptions,
  type TableOptions,
  type Told,
} from "./table/options.js";
import {
  encoderFor,
  encodeStream,
  fittedFor,
  listRows,
  prepare,
  readClassWeight,
  scanStream,
  type Fitted,
} from "./table/prepare.js";
import { describe, readColumns } from "./table/saved.js";
import { toldColumns, type TableScan } from "./table/scan.js";
import { finish, finishInSlices } from "./table/steps.js";
import { TableError, type Kind, type Label } from "./table/values.js";

export { TableError };
export type {
  Column,
  ColumnInfo,
  ColumnOptions,
  ImportanceOptions,
  Kind,
  Label,
  Prediction,
  RowStream,
  TableAsyncFitOptions,
  TableEvaluation,
  TableFitOptions,
  TableNetworkOptions,
  TableOptions,
};

/** Rows predicted at a time. */
const PREDICTED = 2048;

/** What a file held, for the constructor. */
class Restored {
  constructor(
    readonly told: Told,
    readonly fitted: Fitted,
  ) {}
}

/**
 * A network for tables: rows are objects, a value for each column, as a CSV parser or a database gives them.
 *
 * Kinds of columns are found from the rows: numbers (also texts such as "5.1") are scaled to mean 0 and deviation 1, categories get an
 * input each, booleans are 0 and 1, dates become a trend and their places in year, week and day. Missing values are errors until
 * `columns` says what stands for them.
 *
 * @example
 * const model = new TableModel({ target: "species" });
 * model.fit(rows);                                // [{ sepal: 5.1, colour: "red", species: "setosa" }, …]
 * model.predict([{ sepal: 4.9, colour: "blue" }]); // ["setosa"]
 */
export class TableModel {
  readonly #told: Told;
  #fitted: Fitted | undefined;
  /** Whether a fitAsync is under way. */
  #busy = false;

  /**
   * @throws TypeError, RangeError that name the bad option
   */
  constructor(options: TableOptions) {
    const restored = (options as unknown) instanceof Restored ? (options as unknown as Restored) : undefined;
    this.#told = restored?.told ?? parseOptions(options);
    this.#fitted = restored?.fitted;
  }

  /**
   * Trains on rows. The first call finds the kinds of columns from all rows, and their means, deviations and categories from the training
   * rows; further calls continue training with the same columns.
   * @param rows objects with a value for each column, the target's included: an array or any other iterable
   * @returns the figures of each epoch
   * @throws TableError that names row and column, TypeError, RangeError for bad input, before anything has changed
   * @throws DivergenceError as `NN.fit`
   */
  fit(rows: Iterable<object>, options: TableFitOptions = {}): History {
    this.#refuseWhileBusy("fit");
    const before = this.#fitted;
    const { x, y, options: network, ...fitted } = finish(prepare(this.#told, before, rows, asOptions(options)));
    this.#fitted = fitted;
    try {
      return fitted.nn.fit(x, y, network);
    } catch (error) {
      this.#restore(before);
      throw error;
    }
  }

  /** As `fit`, with the network trained off the calling thread, and rows read in short slices between turns of its event loop. */
  fitAsync(rows: Iterable<object>, options?: TableAsyncFitOptions): Promise<History>;
  /**
   * Trains on a stream of rows, few of which are in memory at a time: one pass for what columns hold, then one per epoch (by default one).
   * @param stream a function that makes a stream for each pass; or a stream that is read once, for a model whose columns are known: trained
   *   before, or told in full (`{ kind, mean, scale }` for numbers and dates, `{ categories }` for categories and classes)
   */
  fitAsync(stream: RowStream, options?: TableAsyncFitOptions): Promise<History>;
  async fitAsync(rows: Iterable<object> | RowStream, options: TableAsyncFitOptions = {}): Promise<History> {
    this.#refuseWhileBusy("fitAsync");
    this.#busy = true;
    const before = this.#fitted;
    try {
      if (isStream(rows)) {
        const { chunks, options: network, ...fitted } = await this.#prepareStream(rows, asOptions(options));
        this.#fitted = fitted;
        return await fitted.nn.fitAsync(chunks, network);
      }
      const {
        x,
        y,
        options: network,
        ...fitted
      } = await finishInSlices(prepare(this.#told, before, rows, asOptions(options)), options.signal);
      this.#fitted = fitted;
      return await fitted.nn.fitAsync(x, y, network as AsyncFitOptions);
    } catch (error) {
      this.#restore(before);
      throw error;
    } finally {
      this.#busy = false;
    }
  }

  async #prepareStream(
    stream: RowStream,
    options: TableAsyncFitOptions,
  ): Promise<
    Fitted & {
      chunks: Chunks;
      options: AsyncFitOptions;
    }
  > {
    const { validationData, classWeight, ...rest } = options;
    const open = (): AsyncIterable<object> | Iterable<object> => (typeof stream === "function" ? stream() : stream);
    let columns = this.#fitted?.encoder.columns ?? toldColumns(this.#told);
    let scan: TableScan | undefined;
    if (!columns) {
      if (typeof stream !== "function") {
        outOfRange(
          "finding what columns hold takes a pass of its own, but this stream can be read only once; pass a function that makes a stream per pass, " +
            "or tell all columns in full: { kind, mean, scale } for numbers and dates, { categories } for others",
        );
      }
      scan = await scanStream(this.#told, open(), options);
      columns = scan.finish();
    }
    const isNew = !this.#fitted;
    const fitted = this.#fitted ?? fittedFor(columns, this.#told);
    const { encoder } = fitted;
    const held =
      validationData &&
      (await finishInSlices(encoder.encode(listRows(validationData, "validationData"), 0, true), options.signal));
    const chunks = () => encodeStream(encoder, open(), isNew);
    return {
      ...fitted,
      chunks: typeof stream === "function" ? chunks : chunks(),
      options: {
        ...(rest as AsyncFitOptions),
        ...(classWeight !== undefined && {
          classWeight: readClassWeight(classWeight, encoder.classes, encoder.classes && scan?.countsOf(columns)),
        }),
        ...(held && { validationData: [held.x, held.y] as const }),
      },
    };
  }

  /**
   * What the model makes of each row: its most probable label, as it stood in the rows trained on, or a number in the target's units, or an
   * object of numbers where `target` is a list. The target's column is not needed.
   * @throws TableError that names row and column
   */
  predict<P extends Prediction = Label>(rows: Iterable<object>): P[] {
    const {
      encoder: {
        classes,
        columns: { targets, several },
      },
    } = this.#ready("predict");
    return this.#outputs(rows, (out): Prediction => {
      if (classes) return classes[out.indexOf((out as Float64Array).reduce((most, each) => Math.max(most, each)))];
      return several ? Object.fromEntries(targets.map(({ name }, t) => [name, out[t]])) : out[0];
    }) as P[];
  }

  /**
   * The probability of each class for each row: `[{ setosa: 0.98, … }]`.
   * @throws as `predict`; RangeError where the target is a number
   */
  probabilities(rows: Iterable<object>): Record<string, number>[] {
    const {
      encoder: { classes },
    } = this.#ready("probabilities");
    if (!classes) outOfRange("the target is a number, which has no probabilities");
    return this.#outputs(rows, (out) => Object.fromEntries(classes.map((label, i) => [String(label), out[i]])));
  }

  /**
   * How good the model's predictions of rows are, whose targets are known.
   * @throws as `predict`
   */
  evaluate(rows: Iterable<object>): TableEvaluation {
    const { nn, encoder } = this.#ready("evaluate");
    const list = listRows(rows, "rows");
    const score = new Score(encoder.outputs);
    let loss = 0,
      right = 0;
    for (let first = 0; first < list.length; first += PREDICTED) {
      const piece = list.slice(first, first + PREDICTED);
      const { x, y } = finish(encoder.encode(piece, first, true));
      const figures = nn.evaluate(x, y);
      loss += figures.loss * piece.length;
      right += (figures.accuracy ?? 0) * piece.length;
      if (!encoder.classes) score.add(nn.predict(x), y);
    }
    return { loss: loss / list.length, ...(encoder.classes ? { accuracy: right / list.length } : score.figures) };
  }

  /**
   * Permutation importance: by how much the accuracy (of numbers R²) falls, on average, when a column's values are shuffled among the rows.
   * About 0 for columns that the model does not use.
   * @param rows with their targets; best such as were not trained on
   * @returns a number for each column but the target
   * @throws as `predict`
   */
  importance(rows: Iterable<object>, options: ImportanceOptions = {}): Record<string, number> {
    return importanceOf(this.#ready("importance"), rows, options);
  }

  /** What the columns hold, by name, in the order of the network's inputs, targets last. */
  get columns(): Record<string, ColumnInfo> {
    const { inputs, targets } = this.#ready("columns").encoder.columns;
    const info = ({ name, ...column }: TableColumn, isTarget: boolean): [string, ColumnInfo] => [name, { ...column, isTarget }];
    return Object.fromEntries([...inputs.map((column) => info(column, false)), ...targets.map((column) => info(column, true))]);
  }

  /**
   * Categories that rows had and no row trained on, by column, at most 100 of each: all their inputs are 0, as for a category too rare to
   * have an input. Collected since the model was made or loaded.
   */
  get unseen(): Record<string, string[]> {
    return Object.fromEntries(Array.from(this.#fitted?.encoder.unseen ?? [], ([name, keys]) => [name, [...keys]]));
  }

  /** The network: its inputs in the order of `columns`, numbers unscaled, a 0 or 1 for each category. */
  get network(): NN {
    return this.#ready("network").nn;
  }

  /** The network as `NN.save` writes it, with the columns in its metadata: `NN.load` reads the same file. */
  save(): Uint8Array<ArrayBuffer> {
    const { nn, encoder } = this.#ready("save");
    nn.metadata = describe(encoder.columns, nn.metadata);
    return nn.save();
  }

  /**
   * The model that `save` put into `bytes`.
   * @throws ModelFormatError
   */
  static load(bytes: Uint8Array): TableModel {
    const nn = NN.load(bytes);
    const columns = readColumns(nn);
    const told: Told = {
      targets: columns.targets.map(({ name }) => name),
      several: columns.several,
      columns: new Map(),
      fills: false,
      network: {},
    };
    return new TableModel(new Restored(told, { nn, encoder: encoderFor(nn, columns) }) as unknown as TableOptions);
  }

  /** Something of each row's outputs. */
  #outputs<R>(rows: Iterable<object>, read: (out: FloatArray) => R): R[] {
    const { nn, encoder } = this.#fitted!;
    const list = listRows(rows, "rows", 0);
    const results: R[] = [];
    for (let first = 0; first < list.length; first += PREDICTED) {
      const out = nn.predict(finish(encoder.encode(list.slice(first, first + PREDICTED), first, false)).x);
      for (let at = 0; at < out.length; at += encoder.outputs) results.push(read(out.subarray(at, at + encoder.outputs)));
    }
    return results;
  }

  #ready(method: string): Fitted {
    if (!this.#fitted) throw new Error(`${method} needs a trained model; call fit first`);
    return this.#fitted;
  }

  #refuseWhileBusy(method: string): void {
    if (this.#busy) throw new Error(`${method} was called while this model is training`);
  }

  /** After an error: a model that was never trained, and has not completed an epoch, is as it was. */
  #restore(before: Fitted | undefined): void {
    if (!before && this.#fitted?.nn.toJSON().epoch === 0) this.#fitted = undefined;
  }
}

const isStream = (rows: Iterable<object> | RowStream): rows is RowStream =>
  typeof rows === "function" || (isObject(rows) && Symbol.asyncIterator in rows);

const asOptions = <T>(options: T): T => (isObject(options) ? options : refuse("options", options, "an object", true));
