// Models of tables as files: what comes back, and what files that were altered, foreign or hostile are told.
import { describe, expect, test } from "vitest";
import { TableModel } from "../../src/entries/table.js";
import { ModelFormatError, NN } from "../../src/index.js";
import { BACKENDS } from "../backends.js";
import { errorOf, rowsOf } from "./support.js";

const rows = rowsOf(40);
function trained(network: object = {}): TableModel {
  const model = new TableModel({
    target: "kind",
    columns: { price: { missing: "median" }, day: { missing: "mean" }, colour: { missing: "unknown" } },
    network: { seed: 1, epochs: 3, ...network },
  });
  model.fit([...rows, { ...rows[0], price: null, day: "", colour: undefined }]);
  return model;
}

describe.each(BACKENDS)("on $name", ({ options }) => {
  test("a loaded model is the saved one, and goes on training as it would", () => {
    const model = trained(options);
    const loaded = TableModel.load(model.save());
    expect(loaded.save()).toEqual(model.save());
    expect(loaded.columns).toEqual(model.columns);
    const gaps = [{ ...rows[3], price: "NA", day: null, colour: "" }];
    expect(loaded.probabilities([...rows, ...gaps])).toEqual(model.probabilities([...rows, ...gaps]));
    expect(loaded.evaluate(rows)).toEqual(model.evaluate(rows));
    model.fit(rows, { epochs: 2 });
    loaded.fit(rows, { epochs: 2 });
    expect(loaded.save()).toEqual(model.save());
  });
});

test("the file is a network's too, with metadata of the user's beside the table's", () => {
  const model = trained();
  const file = model.save();
  expect(NN.load(file).layers).toEqual(model.network.layers);
  // What the network itself saves is the same.
  expect(TableModel.load(model.network.save()).predict(rows)).toEqual(model.predict(rows));
  model.network.metadata = { author: "me" };
  const loaded = TableModel.load(model.save());
  expect(loaded.network.metadata).toMatchObject({ author: "me" });
  model.network.metadata = "text";
  expect(errorOf(() => model.save())).toContain("network.metadata is");
});

test("columns named by numbers keep their order", () => {
  const pixels = Array.from({ length: 20 }, (_, i) => ({ b: i, 10: i % 2, 2: i % 3, y: i }));
  const model = new TableModel({ target: "y", network: { seed: 1, epochs: 1 } });
  model.fit(pixels.map(({ b, y, ...row }) => new Proxy({ ...row, b, y }, { ownKeys: () => ["b", "10", "2", "y"] })));
  const loaded = TableModel.load(model.save());
  expect(loaded.predict(pixels)).toEqual(model.predict(pixels));
});

interface Described {
  version: unknown;
  target: unknown;
  columns: Record<string, unknown>[];
}

/** A file whose table is not what was saved. */
function altered(change: (table: Described) => unknown): Uint8Array {
  const { network } = trained();
  const metadata = structuredClone(network.metadata) as Record<string, Described>;
  const replaced = change(metadata["wasmlp/table"]);
  network.metadata = replaced === undefined ? metadata : { "wasmlp/table": replaced };
  return network.save();
}

test.each<[string, (table: Described) => unknown]>([
  ["a table that is a text", () => "table"],
  ["a table that is null", () => null],
  ["a version of later", (table) => void (table.version = 2)],
  ["no version", (table) => void delete table.version],
  ["no columns", (table) => void (table.columns = [])],
  ["columns that are no list", (table) => ({ ...table, columns: { length: 1e9 } })],
  ["a column that is null", (table) => void (table.columns[0] = null as never)],
  ["a column without a name", (table) => void delete table.columns[0]["name"]],
  ["two columns of one name", (table) => void (table.columns[0]["name"] = table.columns[1]["name"])],
  ["a column without a kind", (table) => void delete table.columns[0]["kind"]],
  ["a kind that does not exist", (table) => void (table.columns[0]["kind"] = "picture")],
  ["a column that is ignored", (table) => void (table.columns[0]["kind"] = "ignore")],
  ["a column too few", (table) => void table.columns.shift()],
  ["a column too many", (table) => void table.columns.push({ name: "more", kind: "boolean" })],
  ["an entry that does not exist", (table) => void (table.columns[0]["colour"] = 1)],
  ["a mean that is a text", (table) => void (table.columns[0]["mean"] = "5")],
  ["no mean", (table) => void delete table.columns[0]["mean"]],
  ["a scale of 0", (table) => void (table.columns[0]["scale"] = 0)],
  ["a rule in the place of a value", (table) => void (table.columns[0]["missing"] = "median")],
  ["a value of another kind for missing ones", (table) => void (table.columns[0]["missing"] = "unknown")],
  ["how many categories, but not which", (table) => void (table.columns[2]["categories"] = 4)],
  ["no categories", (table) => void (table.columns[2]["categories"] = [])],
  ["a category less", (table) => void (table.columns[2]["categories"] as string[]).pop()],
  ["a category twice", (table) => void (table.columns[2]["categories"] = ["a", "a", "b", "c"])],
  ["a category that is a list", (table) => void ((table.columns[2]["categories"] as unknown[])[0] = [])],
  ["another target", (table) => void (table.target = "size")],
  ["a target that does not exist", (table) => void (table.target = "colours")],
  ["a target that is a number", (table) => void (table.target = 5)],
  ["a list of targets with classes", (table) => void (table.target = ["kind"])],
  ["no target", (table) => void (table.target = [])],
])("%s is a ModelFormatError", (_title, change) => {
  expect(() => TableModel.load(altered(change))).toThrow(ModelFormatError);
});

test("altering nothing is no error", () => {
  expect(TableModel.load(altered(() => undefined)).predict(rows)).toEqual(trained().predict(rows));
});

test("files of networks, of other programs, and what is no file are refused", () => {
  expect(errorOf(() => TableModel.load(new NN(2, 3, 1, 0.1, 1).save()))).toBe(
    "ModelFormatError: the file is a network's, without a table; NN.load reads it",
  );
  expect(() => TableModel.load(new Uint8Array(100))).toThrow(ModelFormatError);
  expect(() => TableModel.load(trained().save().subarray(0, 500))).toThrow(ModelFormatError);
  expect(() => TableModel.load("file" as unknown as Uint8Array)).toThrow(TypeError);
});
