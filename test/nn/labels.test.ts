// Names of classes: as targets, as predictions, and in files.
import { describe, expect, test, vi } from "vitest";
import { toModule } from "../../src/entries/module.js";
import { fromONNX, toONNX } from "../../src/entries/onnx.js";
import { fromTFJS, toTFJS } from "../../src/entries/tfjs.js";
import { NN } from "../../src/index.js";
import { BACKENDS } from "../backends.js";

const X = [
  [0, 0],
  [1, 0],
  [0, 1],
  [0.1, 0.1],
  [0.9, 0.1],
  [0.1, 0.9],
];
const NAMES = ["none", "left", "right", "none", "left", "right"];
const CLASSES = [0, 1, 2, 0, 1, 2];
const labels = ["none", "left", "right"];

const many = { layers: [2, 8, 3], loss: "categoricalCrossentropy", seed: 1, epochs: 60, learningRate: 0.05 } as const;
const two = { layers: [2, 4, 1], loss: "binaryCrossentropy", seed: 1, epochs: 60, learningRate: 0.05 } as const;

describe.each(BACKENDS)("$name", ({ options }) => {
  test("names as targets give the same network as class indices", () => {
    const named = new NN({ ...many, ...options, labels });
    const numbered = new NN({ ...many, ...options });
    expect(named.fit(X, NAMES).loss).toEqual(numbered.fit(X, CLASSES).loss);
    expect(named.getWeights()).toEqual(numbered.getWeights());
    expect(named.evaluate(X, NAMES)).toEqual(numbered.evaluate(X, CLASSES));
    expect(named.gradients(X, NAMES)).toEqual(numbered.gradients(X, CLASSES));
    expect(named.partialFit(X, NAMES)).toBe(numbered.partialFit(X, CLASSES));
    expect(named.predictClasses<string>(X)).toEqual(NAMES);
    expect(numbered.predictClasses(X)).toEqual(CLASSES);
  });

  test("one output has two names", () => {
    const nn = new NN({ ...two, ...options, labels: ["no", "yes"] });
    nn.fit(X, ["no", "yes", "no", "no", "yes", "no"], { epochs: 300 });
    expect(nn.predictClasses<string>(X)).toEqual(["no", "yes", "no", "no", "yes", "no"]);
  });
});

test("fitAsync, streams and validation rows take names", async () => {
  const nn = new NN({ ...many, labels });
  const history = await nn.fitAsync(X, NAMES, { validationData: [X, NAMES] });
  const streamed = new NN({ ...many, labels });
  await streamed.fitAsync(
    async function* () {
      yield [X.slice(0, 2), NAMES.slice(0, 2)];
      await Promise.resolve();
      yield [X.slice(2), NAMES.slice(2)];
    },
    { epochs: 60, shuffle: false },
  );
  expect(history.valAccuracy!.at(-1)).toBe(1);
  expect(streamed.predictClasses<string>(X)).toEqual(NAMES);
});

test("class indices and one-hot rows go on being taken, and a name may be given for a single row", () => {
  const nn = new NN({ ...many, labels });
  expect(nn.evaluate(X, CLASSES)).toEqual(nn.evaluate(X, NAMES));
  expect(
    nn.evaluate(
      X,
      CLASSES.map((each) => [0, 1, 2].map((i) => Number(i === each))),
    ),
  ).toEqual(nn.evaluate(X, NAMES));
  expect(nn.evaluate([[1, 0]], ["left"])).toEqual(nn.evaluate([[1, 0]], [1]));
});

test("names are saved with the model, in each format, and cloned", () => {
  const nn = new NN({ ...many, labels });
  nn.fit(X, NAMES);
  for (const copy of [NN.load(nn.save()), NN.fromJSON(JSON.parse(JSON.stringify(nn))), nn.clone()]) {
    expect(copy.predictClasses<string>(X)).toEqual(NAMES);
    expect(copy.evaluate(X, NAMES)).toEqual(nn.evaluate(X, NAMES));
  }
});

test("names are kept by the writers and readers of other formats", async () => {
  const nn = new NN({ ...many, labels: ["none", 'left, "so"', "右"] });
  const { model, weights } = toTFJS(nn);
  for (const copy of [fromONNX(toONNX(nn)), fromTFJS(JSON.parse(JSON.stringify(model)), weights)]) {
    expect(copy.toJSON().options["labels"]).toEqual(["none", 'left, "so"', "右"]);
    expect(copy.predictClasses<string>(X)).toEqual(nn.predictClasses<string>(X));
  }
  const { labels: exported } = (await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(toModule(nn))}`)) as {
    labels: string[];
  };
  expect(exported).toEqual(["none", 'left, "so"', "右"]);
  // Metadata of other programs is left alone.
  expect(
    fromTFJS(
      { ...model, generatedBy: "TensorFlow.js tfjs-layers v4.22.0", userDefinedMetadata: { labels: ["a"] } },
      weights,
    ).toJSON().options["labels"],
  ).toBeUndefined();
});

test.each([
  [{ ...many, labels: ["a", "b"] }, "labels has 2 names; this network has 3 classes"],
  [{ ...two, labels: ["a"] }, "labels has 1 name; this network has 2 classes"],
  [{ ...many, labels: ["a", "b", "a"] }, 'labels[2] is "a", which is already the label of another class'],
  [{ ...many, labels: ["a", "b", 3] }, "labels[2] is 3; it must be a string"],
  [{ ...many, labels: "abc" }, 'labels is "abc"'],
  [
    { ...many, loss: "squaredError", labels },
    'loss is "squaredError"; it must be "categoricalCrossentropy" with labels for several outputs',
  ],
])("new NN(%j) is refused", (options, message) => {
  expect(() => new NN(options as never)).toThrow(message);
});

test("a target that is no label is named, with its place, and nothing has changed", () => {
  const nn = new NN({ ...many, labels });
  const before = nn.save();
  expect(() => nn.fit(X, ["none", "left", "up", "none", "left", "right"])).toThrow(
    'y[2] is "up"; it must be one of the labels "none", "left", "right"',
  );
  expect(() => nn.fit(X, ["none", "left", "right", "none", "left", 2] as never)).toThrow("y[5] is 2");
  expect(() => nn.fit(X, NAMES.slice(1))).toThrow("x has 6 rows but y has 5");
  expect(() => new NN(many).fit(X, NAMES)).toThrow('y[0] is "none"');
  expect(nn.save()).toEqual(before);
});

test("a network cannot be cloned by structuredClone or sent to a worker, which would copy nothing of it", () => {
  expect(() => structuredClone(new NN(1, 2, 1, 0.1, 1))).toThrow(expect.objectContaining({ name: "DataCloneError" }) as Error);
});

test("labels are compared with each other in time in proportion to their number", () => {
  const labels = Array.from({ length: 3000 }, (_, i) => `class ${i}`);
  const searches = vi.spyOn(Array.prototype, "indexOf");
  expect(new NN({ layers: [1, labels.length], loss: "categoricalCrossentropy", labels }).layers).toHaveLength(1);
  const calls = searches.mock.calls.length;
  searches.mockRestore();
  expect(calls).toBeLessThan(labels.length);
});
