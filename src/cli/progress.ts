// Progress on standard error: one line redrawn in place on a terminal, elsewhere a line every few seconds.
import { cut, duration, rate } from "./format.js";
import { columnsOf } from "./terminal.js";

/** Milliseconds between two drawings on a terminal, and between two lines in a log, where WASMLP_PROGRESS_MS names no other number. */
const REDRAW_MS = 100;
const LOG_MS = Number(process.env.WASMLP_PROGRESS_MS ?? 5000);

export interface Progress {
  /**
   * @param done how much of the whole is done, from 0 to 1; undefined where the whole is not known
   * @param text what is being done, with its figures
   * @param perSecond things per second, with their noun: `[1200, "rows"]`
   */
  update(done: number | undefined, text: string, perSecond?: readonly [value: number, noun: string]): void;
  /** Begins another piece of work: the time left counts from here. */
  restart(): void;
  /** Removes the line from the terminal. */
  end(): void;
}

const SILENT: Progress = { update: () => undefined, restart: () => undefined, end: () => undefined };

/** @param quiet whether nothing is to be shown */
export function createProgress(
  quiet: boolean,
  stream: NodeJS.WriteStream = process.stderr,
  now: () => number = () => performance.now(),
): Progress {
  if (quiet) return SILENT;
  const interval = stream.isTTY ? REDRAW_MS : LOG_MS;
  let began = now();
  let shownAt = began;
  let width = 0;
  return {
    update(done, text, perSecond) {
      const time = now();
      if (time - shownAt < interval) return;
      shownAt = time;
      const line = cut(describe(done, text, perSecond, time - began), columnsOf(stream) - 1);
      stream.write(stream.isTTY ? `\r${line.padEnd(width)}` : `${line}\n`);
      width = line.length;
    },
    restart() {
      began = now();
    },
    end() {
      if (stream.isTTY && width) stream.write(`\r${" ".repeat(width)}\r`);
      width = 0;
    },
  };
}

/** The line itself: `epoch 3/50  loss 0.1234  1.2M rows/s  35 s left`. */
export function describe(
  done: number | undefined,
  text: string,
  perSecond: readonly [number, string] | undefined,
  elapsedMs: number,
): string {
  const parts = [text];
  if (perSecond) parts.push(`${rate(perSecond[0])} ${perSecond[1]}/s`);
  if (done !== undefined && done > 0)
    parts.push(`${Math.floor(done * 100)} %`, `${duration((elapsedMs * (1 - done)) / done)} left`);
  return parts.join("  ");
}
