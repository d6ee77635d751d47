// Targets that the last layer's activation cannot output are refused before anything has changed.
import { describe, expect, test } from "vitest";
import { NN, type Activation, type NetworkOptions } from "../../src/index.js";
import { BACKENDS, caught } from "./support.js";

const RANGES: [Activation, number | undefined, number | undefined][] = [
  ["linear", undefined, undefined],
  ["leakyRelu", undefined, undefined],
  ["sigmoid", 0, 1],
  ["tanh", -1, 1],
  ["relu", 0, undefined],
  ["softplus", 0, undefined],
  ["elu", -1, undefined],
  ["swish", -0.2784, undefined],
  ["gelu", -0.17, undefined],
  ["softmax", 0, 1],
];

describe.each(BACKENDS)("$name", ({ options }) => {
  const make = (activation: Activation, more: Partial<NetworkOptions> = {}): NN =>
    new NN({ layers: [1, { units: 2, activation }], seed: 1, epochs: 1, ...options, ...more });

  test.each(RANGES)("refuses targets that %s cannot reach, from %d to %d", (activation, low, high) => {
    for (const [bound, outside] of [
      [low, -1e-2],
      [high, 1e-2],
    ] as const) {
      if (bound === undefined) continue;
      make(activation).fit(
        [1, 2],
        [
          [bound, bound],
          [0.25, 0.25],
        ],
      );
      const nn = make(activation);
      const before = nn.save();
      for (const train of [(y: number[][]) => nn.fit([1, 2], y), (y: number[][]) => nn.partialFit([1, 2], y)]) {
        const error = caught(() =>
          train([
            [0.25, 0.25],
            [0.25, bound + outside],
          ]),
        );
        expect(error).toBeInstanceOf(RangeError);
        expect(error.message).toContain(`y[1][1] is ${bound + outside}; the last layer's ${activation} outputs ${low}`);
        expect(error.message).toMatch(/targetScaling.*activation.*loss/);
      }
      expect(nn.save()).toEqual(before);
    }
    // Where there is no bound, nothing is too far.
    make(activation).fit(
      [1, 2],
      [
        [low === undefined ? -1e3 : 0, high === undefined ? 1e3 : 1],
        [0, 0],
      ],
    );
  });

  test("names unreachable targets in flat typed arrays", () => {
    expect(() => make("sigmoid").fit(Float32Array.of(1, 2), Float32Array.of(0, 0, 0, 300))).toThrow(
      "y[3] is 300; the last layer's sigmoid outputs 0 to 1",
    );
  });

  test("accepts the targets with either remedy", () => {
    const y = [
      [100, 300],
      [300, 100],
    ];
    for (const more of [
      { targetScaling: "minmax" },
      { targetScaling: "standard" },
      { loss: "meanSquaredError" },
      { loss: "huber" },
    ] as const) {
      expect(new NN({ layers: [1, 2], epochs: 1, ...options, ...more }).fit([1, 2], y).epochs, JSON.stringify(more)).toBe(1);
    }
  });

  test("refuses targets that scaling makes unreachable, with the scaled value", () => {
    const error = caught(() =>
      make("sigmoid", { targetScaling: "standard" }).fit(
        [1, 2],
        [
          [100, 100],
          [300, 300],
        ],
      ),
    );
    expect(error.message).toMatch(
      /^y\[0\]\[0\] is 100, which scaling makes -1; the last layer's sigmoid outputs 0 to 1: use targetScaling "minmax"/,
    );
    // Later rows a little beyond those that minmax was fitted on are no mistake.
    const nn = make("sigmoid", { targetScaling: "minmax" });
    nn.fit(
      [1, 2],
      [
        [100, 100],
        [300, 300],
      ],
    );
    expect(
      nn.fit(
        [1, 2],
        [
          [90, 100],
          [300, 310],
        ],
      ).epochs,
    ).toBe(1);
  });

  test("accepts any targets that are only evaluated", () => {
    const nn = make("sigmoid");
    expect(nn.evaluate([1], [[5, 5]]).loss).toBeGreaterThan(10);
    expect(nn.gradients([1], [[5, 5]]).loss).toBeGreaterThan(10);
    expect(nn.fit([1], [[1, 1]], { validationData: [[1], [[5, 5]]] }).valLoss![0]).toBeGreaterThan(10);
  });
});
