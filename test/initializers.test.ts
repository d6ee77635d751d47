// First weights: the distributions that the initializers' names promise, and one network a seed.
import { describe, expect, test } from "vitest";
import { initialParameters } from "../src/model/initializers.js";
import { Stream, streamSeed, uniform, xoshiro128 } from "../src/model/random.js";
import { INITIALIZERS } from "../src/model/spec.js";
import type { Initializer, Layer } from "../src/model/spec.js";

function layer(inputs: number, units: number, initializer: Initializer, bias = true): Layer {
  return { inputs, units, initializer, bias, activation: "sigmoid", dropout: 0 };
}

describe("distributions, of a layer of 300 inputs and 200 units", () => {
  // As PyTorch's `Linear.reset_parameters` computes it: `kaiming_uniform_` with a = √5 draws up to gain · √3 / √inputs.
  const torchBound = (Math.sqrt(2 / (1 + Math.sqrt(5) ** 2)) * Math.sqrt(3)) / Math.sqrt(300);
  const normals: [Initializer, number][] = [
    ["fanInNormal", 1 / 300],
    ["glorotNormal", 2 / 500],
    ["heNormal", 2 / 300],
  ];
  const uniforms: [Initializer, number, number][] = [
    ["glorotUniform", -Math.sqrt(6 / 500), Math.sqrt(6 / 500)],
    ["heUniform", -Math.sqrt(6 / 300), Math.sqrt(6 / 300)],
    ["torchUniform", -torchBound, torchBound],
    ["uniform", 0, 1],
  ];

  function draw(initializer: Initializer): { values: number[]; mean: number; variance: number } {
    const [{ kernel }] = initialParameters([layer(300, 200, initializer)], "float64", 4);
    return describeValues([...kernel]);
  }

  function describeValues(values: number[]): { values: number[]; mean: number; variance: number } {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    return { values, mean, variance };
  }

  test.each(normals)("%s is normal with variance %d", (initializer, variance) => {
    const drawn = draw(initializer);
    expect(Math.abs(drawn.mean)).toBeLessThan(4 * Math.sqrt(variance / 60_000));
    expect(Math.abs(drawn.variance / variance - 1)).toBeLessThan(4 * Math.sqrt(2 / 60_000));
    // Not truncated: of 60,000 values about 160 lie beyond three deviations.
    const far = drawn.values.filter((value) => Math.abs(value) > 3 * Math.sqrt(variance)).length;
    expect(far).toBeGreaterThan(100);
    expect(far).toBeLessThan(220);
  });

  test.each(uniforms)("%s is uniform from %d to %d", (initializer, from, to) => {
    const { values, mean, variance } = draw(initializer);
    const width = to - from;
    const smallest = values.reduce((a, b) => Math.min(a, b));
    const largest = values.reduce((a, b) => Math.max(a, b));
    expect(smallest).toBeGreaterThanOrEqual(from);
    expect(smallest).toBeLessThan(from + 0.001 * width);
    expect(largest).toBeLessThan(to);
    expect(largest).toBeGreaterThan(to - 0.001 * width);
    expect(Math.abs(mean - (from + to) / 2)).toBeLessThan((4 * width) / Math.sqrt(12 * 60_000));
    expect(Math.abs(variance / ((width * width) / 12) - 1)).toBeLessThan(4 * Math.sqrt(0.8 / 60_000));
  });

  test("torchUniform draws biases like weights, from the inputs' number", () => {
    const [{ bias }] = initialParameters([layer(4, 60_000, "torchUniform")], "float64", 4);
    const { values, mean, variance } = describeValues([...bias!]);
    expect(values.every((value) => Math.abs(value) <= 0.5)).toBe(true);
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(12 * 60_000));
    expect(Math.abs(variance * 12 - 1)).toBeLessThan(4 * Math.sqrt(0.8 / 60_000));
  });

  test("zeros sets all weights to 0", () => {
    expect(draw("zeros").values.every((value) => value === 0)).toBe(true);
  });
});

describe("a network", () => {
  const layers = INITIALIZERS.map((initializer, i) => layer(3 + i, 4 + i, initializer, i % 2 === 0));

  test("has every layer's shape, and biases of zero where there are biases and their initializer draws none", () => {
    const parameters = initialParameters(layers, "float32", 1);
    parameters.forEach(({ kernel, bias }, i) => {
      expect(kernel).toBeInstanceOf(Float32Array);
      expect(kernel.length).toBe((3 + i) * (4 + i));
      if (i % 2) expect(bias).toBeUndefined();
      else if (layers[i].initializer === "torchUniform") expect(bias!.every((value) => value !== 0)).toBe(true);
      else expect(bias).toEqual(new Float32Array(4 + i));
    });
  });

  test("has the same weights for the same seed, and different ones for another", () => {
    expect(initialParameters(layers, "float64", 1)).toEqual(initialParameters(layers, "float64", 1));
    expect(initialParameters(layers, "float64", 2)).not.toEqual(initialParameters(layers, "float64", 1));
  });

  test("has the same weights in both precisions, up to rounding", () => {
    const single = initialParameters(layers, "float32", 1);
    const double = initialParameters(layers, "float64", 1);
    single.forEach(({ kernel }, i) => expect(kernel).toEqual(Float32Array.from(double[i].kernel)));
  });

  test("draws layer by layer and row by row from one stream", () => {
    const random = xoshiro128(streamSeed(6, Stream.Weights));
    const [first, second] = initialParameters([layer(2, 3, "uniform"), layer(3, 2, "uniform")], "float64", 6);
    expect([...first.kernel, ...second.kernel]).toEqual(Array.from({ length: 12 }, () => uniform(random)));
  });
});
