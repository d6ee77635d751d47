// Line charts as SVG text: panels side by side, a value's index along x, one legend for all. The card is white, so that
// the chart reads alike on light and dark pages.

const WIDTH = 360; // of a panel's plot
const HEIGHT = 240;
const MARGIN = { top: 44, right: 24, bottom: 92, left: 64 };
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7"]; // Okabe and Ito's, which colour-blind eyes tell apart
const INK = "#24292f";
const PALE = "#d8dee4";

/**
 * @param {{ xLabel: string, panels: { title: string, from?: number, lines: { name: string, values: number[], dashed?: boolean }[] }[] }} chart
 *   `from`: a value that the vertical axis has to reach; a line's name is its entry in the legend, in every panel
 * @returns {string} an SVG document
 */
export function lineChart({ xLabel, panels }) {
  const panelWidth = MARGIN.left + WIDTH + MARGIN.right;
  const width = panels.length * panelWidth;
  const height = MARGIN.top + HEIGHT + MARGIN.bottom;
  const styles = new Map();
  for (const { name, dashed } of panels.flatMap(({ lines }) => lines)) {
    styles.set(
      name,
      styles.get(name) ??
        (dashed
          ? `stroke="${INK}" stroke-width="1.5" stroke-dasharray="5 4"`
          : `stroke="${COLOURS[styles.size % COLOURS.length]}" stroke-width="2.5"`),
    );
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="13" fill="${INK}">`,
    `<rect width="${width}" height="${height}" rx="8" fill="white"/>`,
    ...panels.map((panel, i) => group(i * panelWidth + MARGIN.left, MARGIN.top, drawPanel(panel, xLabel, styles))),
    drawLegend(styles, width / 2, height - 22),
    "</svg>\n",
  ].join("\n");
}

function drawPanel({ title, lines, from }, xLabel, styles) {
  const values = lines.flatMap((line) => line.values);
  if (from !== undefined) values.push(from);
  const xTicks = ticks(0, Math.max(...lines.map((line) => line.values.length)));
  const yTicks = ticks(Math.min(...values), Math.max(...values));
  const x = scale(xTicks, 0, WIDTH);
  const y = scale(yTicks, HEIGHT, 0);
  return [
    `<text x="${WIDTH / 2}" y="-18" text-anchor="middle" font-size="15" font-weight="600">${title}</text>`,
    ...yTicks.map(
      (tick) =>
        `<path d="M0 ${y(tick)}H${WIDTH}" stroke="${PALE}"/><text x="-10" y="${y(tick)}" dy="0.35em" text-anchor="end">${tick}</text>`,
    ),
    ...xTicks.map(
      (tick) =>
        `<path d="M${x(tick)} ${HEIGHT}v6" stroke="${INK}"/><text x="${x(tick)}" y="${HEIGHT + 22}" text-anchor="middle">${tick}</text>`,
    ),
    `<path d="M0 ${HEIGHT}H${WIDTH}" stroke="${INK}"/>`,
    `<text x="${WIDTH / 2}" y="${HEIGHT + 42}" text-anchor="middle">${xLabel}</text>`,
    ...lines.map(
      ({ name, values }) => `<path d="${path(values, x, y)}" fill="none" stroke-linejoin="round" ${styles.get(name)}/>`,
    ),
  ].join("\n");
}

/** Entries in a row around `middle`; seven pixels a character is as near as one gets without the font. */
function drawLegend(styles, middle, y) {
  const widths = [...styles.keys()].map((name) => 58 + 7 * name.length);
  let x = middle - widths.reduce((sum, width) => sum + width, 0) / 2 + 15;
  return [...styles]
    .map(([name, style], i) => {
      const entry = group(round(x), y, `<path d="M0 0h22" ${style}/><text x="30" dy="0.35em">${name}</text>`);
      x += widths[i];
      return entry;
    })
    .join("\n");
}

const group = (x, y, content) => `<g transform="translate(${x} ${y})">\n${content}\n</g>`;

/** At most about a hundred points, the last one always among them. */
function path(values, x, y) {
  const step = Math.ceil(values.length / 100);
  const indices = values.map((_, i) => i).filter((i) => i % step === 0 || i === values.length - 1);
  return "M" + indices.map((i) => `${x(i)} ${y(values[i])}`).join("L");
}

/** Round numbers, 1, 2 or 5 times a power of ten apart, that enclose low … high in about five steps. */
function ticks(low, high) {
  const rough = (high - low) / 5 || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) * power;
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return Array.from({ length: last - first + 1 }, (_, i) => ((first + i) * step).toFixed(decimals));
}

/** Maps the range of `all` linearly to start … end. */
function scale(all, start, end) {
  const [low, high] = [Number(all[0]), Number(all.at(-1))];
  return (value) => round(start + ((end - start) * (value - low)) / (high - low));
}

const round = (value) => Math.round(value * 10) / 10;
