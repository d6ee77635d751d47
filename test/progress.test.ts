// A run's history and printed progress, with a simulated terminal and clock.
import { describe, expect, test, vi } from "vitest";
import { DivergenceError } from "../src/errors.js";
import { Recorder } from "../src/training/history.js";
import { createProgress } from "../src/training/progress.js";
import type { Progress } from "../src/training/progress.js";

/** A sink that records output, with a progress writing to it and a clock in milliseconds. */
function screen(verbose: number, total: number, terminal: object = {}) {
  const texts: string[] = [];
  const clock = { now: 0 };
  const sink = { write: (text: string) => texts.push(text), ...terminal };
  const progress = createProgress(verbose, total, sink, () => clock.now) as Progress;
  return {
    texts,
    clock,
    progress,
    /** Lets time pass, then ends an epoch. */
    epoch(milliseconds: number, epoch: number) {
      clock.now += milliseconds;
      progress.epoch({ epoch, loss: 1 / (epoch + 1), samplesPerSecond: 1234.5 });
    },
  };
}

/** The visible contents of a terminal: a carriage return moves to the line's start, where output overwrites. */
function render(texts: string[]): string[] {
  const overwrite = (shown: string, next: string): string => next + shown.slice(next.length);
  return texts
    .join("")
    .split("\n")
    .map((line) => line.split("\r").reduce(overwrite, "").trimEnd());
}

describe("progress", () => {
  test("0 prints nothing", () => {
    expect(createProgress(0, 10)).toBe(undefined);
  });

  test("2 prints a line per epoch", () => {
    for (const isTTY of [true, false]) {
      const { texts, epoch, progress } = screen(2, 2, { isTTY });
      epoch(0, 0);
      progress.tick(1.5, { loss: 9 });
      epoch(0, 1);
      progress.end();
      expect(texts).toEqual(["epoch 1/2  loss 1.000  1235 rows/s\n", "epoch 2/2  loss 0.5000  1235 rows/s\n"]);
    }
  });

  test("a line has every measured figure", () => {
    const { texts, progress } = screen(2, 1);
    progress.epoch({ epoch: 0, loss: 1e-9, accuracy: 0.5, valLoss: 12345.6, valAccuracy: 1, samplesPerSecond: 1e6 });
    expect(texts).toEqual(["epoch 1/1  loss 1.000e-9  accuracy 0.5000  valLoss 1.235e+4  valAccuracy 1.000  1000000 rows/s\n"]);
  });

  test("1 elsewhere prints at most one line per second, and the last epoch", () => {
    const { texts, epoch, progress } = screen(1, 5);
    epoch(600, 0);
    progress.tick(1.5, { loss: 9 });
    epoch(600, 1);
    epoch(600, 2);
    epoch(600, 3);
    epoch(600, 4);
    progress.end();
    expect(texts.map((text) => text.split("  ")[0])).toEqual(["epoch 2/5", "epoch 4/5", "epoch 5/5"]);
    expect(texts.every((text) => text.endsWith("\n"))).toBe(true);
  });

  test("1 elsewhere prints the last epoch only once", () => {
    const { texts, epoch, progress } = screen(1, 1);
    epoch(2000, 0);
    progress.end();
    expect(texts).toHaveLength(1);
  });

  test("1 on a terminal is one line that ends with the last epoch", () => {
    const { texts, epoch, clock, progress } = screen(1, 4, { isTTY: true, columns: 100 });
    progress.tick(0.01, { loss: 123.456 });
    expect(texts).toEqual([]);
    clock.now = 150;
    progress.tick(0.5, { loss: 123.456 });
    expect(render(texts)).toEqual(["[====                          ]  epoch 1/4  loss 123.5  ETA 00:00:01"]);
    epoch(9850, 0);
    expect(render(texts)).toEqual(["[========                      ]  epoch 1/4  loss 1.000  1235 rows/s  ETA 00:00:30"]);
    epoch(9, 1);
    epoch(9, 2);
    epoch(9, 3);
    expect(texts).toHaveLength(2);
    progress.end();
    expect(render(texts)).toEqual(["[==============================]  epoch 4/4  loss 0.2500  1235 rows/s", ""]);
  });

  test("1 on a terminal draws at most ten times per second", () => {
    const { texts, clock, progress } = screen(1, 1, { isTTY: true });
    for (; clock.now < 1000; clock.now++) progress.tick(clock.now / 1000, { loss: 1 });
    expect(texts).toHaveLength(9);
  });

  test("1 on a terminal stays within its width, without control codes", () => {
    for (let columns = 5; columns < 90; columns++) {
      const { texts, epoch, progress } = screen(1, 1000, { isTTY: true, columns });
      for (let i = 0; i < 3; i++) epoch(5000, i);
      progress.end();
      expect(texts.slice(0, -1).every((text) => /^\r[ -~]+$/.test(text) && text.length <= columns)).toBe(true);
      expect(render(texts)[0].length).toBeGreaterThan(Math.min(columns, 60) - 10);
    }
  });

  test("prints nothing at the end when there were no epochs", () => {
    const { texts, progress } = screen(1, 10, { isTTY: true });
    progress.end();
    expect(texts).toEqual([]);
  });

  test("prints to the console where there is no process", () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    vi.stubGlobal("process", undefined);
    try {
      createProgress(2, 1)?.epoch({ epoch: 0, loss: 1, samplesPerSecond: 10 });
      expect(log.mock.calls).toEqual([["epoch 1/1  loss 1.000  10 rows/s"]]);
    } finally {
      vi.unstubAllGlobals();
      log.mockRestore();
    }
  });
});

describe("history", () => {
  test("has a list for each measured figure, and the rate of the whole run", () => {
    const recorder = new Recorder();
    recorder.add({ loss: 2, valLoss: 3 }, 100, 1);
    recorder.add({ loss: 1, valLoss: 4 }, 100, 3);
    expect(recorder.finish("earlyStopping", 0)).toEqual({
      epochs: 2,
      loss: [2, 1],
      valLoss: [3, 4],
      samplesPerSecond: 50,
      stopReason: "earlyStopping",
      bestEpoch: 0,
    });
  });

  test("has finite numbers for no epochs or no time", () => {
    const recorder = new Recorder();
    expect(recorder.finish("completed")).toEqual({ epochs: 0, loss: [], samplesPerSecond: 0, stopReason: "completed" });
    recorder.add({ loss: 1, accuracy: 0.5, valAccuracy: 0.25 }, 10, 0);
    expect(recorder.finish("completed")).toMatchObject({ accuracy: [0.5], valAccuracy: [0.25], samplesPerSecond: 1e7 });
  });

  test("is attached to the error when training diverges", () => {
    const recorder = new Recorder();
    const none = recorder.finish("diverged");
    for (const loss of [2, 1, 5]) recorder.add({ loss }, 10, 1);
    recorder.truncate(2);
    const history = recorder.finish("diverged");
    expect(history).toMatchObject({ epochs: 2, loss: [2, 1] });
    const error = new DivergenceError(history, { epoch: 3, loss: NaN, learningRate: 10 });
    expect(error).toMatchObject({ name: "DivergenceError", history });
    expect(error).toBeInstanceOf(Error);
    expect(error.message).toBe(
      "training diverged: the loss became NaN in epoch 3; the weights are those of epoch 2; " +
        'try a smaller learningRate (now 10), clipNorm, or inputScaling: "standard"',
    );
    const first = new DivergenceError(none, { epoch: 1, loss: 0.5, learningRate: 10 });
    expect(first.message).toContain("a weight is not finite in epoch 1; the weights are those from before it;");
  });
});
