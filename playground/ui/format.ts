// Numbers as people read them.

/** 1234567 → "1,234,567". */
export const integer = (value: number): string => Math.round(value).toLocaleString("en");

/** Three digits and a unit: 1234567 → "1.23 M"; for figures that change while they are read. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return "–";
  for (const [size, unit] of [
    [1e9, " G"],
    [1e6, " M"],
    [1e3, " k"],
  ] as const) {
    if (value >= size * 0.9995) return threeDigits(value / size) + unit;
  }
  return threeDigits(value);
}

const threeDigits = (value: number): string => value.toFixed(value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2);

/** A loss: three places where it is large, three digits where it is small. */
export const loss = (value: number | undefined): string =>
  value === undefined || !Number.isFinite(value) ? "–" : value >= 0.01 || value === 0 ? value.toFixed(3) : value.toExponential(1);

/** 0.9712 → "97.1 %". */
export const percent = (value: number | undefined, places = 1): string =>
  value === undefined || Number.isNaN(value) ? "–" : `${(100 * value).toFixed(places)} %`;

/** A number with its sign as typographers set it: −0.5. */
export const signed = (value: number, places: number): string =>
  (value < 0 && Number(value.toFixed(places)) !== 0 ? "−" : "") + Math.abs(value).toFixed(places);

/** "1 row", "2 rows". */
export const plural = (count: number, noun: string, many = noun + "s"): string =>
  `${integer(count)} ${count === 1 ? noun : many}`;
