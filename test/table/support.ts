// Small tables that the tests share, and how they look at what a model makes of a row.
import type { TableModel } from "../../src/entries/table.js";

export type Row = Record<string, unknown>;

/** Rows of every kind of column, two classes and a number to predict. */
export const rowsOf = (count: number): Row[] =>
  Array.from({ length: count }, (_, i) => ({
    size: 10 + ((i * 7) % 23),
    weight: String(((i * 13) % 50) / 4),
    colour: ["red", "green", "blue"][i % 3],
    fresh: i % 4 === 0,
    day: `2026-0${1 + (i % 9)}-1${i % 10}`,
    kind: (i * 7) % 23 > 11 ? "large" : "small",
    price: 2 * ((i * 7) % 23) + (i % 3),
  }));

/** The text of any error that a call throws, with its class. */
export function errorOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
  return "no error";
}

/** A row's inputs as the first layer sees them, by its own weights: one at a time of a layer without hidden ones. */
export function inputsOf(model: TableModel, row: Row): number[] {
  const { network } = model;
  const { inputs, units } = network.layers[0];
  return Array.from({ length: inputs }, (_, i) => {
    const kernel = new Float64Array(inputs * units);
    kernel[i * units] = 1;
    network.setWeights([{ kernel, bias: new Float64Array(units) }]);
    return model.predict<number>([row])[0];
  });
}
