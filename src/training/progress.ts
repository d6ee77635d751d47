// What `verbose` prints. 1 on a terminal: one bar, redrawn in place at most ten times a second. 1 elsewhere: a line at
// the end of an epoch when a second has passed since the last line, and always one for the last epoch. 2: every epoch.
import { FIGURES, type EpochLogs } from "../options/fit.js";
import { now, standardOutput, type Output } from "../platform.js";

/** The figures to show; those in the middle of an epoch need not be complete. */
type Logs = Partial<EpochLogs>;

export interface Progress {
  /** In the middle of an epoch; `done` is the number of epochs so far, including the fraction of the current one. */
  tick(done: number, logs: Logs): void;
  /** At the end of each epoch. */
  epoch(logs: EpochLogs): void;
  /** At the end of training, also after an error; no calls may follow. */
  end(): void;
}

/**
 * @param total the number of epochs of the run
 * @param clock returns the time in milliseconds
 * @returns undefined when nothing is to be printed
 */
export function createProgress(
  verbose: number,
  total: number,
  sink: Output = standardOutput(),
  clock: () => number = now,
): Progress | undefined {
  if (!verbose) return undefined;
  const bar = verbose === 1 && sink.isTTY;
  const began = clock();
  let shownAt = began;
  let width = 0;
  let pending: (() => void) | undefined;

  const show = (done: number, logs: Logs): void => {
    shownAt = clock();
    const text = describe(Math.min(Math.ceil(done), total), total, logs);
    if (!bar) {
      sink.write(text + "\n");
      return;
    }
    const tail = done < total && done > 0 ? "  ETA " + duration((shownAt - began) * (total / done - 1)) : "";
    const columns = (sink.columns || 80) - 1;
    const barWidth = Math.min(columns - text.length - tail.length - 4, 30);
    const filled = Math.round((barWidth * done) / total);
    const drawn = barWidth < 5 ? "" : `[${"=".repeat(filled)}${" ".repeat(barWidth - filled)}]  `;
    const line = (drawn + text + tail).slice(0, columns);
    // Spaces erase the rest of a longer line; unlike control codes, they work on every terminal.
    sink.write("\r" + line.padEnd(Math.min(width, columns)));
    width = line.length;
  };
  /** Shows this text now or, if another was shown shortly before, after a pause unless a newer text replaces it. */
  const offer = (done: number, logs: Logs, pause: number): void => {
    pending = () => show(done, logs);
    if (clock() - shownAt < pause) return;
    pending();
    pending = undefined;
  };
  return {
    tick: (done, logs) => bar && offer(done, logs, 100),
    epoch: (logs) => offer(logs.epoch + 1, logs, verbose === 2 ? 0 : bar ? 100 : 1000),
    end() {
      pending?.();
      if (bar && width) sink.write("\n");
    },
  };
}

function describe(epoch: number, total: number, logs: Logs): string {
  const parts = [`epoch ${epoch}/${total}`];
  for (const key of FIGURES) {
    if (logs[key] !== undefined) parts.push(key + " " + logs[key].toPrecision(4));
  }
  if (logs.samplesPerSecond) parts.push(Math.round(logs.samplesPerSecond) + " rows/s");
  return parts.join("  ");
}

/** `00:01:05`, up to a day. */
const duration = (milliseconds: number): string => new Date(Math.min(milliseconds, 86399e3)).toISOString().slice(11, 19);
