// Restoring a network parses its options once, and draws no initial weights.
import { beforeEach, expect, test, vi } from "vitest";
import { NN } from "../../src/index.js";
import { initialParameters } from "../../src/model/initializers.js";
import { parseNetwork } from "../../src/options/network.js";
import { forge, small, weightBytes } from "./support.js";

vi.mock("../../src/model/initializers.js", { spy: true });
vi.mock("../../src/options/network.js", { spy: true });
const { nn, file } = small();
beforeEach(() => void vi.clearAllMocks());

test("the spies see a new network", () => {
  void new NN({ layers: [2, 1] });
  expect(initialParameters).toHaveBeenCalledTimes(1);
  expect(parseNetwork).toHaveBeenCalledTimes(1);
});

test.each([
  ["load", (): NN => NN.load(file)],
  ["fromJSON", (): NN => NN.fromJSON(JSON.parse(JSON.stringify(nn)))],
])("%s parses once and draws nothing", (_name, restore) => {
  const restored = restore();
  expect(parseNetwork).toHaveBeenCalledTimes(1);
  expect(initialParameters).not.toHaveBeenCalled();
  expect(weightBytes(restored)).toEqual(weightBytes(nn));
});

test("more layers than tensors are refused before options are parsed", () => {
  const deep = forge(file, ({ options }) => void (options["layers"] = Array.from({ length: 100 }, () => 1)));
  expect(() => NN.load(deep)).toThrow("options.layers has 99 layers; there are weights for at most 4");
  const { options, ...rest } = nn.toJSON();
  expect(() => NN.fromJSON({ ...rest, options: { ...options, layers: [2, 3, 1, 1] } })).toThrow("at most 2");
  expect(parseNetwork).not.toHaveBeenCalled();
});

test("what a restored network is made of cannot be handed to the constructor", () => {
  const model = { settings: {}, state: {}, scalers: undefined };
  for (const value of [{ model }, Object.assign(Object.create({ constructor: { name: "Restored" } }) as object, { model })]) {
    expect(() => new NN(value as never)).toThrow(TypeError);
  }
});
