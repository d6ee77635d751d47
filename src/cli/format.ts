// Numbers and tables as the commands show them.

export const plural = (count: number, noun: string): string =>
  `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;

/** 12,300; 0.0123; 1.2e-7: four significant digits. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return value.toLocaleString("en-US");
  const magnitude = Math.abs(value);
  return magnitude >= 1e-4 && magnitude < 1e6 ? String(Number(value.toPrecision(4))) : value.toExponential(3);
}

/** 850 ms, 12 s, 3 min 20 s, 2 h 5 min. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const s = Math.round(ms / 1000);
  if (s < 60) return `${s} s`;
  const min = Math.floor(s / 60);
  return min < 60 ? `${min} min ${s % 60} s` : `${Math.floor(min / 60)} h ${min % 60} min`;
}

/** 950, 12.3k, 4.56M. */
export function rate(value: number): string {
  if (value < 1000) return String(Math.round(value));
  return value < 1e6 ? `${Number((value / 1e3).toPrecision(3))}k` : `${Number((value / 1e6).toPrecision(3))}M`;
}

/** A text cut to a width, with an ellipsis where something is missing. */
export const cut = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;

/**
 * Lines of a table with aligned columns: the first column to the left, numbers to the right.
 * @param width what a line may have at most; longer ones are cut
 */
export function table(header: readonly string[], rows: readonly (readonly string[])[], width = Infinity): string[] {
  const isNumber = header.map((_, c) => c > 0 && rows.every((row) => /^[-–\d.,e+%]*$/i.test(row[c] ?? "")));
  const widths = header.map((name, c) => Math.max(name.length, ...rows.map((row) => (row[c] ?? "").length)));
  return [header, ...rows].map((row) =>
    cut(
      row
        .map((cell, c) => (isNumber[c] ? cell.padStart(widths[c] ?? 0) : cell.padEnd(widths[c] ?? 0)))
        .join("  ")
        .trimEnd(),
      width,
    ),
  );
}
