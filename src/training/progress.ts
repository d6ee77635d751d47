// What `verbose` prints. 1 on a terminal: one bar, redrawn in place at most ten times a second. 1 elsewhere: a line at
// the end of an epoch when a second has passed since the last line, and always one for the last epoch. 2: every epoch.
import { now, standardOutput, type Output } from "../platform.js";
import { FIGURES, type EpochLogs } from "../options/fit.js";

/** The figures to show; those in the middle of an epoch need not be complete. */
type Logs = Partial<EpochLogs>;

export interface Progress {
  /** In the middle of an epoch: how many epochs are done, a fraction included. */
  tick(done: number, logs: Logs): void;
  /** At the end of each epoch. */
  epoch(logs: EpochLogs): void;
  /** When training has ended, in whatever way; nothing may be called after it. */
  end(): void;
}

/**
 * @param total how many epochs the run will have
 * @param clock what tells the time, in milliseconds
 * @returns nothing when nothing is to be printed
 */
export function createProgress(
  verbose: number, total: number, sink: Output = standardOutput(), clock: () => number = now,
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
    const room = Math.min(columns - text.length - tail.length - 4, 30);
    const filled = Math.round((room * done) / total);
    const drawn = room < 5 ? "" : `[${"=".repeat(filled)}${" ".repeat(room - filled)}]  `;
    const line = (drawn + text + tail).slice(0, columns);
    // Spaces, not control codes, wipe out what is left of a longer line: every terminal knows them.
    sink.write("\r" + line.padEnd(Math.min(width, columns)));
    width = line.length;
  };
  /** Shows this text now or, soon after the last one, only if no other follows. */
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
const duration = (milliseconds: number): string =>
  new Date(Math.min(milliseconds, 86399e3)).toISOString().slice(11, 19);
