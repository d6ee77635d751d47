// The examples, run as a reader would run them, with node, against the built library.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { tries } from "./sampling.js";
import vectors from "./vectors/textbook.json" with { type: "json" };

const at = (path: string): URL => new URL(`../${path}`, import.meta.url);
const read = (path: string): string => readFileSync(at(path), "utf8");
const run = (path: string, ...args: string[]): string =>
  execFileSync(process.execPath, [fileURLToPath(at(path)), ...args], { encoding: "utf8" });

describe("examples", () => {
  beforeAll(() => {
    if (!existsSync(at("dist/index.js"))) throw new Error("the examples use the built library: run `npm run build` first");
  });

  it("ten-rows.csv is the table that NumPy trained on", () => {
    const rows = read("examples/data/ten-rows.csv")
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.split(",").map(Number));
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
      { learningRate: 0.01, done: 1000, ...slow!.final },
      { learningRate: 0.5, done: 1000, ...fast!.final },
      { learningRate: 0.5, ...far },
    ]) {
      const weight = (weights[0].kernel as number[])[0].toFixed(6);
      expect(output).toContain(
        `rate ${learningRate}, ${done} iterations: weight ${weight}, prediction ${prediction.toFixed(6)}, error ${error.toPrecision(3)}`,
      );
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
    expect(output).toMatch(
      new RegExp(`epoch ${epochs}/${epochs} {2}loss 0\\.0\\d+ {2}accuracy ${accuracy}\\d+ {2}\\d+ rows/s\n`),
    );
    for (const character of ["\r", "\x1b", "▀"]) expect(output).not.toContain(character);
    expect(output).toMatch(/[#%@].*\n(.*\n)* +7 +2 +1 +0 +4\n/);
    expect(output).toMatch(/\n +\d, not \d +\d, not \d/);
    expect(output).toMatch(/\nwasm-\S+ +[\d,]+ rows a second\njs +[\d,]+ rows a second\nratio \d+\.\d: /);
  });

  it("kernels.mjs computes a layer as JavaScript does, to float32's rounding", () => {
    const lines = run("examples/kernels.mjs").trimEnd().split("\n");
    const rows = lines.slice(0, -1).map((line) => line.split("  ").map(Number));
    expect(rows).toHaveLength(6);
    rows.forEach((row, r) =>
      row.forEach((value, unit) => {
        let sum = unit / 10;
        for (let i = 0; i < 5; i++) sum += Math.sin(5 * r + i) * Math.cos(8 * i + unit);
        expect(value).toBeCloseTo(Math.max(sum, 0), 3);
      }),
    );
    expect(Number(/JavaScript: (\S+)$/.exec(lines.at(-1)!)![1])).toBeLessThan(1e-6);
  });

  it.each([
    ["dqn", 250],
    ["policy-gradient", 200],
    ["actor-critic", 400],
  ])("%s.mjs learns to keep the pole up for %i steps on average", (name, steps) => {
    const lengths = [...run(`examples/${name}.mjs`).matchAll(/^ *\d+ +(\d+) +#+$/gm)].map(([, length]) => Number(length));
    expect(lengths.length).toBeGreaterThan(7);
    expect(lengths[0]).toBeLessThan(100);
    expect(Math.max(...lengths)).toBeGreaterThan(steps);
  });

  it("cart-pole.mjs moves as the equations of Barto, Sutton and Anderson say, and ends by a fall or after 500 steps", async () => {
    const { CartPole, LONGEST, randomNumbers } = (await import("../examples/cart-pole.mjs")) as {
      CartPole: new (random: () => number) => {
        reset(): number[];
        step(action: number): { state: number[]; fell: boolean; done: boolean };
      };
      LONGEST: number;
      randomNumbers: (seed: number) => () => number;
    };
    const world = new CartPole(randomNumbers(1));
    let [x, v, angle, spin] = world.reset() as [number, number, number, number];
    for (const action of [1, 0, 0, 1, 1, 1]) {
      // Equations (1) and (2) of the paper without friction, solved for the two accelerations as a linear system:
      // (m + M)·a + m·l·cos·α = F + m·l·spin²·sin,  cos·a + 4/3·l·α = g·sin.
      const [m, M, l, g] = [0.1, 1, 0.5, 9.8];
      const [c, right] = [Math.cos(angle), (action ? 10 : -10) + m * l * spin ** 2 * Math.sin(angle)];
      const determinant = (m + M) * (4 / 3) * l - m * l * c * c;
      const a = (right * (4 / 3) * l - m * l * c * g * Math.sin(angle)) / determinant;
      const alpha = ((m + M) * g * Math.sin(angle) - c * right) / determinant;
      [x, v, angle, spin] = [x + 0.02 * v, v + 0.02 * a, angle + 0.02 * spin, spin + 0.02 * alpha];
      const { state, done } = world.step(action);
      [x, v, angle, spin].forEach((value, i) => expect(state[i]).toBeCloseTo(value, 12));
      expect(done).toBe(false);
    }
    let steps = 6;
    let last = world.step(1);
    for (; !last.done; steps++) last = world.step(1);
    expect([last.fell, steps < 30]).toEqual([true, true]);
    // Pushed against its fall, it stays up to the end.
    const lasting = new CartPole(randomNumbers(2));
    let { state, fell, done, count } = { state: lasting.reset(), fell: false, done: false, count: 0 };
    for (; !done; count++)
      ({ state, fell, done } = lasting.step(Number(state[2]! + 0.5 * state[3]! + 0.02 * state[0]! + 0.05 * state[1]! > 0)));
    expect([fell, count]).toEqual([false, LONGEST]);
  });

  it("saliency.mjs draws slopes that small changes of the pixels confirm", () => {
    const output = run("examples/saliency.mjs");
    expect(Number(/^([\d.]+) %/.exec(output)![1])).toBeGreaterThan(94);
    const slopes = [...output.matchAll(/strongest slope (\S+), measured (\S+)/g)].map(([, slope, measured]) => [
      Number(slope),
      Number(measured),
    ]);
    expect(slopes).toHaveLength(3);
    for (const [slope, measured] of slopes) expect(Math.abs(measured! / slope! - 1)).toBeLessThan(0.1);
    expect(output).toMatch(/\+\+.*\n[^]*--/);
  });

  it("chained.mjs: the two networks learn as one to draw digits not seen in training", () => {
    const errors = [...run("examples/chained.mjs").matchAll(/^ +\d+ .* (0\.\d+)$/gm)].map(([, error]) => Number(error));
    expect(errors).toHaveLength(13);
    expect(errors[12]).toBeLessThan(errors[0]! / 5);
  });

  it("federated.mjs: averaged gradients lead where training in one place does", () => {
    const output = run("examples/federated.mjs");
    const [apart] = /\S+$/.exec(output.trimEnd())!;
    expect(Number(apart)).toBeLessThan(1e-5);
    for (const [, accuracy] of output.matchAll(/accuracy ([\d.]+) %/g)) expect(Number(accuracy)).toBeGreaterThan(95);
  });

  it("embeddings.mjs knows the class of most words that it was not shown", () => {
    expect(Number(/([\d.]+) % of 60 other words/.exec(run("examples/embeddings.mjs"))![1])).toBeGreaterThan(90);
  });

  it("text.mjs saves its network, serves it, and labels the five texts", () => {
    const answers = run("examples/text.mjs")
      .trimEnd()
      .split("\n")
      .slice(1)
      .map((line) => line.split(" ")[0]);
    expect(answers).toEqual(["greeting", "order", "delivery", "refund", "goodbye"]);
  });

  it("search.mjs finds a network that knows the flowers that had no part in it", () => {
    const lines = run("examples/search.mjs").trimEnd().split("\n");
    expect(
      lines.filter((line) => /^trial \d+, 54 epochs: accuracy (0\.9\d\d|1\.000) ± 0\.\d+$/.test(line)).length,
    ).toBeGreaterThan(0);
    const options = JSON.parse(lines.at(-2)!.replace("best: ", "")) as { epochs: number; seed: number };
    expect([options.epochs, Number.isInteger(options.seed)]).toEqual([54, true]);
    expect(Number(/: ([\d.]+) %$/.exec(lines.at(-1)!)![1])).toBeGreaterThan(90);
  });

  it("every file that docs/textbook.md names exists", () => {
    const links = [...read("docs/textbook.md").matchAll(/\]\(([^)]+)\)/g)].map(([, path]) => path!);
    expect(links.length).toBeGreaterThan(9);
    const files = links.map((path) => path.replace(/^https:\/\/github\.com\/[^/]+\/[^/]+\/(?:blob|tree)\/main\//, "../"));
    expect(files.filter((path) => !existsSync(new URL(path, at("docs/textbook.md"))))).toEqual([]);
  });
});
