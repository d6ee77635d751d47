// The examples, run as a reader would run them, with node, against the built library.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { tries } from "./sampling.js";
import vectors from "./vectors/textbook.json" with { type: "json" };

const at = (path: string): URL => new URL(`../${path}`, import.meta.url);
const read = (path: string): string => readFileSync(at(path), "utf8");
const run = (path: string, ...args: string[]): string => execFileSync(process.execPath, [fileURLToPath(at(path)), ...args], { encoding: "utf8" });

describe("examples", () => {
  beforeAll(() => {
    if (!existsSync(at("dist/index.js"))) throw new Error("the examples use the built library: run `npm run build` first");
  });

  it("ten-rows.csv is the table that NumPy trained on", () => {
    const rows = read("examples/data/ten-rows.csv").trim().split("\n").slice(1).map((line) => line.split(",").map(Number));
    const { x, y } = vectors.threeLayers.table;
    expect(rows).toEqual(x.map((row, i) => [...row, ...y[i]]));
  });

  it("ten-rows.mjs prints each row with its target and its prediction, all on the right side", () => {
    const [names, ...lines] = run("examples/ten-rows.mjs").trimEnd().split("\n");
    expect(names).toMatch(/passed +prediction$/);
    const rows = lines.slice(0, -1).map((line) => line.trim().split(/ +/).map(Number));
    const { x, y } = vectors.threeLayers.table;
    expect(rows.map((row) => row.slice(0, 6))).toEqual(x.map((row, i) => [...row, ...y[i]]));
    expect(rows.map((row) => Number(row[6] > 0.5))).toEqual(y.flat());
    expect(lines.at(-1)).toMatch(/^loss 0\.1\d+ → 0\.01\d+ in 1000 epochs; 10 of 10 rows/);
  });

  it("one-input.mjs prints NumPy's figures and draws the committed chart", () => {
    const committed = read("examples/one-input.svg");
    const output = run("examples/one-input.mjs");
    const [slow, , fast] = vectors.oneInput;
    const far = { ...fast!.far!, done: 80_000 };
    for (const { learningRate, done, weights, prediction, error } of [
      { learningRate: 0.01, done: 1000, ...slow!.final }, { learningRate: 0.5, done: 1000, ...fast!.final }, { learningRate: 0.5, ...far },
    ]) {
      const weight = (weights[0].kernel as number[])[0].toFixed(6);
      expect(output).toContain(`rate ${learningRate}, ${done} iterations: weight ${weight}, prediction ${prediction.toFixed(6)}, error ${error.toPrecision(3)}`);
    }
    expect(read("examples/one-input.svg")).toBe(committed);
  });

  it("two-inputs.mjs prints NumPy's figures, without a bias and with one", () => {
    const parts = run("examples/two-inputs.mjs").split("with a bias");
    expect(parts).toHaveLength(2);
    vectors.twoInputs.forEach(({ final, predictions }, i) => {
      const { kernel, bias } = final.weights[0] as { kernel: number[]; bias?: number[] };
      const weights = [...kernel, ...(bias ?? [])].map((weight) => weight.toFixed(4)).join(", ");
      expect(parts[i]).toMatch(new RegExp(` 100 +${predictions[100].toFixed(6)} `));
      expect(parts[i]).toMatch(new RegExp(` 1000 +${final.prediction.toFixed(6)} .* ${weights}\n`));
    });
  });

  it("start.mjs: ten rows, MNIST well above 97.5 %, digits with their predictions, and the ratio of the engines", () => {
    const epochs = tries(6, 3);
    const output = run("examples/start.mjs", String(epochs));
    expect(output).toContain("10 of 10 rows on the right side");
    expect(Number(/test accuracy ([\d.]+) %/.exec(output)![1])).toBeGreaterThan(97.7);
    // Piped: lines, not a bar, and plain characters.
    const accuracy = epochs === 6 ? "0\\.99" : "0\\.98";
    expect(output).toMatch(new RegExp(`epoch ${epochs}/${epochs} {2}loss 0\\.0\\d+ {2}accuracy ${accuracy}\\d+ {2}\\d+ rows/s\n`));
    for (const character of ["\r", "\x1b", "▀"]) expect(output).not.toContain(character);
    expect(output).toMatch(/[#%@].*\n(.*\n)* +7 +2 +1 +0 +4\n/);
    expect(output).toMatch(/\n +\d, not \d +\d, not \d/);
    expect(output).toMatch(/\nwasm-\S+ +[\d,]+ rows a second\njs +[\d,]+ rows a second\nratio \d+\.\d: /);
  });

  it("kernels.mjs computes a layer as JavaScript does, to float32's rounding", () => {
    const lines = run("examples/kernels.mjs").trimEnd().split("\n");
    const rows = lines.slice(0, -1).map((line) => line.split("  ").map(Number));
    expect(rows).toHaveLength(6);
    rows.forEach((row, r) => row.forEach((value, unit) => {
      let sum = unit / 10;
      for (let i = 0; i < 5; i++) sum += Math.sin(5 * r + i) * Math.cos(8 * i + unit);
      expect(value).toBeCloseTo(Math.max(sum, 0), 3);
    }));
    expect(Number(/JavaScript: (\S+)$/.exec(lines.at(-1)!)![1])).toBeLessThan(1e-6);
  });

  it("search.mjs finds a network that knows the flowers that had no part in it", () => {
    const lines = run("examples/search.mjs").trimEnd().split("\n");
    expect(lines.filter((line) => /^trial \d+, 54 epochs: accuracy (0\.9\d\d|1\.000) ± 0\.\d+$/.test(line)).length).toBeGreaterThan(0);
    const options = JSON.parse(lines.at(-2)!.replace("best: ", "")) as { epochs: number; seed: number };
    expect([options.epochs, Number.isInteger(options.seed)]).toEqual([54, true]);
    expect(Number(/: ([\d.]+) %$/.exec(lines.at(-1)!)![1])).toBeGreaterThan(90);
  });

  it("every file that docs/textbook.md names exists", () => {
    const links = [...read("docs/textbook.md").matchAll(/\]\(([^)]+)\)/g)].map(([, path]) => path!);
    expect(links.length).toBeGreaterThan(9);
    expect(links.filter((path) => !existsSync(new URL(path, at("docs/textbook.md"))))).toEqual([]);
  });
});
