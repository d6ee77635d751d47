// A table's rows as the numbers that trials train on, scaled, so that trials need to know nothing of columns.
import { TableModel, type TableOptions } from "../../entries/table.js";
import { encoderFor } from "../../entries/table/prepare.js";
import { readColumns } from "../../entries/table/saved.js";
import { finish } from "../../entries/table/steps.js";
import type { ColumnScaling, FloatArray, NetworkOptions } from "../../index.js";
import type { Row } from "../data/row.js";

/** Rows as numbers, row-major; a class is its index. */
export interface Encoded {
  readonly x: FloatArray;
  readonly y: FloatArray;
  readonly rows: number;
  readonly inputs: number;
  /** Numbers of a row's target. */
  readonly targets: number;
  readonly dtype: "float32" | "float64";
}

export interface EncodedTable {
  readonly model: TableModel;
  readonly samples: Encoded;
  /** What trials have in common: the first and the last layer's size, and the table's defaults. */
  readonly outputs: number;
  readonly base: Partial<NetworkOptions>;
}

export function encodeTable(options: TableOptions, rows: readonly Row[]): EncodedTable {
  const model = new TableModel(options);
  // Finds the columns, and trains nothing.
  model.fit(rows, { epochs: 0 });
  const { network } = model;
  const { encoder, scaled } = { encoder: encoderFor(network, readColumns(network)), scaled: network.toJSON().scalers };
  const { x, y } = finish(encoder.encode(rows, 0, true));
  const inputs = encoder.width,
    targets = y.length / rows.length;
  scale(x, inputs, scaled?.input);
  scale(y, targets, scaled?.target);
  const dtype = options.network?.dtype ?? "float32";
  const Numbers = dtype === "float64" ? Float64Array : Float32Array;
  return {
    model,
    outputs: encoder.outputs,
    samples: { x: Numbers.from(x), y: Numbers.from(y), rows: rows.length, inputs, targets, dtype },
    base: { activation: "relu", initializer: "heNormal", loss: encoder.classes ? "categoricalCrossentropy" : "meanSquaredError" },
  };
}

function scale(numbers: Float64Array, columns: number, scaler: ColumnScaling | undefined): void {
  if (!scaler) return;
  for (let i = 0; i < numbers.length; i++) numbers[i] = (numbers[i]! - scaler.shift[i % columns]!) / scaler.scale[i % columns]!;
}
