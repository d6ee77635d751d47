// `nn.metadata`: a JSON value of the user's own, which goes with the network into files and out of them.
import { expect, test } from "vitest";
import { ModelFormatError, NN } from "../../src/index.js";
import { forge } from "./support.js";

const make = (): NN => new NN(1, 1, 1, 0.1, 1, { seed: 1 });

test.each([undefined, null, 0, "", false, [], { names: ["a", "b"], units: "°C", '"checksum":"': 1 }])(
  "%j is restored from both formats",
  (metadata) => {
    const nn = make();
    nn.metadata = metadata;
    expect(NN.load(nn.save()).metadata).toEqual(metadata);
    expect(NN.fromJSON(JSON.parse(JSON.stringify(nn))).metadata).toEqual(metadata);
    expect(NN.load(NN.fromJSON(nn.toJSON()).save()).save()).toEqual(nn.save());
  },
);

test("a file without metadata equals that of a network that never had any", () => {
  const [nn, cleared] = [make(), make()];
  cleared.metadata = { a: 1 };
  cleared.metadata = undefined;
  expect(cleared.save()).toEqual(nn.save());
  expect("metadata" in nn.toJSON()).toBe(false);
});

test("metadata that JSON cannot represent, or that is too long, is refused when saving", () => {
  const nn = make();
  for (const [metadata, error] of [
    [() => 1, TypeError],
    [1n, TypeError],
    ["x".repeat(65_535), RangeError],
  ] as const) {
    nn.metadata = metadata;
    expect(() => nn.save()).toThrow(error);
    expect(() => nn.toJSON()).toThrow(error);
  }
  nn.metadata = "x".repeat(65_534);
  expect(NN.load(nn.save()).metadata).toBe(nn.metadata);
});

test("an object may be larger, as long as it is not much more than text", () => {
  const nn = make();
  nn.metadata = {
    names: Array.from({ length: 60_000 }, (_, i) => `column ${i}`),
    kinds: Array.from({ length: 60_000 }, () => ({})),
  };
  expect(NN.load(nn.save()).metadata).toEqual(nn.metadata);
  for (const much of [
    { text: "x".repeat(2 ** 22) },
    { kinds: Array.from({ length: 70_000 }, () => ({})) },
    { deep: JSON.parse("[".repeat(9) + "]".repeat(9)) as unknown, text: "x".repeat(70_000) },
  ]) {
    nn.metadata = much;
    expect(() => nn.save()).toThrow(RangeError);
  }
});

test.each([
  "{",
  "[1,]",
  `"${"x".repeat(70_000)}"`,
  "[".repeat(60_000),
  "[".repeat(30_000) + "]".repeat(30_000),
  `{"a":[${"{},".repeat(70_000)}{}]}`,
  `{"a":"${"x".repeat(2 ** 22)}"}`,
  5,
])("a file whose metadata is %.20j is refused", (text) => {
  const file = forge(make().save(), ({ metadata }) => {
    metadata["metadata"] = text;
  });
  expect(() => NN.load(file)).toThrow(ModelFormatError);
});
