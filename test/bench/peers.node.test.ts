// Other libraries: one measure of predictions for all, tables with measured and missing libraries, and alternating processes.
import { existsSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { Contender, TaskFiles } from "../../bench/peers/contenders.mjs";
import { learns, quality, squaredErrorOfGuessing } from "../../bench/peers/quality.mjs";
import { learningMarkdown, peersChart, peersTable, settingsMarkdown, speedMarkdown } from "../../bench/peers/report.mjs";
import { TASKS } from "../../bench/peers/tasks.mjs";
import { comparison, peerResults } from "./support.js";

describe("quality", () => {
  it("is the mean squared error, and the share of right answers", () => {
    const seen = quality([0.6, 0.4, 0.1, 0.9], [1, 0, 1, 0], { sizes: [3, 2] });
    expect(seen.squaredError).toBeCloseTo((0.16 + 0.16 + 0.81 + 0.81) / 4, 12);
    expect(seen.accuracy).toBe(0.5);
    expect(quality([0.4, 0.6, 0.7], [0, 1, 0], { sizes: [3, 1] }).accuracy).toBeCloseTo(2 / 3, 12);
    expect(() => quality([1], [1, 0], { sizes: [3, 2] })).toThrow("1 outputs for 2 targets");
  });

  it("is measured against who knows nothing but the classes' shares", () => {
    // Columns' means are ¾ and ¼: 3·(¼)² + (¾)² and the same again, over 8 targets.
    expect(squaredErrorOfGuessing([1, 0, 1, 0, 1, 0, 0, 1], 2)).toBeCloseTo(0.1875, 12);
    const seen = (before: number, after: number) => ({
      before: { squaredError: before, accuracy: 0 },
      after: { squaredError: after, accuracy: 0 },
    });
    expect(learns(seen(0.25, 0.16), 0.1875)).toBe(true);
    expect(learns(seen(0.25, 0.18), 0.1875)).toBe(false);
    expect(learns(seen(0.1, 0.12), 0.1875)).toBe(false);
    expect(learns(seen(0.25, NaN), 0.1875)).toBe(false);
  });
});

describe("the tables", () => {
  const results = peerResults("textbook", [
    comparison("slow", [100, 300], [1, 3], { they: 0.05, we: 0.01 }),
    comparison("dull", [2, 2], [1, 1], { they: 0.25, we: 0.01 }),
    { peer: "gone", absent: "not installed" },
    { peer: "huge", not: "takes hours" },
    { peer: "broken", failed: "exit code 1" },
  ]);

  it("give ratios of rounds, and rows a second", () => {
    expect(speedMarkdown(results)).toContain("| slow | 100 × (667) |");
    expect(peersTable(results)).toMatch(/dull +50,000 +2\.00 +2\.00…2\.00 +2 +75 % \(99 %\) no/);
  });

  it("name those that are not there, and why", () => {
    const table = speedMarkdown(results);
    for (const cells of ["| gone | absent |", "| huge | not run |", "| broken | failed |"]) expect(table).toContain(cells);
    const list = settingsMarkdown(results);
    expect(list).toContain("- **gone**. textbook absent: not installed.");
    expect(list).toContain("textbook not run: takes hours");
    expect(list).toContain("textbook failed: exit code 1");
    expect(peersChart(results)).toContain(">absent</text>");
  });

  it("mark who is no better than guessing", () => {
    const table = learningMarkdown(results);
    expect(table).toContain("| slow | 95 %, 99 % (7 × 10) |");
    expect(table).toContain("| dull | 75 % †, 99 % (7 × 10) |");
  });
});

describe("a contender", () => {
  const files = new TaskFiles();
  afterAll(() => files.remove());
  const task = TASKS.find(({ name }) => name === "iris")!;
  const dist = fileURLToPath(new URL("../../dist/index.js", import.meta.url));

  it("says what it is, learns, and works in slices", async () => {
    if (!existsSync(dist)) throw new Error("dist/ is missing; `npm run build` makes it");
    const { files: data, targets } = files.write(task);
    expect(targets).toHaveLength(450);
    const contender = await Contender.open(
      { name: "wasmlp", file: "wasmlp.mjs", options: { build: pathToFileURL(dist).href } },
      task,
      data,
    );
    if (!(contender instanceof Contender)) throw new Error(JSON.stringify(contender));
    expect(contender.introduction).toMatchObject({ rows: 150, epochs: task.epochs });
    const learnt = await contender.learn(task.epochs, 150);
    expect(learns(learnt, squaredErrorOfGuessing(targets, 3))).toBe(true);
    await contender.measure();
    await contender.measure();
    expect(contender.take()).toEqual({ rowsPerSlice: 150, ms: [expect.any(Number), expect.any(Number)] });
    await contender.close();
  });

  it("is absent when its package is, not given what it cannot do, and says why it fails", async () => {
    const { files: data } = files.write(task);
    const open = (file: string, options: object) => Contender.open({ name: file, file, options }, task, data);
    expect(await open("brain.mjs", { package: "brain.js-3" })).toEqual({ absent: "not installed" });
    expect(await open("wasmlp.mjs", { build: "file:///nowhere/index.js" })).toEqual({ absent: "not installed" });
    expect(await open("wasmlp.mjs", { build: pathToFileURL(dist).href, dtype: "float16" })).toMatchObject({
      failed: expect.stringContaining("float16"),
    });
  });
});
